"""Tokens, the sentences that they make, and which tokens of two languages say the same.

Each language turns a tree into a list of pieces and mends, in a last walk over them, what depends
on the neighbour: a or an, le or l', 은 or 는.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

PUNCTUATION = frozenset(",.?、。")
NARROW_SPACE = "\u202f"  # before ? in French


class Piece(NamedTuple):
    """A token in the making: its text, the nodes that it says, what stands before it."""

    text: str
    nodes: tuple[int, ...] = ()
    before: str = " "


Pieces = Sequence[Piece]


def shift(pieces: Pieces, base: int) -> list[Piece]:
    """Adds `base` to all node numbers: a phrase takes its place in a larger tree."""
    new = tuple.__new__  # what Piece(...) calls in the end: most of the time is spent here
    return [
        new(Piece, (text, tuple([node + base for node in nodes]) if nodes else nodes, before))
        for text, nodes, before in pieces
    ]


def literal(text: str, nodes: tuple[int, ...] = ()) -> list[Piece]:
    """Makes a piece of each word of a text."""
    return [Piece(word, nodes) for word in text.split()]


def fixed_place(text: str, mark: int, head: int) -> list[Piece]:
    """Says "in Paris": the last word is the place, the words before it are its mark."""
    *before, word = text.split()
    marks = [Piece(text, (mark,)) for text in before]
    return [*marks, Piece(word, (head,) if before else (head, mark))]


@dataclass(frozen=True)
class Sentence:
    """What one language says for one meaning.

    Attributes:
        language: "en", "ja", "ko", "fr" or "de".
        text: as people write it.
        tokens: words, or in Japanese and Korean their parts; with the blanks between them they
            make `text`.
        nodes: for each token the numbers of the nodes that it says; none for a word that says
            nothing by itself, and -1 for the full stop.
    """

    language: str
    text: str
    tokens: tuple[str, ...]
    nodes: tuple[tuple[int, ...], ...]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each token stands in `text`, (start, end); only blanks lie between."""
        spans, end = [], 0
        for token in self.tokens:
            start = self.text.index(token, end)
            end = start + len(token)
            spans.append((start, end))
        return tuple(spans)

    def __str__(self) -> str:
        return self.text

    def __len__(self) -> int:
        return len(self.tokens)


def sentence(language: str, pieces: Pieces) -> Sentence:
    """Writes pieces down."""
    parts = [part for text, _, before in pieces for part in (before, text)]
    tokens, nodes, _ = zip(*pieces, strict=True)
    return Sentence(language, "".join(parts[1:]), tokens, nodes)


def capitalized(pieces: list[Piece]) -> list[Piece]:
    """Begins a sentence with a capital letter, in place."""
    text, nodes, before = pieces[0]
    pieces[0] = Piece(text[0].upper() + text[1:], nodes, before)
    return pieces


def alignment(source: Sentence, target: Sentence) -> set[tuple[int, int]]:
    """Returns the pairs (i, j): token i of `source` and token j of `target` say the same.

    Two tokens are aligned if they share a node of the meaning's tree. What one language alone says
    (Japanese は, English "the" beside Japanese) is in no pair.
    """
    places: defaultdict[int, list[int]] = defaultdict(list)
    for j, nodes in enumerate(target.nodes):
        for node in nodes:
            places[node].append(j)
    return {
        (i, j)
        for i, nodes in enumerate(source.nodes)
        for node in nodes
        for j in places.get(node, ())
    }


def count_words(sentence: Sentence) -> int:
    """Counts the tokens that are not punctuation."""
    return sum([token not in PUNCTUATION for token in sentence.tokens])
