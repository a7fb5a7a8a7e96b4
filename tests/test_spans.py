"""Spans: windows of a passage, the characters behind each place, and the best span in them."""

from __future__ import annotations

import math
import random

import pytest
import torch
from tokenizers import normalizers

from imi.bertpieces import SPECIAL, BertPieces
from imi.spans import Found, Window, best_span, places_of, windows

TEXT = [
    "The lower the slower, the newest the lowest.",
    "A slow widow knew a low window -- 3 new wide widths at 20°C!",
    "Crème brûlée für 5 €, naïve café.",
] * 3
NORMALIZER = normalizers.BertNormalizer(lowercase=True)
QUESTION = "How low is the window?"
PASSAGE = "Crème brûlée: the slowest widow knew, at 20°C, 3 new lower windows. The naïve café!"
# Signs that are a letter, several, or nothing once they are normalised; and the blank.
SIGNS = [*"aAbz  \t\n\r,.-!éÉçİıßẞﬁﬀＡｚ１½²東京ノ豈の🙂👨™…—「」Σςǅ𝐀०ำŉΆ´゚", "[MASK]", "low",
         "\u200d", "\u200b", "\u00ad", "\ufeff", "\x00", "\x07", "\x1f", "\x85", "\ufffd", "\u00a0",
         "\u2028", "\u3000", "\u0301", "\u0302\u0323", "\u0344", "\u3099", "\ufe0f", "\u20dd",
         "\u202e", "\U000e0001", "\U0010ffff", "e\u0301", "が", "か\u3099"]  # fmt: skip


def trained(**changes) -> BertPieces:
    return BertPieces.train(TEXT, **{"size": 100} | changes)


def letters() -> BertPieces:
    """Knows about half of all signs, as the beginning of a word and further on."""
    known = sorted({c for sign in SIGNS for c in plain(sign) if not c.isspace()})
    known = sorted({"a", "l", *known[::2]})
    return BertPieces([*SPECIAL, *known, *("##" + letter for letter in known)])


def plain(text: str) -> str:
    """Normalises text as the pieces do, and leaves out its spaces."""
    return "".join(NORMALIZER.normalize_str(text).split())


def texts(count: int, longest: int = 15) -> list[str]:
    rng = random.Random(2019)
    return ["".join(rng.choices(SIGNS, k=rng.randint(1, longest))) for _ in range(count)]


def test_a_short_passage_is_one_window():
    pieces = trained()
    (window,) = windows(pieces, QUESTION, PASSAGE, longest=200)
    asked, read = pieces.encode(QUESTION), pieces.encode(PASSAGE)
    assert window.ids == [pieces.cls_id, *asked, pieces.sep_id, *read, pieces.sep_id]
    assert window.segments == [0] * (len(asked) + 2) + [1] * (len(read) + 1)
    assert window.ids[window.start : window.end] == read
    assert window.offsets[window.start : window.end] == pieces.offsets(PASSAGE)[1]
    outside = window.offsets[: window.start] + window.offsets[window.end :]
    assert outside == [(0, 0)] * (len(asked) + 3)


