"""Two pieces of text in one row, of which the second may or may not follow the first.

Source: Devlin et al. (2019), section 3.1 (Task #2: next sentence prediction) and appendix A.2.
Lecture: notebooks/11_bert_2019.ipynb
Shapes: N pieces of all documents, P pairs.
Differs: the second text of a NotNext pair was cut to follow another pair's first one, so that
    neither its length nor its place in a document betrays it. What is too long loses the first
    pieces of A and the last ones of B: what IsNext pairs keep still follows. Sentences without a
    document are read several to a row, as A alone, and nobody asks what follows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

IS_NEXT, NOT_NEXT, UNASKED = 0, 1, -100
SHORT = 0.1  # of the pairs are cut at a random shorter length, as in the paper's code
ALIKE = 64  # neighbours by length among which second texts change places


@dataclass(frozen=True)
class Library:
    """Documents as one row of ids, encoded once for all epochs.

    Attributes:
        ids: of all documents one after another, int32 (N,).
        sentences: where each sentence begins, and at last N, int64.
        documents: the number of each document's first sentence, and at last of all sentences.
        sources: of each document, a number.
    """

    ids: Tensor
    sentences: np.ndarray
    documents: np.ndarray
    sources: np.ndarray

    @classmethod
    def of(cls, documents: Sequence[Sequence[Sequence[int]]], sources: Sequence[int]) -> Library:
        """Lays documents of sentences of ids in one row; empty sentences are left out.

        Raises:
            ValueError: if there is no text.
        """
        kept = [[row for row in document if len(row)] for document in documents]
        known = [number for number, document in enumerate(kept) if document]
        if not known:
            raise ValueError("there is no text to read")
        rows = [row for number in known for row in kept[number]]
        ids = np.fromiter((i for row in rows for i in row), dtype=np.int32)
        ends = np.cumsum([0, *(len(row) for row in rows)])
        firsts = np.cumsum([0, *(len(kept[number]) for number in known)])
        return cls(torch.from_numpy(ids), ends, firsts, np.array(sources)[known])


class Pairs(NamedTuple):
    """Where the two texts of each row begin and end in a library's ids, each int64 (P,).

    Attributes:
        next: IS_NEXT, NOT_NEXT, or UNASKED where there is no second text.
        source: the number of the first text's source.
        other: that of the second one's; where there is none, of the first.
    """

    a_start: np.ndarray
    a_end: np.ndarray
    b_start: np.ndarray
    b_end: np.ndarray
    next: np.ndarray
    source: np.ndarray
    other: np.ndarray

    def lengths(self) -> np.ndarray:
        """Returns the places each row needs, [CLS] and [SEP] counted."""
        a, b = self.a_end - self.a_start, self.b_end - self.b_start
        return a + b + np.where(b > 0, 3, 2)

    def rows(self, chosen: np.ndarray) -> Pairs:
        """Returns some of the rows."""
        return Pairs(*(column[chosen] for column in self))


def _cuts(library: Library, room: int, rng: np.random.Generator) -> np.ndarray:
    """Walks through documents; returns (first, middle, last sentence, document) of each pair."""
    found = []
    starts, firsts = library.sentences.tolist(), library.documents.tolist()
    for number, (first, end) in enumerate(pairwise(firsts)):
        here = first
        while here < end and end - first > 1:
            here = min(here, end - 2)  # a last sentence alone takes the one before with it
            target = room if rng.random() >= SHORT else rng.integers(2, room + 1)
            last = here + 2
            while last < end and starts[last] - starts[here] < target:
                last += 1
            found.append((here, int(rng.integers(here + 1, last)), last, number))
            here = last
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _swapped(lengths: np.ndarray, documents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gives each row another row's number, of about its length and of another document.

    Where no other document is left, a row keeps its own number.
    """
    order = np.argsort(lengths + rng.random(len(lengths)))
    taken = np.arange(len(lengths))
    for start in range(0, len(order), ALIKE):
        block = order[start : start + ALIKE]
        taken[block] = rng.permutation(block)
    for _ in range(20):
        for row in np.flatnonzero(documents[taken] == documents):
            other = rng.integers(len(taken))
            taken[row], taken[other] = taken[other], taken[row]
    return np.where(documents[taken] == documents, np.arange(len(taken)), taken)


def _truncated(pairs: Pairs, room: int) -> Pairs:
    """Takes pieces from the longer text until both fit: the first ones of A, the last ones of B."""
    a, b = pairs.a_end - pairs.a_start, pairs.b_end - pairs.b_start
    half = room // 2
    kept_a = np.minimum(a, np.maximum(room - b, room - half))
    kept_b = np.minimum(b, room - kept_a)
    return pairs._replace(a_start=pairs.a_end - kept_a, b_end=pairs.b_start + kept_b)


def _loose(library: Library, room: int, rng: np.random.Generator) -> Pairs:
    """Puts sentences that are documents of their own together to rows, those of a source alone."""
    alone = np.flatnonzero(np.diff(library.documents) == 1)
    rows, first, end = [], None, None
    starts = library.sentences
    for number in alone.tolist():
        here = int(library.documents[number])
        start, stop, source = int(starts[here]), int(starts[here + 1]), int(library.sources[number])
        follows = first is not None and end == start and source == rows[-1][2]
        if follows and stop - first <= room and rng.random() >= SHORT:
            rows[-1][1] = end = stop
        else:
            rows.append([start, min(stop, start + room), source])
            first, end = start, stop
    start, stop, source = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    nothing = np.zeros_like(start)
    return Pairs(start, stop, nothing, nothing, nothing + UNASKED, source, source)


def pairs(
    library: Library, *, longest: int, rng: np.random.Generator, within: float = 0.0
) -> Pairs:
    """Cuts all documents into pairs, half of which get a second text from another document.

    Args:
        longest: places of a row, [CLS] and both [SEP] counted.
        within: the share of NotNext pairs whose second text comes from a document of the same
            source, which is harder to tell; the others come from anywhere, as in the paper.

    Raises:
        ValueError: if `longest` leaves no room for two texts.
    """
    if longest < 7:
        raise ValueError(f"a row of {longest} places has no room for two texts; 7 is the least")
    cuts = _cuts(library, longest - 3, rng)
    first, middle, last = (library.sentences[cuts[:, column]] for column in range(3))
    document, taken = cuts[:, 3], np.arange(len(cuts))
    source = library.sources[document]
    apart, near = rng.random(len(cuts)) < 0.5, rng.random(len(cuts)) < within
    groups = [apart & ~near, *(apart & near & (source == each) for each in np.unique(source))]
    for rows in map(np.flatnonzero, groups):
        taken[rows] = rows[_swapped((last - middle)[rows], document[rows], rng)]
    follows = np.where(taken == np.arange(len(cuts)), IS_NEXT, NOT_NEXT)
    found = Pairs(first, middle, middle[taken], last[taken], follows, source, source[taken])
    found = _truncated(found, longest - 3)
    return Pairs(*map(np.concatenate, zip(found, _loose(library, longest - 2, rng), strict=True)))
