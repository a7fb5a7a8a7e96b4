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
import time
from collections.abc import Callable, Iterator

import report
import torch
from report import Row, Skipped
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


def compared(taken: dict[str, list[float]]) -> dict:
    """Compares the times of all batches with those of the fastest other.

    Batch by batch: what slowed one slowed the other, too.
    """
    ours = taken.pop("imi")[WARM:]
    times = {
        peer: statistics.median(b / a for a, b in zip(ours, theirs[WARM:], strict=True))
        for peer, theirs in taken.items()
    }
    peer = min(times, key=times.get)
    return {"ours": 1 / statistics.median(ours), "peer": peer, "times": times[peer],
            "theirs": 1 / statistics.median(taken[peer][WARM:])}  # fmt: skip


def rows(count: int) -> Iterator[Row]:
    """Runs all in turns."""
    if not (sources.available("minilm") and sources.available("wikipedia-leads")):
        raise Skipped("minilm is not here; run `python -m imi.data fetch minilm`")
    device.use_all_cores()
    model, pieces = hugging_face.load("minilm")
    runs = [("imi", lambda ids, lengths: model(ids, lengths).hidden), *reference(model)]
    for kind, least in FASTER.items():
        made = batches(count, pieces, kind=kind)
        words, places = sum(int(n.sum()) for _, n in made), sum(ids.numel() for ids, _ in made)
        what = f"BERT reads, {kind}, {words / places:.0%} of the places hold words"
        yield Row(what, "texts/s", **compared(timed(runs, made)), target=least)


if __name__ == "__main__":
    report.main(rows, 24, "batches")
