"""How the machines of a stack are trained, one on another.

As in Hinton & Salakhutdinov (2006) and its supporting material: minibatches of 100, learning rate
0.1 for binary units and 0.001 for linear ones, momentum 0.9, weight cost 0.0002.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from imi.batches import shuffled
from imi.models.autoencoder import AutoencoderConfig
from imi.models.rbm import RBM, RBMConfig, contrastive_divergence
from imi.recipes import Request
from imi.recipes.diary import state_file
from imi.training import Step, train


@dataclass(frozen=True)
class Settings:
    """How to train; the seed is the paper's year."""

    rbm_epochs: int = 20
    rbm_rate: float = 0.1
    word_rate: float = 0.001  # of the machine that sees word counts
    code_rate: float = 0.001  # of the machine with linear hidden units
    momentum: float = 0.9
    weight_cost: float = 2e-4
    epochs: int = 50
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    sgd_rate: float = 0.002  # the loss of an image is a sum over its pixels
    batch_size: int = 100
    tune_batch_size: int = 100  # the paper fine-tuned on 1,000
    seed: int = 2006

    def pretraining(self) -> tuple:
        """Returns what the machines depend on."""
        return (self.rbm_epochs, self.rbm_rate, self.word_rate, self.code_rate, self.momentum,
                self.weight_cost, self.batch_size, self.seed)  # fmt: skip


def machine_configs(config: AutoencoderConfig) -> list[RBMConfig]:
    """Returns the machines that unroll to an autoencoder: the first sees data, the last codes."""
    last = "gaussian" if config.code == "linear" else "binary"
    sizes = list(pairwise(config.widths))
    return [
        RBMConfig(
            wide,
            narrow,
            visible_kind=config.data if number == 0 else "pixels",
            hidden_kind=last if number == len(sizes) - 1 else "binary",
        )
        for number, (wide, narrow) in enumerate(sizes)
    ]


def machine_steps(
    rbm: RBM, data: Tensor, settings: Settings, *, epochs: int | None = None, **options: Any
) -> Iterator[Step]:
    """Trains one machine by contrastive divergence; nothing runs until a step is asked for."""
    rate = settings.word_rate if rbm.config.visible_kind == "words" else settings.rbm_rate
    if rbm.config.hidden_kind == "gaussian":
        rate = settings.code_rate
    groups = [
        {"params": [rbm.weight], "weight_decay": settings.weight_cost},
        {"params": [rbm.visible_bias, rbm.hidden_bias], "weight_decay": 0.0},
    ]
    steps = (epochs or settings.rbm_epochs) * -(-len(data) // settings.batch_size)
    # The paper's momentum begins at 0.5 and rises to 0.9: at first a fifth of the rate is the same.
    return train(
        rbm,
        partial(batches_of, data, settings.batch_size, settings.seed),
        contrastive_divergence,
        torch.optim.SGD(groups, lr=rate, momentum=settings.momentum),
        steps=steps,
        schedule=lambda step: 0.2 if step < steps / 4 else 1.0,
        mixed_precision=False,
        **options,
    )


def batches_of(data: Tensor, size: int, seed: int, start: int) -> Iterator[tuple[Tensor]]:
    """Returns endless batches of rows, from the batch numbered `start` on."""
    return shuffled(data, batch_size=size, seed=seed, start=start)


class Keeper:
    """Where a run is kept, and how many of its minutes are left."""

    def __init__(self, request: Request):
        self.request, self.began = request, time.perf_counter()

    def seconds(self) -> float:
        """Returns how long this piece of the run has taken."""
        return time.perf_counter() - self.began

    def options(self, *about: Any) -> dict[str, Any]:
        """Returns the options of a training that goes on only from one of the same settings."""
        minutes = self.request.minutes
        return {
            "state": state_file(self.request, "stack", *about),
            "minutes": None if minutes is None else minutes - self.seconds() / 60,
        }


def finish(steps: Iterator[Step], total: int) -> bool:
    """Runs a training; tells whether it made its last step, now or before."""
    last = deque(steps, maxlen=1)
    return not last or last[0].number == total


def pretrain(
    request: Request, data: Tensor, config: AutoencoderConfig, settings: Settings
) -> list[RBM] | None:
    """Trains one machine after another, each on what the one below makes of the data.

    Machines over the same data with the same settings are trained once for all autoencoders of a
    run that share them. Returns None if the minutes ran out.
    """
    keeper, machines = Keeper(request), []
    total = settings.rbm_epochs * -(-len(data) // settings.batch_size)
    for number, machine in enumerate(machine_configs(config)):
        torch.manual_seed(settings.seed + number)
        rbm = RBM(machine).to(request.device)
        key = (machine_configs(config)[: number + 1], settings.pretraining(), len(data))
        if not finish(machine_steps(rbm, data, settings, **keeper.options(*key)), total):
            return None
        with torch.no_grad():
            data = rbm(data)
        machines.append(rbm)
    return machines
