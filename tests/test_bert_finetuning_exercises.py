"""Exercises of lecture 12: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import pytest
import torch

from imi import metrics
from imi.exercises import bert_finetuning_2019 as lecture
from imi.spans import _best_pair


@pytest.mark.parametrize("name", ["span", "pieces", "f1", "entities"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def test_the_best_span_is_the_one_that_the_lecture_finds():
    for seed in range(20):
        starts, ends = torch.randn(2, 11, generator=torch.Generator().manual_seed(seed))
        assert lecture.solution_span(starts, ends, 5) == _best_pair(starts, ends, 5)[:2]


def span_by(allowed, shift=0):
    """Makes an attempt that takes the best pair of those that are allowed."""

    def attempt(starts, ends, most):
        sums = starts[:, None] + ends
        size = len(starts)
        refused = torch.tensor([[not allowed(i, j, most) for j in range(size)]
                                for i in range(size)])  # fmt: skip
        i, j = divmod(int(sums.masked_fill(refused, -torch.inf).argmax()), size)
        return i, j + shift

    return attempt


def best_start_first(starts, ends, most):
    i = int(starts.argmax())
    return i, i + int(ends[i : i + most].argmax())


def best_end_first(starts, ends, most):
    j = int(ends.argmax())
    begin = max(0, j - most + 1)
    return begin + int(starts[begin : j + 1].argmax()), j


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda starts, ends, most: (starts.argmax(), ends.argmax()), "behind the best end"),
        (lambda s, e, most: sorted((int(s.argmax()), int(e.argmax()))), "swapping i and j"),
        (best_start_first, "best start need not belong"),
        (best_end_first, "best end need not belong"),
        (span_by(lambda i, j, most: i < j < i + most), "i == j is allowed"),
        (span_by(lambda i, j, most: i <= j), "longer than `most`"),
        (span_by(lambda i, j, most: i <= j <= i + most), "both ends count"),
        (span_by(lambda i, j, most: i <= j < i + most - 1), "as many as `most` allows|only"),
        (span_by(lambda i, j, most: i <= j < i + most, shift=1), "not the one after it"),
        (lambda starts, ends, most: (0,), "two places are wanted"),
        (lambda starts, ends, most: (0, 99), "places go from 0 to 8"),
        (lambda starts, ends, most: (0, 0), "look at all pairs"),
    ],
)
def test_mistakes_in_the_span_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_span(attempt)


def pieces_by(rest, *, marks=True, none_for_o=False):
    """Makes an attempt that gives pieces inside a word the tag `rest(tag)`."""

    def attempt(words, tags, split):
        pieces, asked = [], []
        for word, tag in zip(words, tags, strict=True):
            cut = split(word)
            pieces += cut
            asked += [None if none_for_o and tag == "O" else tag, *[rest(tag)] * (len(cut) - 1)]
        if marks:
            pieces, asked = ["[CLS]", *pieces, "[SEP]"], [None, *asked, None]
        return pieces, asked

    return attempt


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (pieces_by(lambda tag: None, marks=False), "CLS. comes first"),
        (pieces_by(lambda tag: tag), "would begin a second name"),
        (pieces_by(lambda tag: tag.replace("B-", "I-")), "those with ## get None"),
        (pieces_by(lambda tag: None, none_for_o=True), "outside of all names"),
        (lambda words, tags, split: (words, tags), "the pieces are"),
        (
            lambda words, tags, split: (lecture.solution_pieces(words, tags, split)[0], tags),
            "need a tag or None each",
        ),
        (
            lambda words, tags, split: (
                lecture.solution_pieces(words, tags, split)[0],
                ["O", *lecture.solution_pieces(words, tags, split)[1][1:]],
            ),
            "nobody asks",
        ),
        (
            lambda words, tags, split: lecture.solution_pieces(words, tags[::-1], split),
            "has the tag of its word",
        ),
    ],
)
def test_mistakes_in_first_pieces_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_pieces(attempt)


def by_sets(guess, answer):
    shared = len(set(guess) & set(answer))
    return 2 * shared / (len(guess) + len(answer)) if shared else float(guess == answer)


def counted_twice(guess, answer):
    shared = sum(word in answer for word in guess)
    return 2 * shared / (len(guess) + len(answer)) if shared else float(guess == answer)


def shares(guess, answer):
    shared = len(set(guess) & set(answer))
    return shared / len(guess), shared / len(answer)


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda guess, answer: shares(guess, answer)[0], "this is the precision"),
        (lambda guess, answer: shares(guess, answer)[1], "this is the recall"),
        (lambda guess, answer: sum(shares(guess, answer)) / 2, "harmonic mean"),
        (
            lambda guess, answer: len({*guess} & {*answer}) / len({*guess} | {*answer}),
            "what either has",
        ),
        (
            lambda guess, answer: (lambda p, r: p * r / (p + r))(*shares(guess, answer)),
            "wanted twice",
        ),
        (counted_twice, "as often as both have it"),
        (
            lambda guess, answer: (
                (lambda p, r: 2 * p * r / (p + r))(*shares(guess, answer))
                if "new" not in guess
                else 4 / 7
            ),
            "do not divide by 0",
        ),
        (lambda g, a: by_sets(g, a) if g or a else 0.0, "two empty ones give 1"),
        (lambda g, a: by_sets(g, a) if g and a else 1.0, "none where there is one: 0"),
        (lambda g, a: by_sets(g, a) if g != ["paris"] else 0.1, "nothing shared gives 0"),
        (by_sets, "w[0-5]"),
        (lambda guess, answer: 0.0, "give 2/3"),
    ],
)
def test_mistakes_in_f1_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_f1(attempt)


def test_shares_with_words_that_come_twice_are_f1_too():
    assert lecture.solution_f1(["a", "a"], ["a"]) == metrics.span_f1("b b", ["b"])


def entities_by(*, ignore_kind=False, ignore_b=False, to_end=True, orphan=True, past=1):
    """Makes an attempt with one thing wrong."""

    def attempt(tags):
        found, first, kind = [], None, ""
        for place, tag in enumerate([*tags, "O"] if to_end else tags):
            same = ignore_kind or tag[2:] == kind
            on = first is not None and same and (tag[0] == "I" or (ignore_b and tag[0] == "B"))
            if first is not None and not on:
                found.append((kind, first, place - 1 + past))
                first = None
            if first is None and (tag[0] == "B" or (tag[0] == "I" and orphan)):
                first, kind = place, tag[2:]
        return found

    return attempt


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (entities_by(past=0), "one past the last word"),
        (entities_by(to_end=False), "may end with the sentence"),
        (entities_by(ignore_b=True), "right after one of its kind"),
        (entities_by(ignore_kind=True), "of another kind does not go on"),
        (entities_by(orphan=False), "of another kind|follows on O"),
        (lambda tags: [(tag[2:], n, n + 1) for n, tag in enumerate(tags) if tag != "O"], "one ent"),
        (lambda tags: [("X", 0, 1)], "two words is one entity"),
    ],
)
def test_mistakes_in_entities_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_entities(attempt)


def test_entities_without_a_mistake_pass():
    lecture.check_entities(entities_by())
