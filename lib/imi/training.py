"""The training loop: one for every model of the series.

`train` is a generator of steps: nothing runs until somebody asks for the next step, so a notebook
can draw between two steps, stop early, or collect the history with `list`.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm.auto import tqdm

from imi import batches as batch_tools
from imi import device as devices
from imi import processes, throughput
from imi.schedules import Schedule
from imi.schedules import linear_decay as linear_decay  # read as `training.linear_decay`

Loss = Callable[[nn.Module, tuple], tuple[Tensor, int]]


@dataclass(frozen=True)
class Step:
    """What one update showed.

    Attributes:
        number: how many updates have been made, this one included.
        loss: nats per predicted token, before the update.
        learning_rate: of the first parameter group.
        seconds: since this call of `train` began.
        validation: nats per token on held-out text, where this step measured it.
    """

    number: int
    loss: float
    learning_rate: float
    seconds: float
    validation: float | None = None


def next_token_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
    """Sums the cross-entropy of the true next words, in nats; returns it with their number."""
    contexts, targets = batch
    logits = model(contexts)  # (B, V)
    return nn.functional.cross_entropy(logits, targets, reduction="sum"), len(targets)


@dataclass(frozen=True)
class PairLoss:
    """Sums the cross-entropy (nats) of the true next words of translations (`batches.PairBatch`).

    Attributes:
        smoothing: the share of each word's probability that is spread over all words.
    """

    smoothing: float = 0.0

    def __call__(self, model: nn.Module, batch: batch_tools.PairBatch) -> tuple[Tensor, int]:
        """Returns the sum over the words of a batch, filling left out, and their number."""
        kept = batch.kept
        logits = model(batch.source, batch.lengths, batch.inputs, kept=kept).logits  # (N, V)
        about = {"reduction": "sum", "label_smoothing": self.smoothing}
        targets = batch.targets[kept]
        return nn.functional.cross_entropy(logits.float(), targets, **about), len(targets)


@dataclass
class _Best:
    """The weights with the lowest validation loss so far."""

    loss: float = float("inf")
    weights: dict[str, Tensor] = field(default_factory=dict)

    def offer(self, loss: float, model: nn.Module) -> None:
        if loss < self.loss:
            self.loss, self.weights = loss, copy.deepcopy(model.state_dict())


def train(
    model: nn.Module,
    batches: Callable[[int], Iterator] | Iterator,
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    *,
    steps: int,
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    mixed_precision: bool = True,
    validate: Callable[[nn.Module], float] | None = None,
    validate_every: int | None = None,
    state: Path | None = None,
    save_every: int = 1000,
    minutes: float | None = None,
    progress: bool = True,
) -> Iterator[Step]:
    """Updates `model` `steps` times, yielding a `Step` after each update.

    Under `torchrun` each process takes its share of every batch, and the result is the
    single-process one. Mixed precision is used where the device gains from it.

    Args:
        batches: an endless iterator of batches, or a function that starts one at a given step;
            only the latter can be resumed.
        loss: returns the summed loss in nats and the number of predicted tokens.
        schedule: maps the step (from 0) to a factor on each group's learning rate.
        clip_norm: the largest allowed norm of all gradients together.
        validate: returns nats per token on held-out text; at the end, or when interrupted, the
            weights with the lowest one are put back into the model.
        validate_every: in steps; by default only after the last one.
        state: a file from which a stopped run goes on and to which this one is saved, every
            `save_every` steps and when it stops.
        minutes: stops, saved, with the first update that begins later.

    Raises:
        ValueError: if a loss is not finite, `steps` is below 1, or several processes would go on
            from different steps.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    run = _Run(model, loss, optimizer, schedule, clip_norm, mixed_precision)
    done = run.load(state) if state is not None and state.exists() else 0
    if not processes.agree(done):
        raise ValueError("the processes do not see one saved run; IMI_DATA must be a folder that "
                         "all machines share")  # fmt: skip
    source = batches(done) if callable(batches) else batches
    began = time.perf_counter()
    model.train()
    silent = not progress or run.rank > 0
    bar = tqdm(total=steps, initial=done, disable=silent, mininterval=0.5, unit="step")
    try:
        for number in range(done + 1, steps + 1):
            late = minutes is not None and time.perf_counter() - began > 60 * minutes
            with throughput.update() as note:
                mean, rate, count, stop = run.update(next(source), done, stop=late)
                note(count)
            done = number
            held_out = None
            if validate and (number == steps or (validate_every and number % validate_every == 0)):
                held_out = run.validate(validate)
            if state is not None and number % save_every == 0:
                run.save(state, number)
            bar.update()
            bar.set_postfix_str(f"loss {mean:.3f}", refresh=False)
            yield Step(number, mean, rate, time.perf_counter() - began, held_out)
            if stop:
                break
    finally:
        bar.close()
        if state is not None:
            run.save(state, done)
        if run.best.weights:
            model.load_state_dict(run.best.weights)
        model.eval()


