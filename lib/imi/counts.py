"""How often each run of words occurs in a text.

All counting is sorting: an n-gram is the pair (number of its context, its last word), packed into
one integer, so that numpy counts a million words in about a second.

Shapes: T looked-up runs, N distinct n-grams, V vocabulary, n the order.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """The distinct n-grams of one order, sorted, with their counts.

    Attributes:
        keys: context number * |V| + last word, (N,).
        counts: how often each was seen, (N,).
        contexts: the number of each n-gram's first n - 1 words, one order below, (N,).
        suffixes: the number of each n-gram's last n - 1 words, one order below, (N,).
    """

    keys: np.ndarray
    counts: np.ndarray
    contexts: np.ndarray
    suffixes: np.ndarray

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Returns the numbers of n-grams by their keys (T,), -1 where one was never seen."""
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


class Counts:
    """All runs of 1 to `order` words in a text.

    Args:
        ids: word ids, each below `vocab_size`.

    Raises:
        ValueError: if the text is shorter than `order` or holds other ids.
    """

    def __init__(self, ids: np.ndarray, *, order: int, vocab_size: int):
        ids = np.asarray(ids, dtype=np.int64)
        if order < 1 or len(ids) < order:
            raise ValueError(f"n must be from 1 to the text's {len(ids)} words, got {order}")
        if ids.min() < 0 or ids.max() >= vocab_size:
            raise ValueError(f"word ids must be from 0 to {vocab_size - 1}")
        self.order, self.vocab_size, self.tokens = order, vocab_size, len(ids)
        self.tables: list[Table] = []
        numbers = np.zeros(len(ids) + 1, dtype=np.int64)  # of the run that starts at each word
        for n in range(1, order + 1):
            packed = numbers[: len(ids) - n + 1] * vocab_size + ids[n - 1 :]
            keys, first, inverse, counts = np.unique(
                packed, return_index=True, return_inverse=True, return_counts=True
            )
            self.tables.append(Table(keys, counts, numbers[first], numbers[first + 1]))
            numbers = inverse.reshape(-1)

    def shortened(self, order: int) -> Counts:
        """Returns the counts of shorter runs only; the tables are shared."""
        shorter = copy.copy(self)
        shorter.order, shorter.tables = order, self.tables[:order]
        return shorter

    def number(self, runs: np.ndarray) -> np.ndarray:
        """Returns the numbers of runs of words (T, n) among the n-grams, -1 for unseen ones."""
        found = np.zeros(len(runs), dtype=np.int64)
        for table, word in zip(self.tables, runs.T, strict=False):
            found = np.where(found < 0, -1, table.find(found * self.vocab_size + word))
        return found

    def totals(self, n: int) -> np.ndarray:
        """Returns how often each context of n - 1 words was followed by anything."""
        return summed(self.tables[n - 1].contexts, self.tables[n - 1].counts, self._contexts(n))

    def _contexts(self, n: int) -> int:
        return len(self.tables[n - 2].keys) if n > 1 else 1


def summed(groups: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Adds up values (N,) by their group (N,), of which there are `count`."""
    return np.bincount(groups, weights=values, minlength=count)


def unseen_share(train: np.ndarray, held_out: np.ndarray, *, n: int, vocab_size: int) -> float:
    """Returns the share of the held-out text's n-grams that never occur in the training text."""
    counts = Counts(train, order=n, vocab_size=vocab_size)
    runs = np.lib.stride_tricks.sliding_window_view(np.asarray(held_out), n)
    return float((counts.number(runs) < 0).mean())
