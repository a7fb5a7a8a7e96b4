"""Chances: which words are kept, which are drawn as noise.

Source: Mikolov, Sutskever, Chen, Corrado, Dean, "Distributed Representations of Words and Phrases
    and their Compositionality" (2013), sections 2.2 and 2.3.
Lecture: 04_word2vec_2013
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WHOLE = 2**32 - 1  # a chance of 1, as the kernels compare it with 32 random bits


def keep_chances(counts: Sequence[int], sample: float) -> np.ndarray:
    """Returns the chance (V,) that one occurrence of each word is kept; 1 for all if sample is 0.

    sqrt(t / f) + t / f with the word's share f of the text and t = `sample`, at most 1: this is
    what the authors' C tool does; the paper's formula (5) is sqrt(t / f) alone.

    Raises:
        ValueError: if `sample` is negative.
    """
    if sample < 0:
        raise ValueError(f"sample must be 0 (keep all words) or more, got {sample}")
    counts = np.asarray(counts, dtype=float)
    if sample == 0:
        return np.ones(len(counts))
    ratio = sample * counts.sum() / np.maximum(counts, 1)
    return np.minimum(1.0, np.sqrt(ratio) + ratio)


@dataclass(frozen=True)
class AliasTable:
    """Draws from any distribution in constant time (Walker 1977): a column, then a coin.

    Attributes:
        keep: the chance, of 2^32 - 1, that the column itself is taken, (V,).
        alias: what is taken otherwise, (V,).
    """

    keep: np.ndarray
    alias: np.ndarray

    @classmethod
    def from_weights(cls, weights: Sequence[float]) -> AliasTable:
        """Builds the table in which each number is drawn in proportion to its weight.

        Raises:
            ValueError: if fewer than two weights are positive: noise must differ from the word.
        """
        weights = np.asarray(weights, dtype=float)
        if (weights > 0).sum() < 2:
            raise ValueError("noise needs at least two words that occur")
        share = weights / weights.sum() * len(weights)
        alias = np.arange(len(share), dtype=np.int32)
        small, large = (list(np.flatnonzero(found)) for found in (share < 1, share >= 1))
        while small and large:  # a large share fills up a small column, and may become small
            low, high = small.pop(), large[-1]
            alias[low] = high
            share[high] -= 1 - share[low]
            if share[high] < 1:
                small.append(large.pop())
        return cls((np.minimum(share, 1) * WHOLE).astype(np.uint64), alias)

    def chances(self) -> np.ndarray:
        """Returns the distribution that the table draws from, (V,)."""
        own = self.keep / WHOLE
        return (own + np.bincount(self.alias, 1 - own, len(own))) / len(own)


def noise(counts: Sequence[int], power: float = 0.75) -> AliasTable:
    """Returns the noise distribution P_n(w), in proportion to count^(3/4), section 2.2."""
    return AliasTable.from_weights(np.asarray(counts, dtype=float) ** power)
