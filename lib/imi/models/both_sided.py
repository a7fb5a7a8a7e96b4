"""The word between two neighbours, by counting: an n-gram that looks to both sides.

Source: Witten & Bell (1991) as in Chen & Goodman, "An empirical study of smoothing techniques",
    CSL 13 (1999), section 2.4: what a context was seen with, and as many times as it was seen with
    something new, what a smaller context says.
Lecture: notebooks/11_bert_2019.ipynb
Shapes: T asked places, V vocabulary; l1, l2 the words to the left, r1, r2 those to the right.
Differs: contexts grow to both sides: nothing; l1 and r1 each alone, as if they knew nothing of
    each other, p(w | l1) p(w | r1) / p(w); l1 and r1; then l2 l1 and r1; l1 and r1 r2; all four.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REACH = 2  # words to each side
SIDES = {"both": ((1, 1), (2, 1), (1, 2), (2, 2)), "left": ((2, 0),), "right": ((0, 2),)}


@dataclass(frozen=True)
class _Table:
    """What was seen between contexts of so many words to the left and right, sorted.

    Attributes:
        keys: of the contexts (C,).
        starts: where each one's words begin, and at last their number (C + 1,).
        words: the words seen there, and how often.
    """

    keys: np.ndarray
    starts: np.ndarray
    words: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray, words: np.ndarray, vocab_size: int) -> _Table:
        contexts, numbers = np.unique(keys, return_inverse=True)
        seen, counts = np.unique(numbers * vocab_size + words, return_counts=True)
        starts = np.searchsorted(seen, np.arange(len(contexts) + 1) * vocab_size)
        return cls(contexts, starts, seen % vocab_size, counts)

    def smoothed(self, key: int, smaller: np.ndarray) -> np.ndarray:
        """Returns (c(context, w) + n smaller(w)) / (c(context) + n), n the distinct words seen."""
        place = int(np.searchsorted(self.keys, key))
        if place == len(self.keys) or self.keys[place] != key:
            return smaller
        part = slice(self.starts[place], self.starts[place + 1])
        distinct = part.stop - part.start
        chances = distinct * smaller
        chances[self.words[part]] += self.counts[part]
        return chances / (self.counts[part].sum() + distinct)


class BothSided:
    """P(w | two words to the left, two to the right).

    Args:
        sees: "both", or "left" or "right" for an ordinary trigram, read from that side.

    Raises:
        ValueError: if `sees` is none of these, or the words are too many to be packed.
    """

    def __init__(self, *, vocab_size: int, sees: str = "both"):
        if sees not in SIDES:
            raise ValueError(f"it sees {', '.join(SIDES)}, not {sees!r}")
        if vocab_size**4 >= 2**63:
            raise ValueError(f"{vocab_size} words are too many for contexts of four")
        self.vocab_size, self.sees = vocab_size, sees
        alone = {"both": ((1, 0), (0, 1)), "left": ((1, 0),), "right": ((0, 1),)}[sees]
        self._alone, self._more = alone, SIDES[sees]

    def fit(self, ids: np.ndarray) -> BothSided:
        """Counts a text of word ids.

        Raises:
            ValueError: if it is too short to have a word with all its neighbours.
        """
        ids = np.asarray(ids, dtype=np.int64)
        if len(ids) <= 2 * REACH:
            raise ValueError(f"a text of {len(ids)} words has none with {REACH} to each side")
        runs = np.lib.stride_tricks.sliding_window_view(ids, 2 * REACH + 1)
        words = runs[:, REACH]
        self._words = (np.bincount(ids, minlength=self.vocab_size) + 1) / (
            len(ids) + self.vocab_size
        )
        self._tables = {
            sides: _Table.of(self._keys(runs, sides), words, self.vocab_size)
            for sides in (*self._alone, *self._more)
        }
        return self

    def _keys(self, runs: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
        left, right = sides
        keys = np.zeros(len(runs), dtype=np.int64)
        for column in (*range(REACH - left, REACH), *range(REACH + 1, REACH + 1 + right)):
            keys = keys * self.vocab_size + runs[:, column]
        return keys

    def chances(self, runs: np.ndarray) -> np.ndarray:
        """Returns the probability of every word in the middle of each run of five, (T, V).

        Args:
            runs: l2, l1, anything, r1, r2 (T, 5).
        """
        runs = np.asarray(runs, dtype=np.int64)
        keys = {sides: self._keys(runs, sides) for sides in self._tables}
        return np.stack([self._chances(keys, row) for row in range(len(runs))])

    def _chances(self, keys: dict[tuple[int, int], np.ndarray], row: int) -> np.ndarray:
        chances = self._words
        for sides in self._alone:
            chances = (
                chances * self._tables[sides].smoothed(keys[sides][row], self._words) / self._words
            )
        chances = chances / chances.sum()
        for sides in self._more:
            chances = self._tables[sides].smoothed(keys[sides][row], chances)
        return chances

    def guesses(self, runs: np.ndarray) -> np.ndarray:
        """Returns the likeliest word in the middle of each run of five, (T,)."""
        keys = {
            sides: self._keys(np.asarray(runs, dtype=np.int64), sides) for sides in self._tables
        }
        return np.array([self._chances(keys, row).argmax() for row in range(len(runs))])
