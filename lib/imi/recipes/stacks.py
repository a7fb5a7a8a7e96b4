"""How a deep autoencoder is made: machines one on another, unrolled, then fine-tuned.

As in Hinton & Salakhutdinov (2006) and its supporting material: minibatches of 100, learning rate
0.1 for binary units and 0.001 for linear ones, momentum 0.9, weight cost 0.0002. Fine-tuning is by
Adam here, where the paper took three steps of conjugate gradients on larger batches.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from imi import device as devices
from imi.batches import shuffled
from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.models.rbm import RBM, RBMConfig, contrastive_divergence
from imi.recipes import Request
from imi.training import Step, linear_decay, train

Change = Callable[[Tensor, torch.Generator], Tensor]


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
    batch_size: int = 100
    seed: int = 2006


def reconstruction_loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, int]:
    """Sums the paper's cross-entropy over a batch, in nats; returns it with the number of rows.

    Pixels: - sum p log p^ + (1 - p) log(1 - p^). Words: - sum p log p^, p being a word's share.
    The batch holds what goes in, and what should come out if that differs.
    """
    seen, wanted = batch[0], batch[-1]
    logits = model(seen).logits.float()
    if getattr(model, "module", model).config.data == "pixels":
        loss = nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
    else:
        shares = wanted / wanted.sum(dim=1, keepdim=True)
        loss = nn.functional.cross_entropy(logits, shares, reduction="sum")
    return loss, len(seen)


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
    per_epoch = -(-len(data) // settings.batch_size)
    # The paper's momentum begins at 0.5 and rises to 0.9: five epochs of fifth steps do the same.
    return train(
        rbm,
        partial(_batches, data, settings),
        contrastive_divergence,
        torch.optim.SGD(groups, lr=rate, momentum=settings.momentum),
        steps=(epochs or settings.rbm_epochs) * per_epoch,
        schedule=lambda step: 0.2 if step < 5 * per_epoch else 1.0,
        mixed_precision=False,
        **options,
    )


def _batches(data: Tensor, settings: Settings, start: int) -> Iterator[tuple[Tensor]]:
    return shuffled(data, batch_size=settings.batch_size, seed=settings.seed, start=start)


def pretrain(
    data: Tensor, config: AutoencoderConfig, settings: Settings, *, progress: bool = False
) -> Iterator[tuple[RBM, Tensor]]:
    """Trains one machine after another, each on what the one before it makes of the data.

    Yields each machine, trained, with the means of its hidden units (N, H).
    """
    for machine in machine_configs(config):
        rbm = RBM(machine).to(data.device)
        for _ in machine_steps(rbm, data, settings, progress=progress):
            pass
        with torch.no_grad():
            data = rbm(data)
        yield rbm, data


def tune_steps(
    model: Autoencoder, data: Tensor, settings: Settings, *, change: Change | None = None,
    **options: Any,
) -> Iterator[Step]:  # fmt: skip
    """Fine-tunes an autoencoder by backpropagation; nothing runs until a step is asked for.

    Args:
        change: makes another version of a batch each time it is seen.
    """
    steps = settings.epochs * -(-len(data) // settings.batch_size)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )

    def batches(start: int) -> Iterator[tuple[Tensor, ...]]:
        for number, (rows,) in enumerate(_batches(data, settings, start), start):
            generator = torch.Generator().manual_seed(settings.seed + number)
            yield (change(rows, generator),) if change else (rows,)

    return train(
        model, batches, reconstruction_loss, optimizer, steps=steps,
        schedule=linear_decay(steps), **options,
    )  # fmt: skip
