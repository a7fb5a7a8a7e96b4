"""The exercises of lecture 02: the update of a machine, a Hamming ball, a hash of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from imi.hashing import AddressBook


def solution_update(v0: Tensor, h0: Tensor, v1: Tensor, h1: Tensor, rate: float) -> Tensor:
    """Returns the change of the weights (H, V), eq. (2), averaged over the batch."""
    return rate * (h0.T @ v0 - h1.T @ v1) / len(v0)


def check_update(attempt: Callable[..., Tensor]) -> None:
    """Compares an update with equation (2), written out pair by pair.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    generator = torch.Generator().manual_seed(2006)
    v0, v1 = torch.rand(2, 7, 3, generator=generator)
    h0, h1 = torch.rand(2, 7, 2, generator=generator)
    change = attempt(v0, h0, v1, h1, 0.5)
    assert tuple(change.shape) == (2, 3), (
        f"there is a weight for each of 2 hidden and 3 visible units, so (2, 3), "
        f"not {tuple(change.shape)}"
    )
    wanted = torch.empty(2, 3)
    for j in range(2):
        for i in range(3):
            wanted[j, i] = 0.5 * ((v0[:, i] * h0[:, j]).mean() - (v1[:, i] * h1[:, j]).mean())
    assert not torch.allclose(change, -wanted), "the data come with plus, the dreams with minus"
    assert not torch.allclose(change, 7 * wanted, atol=1e-5), "average over the batch, do not sum"
    assert torch.allclose(change, wanted, atol=1e-5), (
        "not equation (2) yet: rate times (mean of v h for the data minus that for what is rebuilt)"
    )


def solution_ball(address: int, width: int, radius: int) -> Iterable[int]:
    """Returns every address within `radius` bits of one of `width` bits."""
    flips = (c for r in range(radius + 1) for c in combinations(range(width), r))
    return [address ^ sum(1 << place for place in places) for places in flips]


def check_ball(attempt: Callable[[int, int, int], Iterable[int]]) -> None:
    """Checks that a Hamming ball holds each address once, and no other.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    alone = list(attempt(0b101, 3, 0))
    assert alone == [0b101], f"with radius 0 only the address itself is left, not {alone}"
    near = sorted(attempt(0b101, 3, 1))
    wanted = [0b001, 0b100, 0b101, 0b111]
    assert near == wanted, f"one bit from 101 lie 001, 100 and 111 and itself; you found {near}"
    for address, width, radius in ((77, 9, 3), (0, 5, 5)):
        found = list(attempt(address, width, radius))
        book = AddressBook(np.arange(1 << width, dtype=np.uint64), width)
        wanted = set(book.ball(address, radius).tolist())
        assert len(found) == len(set(found)), "an address is in the ball once; flip each pair once"
        assert set(found) == wanted, (
            f"a ball of radius {radius} among {width} bits has {len(wanted)} addresses, "
            f"not {len(found)}"
        )


def solution_hash(counts: np.ndarray) -> np.ndarray:
    """Returns eight bits a document: on which side of the middle along eight directions."""
    shares = np.log1p(counts)
    centred = shares - shares.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:8]
    return centred @ directions.T > 0


def check_hash(attempt: Callable[[np.ndarray], np.ndarray]) -> None:
    """Checks that documents of one topic get more alike codes than documents of two.

    Raises:
        AssertionError: with a hint, if they do not.
    """
    rng = np.random.default_rng(2006)
    topics = np.repeat(np.arange(4), 25)
    chances = rng.dirichlet(np.full(60, 0.15), size=4)
    counts = np.stack([rng.multinomial(40, 0.7 * chances[t] + 0.3 / 60) for t in topics])
    codes = np.asarray(attempt(counts.astype(float)))
    assert codes.shape == (100, 8), f"100 documents need 8 bits each, not {codes.shape}"
    assert set(np.unique(codes).tolist()) <= {0, 1}, "a bit is 0 or 1"
    apart = (codes[:, None] != codes[None]).sum(axis=2)
    same = topics[:, None] == topics[None]
    own, others = apart[same & ~np.eye(100, dtype=bool)].mean(), apart[~same].mean()
    assert own + 1 <= others, (
        f"documents of one topic differ in {own:.1f} of 8 bits, of two topics in {others:.1f}; "
        "find bits that words of one topic switch together"
    )
