"""How every shipped checkpoint and every measured grid is made, from the data to the card."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from imi import measurements
from imi.checkpoints import Checkpoint


@dataclass(frozen=True)
class Request:
    """What a run of a recipe is asked for.

    Attributes:
        out: the folder of checkpoints or measurements to write to.
        device: where to compute.
        state: the folder in which a stopped run is kept, to go on from.
        minutes: when to stop, saved, at the latest.
    """

    out: Path
    device: torch.device
    state: Path
    minutes: float | None = None


@dataclass(frozen=True)
class Recipe:
    """A named way to make one artefact.

    Attributes:
        name: of the recipe and of what it makes.
        summary: one line: data, model, size.
        run: makes it; returns False if it stopped early, with its state saved.
        minutes: about how long it takes on 2 CPU cores.
        sample: of a recipe that makes a checkpoint: measures some of its card's metrics again,
            in seconds, from the loaded checkpoint.
    """

    name: str
    summary: str
    run: Callable[[Request], bool]
    minutes: float
    sample: Callable[[Checkpoint], dict[str, float]] | None = None

    @classmethod
    def measuring(
        cls,
        name: str,
        summary: str,
        measure: Callable[[], tuple[dict[str, float], list[dict[str, Any]]]],
        *,
        minutes: float,
    ) -> Recipe:
        """Returns the recipe of a measurement, which is taken in one piece.

        Args:
            measure: returns figures and rows, for `measurements/NAME.json`.
        """

        def run(request: Request) -> bool:
            measurements.take(request.out / "measurements", name, measure)
            return True

        return cls(name, summary, run, minutes)


def recipes() -> dict[str, Recipe]:
    """Collects the recipes of all modules in this package, by name."""
    found: dict[str, Recipe] = {}
    for module in pkgutil.iter_modules(__path__):
        for recipe in getattr(importlib.import_module(f"{__name__}.{module.name}"), "RECIPES", ()):
            found[recipe.name] = recipe
    return found
