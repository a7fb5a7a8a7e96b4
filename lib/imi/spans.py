"""Answers as spans of a passage: rows that hold question and passage, and the best span in them.

Source: Devlin et al., "BERT" (2019), sections 4.2 and 4.3; a long passage is cut into overlapping
    parts as in the authors' own code.
Lecture: notebooks/12_bert_finetuning_2019.ipynb
Shapes: S places of a row, P of them in the passage.
Differs: a span seen in two parts keeps the better of its two scores, where the authors' code takes
    the part with more text around it. Its length is counted in pieces, as there.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from imi.bertpieces import BertPieces


class Window(NamedTuple):
    """A question with a part of a passage: [CLS] question [SEP] part [SEP].

    Attributes:
        ids: of the pieces, marks included (S,).
        segments: 0 up to the first [SEP], 1 after it (S,).
        start: the first place of the passage in the row.
        end: one past its last place.
        offsets: where in the passage each place begins and ends, in characters (S,); (0, 0) for
            places outside of it.
    """

    ids: list[int]
    segments: list[int]
    start: int
    end: int
    offsets: list[tuple[int, int]]


class Found(NamedTuple):
    """An answer found in a passage.

    Attributes:
        text: exactly as it stands there.
        start: its first character in the passage.
        end: one past its last character.
        score: of the best span minus that of [CLS]; above 0 the passage answers, section 4.3.
    """

    text: str
    start: int
    end: int
    score: float


def windows(
    pieces: BertPieces,
    question: str,
    passage: str,
    *,
    longest: int,
    stride: int = 64,
    most_question: int = 48,
) -> list[Window]:
    """Lays a question out with the passage, a long one in parts that overlap.

    Args:
        longest: places of a row.
        stride: pieces from the beginning of a part to that of the next; half of a part where that
            is fewer, so that a short answer is whole in one of them.
        most_question: pieces of a question; the end of a longer one is cut off.

    Raises:
        ValueError: if a text is empty, or a row has no room for the passage.
    """
    if stride < 1 or most_question < 1:
        raise ValueError(f"stride and most_question must be 1 or more: {stride}, {most_question}")
    asked = pieces.encode(question)[:most_question]
    ids, offsets = pieces.offsets(passage)
    if not asked or not ids:
        raise ValueError("there must be a question and a passage; one of them is empty")
    room = longest - len(asked) - 3  # [CLS] and two [SEP]
    if room < 1:
        raise ValueError(f"a row of {longest} has no room for a passage after {len(asked)} pieces")
    offsets = _with_accents(passage, offsets)
    start = len(asked) + 2  # after [CLS] and [SEP]
    found, step, too_many = [], min(stride, -(-room // 2)), max(len(ids) - room, 0)
    for begin in range(0, too_many + step, step):  # the last part is the first to reach the end
        part = slice(begin, begin + room)
        row, segments = pieces.with_marks(asked, ids[part])
        end = len(row) - 1
        outside = [(0, 0)] * start
        found.append(Window(row, segments, start, end, [*outside, *offsets[part], (0, 0)]))
    return found


def places_of(window: Window, start_char: int, end_char: int) -> tuple[int, int] | None:
    """Returns the first and the last place (inclusive) of the pieces that cover an answer.

    Args:
        start_char: the answer's first character in the passage.
        end_char: one past its last character.

    Returns:
        None if the answer begins before the window's first piece or ends after its last one, or
        no piece stands for any of it.

    Raises:
        ValueError: if the answer has no characters.
    """
    if not 0 <= start_char < end_char:
        raise ValueError(f"an answer has characters, not those from {start_char} to {end_char}")
    first, last = window.offsets[window.start], window.offsets[window.end - 1]
    if start_char < first[0] or end_char > last[1]:
        return None
    covering = [
        place
        for place in range(window.start, window.end)
        if window.offsets[place][0] < end_char and start_char < window.offsets[place][1]
    ]
    return (covering[0], covering[-1]) if covering else None


def best_span(
    passage: str,
    windows: Sequence[Window],
    start_scores: Sequence[Tensor],
    end_scores: Sequence[Tensor],
    *,
    most: int = 30,
) -> Found:
    """Finds the span i <= j of the passage with the highest S.T_i + E.T_j in all its windows.

    Args:
        windows: all those of the passage.
        start_scores: S.T_i of every place (S,), for each window; places after its row are filling.
        end_scores: E.T_j, likewise.
        most: pieces of a span.

    Raises:
        ValueError: if there is no window, there are not scores for all, or `most` is below 1.
    """
    if most < 1 or not windows:
        raise ValueError(f"a span has 1 piece or more in 1 window or more, not {most}")
    if not len(windows) == len(start_scores) == len(end_scores):
        raise ValueError(f"{len(windows)} windows need as many rows of scores")
    best, nothing, text = -math.inf, math.inf, (0, 0)
    for window, starts, ends in zip(windows, start_scores, end_scores, strict=True):
        if min(len(starts), len(ends)) < len(window.ids):
            raise ValueError(f"a window of {len(window.ids)} places needs a score for each")
        starts, ends = starts.detach().float(), ends.detach().float()
        nothing = min(nothing, (starts[0] + ends[0]).item())  # S.C + E.C
        i, j, score = _best_pair(*(x[window.start : window.end] for x in (starts, ends)), most)
        if score > best:
            offsets = window.offsets[window.start : window.end]
            best, text = score, (offsets[i][0], offsets[j][1])
    return Found(passage[slice(*text)], *text, best - nothing)


def _best_pair(starts: Tensor, ends: Tensor, most: int) -> tuple[int, int, float]:
    """Returns the i <= j < i + most of the highest sum, for scores (P,), and that sum."""
    sums = starts[:, None] + ends  # (P, P)
    allowed = torch.ones_like(sums, dtype=torch.bool).triu().tril(most - 1)
    sums = sums.masked_fill(~allowed, -math.inf)
    place = int(sums.argmax())
    return *divmod(place, len(ends)), sums.flatten()[place].item()


def _with_accents(text: str, offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lets a piece end after the accents that follow it as signs of their own.

    Pieces have no accents, and end before them: without this, an answer would lose its last one.
    """
    longer = []
    for number, (begin, end) in enumerate(offsets):
        after = offsets[number + 1][0] if number + 1 < len(offsets) else len(text)
        while end < after and unicodedata.category(text[end]) == "Mn":
            end += 1
        longer.append((begin, end))
    return longer
