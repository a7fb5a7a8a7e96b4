"""Exercises of lecture 09: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import pytest
import torch

from imi.exercises import multilingual_2016 as lecture


@pytest.mark.parametrize("name", ["tagged", "mixed", "abroad"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def by_product(vectors, source):
    products = vectors @ vectors.T
    return products.masked_fill(source[:, None] == source, -torch.inf).argmax(dim=1)


def into_the_table(E, first, second, w):
    E[first] = (1 - w) * E[first] + w * E[second]
    return E[first]


@pytest.mark.parametrize(
    ("check", "mistake", "hint"),
    [
        (lecture.check_tagged, lambda s, to: f"{s} <2{to}>", "not after it"),
        (lecture.check_tagged, lambda s, to: f"<{to}> {s}", "the tag of ja is <2ja>"),
        (lecture.check_mixed, lambda E, a, b, w: w * E[a] + (1 - w) * E[b], "second tag"),
        (lecture.check_mixed, lambda E, a, b, w: E[a] + w * E[b], r"\(1 - w\)"),
        (lecture.check_mixed, lambda E, a, b, w: E[[a, b]], "one vector"),
        (lecture.check_mixed, into_the_table, "must stay as it is"),
        (lecture.check_mixed, lambda E, a, b, w: E[5].zero_()[:5], "must stay as it is"),
        (lecture.check_abroad, lambda v, s: torch.arange(17), "leave it out"),
        (lecture.check_abroad, lambda v, s: (v @ v.T).fill_diagonal_(-9e9).argmax(1), "another"),
        (lecture.check_abroad, by_product, "by cosine"),
        (lecture.check_abroad, lambda v, s: v, "one number a vector"),
    ],
)
def test_a_typical_mistake_gets_a_hint(check, mistake, hint):
    with pytest.raises(AssertionError, match=hint):
        check(mistake)
