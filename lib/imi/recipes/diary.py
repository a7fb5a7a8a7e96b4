"""What a run shows, kept beside the state from which a stopped one goes on."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from imi import processes
from imi.recipes import Request
from imi.training import Step


def state_file(request: Request, name: str, *about: Any) -> Path:
    """Returns where a run is kept: a run goes on only from one of the same sizes and settings."""
    return request.state / f"{name}-{zlib.crc32(repr(about).encode()):08x}.pt"


class Diary:
    """Notes of a run that is made in pieces.

    Attributes:
        notes: as the piece before wrote them; empty in the first one.
    """

    def __init__(self, state: Path):
        self.path = state.with_suffix(".json")
        there = self.path.exists()
        self.notes: list[Any] = json.loads(self.path.read_text("utf-8")) if there else []

    def write(self, *notes: Any) -> None:
        """Writes the notes in place of the earlier ones; of several processes the first does."""
        processes.write({self.path: json.dumps(notes).encode()})


def one_by_one(
    state: Path, wanted: Sequence[Any], measure: Callable[[Any], Any], minutes: float | None
) -> list[Any] | None:
    """Measures one thing after the other, or goes on where an earlier piece stopped.

    Args:
        state: the file of the run.
        measure: returns what JSON can hold.
        minutes: stops with the first thing that is done later.

    Returns:
        What was measured of each; None if it stopped before the last.
    """
    began, diary = time.perf_counter(), Diary(state)
    found = diary.notes
    for each in wanted[len(found) :]:
        found.append(measure(each))
        diary.write(*found)
        late = minutes is not None and time.perf_counter() - began > 60 * minutes
        if late and len(found) < len(wanted):
            return None
    return found


@dataclass
class Fit:
    """A model, how it was trained and what that showed; goes on where an earlier piece stopped.

    Attributes:
        settings: of the training; a dataclass with a `seed`.
        steps: of the whole run.
        state: the file from which the run goes on.
        seconds: of training, over all pieces of the run.
        curve: (step, training loss, validation loss) where the latter was measured; nats.
        more: what else a recipe keeps, by name.
    """

    model: nn.Module
    settings: Any
    steps: int
    state: Path
    seconds: float = 0.0
    curve: list[list[float]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    finished: bool = False

    def __post_init__(self):
        self._diary = Diary(self.state)
        if self._diary.notes:
            self.seconds, self.curve, self.more = self._diary.notes
        # A run that was complete has no step left to make.
        self.finished = bool(self.curve) and self.curve[-1][0] == self.steps

    def follow(self, steps: Iterator[Step]) -> Iterator[Step]:
        """Yields the steps of a training that validates, noting what each shows."""
        earlier = self.seconds
        for step in steps:
            self.seconds = earlier + step.seconds
            if step.validation is not None:
                self.curve.append([step.number, round(step.loss, 4), round(step.validation, 4)])
            self.finished = step.number == self.steps
            yield step
        self.keep()

    def complete(self, steps: Iterator[Step]) -> None:
        """Runs a training to its end, noting what its steps show."""
        for _ in self.follow(steps):
            pass

    def keep(self) -> None:
        """Writes what was noted so far, for the piece after this one."""
        self._diary.write(self.seconds, self.curve, self.more)

    def about(self, request: Request) -> dict[str, Any]:
        """Returns what a card says about the training."""
        return {**facts(self.settings, self.steps, self.seconds, request), "curve": self.curve}


def facts(settings: Any, steps: int, seconds: float, request: Request) -> dict[str, Any]:
    """Returns what every card says of how long its model was trained, and on what."""
    return {
        "settings": asdict(settings),
        "seed": settings.seed,
        "steps": steps,
        "minutes": round(seconds / 60, 1),
        "device": f"{request.device.type}, {torch.get_num_threads()} threads",
    }
