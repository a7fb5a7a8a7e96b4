"""Texts a second through a BERT of real weights: ours, and Hugging Face's with its fastest way.

Both have the weights of MiniLM, read the same batches of ids, filled up to their longest text, and
return every T_i and C. They take turns, batch by batch, so that a busy machine slows both. Nothing
is sorted: texts of all lengths meet in a batch. Texts of one length are measured, too: there both
compute the same products, so that one can be no faster than the other.

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
MIXED, ONE = "mixed lengths", "one length"
FASTER = {MIXED: 1.0, ONE: 0.9}  # where the work is the same, only the clock differs


def batches(count: int, pieces, *, kind: str) -> list[tuple[Tensor, Tensor]]:
    """Makes batches of the openings of articles: 6 to 128 pieces each, or 64 each."""
    texts = [article.text for article in corpora.wikipedia_leads()]
    texts = random.Random(2019).sample(texts, count * ROWS)
    lengths = random.Random(2018)
    rows = []
    for ids in pieces.encode_all(texts):
        most = lengths.randint(6, LONGEST) if kind == MIXED else LONGEST // 2
        rows.append([pieces.cls_id, *ids[: most - 2], pieces.sep_id])
    if kind == ONE:
        rows = [row for row in rows if len(row) == LONGEST // 2]
    return [
        padded(rows[at : at + ROWS], pieces.pad_id) for at in range(0, len(rows) - ROWS + 1, ROWS)
    ]


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


def timed(runs: list, made: list[tuple[Tensor, Tensor]]) -> dict[str, list[float]]:
    """Returns the seconds a text of every batch, by name; all must find the same numbers."""
    taken: dict[str, list[float]] = {name: [] for name, _ in runs}
    for number, (ids, lengths) in enumerate(made):
        hidden, seen, turn = {}, visible(lengths, ids.shape[1]), number % len(runs)
        for name, run in [*runs[turn:], *runs[:turn]]:
            began = time.perf_counter()
            with torch.inference_mode():
                hidden[name] = run(ids, lengths)
            taken[name].append((time.perf_counter() - began) / len(ids))
        for found in hidden.values():
            torch.testing.assert_close(found[seen], hidden["imi"][seen], atol=1e-5, rtol=0)
    return taken


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
    for kind in FASTER:
        made = batches(count, pieces, kind=kind)
        words, places = sum(int(n.sum()) for _, n in made), sum(ids.numel() for ids, _ in made)
        taken = timed(runs, made)
        print(f"{kind}, {words / places:.0%} of the places hold words:")
        for name, seconds in taken.items():
            speed = 1 / statistics.median(seconds[WARM:])
            print(f"  {name:20}{speed:8,.0f} texts/s")
        # Batch by batch: what slowed one slowed the other, too.
        ours = taken.pop("imi")
        ratios[kind] = min(
            statistics.median(b / a for a, b in zip(ours[WARM:], theirs[WARM:], strict=True))
            for theirs in taken.values()
        )
        print(f"  imi: {ratios[kind]:.2f} times the speed of the fastest other")
    for kind, least in FASTER.items():
        if ratios[kind] < least:
            sys.exit(f"expected {least} times for {kind}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
