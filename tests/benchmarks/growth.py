"""How time grows with work: sentences twice as long, ten times the text, and starting to work.

A layer of attention should take twice as long for each place of a long sentence twice as long, and
recurrence as long as before; ten times the words should take ten times as long to read.

Usage: python tests/benchmarks/growth.py [SHARE]   (of the text; 0.1 by default)
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import report
from report import Row

from imi import device
from imi.data import passages
from imi.recipes.transformer_times import DIM, HEADS, measure_all
from imi.word2vec.trainer import Settings, Trainer

SHORT, LONG = 512, 1024
# What a lecture imports before its first cell of its own.
LECTURE = "import imi.checkpoints, imi.training, imi.plots, imi.widgets, imi.models.nplm"


def started(program: str, repeats: int = 3) -> float:
    """Returns the median of the seconds that a Python of its own takes for a program."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def read(text: passages.Passages) -> float:
    """Returns the seconds in which word vectors are learned from a text once."""
    return list(Trainer(text, Settings(epochs=1)).steps(progress=False))[-1].seconds


def rows(share: float) -> Iterator[Row]:
    """Measures all three."""
    yield Row("a Python that imports what a lecture needs", "s", started(LECTURE),
              "with torch alone", started("import torch"), fewer=True)  # fmt: skip
    device.use_all_cores()
    times, _ = measure_all(dim=DIM, heads=HEADS, lengths=(SHORT, LONG), repeats=3)
    for layer in ("attention", "recurrence"):
        yield Row(f"a place in a layer of {layer}, {LONG} places", "μs", times[f"{layer}/{LONG}"],
                  f"{SHORT} places", times[f"{layer}/{SHORT}"], fewer=True)  # fmt: skip
    text = passages.read(passages.CORE).first(share)
    tenth = text.first(0.1)
    read(tenth.first(0.1))  # compiles
    few, many = read(tenth), read(text)
    yield Row(f"skip-gram reads {len(text.ids):,} words", "words/s", len(text.ids) / many,
              "a tenth of them", len(tenth.ids) / few)  # fmt: skip


if __name__ == "__main__":
    report.main(rows, 0.1, "share of the text")
