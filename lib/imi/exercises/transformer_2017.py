"""The exercises of lecture 10: attention, masks, the learning rate, positions of one's own."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from imi.blocks import KeysValues, attention, sinusoids
from imi.layers import visible
from imi.schedules import inverse_root


def solution_attention(Q: Tensor, K: Tensor, V: Tensor, seen: Tensor) -> Tensor:
    """Returns softmax(Q K^T / sqrt(d_k)) V, (T, d_v); `seen` (T, S) is True where one may look."""
    scores = (Q @ K.T / math.sqrt(K.shape[1])).masked_fill(~seen, float("-inf"))
    return scores.softmax(dim=-1) @ V


def check_attention(attempt: Callable[..., Tensor]) -> None:
    """Compares attention of three places at five, behind a mask, with the library's.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    generator = torch.Generator().manual_seed(2017)
    Q, K, V = (3 * torch.randn(*size, generator=generator) for size in ((3, 4), (5, 4), (5, 2)))
    seen = visible(torch.tensor([5, 3, 1]), 5)

    def library(mask: Tensor | None, factor: float = 1.0) -> Tensor:
        shown = KeysValues(K[None, None], V[None, None])
        return attention(Q[None, None] * factor, shown, mask)[0][0, 0]

    found = attempt(Q, K, V, seen)
    assert found.shape == (3, 2), f"a row for each query is wanted, (3, 2), not {found.shape}"
    assert found.isfinite().all(), "some numbers are not finite: was a whole row hidden?"
    hints = {
        "the mask is not used: what may not be seen gets the score -infinity": library(None),
        "without the square root: divide Q K^T by sqrt(d_k)": library(seen, 2.0),
        "divided by d_k, not by its square root": library(seen, 0.5),
        "the softmax goes over the places that are looked at: each row sums to 1": (
            (Q @ K.T / 2).masked_fill(~seen, float("-inf")).softmax(dim=0) @ V
        ),
        "a score of 0 is still seen: e^0 = 1; take -infinity": (
            (Q @ K.T / 2).masked_fill(~seen, 0.0).softmax(dim=1) @ V
        ),
        "weights were hidden after the softmax: the rest no longer sums to 1": (
            (Q @ K.T / 2).softmax(dim=1) * seen @ V
        ),
    }
    for hint, wrong in hints.items():
        assert not torch.allclose(found, wrong, atol=1e-4), hint
    assert torch.allclose(found, library(seen), atol=1e-4), "softmax(Q K^T / sqrt(d_k)) V"


def solution_seen(lengths: Tensor, size: int) -> Tensor:
    """Returns who may look at whom in a decoder, (B, size, size): not ahead, not at filling."""
    earlier = torch.ones(size, size, dtype=torch.bool).tril()
    return earlier & (torch.arange(size) < lengths[:, None])[:, None]


def check_seen(attempt: Callable[[Tensor, int], Tensor]) -> None:
    """Checks the mask of a decoder for three sentences, two of them filled up.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    lengths, size = torch.tensor([4, 2, 1]), 4
    found = attempt(lengths, size)
    assert found.shape == (3, size, size), f"(3, {size}, {size}) is wanted, not {found.shape}"
    assert found.dtype == torch.bool, "True where a place may look, False elsewhere: dtype bool"
    places = torch.arange(size)
    assert found[:, places, places][visible(lengths, size)].all(), (
        "a place may look at itself: it holds the word before the one that is to be written"
    )
    assert not found.triu(1).any(), "a place must not look at a later one"
    filling = ~visible(lengths, size)[:, None].expand(3, size, size)
    assert not (found & filling).any(), "filling must not be seen, not even by filling"
    assert torch.equal(found, solution_seen(lengths, size)), (
        "all places up to one's own that hold a word may be seen"
    )


def solution_rate(step: int, dim: int, warmup: int) -> float:
    """Returns the learning rate of update `step`, from 1, eq. (3)."""
    return dim**-0.5 * min(step**-0.5, step * warmup**-1.5)


def check_rate(attempt: Callable[[int, int, int], float]) -> None:
    """Checks the learning rate while it rises, at its top, and while it falls.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    wanted = inverse_root(512, warmup=4_000)
    for step in (1, 40, 4_000, 16_000):
        found = attempt(step, 512, 4_000)
        if step > 4_000:
            assert not math.isclose(found, 512**-0.5 * step * 4_000**-1.5), (
                "it rises for ever: take the smaller of the two numbers"
            )
        if step < 4_000:
            assert not math.isclose(found, 512**-0.5 * step**-0.5), (
                "it only falls: take the smaller of the two numbers"
            )
        assert not math.isclose(found, 512 * wanted(step - 1)), (
            "the wider the net, the smaller the steps: d_model has the power -0.5"
        )
        assert math.isclose(found, wanted(step - 1), rel_tol=1e-6), (
            f"at update {step} it is {wanted(step - 1):.3g}, not {found:.3g}"
        )


def solution_positions(count: int, dim: int) -> Tensor:
    """Returns `dim` numbers for each of `count` places, (count, dim): the paper's waves."""
    return sinusoids(count, dim)


def drift(positions: Tensor) -> float:
    """Tells how far likeness hangs on the place and not on the distance alone: 0 is best.

    The likeness of two places is the product of their vectors. For each distance its spread over
    all pairs is taken, then the mean of these, as a share of a vector's product with itself.
    """
    likeness = positions @ positions.T
    spreads = [likeness.diagonal(shift).std() for shift in range(1, len(positions) // 2)]
    return (torch.stack(spreads).mean() / likeness.diagonal().mean()).item()


def check_positions(attempt: Callable[[int, int], Tensor]) -> None:
    """Checks positions of one's own: small, all different, and alike by distance alone.

    Raises:
        AssertionError: with a hint, if they are not.
    """
    count, dim = 200, 32
    found = attempt(count, dim)
    assert found.shape == (count, dim), f"({count}, {dim}) is wanted, not {tuple(found.shape)}"
    assert torch.equal(found, attempt(count, dim)), "a place must have the same vector every time"
    most = found.abs().max()
    assert most <= 1.001, f"numbers as large as {most:.0f} would drown the words: stay within 1"
    apart = torch.cdist(found, found) + 9 * torch.eye(count)
    one, other = divmod(int(apart.argmin()), count)
    assert apart.min() > 0.05, f"places {one} and {other} look alike"
    spread = drift(found)
    assert spread < 0.02, (
        f"places five apart are more alike here than there (drift {spread:.2f}): turn each pair of "
        "numbers by an angle that grows evenly with the place"
    )
