"""How long a layer takes for a sentence of n places: self-attention against recurrence.

Source: Vaswani et al. (2017), table 1: self-attention O(n^2 d) and O(1) operations in a row,
    recurrence O(n d^2) and O(n).
Differs: time is measured, forward and backward, on the device at hand; batches of all lengths hold
    equally many places.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from imi import device as devices
from imi import measurements
from imi.blocks import MultiHeadAttention
from imi.recipes import Recipe, Request

NAME = "transformer_times"
DIM, HEADS = 256, 8
LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024)
PLACES = 4096  # of a batch
REPEATS = 5


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


def measure() -> dict[str, float]:
    """Measures the times again; they depend on the machine and on what else it does."""
    return measure_all(repeats=3)[0]


def run(request: Request) -> bool:
    """Measures and writes `measurements/transformer_times.json`."""
    measurements.take(
        request.out / "measurements", NAME, lambda: measure_all(device=request.device),
        device=f"{request.device.type}, {torch.get_num_threads()} threads", dim=DIM, heads=HEADS,
    )  # fmt: skip
    return True


RECIPES = (Recipe(NAME, "time a place of self-attention and of recurrence", run, minutes=1),)
