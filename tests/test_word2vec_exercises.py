"""The exercises of lecture 04: each solution passes, a typical mistake gets its hint."""

from __future__ import annotations

import pytest
import torch

from imi.exercises import exercise, word2vec_2013


def dot(v, w):
    return sum(a * b for a, b in zip(v, w, strict=True))


def same_sign(v, word, noise):
    return -torch.sigmoid(word @ v).log() - torch.sigmoid(noise @ v).log().sum()


def objective(v, word, noise):
    return -word2vec_2013.solution_negative_sampling(v, word, noise)


@pytest.mark.parametrize(
    ("name", "mistake", "hint"),
    [
        ("cosine", dot, "divide the dot product"),
        ("negative_sampling", same_sign, "change their sign"),
        ("negative_sampling", objective, "becomes smaller"),
        ("threshold", lambda counts: 0.5, "lower the threshold"),
        ("threshold", lambda counts: 1e-7, "raise the threshold"),
    ],
)
def test_solutions_pass_and_typical_mistakes_get_a_hint(name, mistake, hint, capsys):
    check = getattr(word2vec_2013, f"check_{name}")
    exercise(getattr(word2vec_2013, f"solution_{name}"), check)
    assert "✓" in capsys.readouterr().out
    exercise(mistake, check)
    out = capsys.readouterr().out
    assert "✗" in out and hint in out
