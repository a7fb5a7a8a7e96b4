"""How long a layer takes for a sentence of n places, and an update of a whole translator.

Source: Vaswani et al. (2017), table 1: self-attention O(n^2 d) and O(1) operations in a row,
    recurrence O(n d^2) and O(n).
Differs: time is measured, forward and backward, on the device at hand; batches of all lengths hold
    equally many places. The minutes on a net's card hang on what else its machine did; here two
    nets make the same updates one after the other.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from imi import device as devices
from imi import measurements
from imi.blocks import MultiHeadAttention
from imi.recipes import Recipe, Request, transformer
from imi.recipes.translation import Settings, training_batches
from imi.training import PairLoss, train

NAME = "transformer_times"
DIM, HEADS = 256, 8
LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024)
PLACES = 4096  # of a batch
REPEATS = 5
UPDATES, WARM = 24, 4  # of each net; the first ones do not count


class _SelfAttention(nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.attention = MultiHeadAttention(dim, heads=heads)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(x, self.attention.keys_values(x))[0]


class _Recurrence(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.gru = nn.GRU(dim, dim, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.gru(x)[0]


def layers(dim: int, heads: int) -> dict[str, nn.Module]:
    """Makes one layer of each kind, of width `dim`."""
    return {"attention": _SelfAttention(dim, heads), "recurrence": _Recurrence(dim)}


def seconds(work: Callable[[], Any], device: torch.device, repeats: int) -> float:
    """Returns the median of `repeats` timings, after one that does not count."""
    taken = []
    for _ in range(repeats + 1):
        devices.synchronize(device)
        began = time.perf_counter()
        work()
        devices.synchronize(device)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def measure_all(
    *, dim: int = DIM, heads: int = HEADS, lengths: Sequence[int] = LENGTHS, places: int = PLACES,
    repeats: int = REPEATS, device: torch.device | None = None,
) -> tuple[dict[str, float], list[dict[str, Any]]]:  # fmt: skip
    """Returns microseconds a place, forward and backward: figures KIND/LENGTH, and rows."""
    device = device or torch.device("cpu")
    torch.manual_seed(2017)
    figures, rows = {}, []
    for kind, layer in layers(dim, heads).items():
        layer.to(device)
        for length in lengths:
            x = torch.randn(max(1, places // length), length, dim, device=device)

            def work(layer: nn.Module = layer, x: Tensor = x) -> None:
                layer(x).sum().backward()

            each = 1e6 * seconds(work, device, repeats) / (len(x) * length)
            figures[f"{kind}/{length}"] = round(each, 3)
            rows.append({"layer": kind, "places": length, "microseconds": round(each, 3)})
    return figures, rows


def update_seconds(
    model: nn.Module, batches: Callable[[int], Iterator], settings: Settings, *, updates: int
) -> float:
    """Returns the median time of an update of a net, in seconds."""
    steps = train(model, batches, PairLoss(settings.smoothing), settings.optimizer(model),
                  steps=updates + WARM, clip_norm=settings.clip_norm, progress=False)  # fmt: skip
    ends = [step.seconds for step in steps][WARM - 1 :]
    return statistics.median(end - start for start, end in pairwise(ends))


def trainings(*, updates: int = UPDATES, device: torch.device | None = None) -> dict[str, float]:
    """Measures what training would take of each translator and of RNNsearch on the same pairs.

    Figures NET/update, in seconds, and NET/minutes, of as many updates as the shipped net made.
    """
    figures = {}
    for name, source in transformer.SOURCES.items():
        task = source.task()
        nets = {name: transformer.MODELS[name], source.ATTENTION: source.MODELS[source.ATTENTION]}
        for net, (make, settings) in nets.items():
            devices.seed_everything(settings.seed)
            model = make(len(task.source.vocabulary), len(task.target.vocabulary))
            batches = training_batches(task, settings)
            each = update_seconds(model.to(device or "cpu"), batches, settings, updates=updates)
            figures[f"{net}/update"] = round(each, 4)
            figures[f"{net}/minutes"] = round(each * settings.steps / 60, 1)
    return figures


def measure() -> dict[str, float]:
    """Measures the times again; they depend on the machine and on what else it does."""
    return measure_all(repeats=3)[0] | trainings()


def run(request: Request) -> bool:
    """Measures and writes `measurements/transformer_times.json`."""

    def measured() -> tuple[dict[str, float], list[dict[str, Any]]]:
        figures, rows = measure_all(device=request.device)
        return figures | trainings(device=request.device), rows

    measurements.take(
        request.out / "measurements", NAME, measured,
        device=f"{request.device.type}, {torch.get_num_threads()} threads", dim=DIM, heads=HEADS,
    )  # fmt: skip
    return True


RECIPES = (Recipe(NAME, "time of self-attention, recurrence and updates", run, minutes=3),)
