"""The exercises of lecture 02: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import numpy as np
import pytest

from imi.exercises import autoencoder_2006 as own
from imi.exercises import exercise


def one_bit(address, width, radius):
    return [address, *(address ^ (1 << place) for place in range(width) if radius)]


@pytest.mark.parametrize(
    ("solution", "check", "mistake", "hint"),
    [
        (own.solution_update, own.check_update,
         lambda v0, h0, v1, h1, rate: -own.solution_update(v0, h0, v1, h1, rate), "minus"),
        (own.solution_update, own.check_update,
         lambda v0, h0, v1, h1, rate: rate * (h0.T @ v0 - h1.T @ v1), "average"),
        (own.solution_update, own.check_update,
         lambda v0, h0, v1, h1, rate: own.solution_update(v0, h0, v1, h1, rate).T, "not (3, 2)"),
        (own.solution_ball, own.check_ball, one_bit, "has 130 addresses, not 10"),
        (own.solution_ball, own.check_ball, lambda a, w, r: range(1 << w), "only the address"),
        (own.solution_hash, own.check_hash, lambda counts: counts[:, :8] > 100, "differ in 0.0"),
        (own.solution_hash, own.check_hash, lambda counts: counts > 1, "not (100, 60)"),
        (own.solution_hash, own.check_hash, lambda counts: counts[:, :8], "0 or 1"),
    ],
)  # fmt: skip
def test_solutions_pass_and_typical_mistakes_get_a_hint(solution, check, mistake, hint, capsys):
    exercise(solution, check)
    assert "✓" in capsys.readouterr().out
    exercise(mistake, check)
    out = capsys.readouterr().out
    assert "✗" in out and hint in out


def test_a_hash_by_random_directions_is_an_answer_too(capsys):
    def my_hash(counts):
        centred = np.log1p(counts) - np.log1p(counts).mean(axis=0)
        return centred @ np.random.default_rng(1).normal(size=(60, 8)) > 0

    exercise(my_hash, own.check_hash)
    assert "✓" in capsys.readouterr().out
