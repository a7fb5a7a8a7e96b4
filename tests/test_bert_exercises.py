"""Exercises of lecture 11: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import pytest
import torch

from imi.exercises import bert_2019 as lecture


@pytest.mark.parametrize("name", ["hidden", "loss", "input", "words"])
def test_the_solution_passes_its_check(name):
    getattr(lecture, f"check_{name}")(getattr(lecture, f"solution_{name}"))


def hidden(masked=0.8, swapped=0.9, everywhere=False):
    def attempt(ids, chosen, lots, drawn, mask_id):
        chosen = torch.ones_like(chosen) if everywhere else chosen
        found = ids.masked_fill(chosen & (lots < masked), mask_id)
        return torch.where(chosen & (lots >= masked) & (lots < swapped), drawn, found)

    return attempt


def hidden_in_place(ids, chosen, lots, drawn, mask_id):
    ids[chosen & (lots < 0.8)] = mask_id
    return ids


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (hidden(masked=1.1), "each chosen piece is"),
        (hidden(everywhere=True), "was not chosen must stay"),
        (hidden(masked=0.7), "below 0.8 becomes"),
        (hidden(swapped=1.1), "0.9 or more keeps its piece"),
        (hidden(swapped=0.8), "from 0.8 to 0.9 gets the piece"),
        (hidden_in_place, "ids itself was changed"),
        (lambda ids, chosen, lots, drawn, mask_id: ids[chosen], "is wanted, not"),
    ],
)
def test_mistakes_in_hiding_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_hidden(attempt)


def nats(scores, ids, kept, dim=-1):
    return -scores.log_softmax(dim=dim)[kept].gather(1, ids[kept][:, None])


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda scores, ids, chosen: nats(scores, ids, chosen | True).mean(), "all places"),
        (lambda scores, ids, chosen: nats(scores, ids, chosen).sum(), "is wanted as a mean"),
        (lambda scores, ids, chosen: nats(scores, ids, chosen).sum() / 7, "divided by all"),
        (lambda scores, ids, chosen: -nats(scores, ids, chosen).mean(), "sign is turned"),
        (lambda scores, ids, chosen: nats(scores, ids, chosen, dim=0).mean(), "over the pieces"),
        (
            lambda scores, ids, chosen: -scores[chosen].gather(1, ids[chosen][:, None]).mean(),
            "log_softmax first",
        ),
        (
            lambda scores, ids, chosen: -(-nats(scores, ids, chosen)).exp().mean(),
            "its logarithm is missing",
        ),
        (lambda scores, ids, chosen: nats(scores, ids, ~chosen).mean(), "of the chosen pieces"),
        (lambda scores, ids, chosen: nats(scores, ids, chosen), "one number is wanted"),
    ],
)
def test_mistakes_in_the_loss_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_loss(attempt)


def joined(a, b):
    ids = [lecture.CLS, *a, lecture.SEP, *b, lecture.SEP]
    return ids, [0] * (len(a) + 2) + [1] * (len(b) + 1)


def cut_after_joining(a, b, room):
    return tuple(part[:room] for part in joined(a, b))


def cut_in_place(a, b, room):
    a.pop()
    return joined(a, b)


def cut_b_alone(a, b, room):
    return joined(a, b[: room - 3 - len(a)])


def cut_at_the_front(a, b, room):
    a, b = list(a), list(b)
    while len(a) + len(b) + 3 > room:
        (a if len(a) > len(b) else b).pop(0)
    return joined(a, b)


def the_other_first(a, b, room):
    a, b = list(a), list(b)
    while len(a) + len(b) + 3 > room:
        (a if len(a) >= len(b) else b).pop()
    return joined(a, b)


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (lambda a, b, room: ([*a, 3, *b, 3], [0]), "begins with"),
        (lambda a, b, room: ([2, *a, *b, 3], [0]), "two"),
        (lambda a, b, room: ([2, *b, 3, *a, 3], [0]), "A .SEP. B .SEP. is wanted"),
        (lambda a, b, room: (joined(a, b)[0], [0]), "as many segments"),
        (lambda a, b, room: (joined(a, b)[0], [0] * 5 + [1] * 9), "belongs to segment 0"),
        (lambda a, b, room: (joined(a, b)[0], [0] * 7 + [1] * 7), "then 1"),
        (lambda a, b, room: joined(a, b), "there is room for 13 places"),
        (lambda a, b, room: joined(a, b[: room - len(a)]), "there is room for 13 places"),
        (cut_after_joining, "the marks stay"),
        (cut_in_place, "texts themselves were changed"),
        (cut_b_alone, "from the longer text|longer text until both fit"),
        (cut_at_the_front, "at the end of a text"),
    ],
)
def test_mistakes_in_the_input_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_input(attempt)


def test_of_two_equally_long_texts_either_may_be_cut_first():
    lecture.check_input(the_other_first)


def single_pieces(pieces, share):
    real = [not piece.startswith("[") for piece in pieces]
    return [flag and torch.rand(()).item() < share for flag in real]


def by_lot(pieces, share, *, marks=False, fixed=False, factor=1.0):
    flags, last = [], False
    generator = torch.Generator().manual_seed(1) if fixed else None
    for piece in pieces:
        if not piece.startswith("##"):
            last = torch.rand((), generator=generator).item() < factor * share
        flags.append(last and (marks or not piece.startswith("[")))
    return flags


@pytest.mark.parametrize(
    ("attempt", "hint"),
    [
        (single_pieces, "are one word"),
        (lambda pieces, share: by_lot(pieces, share, marks=True), "is no word"),
        (lambda pieces, share: by_lot(pieces, share, factor=2.0), "were chosen on average"),
        (lambda pieces, share: [False] * len(pieces), "were chosen on average"),
        (lambda pieces, share: by_lot(pieces, share)[:-1], "for each of the"),
    ],
)
def test_mistakes_in_whole_words_get_a_hint(attempt, hint):
    with pytest.raises(AssertionError, match=hint):
        lecture.check_words(attempt)


def test_words_that_are_always_the_same_get_a_hint():
    def attempt(pieces, share):
        flags = [False] * len(pieces)
        for place in [4, 5] if share < 0.3 else [4, 5, 9, 10, 11, 12]:
            flags[place] = True
        return flags

    with pytest.raises(AssertionError, match="draw at random"):
        lecture.check_words(attempt)


def test_words_by_independent_lots_pass_too():
    lecture.check_words(by_lot)
