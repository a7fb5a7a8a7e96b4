"""How a deep autoencoder is made: machines one on another, unrolled, then fine-tuned.

Fine-tuning is by Adam here; Hinton & Salakhutdinov (2006) took three steps of conjugate gradients
on each of many larger batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.recipes import Request
from imi.recipes.diary import Diary, facts
from imi.recipes.pretraining import Keeper, Settings, batches_of, pretrain
from imi.training import Step, linear_decay, train

Change = Callable[[Tensor, torch.Generator], Tensor]


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


@dataclass
class Fit:
    """An autoencoder and how it came to be.

    Attributes:
        model: fine-tuned, if `finished`.
        phases: the loss on the held-out rows when random, when unrolled, when fine-tuned.
        curve: (step, training loss) of fine-tuning, once an epoch; nats a row.
        seconds: of training, over all pieces of the run.
    """

    model: Autoencoder
    steps: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    curve: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False

    def about(self, settings: Settings, request: Request) -> dict[str, Any]:
        """Returns what a card says about the training."""
        return {
            **facts(settings, self.steps, self.seconds, request),
            "phases": {name: round(loss, 3) for name, loss in self.phases.items()},
            "curve": [[number, round(loss, 3)] for number, loss in self.curve],
        }


def fit(
    request: Request,
    data: Tensor,
    config: AutoencoderConfig,
    settings: Settings,
    *,
    held_out: Tensor,
    change: Change | None = None,
) -> Fit:
    """Makes an autoencoder in the paper's three steps, or goes on with a stopped run."""
    keeper, data, held_out = Keeper(request), data.to(request.device), held_out.to(request.device)
    torch.manual_seed(settings.seed)
    result = Fit(Autoencoder(config).to(request.device))
    result.phases["random"] = mean_loss(result.model, held_out)
    machines = pretrain(request, data, config, settings)
    if machines is None:
        return result
    result.model = model = Autoencoder.unrolled(config, machines).to(request.device)
    result.phases["unrolled"] = mean_loss(model, held_out)
    per_epoch = -(-len(data) // settings.tune_batch_size)
    result.steps = settings.epochs * per_epoch
    left = keeper.options(config, settings, len(data))
    diary, earlier = Diary(left["state"]), 0.0
    if diary.notes:
        earlier, result.curve = diary.notes
    last = result.steps  # a run that was complete has no step left to make
    for step in tune_steps(model, data, settings, change=change, **left):
        last = step.number
        if last % per_epoch == 0:
            result.curve.append((last, step.loss))
    result.finished, result.seconds = last == result.steps, keeper.seconds() + earlier
    diary.write(result.seconds, result.curve)
    result.phases["tuned"] = mean_loss(model, held_out)
    return result


def mean_loss(model: Autoencoder, rows: Tensor) -> float:
    """Returns the paper's cross-entropy on rows that may be unseen, in nats a row."""
    model.eval()
    with torch.no_grad():
        total, count = reconstruction_loss(model, (rows,))
    return total.item() / count


def tune_steps(
    model: Autoencoder, data: Tensor, settings: Settings, *, change: Change | None = None,
    optimizer: str = "Adam", **options: Any,
) -> Iterator[Step]:  # fmt: skip
    """Fine-tunes an autoencoder by backpropagation; nothing runs until a step is asked for.

    Args:
        change: makes what the net sees of a batch, anew each time; what it should rebuild stays.
        optimizer: "Adam", or "SGD" with the settings' momentum, which is nearer to 2006.
    """
    steps = settings.epochs * -(-len(data) // settings.tune_batch_size)
    if optimizer == "SGD":
        rule = torch.optim.SGD(model.parameters(), lr=settings.sgd_rate, momentum=settings.momentum)
    else:
        rule = torch.optim.AdamW(
            model.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )

    def batches(start: int) -> Iterator[tuple[Tensor, ...]]:
        for number, (rows,) in enumerate(
            batches_of(data, settings.tune_batch_size, settings.seed, start), start
        ):
            generator = torch.Generator().manual_seed(settings.seed + number)
            yield (change(rows, generator), rows) if change else (rows,)

    return train(
        model, batches, reconstruction_loss, rule, steps=steps,
        schedule=linear_decay(steps), **options,
    )  # fmt: skip
