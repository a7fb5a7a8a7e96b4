"""The exercises of lecture 04: the cosine, negative sampling, what subsampling leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from imi.models.word2vec import binary_loss
from imi.word2vec.sampling import keep_chances


def solution_cosine(v: Sequence[float], w: Sequence[float]) -> float:
    """Returns v . w / (|v| |w|)."""
    dot = sum(a * b for a, b in zip(v, w, strict=True))
    return dot / math.sqrt(sum(a * a for a in v) * sum(b * b for b in w))


def check_cosine(attempt: Callable[[Sequence[float], Sequence[float]], float]) -> None:
    """Checks a cosine on vectors of different lengths.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    for v, w in (([3, 4], [4, 3]), ([1, 0, 0], [0, 7, 0]), ([21, 9, 0], [43, 19, 0])):
        value, wanted = attempt(v, w), solution_cosine(v, w)
        assert abs(value - wanted) < 1e-6, (
            f"for {v} and {w} it is {wanted:.4f}, not {value:.4g}: divide the dot product by both "
            "lengths"
        )


def solution_negative_sampling(v: Tensor, word: Tensor, noise: Tensor) -> Tensor:
    """Returns -log sigmoid(v'_word . v) - sum log sigmoid(-v'_noise . v), equation (4)."""
    sigmoid = torch.sigmoid
    return -sigmoid(word @ v).log() - sigmoid(-(noise @ v)).log().sum()


def check_negative_sampling(attempt: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Compares the loss of one pair with the library's, for several numbers of noise words.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    generator = torch.Generator().manual_seed(2013)
    for count in (1, 5):
        v, word = torch.randn(2, 4, generator=generator)
        noise = torch.randn(count, 4, generator=generator)
        labels = torch.tensor([1.0] + [0.0] * count)
        wanted = binary_loss(torch.cat([word[None], noise]) @ v, labels).sum()
        value = torch.as_tensor(attempt(v, word, noise))
        assert value.shape == (), f"the loss is one number, not a tensor of {tuple(value.shape)}"
        if torch.allclose(value, -wanted, atol=1e-4):
            raise AssertionError("that is the objective; the loss is what becomes smaller")
        assert torch.allclose(value, wanted, atol=1e-4), (
            f"with {count} noise words it is {wanted:.3f}, not {value:.3f}: the scores of noise "
            "words change their sign before the sigmoid, and their logarithms are added up"
        )


def solution_threshold(counts: Sequence[int]) -> float:
    """Returns a threshold under which half of the words of a text are kept, by bisection."""
    low, high = 1e-9, 1.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _kept(counts, middle) < 0.5 else (low, middle)
    return low


def _kept(counts: Sequence[int], sample: float) -> float:
    return float((keep_chances(counts, sample) * counts).sum() / sum(counts))


def check_threshold(attempt: Callable[[Sequence[int]], float]) -> None:
    """Checks that a threshold keeps half of a text, give or take a point.

    Raises:
        AssertionError: with a hint, if it does not.
    """
    counts = [round(60_000 / rank) for rank in range(1, 5_001)]  # as common as Zipf says
    sample = attempt(counts)
    assert sample > 0, f"the threshold must be above 0, got {sample}"
    kept = _kept(counts, sample)
    assert abs(kept - 0.5) < 0.01, (
        f"with {sample:.3g} {kept:.0%} of the words are kept: "
        f"{'lower' if kept > 0.5 else 'raise'} the threshold"
    )
