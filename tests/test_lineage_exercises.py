"""Exercises of lecture 13: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import rankdata, spearmanr
from torch.nn.functional import normalize

from imi.exercises import lineage as lecture


@pytest.mark.parametrize("name", ["rho", "percentile", "bits", "joined"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def test_ranks_and_their_agreement_are_scipys():
    values, others = [3.0, 1.0, 3.0, 7.5, -2.0, 3.0], [1, 2, 2, 5, 0, 9]
    assert lecture.ranks(values) == rankdata(values).tolist()
    wanted = spearmanr(values, others).statistic
    assert lecture.solution_rho(values, others) == pytest.approx(wanted)


def rho_without_ties(ours, theirs):
    d = np.subtract(*map(lecture.ranks, (ours, theirs)))
    return 1 - 6 * (d**2).sum() / (len(d) * (len(d) ** 2 - 1))


def rho_of_hasty_ranks(ours, theirs):
    places = [np.argsort(np.argsort(side, kind="stable")) for side in (ours, theirs)]
    return np.corrcoef(*places)[0, 1]


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda ours, theirs: np.corrcoef(ours, theirs)[0, 1], "Pearson's correlation"),
        (rho_of_hasty_ranks, "share the mean of their ranks"),
        (rho_without_ties, "only where no two are equal"),
        (lambda ours, theirs: -lecture.solution_rho(ours, theirs), "is wanted, not"),
        (lambda ours, theirs: lecture.solution_rho(lecture.COSINES, theirs), "must give the opp"),
    ],
)
def test_mistakes_in_agreement_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_rho(attempt)


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda value, values: np.mean(np.array(values) < value), "percent are wanted"),
        (lambda value, values: 100 * np.mean(np.array(values) <= value), "is not nearer"),
        (lambda value, values: 100 * np.mean(np.array(values) > value), "the values above"),
        (lambda value, values: 0.0, "is no such share"),
    ],
)
def test_mistakes_in_a_percentile_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_percentile(attempt)


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda nats, size: sum(nats) / size, "these are nats"),
        (lambda nats, size: sum(nats) / len(nats) / math.log(2), "a mean over the tokens"),
        (lambda nats, size: sum(nats) / len(nats) / size / math.log(2), "all that counts"),
        (lambda nats, size: sum(nats) * math.log(2) / size, "more bits than nats"),
        (lambda nats, size: math.exp(sum(nats) / len(nats)), "a perplexity"),
        (lambda nats, size: sum(nats), "bits, not"),
    ],
)
def test_mistakes_in_bits_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_bits(attempt)


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda first, second: torch.cat([first, second], dim=1), "count for nothing here"),
        (lambda first, second: normalize(first, dim=1), "count for nothing here"),
        (lambda first, second: torch.cat([first, second.mean(1, keepdim=True)], dim=1)[:4],
         "for each of 5 sentences"),
        (lambda first, second: torch.cat([normalize(first, dim=1), 2 * normalize(second, dim=1)],
                                         dim=1), "the mean of the two cosines"),
    ],
)  # fmt: skip
def test_mistakes_in_joining_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_joined(attempt)
