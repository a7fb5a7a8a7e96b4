"""Exercises of lecture 00: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import math

import pytest

from imi.exercises import introduction as lecture


@pytest.mark.parametrize("name", ["shared", "cosine", "best"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def words(line):
    return set(line.lower().split())


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda a, b: float(len(words(a) & words(b))), "1, not 2"),
        (lambda a, b: 1.0, "share nothing: 0, not 1"),
        (lambda a, b: len({*a} & {*b}) / len({*a} | {*b}), "these are letters"),
        (lambda a, b: None, "end it with `return`"),
        (lambda a, b: len(words(a) & words(b)) / len(words(a) | words(b)), "before you divide"),
        (lambda a, b: len({*a.split()} & {*b.split()}) / len({*a.split()} | {*b.split()}),
         "capitals do not count"),
        (lambda a, b: len([w for w in a.lower().split() if w in words(b)]) / len(a.split()),
         "take sets"),
        (lambda a, b: len(words(a) & words(b)) / max(len(words(a)), len(words(b))), "either"),
        (lambda a, b: len(words(a) & words(b)) / len(words(a) | words(b)) if a else 1.0,
         "two empty sentences"),
    ],
)  # fmt: skip
def test_mistakes_in_sharing_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_shared(attempt)


def inner(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def norm(a):
    return math.sqrt(inner(a, a))


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (inner, "inner product alone"),
        (lambda a, b: inner(a, b) / norm(a), "one length only"),
        (lambda a, b: inner(a, b) / norm(b), "one length only"),
        (lambda a, b: inner(a, b) / (inner(a, a) * inner(b, b)), "square root"),
        (math.dist, "how far apart"),
        (lambda a, b: None, "end it with `return`"),
        (lambda a, b: inner(a, b) / (norm(a) * norm(b)), "divide by nothing"),
        (lambda a, b: math.acos(inner(a, b) / norm(a) / norm(b)), "the angle itself"),
        (lambda a, b: abs(lecture.solution_cosine(a, b)), "minus the cosine"),
        (lambda a, b: lecture.solution_cosine(a, b) if any(a) else 1.0, "points nowhere"),
    ],
)
def test_mistakes_in_the_cosine_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_cosine(attempt)


def turned_in_place(scores, titles, count):
    titles.reverse()
    return titles[:count]


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (turned_in_place, "sort a copy"),
        (lambda s, t, n: lecture.solution_best(s, t, n - 1), "4 titles are wanted, not 3"),
        (lambda s, t, n: sorted(range(7), key=lambda i: -s[i])[:n], "not their places"),
        (lambda s, t, n: [t[i] for i in sorted(range(7), key=lambda i: s[i])][:n], "the lowest"),
        (lambda s, t, n: [b for _, b in sorted(zip(s, t, strict=True), reverse=True)][:n],
         "the first in the list"),
        (lambda s, t, n: [t[s.index(x)] for x in sorted(s, reverse=True)][:n], "Bat stands twice"),
        (lambda s, t, n: [dict(zip(s, t, strict=True))[x] for x in sorted({*s})[::-1]][:n],
         "one is lost"),
        (lambda s, t, n: print(end=""), "end it with `return`"),
        (lambda s, t, n: t[:n], "Bat, Eel, Fox, Dog are wanted"),
    ],
)  # fmt: skip
def test_mistakes_in_choosing_the_best_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_best(attempt)
