"""Words as points: their likeness and their neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor


class WordVectors:
    """Words as points: likeness and neighbours by the cosine of their angle.

    Args:
        words: the words, in the order of the rows.
        vectors: one row a word, (V, D).
    """

    def __init__(self, words: Sequence[str], vectors: Tensor | np.ndarray):
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words need as many vectors, got {len(vectors)}")
        self.words = tuple(words)
        self.vectors = np.asarray(vectors, dtype=np.float32)
        norms = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        self.directions = self.vectors / np.maximum(norms, 1e-12)
        self.ids: Mapping[str, int] = {word: number for number, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self.ids

    def __getitem__(self, word: str) -> np.ndarray:
        """Returns the word's vector (D,).

        Raises:
            ValueError: if the word is not known.
        """
        return self.vectors[self._id(word)]

    def likeness(self, first: str, second: str) -> float | None:
        """Returns the cosine of two words' vectors, or None if one is not known."""
        if first not in self.ids or second not in self.ids:
            return None
        return float(self.directions[self.ids[first]] @ self.directions[self.ids[second]])

    def neighbours(self, word: str, *, count: int = 10) -> list[tuple[str, float]]:
        """Returns the `count` words nearest to `word`, with their cosines, the nearest first.

        Raises:
            ValueError: if the word is not known.
        """
        number = self._id(word)
        cosines = self.directions @ self.directions[number]
        cosines[number] = -np.inf
        order = np.argsort(-cosines, kind="stable")[: min(count, len(self.words) - 1)]
        return [(self.words[i], float(cosines[i])) for i in order]

    def _id(self, word: str) -> int:
        if word not in self.ids:
            raise ValueError(f"{word!r} is not among the {len(self.words):,} known words")
        return self.ids[word]
