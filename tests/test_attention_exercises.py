"""Exercises of lecture 07: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import pytest
import torch

from imi.alignment import likeliest
from imi.exercises import attention_2016 as lecture


@pytest.mark.parametrize("name", ["energies", "weights", "error", "links"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def late_mask(e, visible):
    return e.softmax(dim=-1) * visible


def zero_mask(e, visible):
    return (e * visible).softmax(dim=-1)


@pytest.mark.parametrize(
    ("check", "mistake", "hint"),
    [
        (lecture.check_energies, lambda s, h, W, U, v: (W @ s + h @ U.T) @ v, "without tanh"),
        (lecture.check_energies, lambda s, h, W, U, v: torch.tanh(W @ s + h @ U.T), "one number"),
        (lecture.check_energies, lambda s, h, W, U, v: torch.tanh(h @ U.T) @ v, "W_a s"),
        (lecture.check_weights, lambda e, seen: e.softmax(dim=-1), "filling gets a weight"),
        (lecture.check_weights, zero_mask, "filling gets a weight"),
        (lecture.check_weights, late_mask, "must sum to 1"),
        (
            lecture.check_weights,
            lambda e, seen: e.masked_fill(~seen, -torch.inf).softmax(dim=0),
            "dim=-1",
        ),
        (lecture.check_error, lambda A, S, P: 1 - len(A & S) / len(A), "only possible"),
        (lecture.check_error, lambda A, S, P: 1 - 2 * len(A & S) / (len(A) + len(S)), "A & P"),
        (
            lecture.check_error,
            lambda A, S, P: (len(A & S) + len(A & P)) / (len(A) + len(S)),
            "share that is right",
        ),
        (lecture.check_links, likeliest, "flat row"),
        (lecture.check_links, lambda w: {(j, i) for i, j in likeliest(w.T)}, "flat row"),
        (lecture.check_links, lambda w: {(99, 0)}, "rows of weights are target words"),
    ],
)
def test_a_typical_mistake_gets_a_hint(check, mistake, hint):
    with pytest.raises(AssertionError, match=hint):
        check(mistake)
