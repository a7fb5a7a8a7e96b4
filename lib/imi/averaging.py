"""The mean of a model's weights at several moments of one training.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 6.1: the base models are the
    mean of the last 5 checkpoints, the big ones of the last 20.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from imi import processes

Weights = Mapping[str, Tensor]


def mean_weights(moments: Iterable[Weights]) -> dict[str, Tensor]:
    """Returns the mean of each tensor over several states of one model.

    Raises:
        ValueError: if there is no state, or they are not of one model.
    """
    moments = list(moments)
    if not moments:
        raise ValueError("there are no weights to take the mean of")
    if any(moment.keys() != moments[0].keys() for moment in moments):
        raise ValueError("only weights of one model have a mean")
    return {name: torch.stack([moment[name].double() for moment in moments]).mean(dim=0)
            .to(first.dtype) for name, first in moments[0].items()}  # fmt: skip


class Snapshots:
    """The last few states of a model in training, on disk, so that a stopped run still has them.

    Args:
        state: the file of the run; snapshots lie beside it.
        most: how many are kept; 0 keeps none.
    """

    def __init__(self, state: Path, most: int):
        self.state, self.most = state, most

    @property
    def steps(self) -> list[int]:
        """The updates after which the kept snapshots were taken."""
        found = self.state.parent.glob(f"{self.state.stem}-at-*.pt")
        return sorted(int(re.findall(r"\d+", path.stem)[-1]) for path in found)

    def take(self, step: int, model: nn.Module) -> None:
        """Keeps the weights that a model has after `step` updates, in place of the oldest ones."""
        if self.most and processes.is_first():
            self.state.parent.mkdir(parents=True, exist_ok=True)
            weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
            torch.save(weights, self._path(step))
            for old in self.steps[: -self.most]:
                self._path(old).unlink()
        processes.wait_for_all()

    def mean(self) -> dict[str, Tensor]:
        """Returns the mean of the kept snapshots.

        Raises:
            ValueError: if none was kept.
        """
        return mean_weights(torch.load(self._path(step), weights_only=True) for step in self.steps)

    def _path(self, step: int) -> Path:
        return self.state.with_name(f"{self.state.stem}-at-{step}.pt")
