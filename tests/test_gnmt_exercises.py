"""Exercises of lecture 08: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

from itertools import pairwise

import pytest

from imi.exercises import gnmt_2016 as lecture


@pytest.mark.parametrize("name", ["stacked", "best_pair", "score", "fewest"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def plain(x, layers):
    for layer in layers:
        x = layer(x)
    return x


def in_place(x, layers):
    for layer in layers:
        x += layer(x)
    return x


def counted_once(cut, counts):
    seen = [pair for pieces in cut.values() for pair in pairwise(pieces)]
    return max(seen, key=seen.count)


def score(lp, cp):
    return lambda log_prob, p, a, b: log_prob / lp(len(p), a) + b * cp(p)


def right_lp(length, alpha):
    return ((5 + length) / 6) ** alpha


def covered(p):
    return p.sum(0).clamp(max=1).log().sum().item()


@pytest.mark.parametrize(
    ("check", "mistake", "hint"),
    [
        (lecture.check_stacked, plain, "plain stack"),
        (lecture.check_stacked, lambda x, layers: plain(x, layers) + x, "once, at the end"),
        (lecture.check_stacked, in_place, "x itself was changed"),
        (lecture.check_stacked, lambda x, layers: x[:3], "is wanted"),
        (lecture.check_stacked, lambda x, layers: 2 * x, "layer after layer"),
        (lecture.check_best_pair, counted_once, "use `counts`"),
        (lecture.check_best_pair, lambda cut, counts: ("b", "u"), "another pair"),
        (lecture.check_best_pair, lambda cut, counts: ("x", "y"), "stand together nowhere"),
        (lecture.check_best_pair, lambda cut, counts: "ug", "two neighbouring pieces"),
        (lecture.check_score, score(lambda n, a: n**a, covered), "lp is not"),
        (lecture.check_score, score(lambda n, a: 2.0, covered), "log P alone"),
        (lecture.check_score, score(right_lp, lambda p: p.sum(0).log().sum().item()), "min"),
        (
            lecture.check_score,
            score(right_lp, lambda p: p.sum(1).clamp(max=1).log().sum().item()),
            "for each word of X",
        ),
        (lecture.check_score, score(right_lp, lambda p: covered(p) / 2), "cp is added"),
        (lecture.check_fewest, lecture.greedily, "longest piece first"),
        (lecture.check_fewest, lambda word, known: list(word), "has a cut of"),
        (lecture.check_fewest, lambda word, known: [word], "not known"),
        (lecture.check_fewest, lambda word, known: [word[0]], "letters were lost"),
    ],
)
def test_a_typical_mistake_gets_a_hint(check, mistake, hint):
    with pytest.raises(AssertionError, match=hint):
        check(mistake)
