"""Confusable words in real sentences: which of {to, two, too} stood in the gap?

Source: Banko & Brill, "Scaling to Very Very Large Corpora for Natural Language Disambiguation",
    ACL 2001, section 3; the labels come for free, since whoever wrote the sentence chose the word.
Lecture: 01_nplm_2003
Shapes: N examples, 2W words around a gap, F features.
Differs: the paper's collocations also use parts of speech; here the endings of words stand in.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from imi import text

CONFUSION_SETS = (
    ("to", "two", "too"),
    ("then", "than"),
    ("there", "their", "they're"),
)
BLANK = "___"
EDGE = "<edge>"  # stands beyond the first and the last word of a sentence
NUMBER = "<number>"
WINDOW = 8  # W: words that are kept on each side of the gap

_BLANK = re.compile(r"_{2,}")

Context = tuple[str, ...]  # the W words left of the gap, then the W words right of it


@dataclass(frozen=True)
class Examples:
    """Gaps, and the word that stood in each.

    Attributes:
        members: the confusion set.
        contexts: the words around each gap, N of them.
        labels: which member stood there, (N,).
    """

    members: tuple[str, ...]
    contexts: Sequence[Context]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, chosen: Sequence[int] | np.ndarray) -> Examples:
        """Returns only the chosen examples."""
        contexts = [self.contexts[row] for row in chosen]
        return Examples(self.members, contexts, self.labels[np.asarray(chosen, dtype=int)])

    def sample(self, size: int, *, seed: int = 2001) -> Examples:
        """Draws `size` different examples.

        Raises:
            ValueError: if there are not so many.
        """
        if not 1 <= size <= len(self):
            raise ValueError(f"size must be from 1 to {len(self):,}, got {size}")
        return self.rows(np.random.default_rng(seed).permutation(len(self))[:size])

    def majority_accuracy(self) -> float:
        """Returns the share of the commonest member: what a learner without a context gets."""
        return float(np.bincount(self.labels, minlength=len(self.members)).max() / len(self))


@dataclass(frozen=True)
class Split:
    """Examples for training, for choosing settings, and for the final count."""

    train: Examples
    valid: Examples
    test: Examples


def tokens(sentence: str) -> list[str]:
    """Splits a sentence into lower-case words; all numbers become one."""
    found = text.words(sentence.replace("’", "'").lower())
    return [NUMBER if word[0].isdigit() else word for word in found]


def examples(texts: Iterable[Sequence[str]], members: tuple[str, ...]) -> Examples:
    """Makes one example of each member of the set in each sentence, given as its tokens."""
    places = {word: number for number, word in enumerate(members)}
    contexts, labels = [], []
    for sentence in texts:
        for position, word in enumerate(sentence):
            if word in places:
                contexts.append(_context(sentence[:position], sentence[position + 1 :]))
                labels.append(places[word])
    return Examples(members, contexts, np.array(labels, dtype=np.int64))


def typed_context(sentence: str) -> Context:
    """Reads the words around the gap `___` in a sentence that somebody typed.

    Raises:
        ValueError: if there is no gap, more than one, or no word beside it.
    """
    if not sentence.strip():
        raise ValueError(f"there is no text; type a sentence with one gap, written {BLANK}")
    parts = _BLANK.split(sentence)
    if len(parts) != 2:
        raise ValueError(
            f"the sentence must have one gap, written {BLANK}; it has {len(parts) - 1}"
        )
    left, right = map(tokens, parts)
    if not any(word[0].isalnum() or word == NUMBER for word in left + right):
        raise ValueError(f"there is no word beside the gap {BLANK}; type a few around it")
    return _context(left, right)


def _context(left: Sequence[str], right: Sequence[str]) -> Context:
    left, right = left[-WINDOW:], right[:WINDOW]
    return (*[EDGE] * (WINDOW - len(left)), *left, *right, *[EDGE] * (WINDOW - len(right)))


def split(texts: Iterable[str], members: tuple[str, ...], *, buckets: int = 10) -> Split:
    """Splits sentences by a checksum of their words: one bucket tests, one validates, others train.

    A sentence that comes twice, in whatever case or punctuation, is used once, so none is in two
    parts. The confusable words are left out of the checksum: "too many" and "two many" go together.
    """
    parts: dict[str, list[list[str]]] = {"train": [], "valid": [], "test": []}
    confusable = set(members)
    seen: set[str] = set()
    for sentence in texts:
        found = tokens(sentence)
        if confusable.isdisjoint(found):
            continue
        key = " ".join("" if w in confusable else w for w in found if w[0].isalnum())
        if key not in seen:
            seen.add(key)
            bucket = zlib.crc32(key.encode()) % buckets
            parts[{0: "test", 1: "valid"}.get(bucket, "train")].append(found)
    return Split(**{name: examples(part, members) for name, part in parts.items()})


# Features: a slot holds one value for each context; the words nearby are a bag.
SINGLE = (-3, -2, -1, 1, 2, 3)
COLLOCATIONS = ((-2, -1), (-1, 1), (1, 2), (-3, -2, -1), (-2, -1, 1), (-1, 1, 2), (1, 2, 3))
ENDINGS = (-2, -1, 1, 2)  # the last letters of a word: what part of speech it may be
SLOTS = (*((offset,) for offset in SINGLE), *COLLOCATIONS, *((o, "ending") for o in ENDINGS))
BAG = -1  # the group of the features that say "somewhere nearby": no slot


class Features:
    """Numbers the features that occur in `contexts`, and finds them in others.

    Attributes:
        groups: for each feature the number of its slot in `SLOTS`, or `BAG`, (F,).

    Raises:
        ValueError: if there are no contexts.
    """

    def __init__(self, contexts: Sequence[Context]):
        if not len(contexts):
            raise ValueError("features need at least one context to be numbered")
        self.vocabulary = text.Vocabulary(dict.fromkeys(chain.from_iterable(contexts)))
        words = self.vocabulary.words
        endings = text.Vocabulary(dict.fromkeys(map(_ending, words[1:])))
        self._endings = np.array([0, *endings.encode(map(_ending, words[1:]))])
        ids = self._ids(contexts)
        self._keys = [np.unique(self._slot(ids, slot)) for slot in SLOTS]
        self._starts = np.cumsum([0, *map(len, self._keys)])
        sizes = [*map(len, self._keys), len(words)]
        self.groups = np.repeat([*range(len(SLOTS)), BAG], sizes)

    def __len__(self) -> int:
        return len(self.groups)

    def encode(self, contexts: Sequence[Context]):
        """Returns a sparse 0/1 matrix (N, F); features that were not numbered are left out."""
        from scipy import sparse

        ids = self._ids(contexts)
        columns = [self._columns(ids, number) for number in range(len(SLOTS))]
        outside = (ids == 0) | (ids == self.vocabulary[EDGE])
        bag = np.where(outside, -1, ids + self._starts[-1])
        found = np.concatenate([np.stack(columns, axis=1), bag], axis=1)  # (N, slots + 2W)
        rows, places = np.nonzero(found >= 0)
        shape = (len(ids), len(self))
        ones = np.ones(len(rows), dtype=np.float32)
        matrix = sparse.csr_matrix((ones, (rows, found[rows, places])), shape=shape)
        matrix.data[:] = 1.0  # a word that is nearby twice counts once
        return matrix

    def _ids(self, contexts: Sequence[Context]) -> np.ndarray:
        flat = self.vocabulary.encode(chain.from_iterable(contexts))
        return np.array(flat, dtype=np.int64).reshape(-1, 2 * WINDOW)

    def _slot(self, ids: np.ndarray, slot: tuple) -> np.ndarray:
        """Returns each context's value of a slot as one number, negative if a word is unknown."""
        if slot[-1] == "ending":
            words = ids[:, _column(slot[0])]
            return np.where(words > 0, self._endings[words], -1)
        words = ids[:, [_column(offset) for offset in slot]]
        powers = len(self.vocabulary) ** np.arange(len(slot), dtype=np.int64)
        return np.where((words > 0).all(axis=1), words @ powers, -1)

    def _columns(self, ids: np.ndarray, number: int) -> np.ndarray:
        keys, values = self._keys[number], self._slot(ids, SLOTS[number])
        places = np.searchsorted(keys, values).clip(max=len(keys) - 1)
        return np.where(keys[places] == values, places + self._starts[number], -1)


def _ending(word: str) -> str:
    return word[-3:] if len(word) > 3 else f"={word}"


def _column(offset: int) -> int:
    return WINDOW + offset - (offset > 0)
