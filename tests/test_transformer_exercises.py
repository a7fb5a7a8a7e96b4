"""Exercises of lecture 10: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import math

import pytest
import torch

from imi.exercises import transformer_2017 as lecture


@pytest.mark.parametrize("name", ["attention", "seen", "rate", "positions"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def looks(*, root=math.sqrt, hidden=-math.inf, dim=-1):
    def attempt(Q, K, V, seen):
        scores = (Q @ K.T / root(K.shape[1])).masked_fill(~seen, hidden)
        return scores.softmax(dim=dim) @ V

    return attempt


def hidden_late(Q, K, V, seen):
    return (Q @ K.T / 2).softmax(dim=-1) * seen @ V


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda Q, K, V, seen: looks()(Q, K, V, torch.ones_like(seen)), "the mask is not used"),
        (looks(root=lambda width: 1.0), "without the square root"),
        (looks(root=float), "not by its square root"),
        (looks(dim=0), "each row sums to 1"),
        (looks(hidden=0.0), "a score of 0 is still seen"),
        (hidden_late, "no longer sums to 1"),
        (lambda Q, K, V, seen: looks()(Q, K, V, seen) * math.nan, "not finite"),
        (lambda Q, K, V, seen: Q, "a row for each query"),
        (lambda Q, K, V, seen: torch.zeros(3, 2), "softmax"),
    ],
)
def test_mistakes_in_attention_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_attention(attempt)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda seen: seen.float(), "dtype bool"),
        (lambda seen: seen[0], "is wanted"),
        (lambda seen: seen.tril(-1), "may look at itself"),
        (lambda seen: seen | torch.ones(4, 4, dtype=torch.bool).tril(), "filling must not be seen"),
        (lambda seen: seen | seen.transpose(1, 2), "a later one"),
        (lambda seen: seen & torch.eye(4, dtype=torch.bool), "up to one's own"),
    ],
)
def test_mistakes_in_a_mask_get_a_hint(change, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_seen(lambda *sizes: change(lecture.solution_seen(*sizes)))


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda step, dim, warmup: dim**-0.5 * step * warmup**-1.5, "rises for ever"),
        (lambda step, dim, warmup: dim**-0.5 * step**-0.5, "only falls"),
        (lambda step, dim, warmup: dim * lecture.solution_rate(step, dim, warmup), "power -0.5"),
        (lambda step, dim, warmup: 1e-3, "at update 1 it is"),
    ],
)
def test_mistakes_in_the_learning_rate_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_rate(attempt)


def numbered(count, dim):
    return (torch.arange(count) / count)[:, None].expand(count, dim)


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda count, dim: torch.arange(count)[:, None].expand(count, dim).float(), "would drown"),
        (lambda count, dim: torch.rand(count, dim), "every time"),
        (lambda count, dim: torch.ones(count, dim), "look alike"),
        (lambda count, dim: torch.eye(count)[:, :dim], "look alike"),
        (numbered, "look alike|more alike here than there"),
        (lambda count, dim: lecture.solution_positions(count, 2 * dim)[:, ::2], "than there"),
        (lambda count, dim: torch.ones(dim, count), "is wanted"),
    ],
)
def test_mistakes_in_positions_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_positions(attempt)


def test_positions_of_other_speeds_pass_too():
    def waves(count, dim):
        angles = torch.arange(count)[:, None] * torch.linspace(0.01, 1.0, dim // 2)
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    lecture.check_positions(waves)
