"""How fast a run trains: the predictions that its updates made, and the time that they took.

`training.train` and the trainer of word vectors tell the meter that is open, if one is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from imi import processes


@dataclass
class Meter:
    """What the updates of one or more trainings did together.

    Attributes:
        updates: how many were made.
        predictions: what the losses counted, such as tokens, over all processes.
        seconds: that the updates took, with the making of their batches, without validation.
    """

    updates: int = 0
    predictions: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        size = processes.rank_and_size()[1]
        speed = self.predictions / max(self.seconds, 1e-9)
        workers = "1 process" if size == 1 else f"{size} processes"
        return (f"{self.updates:,} updates in {self.seconds:,.1f} seconds, "
                f"{speed:,.0f} predictions a second by {workers}")  # fmt: skip


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Counts all updates that are made inside."""
    meter = Meter()
    before = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(before)


@contextmanager
def update() -> Iterator[Callable[[int], None]]:
    """Times one update; yields what to call with the number of its predictions."""
    counted: list[int] = []
    began = time.perf_counter()
    yield counted.append
    meter = _METER.get()
    if meter is not None:
        meter.updates += 1
        meter.predictions += sum(counted)
        meter.seconds += time.perf_counter() - began
