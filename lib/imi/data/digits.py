"""Handwritten digits as rows of numbers from 0 (paper) to 1 (ink)."""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from imi.data import sources

SIDE = 28  # pixels


@dataclass(frozen=True)
class Digits:
    """Images (N, 784) and what each shows (N)."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def mnist() -> tuple[Digits, Digits]:
    """Reads 5,000 MNIST digits: 4,000 to learn from and 1,000 to test with, 100 of each kind.

    Raises:
        DataError: if the digits are neither in the cache nor to be had.
    """
    with gzip.open(sources.path("mnist-5k"), "rt", encoding="ascii") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    images = torch.from_numpy(table[:, :-1].astype(np.float32) / 255)
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    tested = torch.arange(len(table)) % 5 == 4  # the file is sorted by digit
    return Digits(images[~tested], labels[~tested]), Digits(images[tested], labels[tested])


def jittered(images: Tensor, *, generator: torch.Generator) -> Tensor:
    """Moves, turns and stretches each image (N, 784) a little, as another hand would write it.

    Up to 1.5 pixels, 8 degrees and 8 percent.
    """
    count = len(images)

    def uniform(reach: float) -> Tensor:
        return (2 * torch.rand(count, generator=generator) - 1) * reach

    angle, width, height = uniform(math.radians(8)), 1 + uniform(0.08), 1 + uniform(0.08)
    right, down = uniform(3 / SIDE), uniform(3 / SIDE)  # the grid is 2 wide
    rows = (
        torch.stack([width * angle.cos(), -angle.sin(), right], dim=1),
        torch.stack([angle.sin(), height * angle.cos(), down], dim=1),
    )
    shape = (count, 1, SIDE, SIDE)
    grid = torch.nn.functional.affine_grid(torch.stack(rows, dim=1), shape, align_corners=False)
    moved = torch.nn.functional.grid_sample(images.view(shape), grid, align_corners=False)
    return moved.view(count, -1).clamp(0, 1)


def with_variants(images: Tensor, copies: int, *, seed: int = 2006) -> Tensor:
    """Returns the images (N, 784), and after them `copies` jittered versions of all."""
    generator = torch.Generator().manual_seed(seed)
    return torch.cat([images, *(jittered(images, generator=generator) for _ in range(copies))])