class _Run:
    """The moving parts of one training run."""

    def __init__(self, model, loss, optimizer, schedule, clip_norm, mixed_precision):
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.schedule, self.clip_norm = schedule, clip_norm
        self.device = next(model.parameters()).device
        self.mixed_precision = mixed_precision
        self.base_rates = [group["lr"] for group in optimizer.param_groups]
        self.rank, self.size = processes.rank_and_size()
        self.module = DistributedDataParallel(model) if self.size > 1 else model
        self.best = _Best()

    def update(self, batch, step: int, *, stop: bool) -> tuple[float, float, int, bool]:
        """Makes one update; returns mean loss (nats), learning rate, predictions, when to stop.

        Every process has a clock of its own: all stop at the step at which one wants to `stop`.
        """
        factor = self.schedule(step) if self.schedule else 1.0
        for group, rate in zip(self.optimizer.param_groups, self.base_rates, strict=True):
            group["lr"] = rate * factor
        idle = self.size > 1 and self.rank >= batch_tools.num_rows(batch)
        if self.size > 1:
            batch = batch_tools.share(batch, 0 if idle else self.rank, self.size)
        batch = batch_tools.to_device(batch, self.device)
        with devices.autocast(self.device, enabled=self.mixed_precision):
            total, count = self.loss(self.module, batch)
        if idle:  # all must compute to exchange gradients; the row was another's
            total, count = total * 0, 0
        sums = torch.tensor([total.item(), count, stop], dtype=torch.float64)
        if self.size > 1:
            sums = sums.to(self.device if self.device.type == "cuda" else "cpu")
            dist.all_reduce(sums)
        mean = (sums[0] / sums[1]).item()
        if not torch.isfinite(sums[0]):
            raise ValueError(f"the loss at step {step + 1} is {mean}; try a lower learning rate")
        self.optimizer.zero_grad(set_to_none=True)
        # Processes average their gradients: times `size` makes the average the sum over all.
        (total * (self.size / sums[1].item())).backward()
        if self.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm)
        self.optimizer.step()
        rate = self.optimizer.param_groups[0]["lr"]
        return mean, rate, int(sums[1]), sums[2].item() > 0

    def validate(self, validate: Callable[[nn.Module], float]) -> float:
        """Measures the held-out loss (nats per token) and keeps the weights if it is the best."""
        self.model.eval()
        with torch.no_grad():
            held_out = validate(self.model)
        self.model.train()
        self.best.offer(held_out, self.model)
        return held_out

    def save(self, path: Path, step: int) -> None:
        """Writes all that a later run needs to go on, atomically."""
        if self.rank != 0:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        torch.save(
            {
                "step": step,
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "best_loss": self.best.loss,
                "best_weights": self.best.weights,
                "random": torch.get_rng_state(),
            },
            part,
        )
        os.replace(part, path)

    def load(self, path: Path) -> int:
        """Puts a saved run back; returns the number of steps it had made."""
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.best = _Best(saved["best_loss"], saved["best_weights"])
        torch.set_rng_state(saved["random"])
        return saved["step"]
