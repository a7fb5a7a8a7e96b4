"""Training steps and beam search with attention, here and in Joey NMT: the same pairs and sizes.

Joey NMT wants older packages than ours, so it runs in a Python of its own:
    python -m venv build/joeynmt && build/joeynmt/bin/pip install joeynmt importlib_metadata
Where it is not there, this skips. Both train in float32 and, where the machine gains from it, in
bfloat16; each's faster way counts. In search both write the same number of words, so no hypothesis
ends: what imi gains by letting finished sentences leave the batch is not even counted.

Usage: python tests/benchmarks/translation.py [STEPS]   (64 by default)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from imi import device
from imi.batches import bucketed, padded, pair_batch
from imi.beam import beam_search
from imi.data import pairs, sources
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.text import BEGIN_ID, END_ID, PAD_ID, Vocabulary, words
from imi.training import PairLoss, train
from imi.wordpiece import SPECIAL

PEER = Path(__file__).parents[2] / "build" / "joeynmt" / "bin" / "python"
ABOUT = {"vocabulary": 3_000, "hidden": 256, "smoothing": 0.1, "learning_rate": 1e-3, "warm": 4,
         "beams": 5, "alpha": 1.0, "words": 20}  # fmt: skip
SEARCHED, ROWS = 4, 64  # batches, and sentences of each
FASTER_TRAINING, FASTER_SEARCH = 1.2, 2.0


def batches(steps: int) -> dict:
    """Makes the batches that both get, as ids."""
    sides = []
    captions = pairs.multi30k("train")
    for side in (0, 1):
        tokens = [words(pair[side].lower()) for pair in captions]
        known = Vocabulary.from_tokens((w for row in tokens for w in row),
                                       max_size=ABOUT["vocabulary"] - 3)  # fmt: skip
        known = Vocabulary([*SPECIAL[1:], *known.words[1:]])
        sides.append([known.encode(row) for row in tokens])
    made = bucketed(*([*side[2_000:]] for side in sides), tokens=1_500, pad=PAD_ID,
                    marks=(BEGIN_ID, END_ID), seed=1)  # fmt: skip
    training = []
    for _, batch in zip(range(steps + ABOUT["warm"]), made, strict=False):
        read = zip(batch.source, batch.lengths, strict=True)
        said = zip(batch.targets, batch.kept, strict=True)
        training.append({"source": [row[:size].tolist() for row, size in read],
                         "target": [row[kept].tolist()[:-1] for row, kept in said]})  # fmt: skip
    held_out = sorted(zip(*(side[:2_000] for side in sides), strict=True), key=lambda p: len(p[0]))
    chosen = [held_out[n : n + ROWS] for n in range(300, 1_900, 1_600 // SEARCHED)]
    searched = [{"source": [s for s, _ in rows], "target": [t for _, t in rows]} for rows in chosen]
    return {**ABOUT, "train": training, "search": searched}


def ours(given: dict) -> dict:
    """Trains and searches with imi."""
    device.seed_everything(2015)
    wide = given["hidden"]
    model = RNNsearch(RNNsearchConfig(
        given["vocabulary"], given["vocabulary"], embedding_dim=wide, hidden_dim=wide,
        alignment_dim=wide, maxout_dim=wide,
    ))  # fmt: skip
    made = [pair_batch(r["source"], r["target"], pad=PAD_ID, marks=(BEGIN_ID, END_ID))
            for r in given["train"]]  # fmt: skip
    adam = torch.optim.Adam(model.parameters(), lr=given["learning_rate"], fused=True)
    tokens = 0
    for step, batch in zip(
        train(model, iter(made), PairLoss(given["smoothing"]), adam, steps=len(made),
              clip_norm=1.0, mixed_precision=given["mixed"], progress=False), made, strict=True,
    ):  # fmt: skip
        if step.number == given["warm"]:
            began = step.seconds
        tokens += int(batch.kept.sum()) if step.number > given["warm"] else 0
    training, start = tokens / (step.seconds - began), time.perf_counter()

    def endless(ids, state):
        logits, state = model.step(ids, state)
        logits[:, END_ID] = -torch.inf
        return logits, state

    with torch.no_grad():
        for rows in given["search"]:
            source, lengths = padded(rows["source"], PAD_ID)
            beam_search(
                endless, model.encode(source, lengths), begin=BEGIN_ID, end=END_ID,
                max_lengths=torch.full_like(lengths, given["words"]), beams=given["beams"],
                alpha=given["alpha"],
            )  # fmt: skip
    return {"training": training, "seconds": time.perf_counter() - start,
            "parameters": sum(w.numel() for w in model.parameters())}  # fmt: skip


def theirs(given: dict) -> dict:
    """Lets Joey NMT do the same in its own Python."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "batches.json"
        path.write_text(json.dumps(given))
        program = Path(__file__).parent / "peers" / "joey.py"
        environment = {**os.environ, "OMP_NUM_THREADS": str(given["threads"])}
        done = subprocess.run([PEER, program, path], capture_output=True, text=True, check=False,
                              env=environment)  # fmt: skip
    if done.returncode:
        sys.exit(f"Joey NMT failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def main(steps: int) -> None:
    """Runs all, one after the other, and prints a table."""
    if not PEER.exists():
        print("skipped: Joey NMT is not in build/joeynmt; the first lines of this file say how")
        return
    if not sources.available("multi30k-train-de"):
        print("skipped: Multi30k is not here; run `python -m imi.data fetch` or set IMI_MIRROR")
        return
    given = {**batches(steps), "threads": device.use_threads()}
    print(f"GRU with additive attention, {ABOUT['hidden']} wide, {ABOUT['vocabulary']:,} words, "
          f"{given['threads']} threads, {steps} steps, beam {ABOUT['beams']}")  # fmt: skip
    written = ABOUT["words"] * sum(len(rows["source"]) for rows in given["search"])
    training, search = {}, {}
    for name, run in (("Joey NMT", theirs), ("imi", ours)):
        for mixed in {False, device.has_fast_bf16(torch.device("cpu"))}:
            found = run({**given, "mixed": mixed})
            training[name] = max(training.get(name, 0), found["training"])
            search[name] = max(search.get(name, 0), written / found["seconds"])
            print(f"{name:10}{'bfloat16' if mixed else 'float32':10}{found['parameters']:,} weights"
                  f"{found['training']:8,.0f} words/s in training"
                  f"{written / found['seconds']:8,.0f} words/s in search, float32")  # fmt: skip
    training, search = (speed["imi"] / speed["Joey NMT"] for speed in (training, search))
    print(f"imi: {training:.2f} times as many words a second in training, {search:.2f} in search")
    if training < FASTER_TRAINING or search < FASTER_SEARCH:
        sys.exit(f"expected {FASTER_TRAINING} and {FASTER_SEARCH} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 64)
