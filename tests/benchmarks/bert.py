"""Sentences a second through a BERT of real weights: ours, and Hugging Face's with its fastest way.

Both have the weights of MiniLM, read the same batches of ids, filled up to their longest sentence,
and return every hidden state and C. They take turns, batch by batch, so that a busy machine slows
both. Nothing is sorted: sentences of all lengths meet in a batch, and both must take it as it is.

Usage: python tests/benchmarks/bert.py [BATCHES]   (24 by default)
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

from imi import device, hugging_face
from imi.batches import padded
from imi.data import corpora, sources
from imi.layers import visible
from imi.models.bert import Bert

ROWS, LONGEST, WARM = 32, 128, 2
FASTER = 1.0
KINDS = ("mixed lengths", "one length")


def batches(count: int, pieces, *, kind: str) -> list[tuple[Tensor, Tensor]]:
    """Makes batches of everyday sentences and openings of articles, up to 128 pieces each."""
    texts = [article.text for article in corpora.wikipedia_leads()]
    texts = random.Random(2019).sample(texts, count * ROWS)
    lengths = random.Random(2018)
    rows = []
    for ids in pieces.encode_all(texts):
        most = lengths.randint(6, LONGEST) if kind == "mixed lengths" else LONGEST // 2
        rows.append([pieces.cls_id, *ids[: most - 2], pieces.sep_id])
    if kind == "one length":
        rows = [row for row in rows if len(row) == LONGEST // 2]
    return [padded(rows[at : at + ROWS], pieces.pad_id) for at in range(0, len(rows), ROWS)]


def reference(model: Bert) -> list[tuple[str, Callable[[Tensor, Tensor], Tensor]]]:
    """Returns Hugging Face's model with our weights, once for each of its ways to attend."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    told, found = model.config, []
    for way in ("sdpa", "eager"):
        config = transformers.BertConfig(
            vocab_size=told.vocab_size, hidden_size=told.dim, num_attention_heads=told.heads,
            num_hidden_layers=told.layers, intermediate_size=told.hidden_dim,
            max_position_embeddings=told.longest, attn_implementation=way,
        )  # fmt: skip
        theirs = transformers.BertModel(config).eval()
        theirs.load_state_dict(hugging_face.exported(model))

        def run(ids: Tensor, lengths: Tensor, theirs=theirs) -> Tensor:
            seen = visible(lengths, ids.shape[1])
            return theirs(ids, attention_mask=seen.long()).last_hidden_state

        found.append((f"transformers {way}", run))
    return found


def main(count: int) -> None:
    """Runs all in turns and prints a table."""
    if not (sources.available("minilm") and sources.available("wikipedia-leads")):
        print("skipped: minilm is not here; run `python -m imi.data fetch minilm`")
        return
    try:
        model, pieces = hugging_face.load("minilm")
        runs = [("imi", lambda ids, lengths: model(ids, lengths).hidden), *reference(model)]
    except ImportError:
        print("skipped: transformers is not here; run `pip install transformers`")
        return
    threads, ratios = device.use_all_cores(), {}
    print(f"BERT of MiniLM's weights, float32, batches of {ROWS} texts, {threads} threads")
    for kind in KINDS:
        taken, made = {name: [] for name, _ in runs}, batches(count, pieces, kind=kind)
        with torch.inference_mode():
            for number, (ids, lengths) in enumerate(made):
                turn = number % len(runs)
                hidden = {}
                for name, run in [*runs[turn:], *runs[:turn]]:
                    began = time.perf_counter()
                    hidden[name] = run(ids, lengths)
                    taken[name].append((time.perf_counter() - began) / len(ids))
                seen = visible(lengths, ids.shape[1])
                for name in hidden:
                    torch.testing.assert_close(hidden[name][seen], hidden["imi"][seen],
                                               atol=1e-5, rtol=0)  # fmt: skip
        words = sum(int(lengths.sum()) for _, lengths in made)
        share = words / sum(ids.numel() for ids, _ in made)
        print(f"{kind}, {share:.0%} of the places hold words:")
        speeds = {name: 1 / statistics.median(seconds[WARM:]) for name, seconds in taken.items()}
        for name, speed in speeds.items():
            print(f"  {name:20}{speed:8,.0f} sentences/s")
        # Batch by batch: what slowed one slowed the other, too.
        ratios[kind] = min(
            statistics.median(b / a for a, b in zip(taken["imi"], taken[name], strict=True))
            for name in speeds
            if name != "imi"
        )
        print(f"  imi: {ratios[kind]:.2f} times the speed of the fastest other")
    if min(ratios.values()) < FASTER:
        sys.exit(f"expected {FASTER} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
