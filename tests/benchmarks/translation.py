"""Training steps and beam search, here and in Joey NMT: the same pairs and sizes.

Two models are compared: a GRU with additive attention, and a Transformer (the paper's post-norm).

Joey NMT wants older packages than ours, so it runs in a Python of its own:
    python -m venv build/joeynmt && build/joeynmt/bin/pip install joeynmt importlib_metadata
Where it is not there, this skips. Both train in float32 and, where the machine gains from it, in
bfloat16; each's faster way counts. Search, in float32, is timed twice: to one length, where no
hypothesis may end, which compares single steps; and as hypotheses end, up to twice the source.

Usage: python tests/benchmarks/translation.py [STEPS]   (64 by default)
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import report
import torch
from report import Row, Skipped

from imi import device
from imi.batches import bucketed, padded, pair_batch
from imi.beam import beam_search
from imi.data import pairs, sources
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.models.transformer import Transformer, TransformerConfig
from imi.text import BEGIN_ID, END_ID, PAD_ID, Vocabulary, words
from imi.training import PairLoss, train
from imi.wordpiece import SPECIAL

PEER = Path(__file__).parents[2] / "build" / "joeynmt" / "bin" / "python"
ABOUT = {"vocabulary": 3_000, "hidden": 256, "smoothing": 0.1, "learning_rate": 1e-3, "warm": 4,
         "beams": 5, "alpha": 1.0, "words": 20}  # fmt: skip
STACK = {"dim": 256, "heads": 8, "hidden_dim": 512, "layers": 3, "dropout": 0.1}
MODELS = {"recurrent": "GRU with additive attention",
          "transformer": "Transformer of 3 and 3 layers"}  # fmt: skip
SEARCHED, ROWS = 4, 64  # batches, and sentences of each
TARGETS = {("training", "words/s"): 1.2, ("beam search to one length", "sentences/s"): None,
           ("beam search", "sentences/s"): 2.0}  # fmt: skip


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


def model_of(given: dict) -> RNNsearch | Transformer:
    """Makes the model asked for."""
    sides, wide = [given["vocabulary"]] * 2, given["hidden"]
    if given["model"] == "transformer":
        return Transformer(TransformerConfig(*sides, **given["stack"]))
    return RNNsearch(RNNsearchConfig(*sides, embedding_dim=wide, hidden_dim=wide,
                                     alignment_dim=wide, maxout_dim=wide))  # fmt: skip


def ours(given: dict) -> dict:
    """Trains and searches with imi."""
    device.seed_everything(2015)
    model = model_of(given)
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
    return {"training": tokens / (step.seconds - began),
            "seconds": [searched(model, given, equal=equal) for equal in (True, False)],
            "parameters": sum(w.numel() for w in model.parameters())}  # fmt: skip


def searched(model: RNNsearch | Transformer, given: dict, *, equal: bool) -> float:
    """Returns the seconds that beam search takes, to equal lengths or as hypotheses end."""

    def endless(ids, state):
        logits, state = model.step(ids, state)
        logits[:, END_ID] = -torch.inf
        return logits, state

    start = time.perf_counter()
    with torch.no_grad():
        for rows in given["search"]:
            source, lengths = padded(rows["source"], PAD_ID)
            limit = given["words"] if equal else 2 * source.shape[1] + 10
            beam_search(
                endless if equal else model.step, model.encode(source, lengths), begin=BEGIN_ID,
                end=END_ID, max_lengths=torch.full_like(lengths, limit), beams=given["beams"],
                alpha=given["alpha"],
            )  # fmt: skip
    return time.perf_counter() - start


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
        raise RuntimeError(f"Joey NMT failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def speeds(run, given: dict) -> list[float]:
    """Returns words a second in training, and sentences a second in search, to one length and not.

    Of float32 and bfloat16 the faster counts, where the machine gains from the latter.
    """
    count, best = sum(len(rows["source"]) for rows in given["search"]), [0.0] * 3
    for mixed in {False, device.has_fast_bf16(torch.device("cpu"))}:
        found = run({**given, "mixed": mixed})
        speed = [found["training"], *(count / seconds for seconds in found["seconds"])]
        best = [max(pair) for pair in zip(best, speed, strict=True)]
    return best


def rows(steps: int) -> Iterator[Row]:
    """Compares both models, one after the other."""
    if not PEER.exists():
        raise Skipped("Joey NMT is not in build/joeynmt; the first lines of the file say how")
    if not sources.available("multi30k-train-de"):
        raise Skipped("Multi30k is not here; run `python -m imi.data fetch` or set IMI_MIRROR")
    given = {**batches(steps), "stack": STACK, "threads": device.use_all_cores()}
    for model, what in MODELS.items():
        about = {**given, "model": model}
        both = zip(TARGETS.items(), speeds(ours, about), speeds(theirs, about), strict=True)
        for ((task, unit), target), mine, other in both:
            yield Row(f"{what}, {task}", unit, mine, "Joey NMT", other, target=target)


if __name__ == "__main__":
    report.main(rows, 64, "steps")