@pytest.mark.parametrize("room", [1, 2, 7, 11, 40, 41, 42, 43, 44, 45, 60])
@pytest.mark.parametrize("stride", [1, 3, 7, 100])
def test_parts_begin_a_stride_apart_and_leave_nothing_out(room, stride):
    pieces = trained()
    asked, (read, places) = pieces.encode(QUESTION), pieces.offsets(PASSAGE)
    longest = len(asked) + 3 + room
    found = windows(pieces, QUESTION, PASSAGE, longest=longest, stride=stride)
    begin = 0
    for number, window in enumerate(found):
        assert window.ids[: window.start] == [pieces.cls_id, *asked, pieces.sep_id]
        assert window.ids[window.start :] == [*read[begin : begin + room], pieces.sep_id]
        assert window.offsets[window.start : window.end] == places[begin : begin + room]
        assert len(window.ids) == len(window.segments) == len(window.offsets) <= longest
        assert window.end == len(window.ids) - 1 and window.segments[window.start - 1] == 0
        assert set(window.segments[window.start :]) == {1}
        assert (begin + room >= len(read)) == (number == len(found) - 1)
        begin += min(stride, -(-room // 2))


def test_a_long_question_is_cut_at_its_end():
    pieces = trained()
    asked = pieces.encode(QUESTION)
    (window,) = windows(pieces, QUESTION, "the low", longest=50, most_question=3)
    assert window.ids[:5] == [pieces.cls_id, *asked[:3], pieces.sep_id] and window.start == 5
    (window,) = windows(pieces, "the " * 99, "low", longest=99)
    assert window.start == 48 + 2


def test_windows_that_cannot_be_laid_out_are_refused():
    pieces = trained()
    for question, passage in (("", "low"), ("low", ""), (" \n", "low"), ("low", "\u200b\u0301 ")):
        with pytest.raises(ValueError, match="one of them is empty"):
            windows(pieces, question, passage, longest=50)
    asked = len(pieces.encode(QUESTION))
    with pytest.raises(ValueError, match=f"a row of {asked + 3} has no room for a passage"):
        windows(pieces, QUESTION, PASSAGE, longest=asked + 3)
    assert len(windows(pieces, QUESTION, "the the", longest=asked + 4)) == 2
    for wrong in ({"stride": 0}, {"most_question": 0}):
        with pytest.raises(ValueError, match="must be 1 or more"):
            windows(pieces, QUESTION, PASSAGE, longest=50, **wrong)


@pytest.mark.parametrize("make", [trained, letters])
def test_the_characters_of_a_place_are_those_of_its_piece(make):
    pieces, known = make(), 0
    for passage in texts(1500):
        if not pieces.encode(passage):
            continue
        (window,) = windows(pieces, "low", passage, longest=200)
        inside = range(window.start, window.end)
        for place in inside:
            a, b = window.offsets[place]
            piece = pieces.vocabulary.words[window.ids[place]].removeprefix("##").lower()
            assert 0 <= a < b <= len(passage)
            assert piece in (plain(passage[a:b]), "[unk]"), (passage, a, b)
            known += piece != "[unk]"
        # Unknown words too: nothing is lost between the places, and nothing is read twice.
        told = [plain(passage[a:b]) for a, b in window.offsets[window.start : window.end]]
        assert "".join(told) == plain(passage), passage
        ends = [0, *(window.offsets[place][1] for place in inside)]
        assert all(ends[n] <= window.offsets[place][0] for n, place in enumerate(inside))
    assert known > 1000


def test_accents_that_follow_as_signs_belong_to_their_letter():
    pieces = BertPieces([*SPECIAL, "a", "b", "##a", "##b", "!"])
    passage = "\u0301 a\u0301b\u0302\u0323 \u0301 ba\u0308! b\ufe0f"
    (window,) = windows(pieces, "a", passage, longest=50)
    told = [passage[a:b] for a, b in window.offsets[window.start : window.end]]
    assert told == ["a\u0301", "b\u0302\u0323", "b", "a\u0308", "!", "b\ufe0f"]
    assert places_of(window, 2, 7) == (window.start, window.start + 1)


def test_a_letter_that_falls_into_several_is_their_place_together():
    """Korean syllables, and some Indian vowels, are taken apart with the accents."""
    jamo = plain("한의글")
    pieces = BertPieces([*SPECIAL, *jamo, *("##" + letter for letter in jamo), "a"])
    passage = "a 한의 글\u0301 a"
    (window,) = windows(pieces, "a", passage, longest=50)
    inside = window.offsets[window.start : window.end]
    assert [passage[a:b] for a, b in inside] == [
        "a", *"한한한의의글글", "글\u0301", "a"
    ]  # fmt: skip
    assert places_of(window, 3, 4) == (window.start + 4, window.start + 5)
    assert places_of(window, 2, 7) == (window.start + 1, window.start + 8)


def by_hand(window: Window, a: int, b: int) -> list[int]:
    """Returns the places that share a character with the answer."""
    inside = range(window.start, window.end)
    return [n for n in inside if set(range(*window.offsets[n])) & set(range(a, b))]


def test_an_answer_covers_the_places_that_share_its_characters():
    pieces = trained()
    rng, missing, found = random.Random(2019), 0, 0
    for passage in [PASSAGE, *texts(60, longest=40)]:
        for window in windows(pieces, "low", passage + " low", longest=13, stride=5):
            first, last = window.offsets[window.start][0], window.offsets[window.end - 1][1]
            for _ in range(40):
                a, b = sorted(rng.sample(range(len(passage) + 5), 2))
                covering = by_hand(window, a, b)
                whole = first <= a and b <= last and covering
                wanted = (covering[0], covering[-1]) if whole else None
                assert places_of(window, a, b) == wanted
                missing, found = missing + (not whole), found + bool(whole)
    assert missing > 100 and found > 100


def test_an_answer_is_placed_by_hand():
    pieces = BertPieces([*SPECIAL, "the", "wid", "##ow", ",", "low"])
    (window,) = windows(pieces, "low", "The  widow, low", longest=50)
    assert window.start == 3
    assert places_of(window, 0, 3) == (3, 3)
    assert places_of(window, 5, 10) == (4, 5)
    assert places_of(window, 9, 11) == (5, 6)  # from the middle of a piece
    assert places_of(window, 3, 10) == (4, 5)  # with the spaces before it
    assert places_of(window, 3, 5) is None  # of spaces alone
    assert places_of(window, 11, 16) is None  # beyond the end
    first, _, second, _ = windows(pieces, "low", "The  widow, low", longest=6, stride=1)
    assert places_of(first, 5, 10) is None and places_of(second, 5, 10) is None
    assert places_of(second, 8, 11) == (3, 4) and places_of(first, 0, 8) == (3, 4)
    for a, b in ((5, 5), (5, 3), (-1, 3)):
        with pytest.raises(ValueError, match="an answer has characters"):
            places_of(window, a, b)


def searched(passage: str, parts: list[Window], starts, ends, most: int) -> Found:
    """Tries every span of every window, one by one."""
    best, nothing = None, min((s[0] + e[0]).item() for s, e in zip(starts, ends, strict=True))
    for window, S, E in zip(parts, starts, ends, strict=True):
        for i in range(window.start, window.end):
            for j in range(i, min(i + most, window.end)):
                score = (S[i] + E[j]).item()
                if best is None or score > best[0]:
                    best = score, window.offsets[i][0], window.offsets[j][1]
    return Found(passage[best[1] : best[2]], best[1], best[2], best[0] - nothing)


@pytest.mark.parametrize("most", [1, 2, 5, 30])
def test_the_best_span_is_that_of_loops_over_all(most):
    pieces, signs, numbers = trained(), set(), set()
    for seed, passage in enumerate([PASSAGE * 2, *texts(40, longest=40)]):
        torch.manual_seed(seed)
        passage += " low"
        parts = windows(pieces, QUESTION, passage, longest=17 + seed % 29, stride=3 + seed % 5)
        filling = 3 * (seed % 2)
        scores = [[torch.randn(len(w.ids) + filling) for w in parts] for _ in range(2)]
        found = best_span(passage, parts, *scores, most=most)
        wanted = searched(passage, parts, *scores, most)
        assert found[:3] == wanted[:3] and found.score == pytest.approx(wanted.score, abs=1e-5)
        signs.add(found.score > 0)
        numbers.add(len(parts))
    assert signs == {False, True} and len(numbers) > 4


def raised(window: Window, starts: dict[int, float], ends: dict[int, float]) -> list:
    """Scores of one window, all -1 but some."""
    rows = torch.full((2, 1, len(window.ids)), -1.0)
    for row, scores in zip(rows, (starts, ends), strict=True):
        for place, score in scores.items():
            row[0, place] = score
    return list(rows)


def test_no_span_lies_in_the_question_ends_before_it_starts_or_is_too_long():
    pieces = trained()
    (window,) = windows(pieces, QUESTION, PASSAGE, longest=200)
    a, z = window.start, window.end
    last = len(window.ids) - 1
    assert window.ids[last] == pieces.sep_id and last == z
    # The question and all marks have far higher scores than what may be an answer.
    tempting = dict.fromkeys([*range(a), last], 50.0)
    scores = raised(window, tempting | {a + 4: 2.0}, tempting | {a + 3: 3.0, a + 6: 1.0})
    found = best_span(PASSAGE, [window], *scores)
    assert (found.start, found.end) == (window.offsets[a + 4][0], window.offsets[a + 6][1])
    assert found.text == PASSAGE[found.start : found.end] and found.score == 3.0 - 100.0
    scores = raised(window, {a: 5.0, a + 1: 3.0}, {a + 7: 5.0})
    for most, begin in ((8, a), (7, a + 1)):  # pieces, both ends counted
        found = best_span(PASSAGE, [window], *scores, most=most)
        assert (found.start, found.end) == (window.offsets[begin][0], window.offsets[a + 7][1])


def test_an_answer_beats_the_lowest_score_of_none():
    pieces = trained()
    parts = windows(pieces, QUESTION, PASSAGE * 3, longest=40, stride=11)
    assert len(parts) > 3
    scores = [torch.zeros(len(parts), 40) for _ in range(2)]  # as rows that are filled up
    for number, (start, end) in enumerate(((5.0, -1.0), (0.5, 0.25), (-1.0, 7.0))):
        scores[0][number, 0], scores[1][number, 0] = start, end
    for row in range(3, len(parts)):
        scores[0][row, 0] = 9.0
    window = parts[1]
    scores[0][1, window.start + 2] = 0.5
    found = best_span(PASSAGE * 3, parts, *scores)
    assert found.start == window.offsets[window.start + 2][0] and found.score == 0.5 - 0.75
    half = [part.bfloat16() for part in scores]
    assert best_span(PASSAGE * 3, parts, *half) == found


def test_the_answer_is_the_text_as_it_stands():
    passage = "Die Crème   BRU\u0302LE\u0301E, low"
    pieces = trained()
    (window,) = windows(pieces, QUESTION, passage, longest=90)
    a, b = passage.index("Cr"), passage.index(",")
    first, last = places_of(window, a, b)
    found = best_span(passage, [window], *raised(window, {first: 4.0}, {last: 4.0}))
    assert found == (passage[a:b], a, b, 10.0) and found.text.endswith("E\u0301E")


def test_every_answer_comes_back_from_its_places():
    pieces, whole = trained(), 0
    for passage in texts(200):
        if not pieces.encode(passage):
            continue
        (window,) = windows(pieces, "low", passage, longest=90)
        for i in range(window.start, window.end):
            for j in range(i, window.end):
                a, b = window.offsets[i][0], window.offsets[j][1]
                assert places_of(window, a, b) == (i, j)
                whole += 1
    assert whole > 1000


def test_a_search_without_scores_is_refused():
    pieces = trained()
    parts = windows(pieces, QUESTION, PASSAGE, longest=40, stride=11)
    scores = [torch.zeros(len(window.ids)) for window in parts]
    with pytest.raises(ValueError, match="as many rows of scores"):
        best_span(PASSAGE, parts, scores, scores[1:])
    with pytest.raises(ValueError, match="needs a score for each"):
        best_span(PASSAGE, parts, scores, [row[:-1] for row in scores])
    with pytest.raises(ValueError, match="not 0"):
        best_span(PASSAGE, parts, scores, scores, most=0)
    with pytest.raises(ValueError, match="a span has 1 piece or more"):
        best_span(PASSAGE, [], [], [])
    assert math.isfinite(best_span(PASSAGE, parts, scores, scores).score)
