"""Words as points: their likeness, their neighbours, and the arithmetic of analogies."""

from __future__ import annotations

import difflib
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
        cosines = self.directions @ self.directions[self._id(word)]
        return self._best(cosines, {self.ids[word]}, count)

    def analogy(
        self, a: str, b: str, c: str, *, count: int = 5, method: str = "add", exclude: bool = True
    ) -> list[tuple[str, float]]:
        """Answers "a is to b as c is to ...": the `count` best words with their scores.

        Args:
            method: "add" or "mul", see `analogy_scores`.
            exclude: whether the three words are refused as answers.

        Raises:
            ValueError: if a word is not known.
        """
        question = np.array([[self._id(word) for word in (a, b, c)]])
        scores = self.analogy_scores(question, method=method, exclude=False)[0]
        return self._best(scores, set(question[0].tolist()) if exclude else set(), count)

    def analogy_scores(
        self, questions: np.ndarray, *, method: str = "add", exclude: bool = True
    ) -> np.ndarray:
        """Scores every word as the answer to questions (N, 3) of word ids; returns (N, V).

        "add" is 3CosAdd, cos(d, b - a + c) up to the question's own length (Mikolov, Yih, Zweig
        2013, section 4); "mul" is 3CosMul, cos(d, b) cos(d, c) / cos(d, a), cosines shifted to
        [0, 1] (Levy & Goldberg 2014, equation 5).

        Raises:
            ValueError: if the method is another.
        """
        a, b, c = (self.directions[questions[:, place]] for place in range(3))
        if method == "add":
            wanted = b - a + c
            wanted /= np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-12)
            scores = wanted @ self.directions.T
        elif method == "mul":
            near_a, near_b, near_c = ((x @ self.directions.T + 1) / 2 for x in (a, b, c))
            scores = near_b * near_c / (near_a + 1e-3)
        else:
            raise ValueError(f"method must be 'add' or 'mul', got {method!r}")
        if exclude:
            np.put_along_axis(scores, questions, -np.inf, axis=1)
        return scores

    def _best(self, scores: np.ndarray, refused: set[int], count: int) -> list[tuple[str, float]]:
        order = np.argsort(-scores, kind="stable")[: count + len(refused)].tolist()
        kept = [number for number in order if number not in refused][:count]
        return [(self.words[number], float(scores[number])) for number in kept]

    def _id(self, word: str) -> int:
        if word in self.ids:
            return self.ids[word]
        if not word.strip():
            raise ValueError("there is no word; type one")
        like = difflib.get_close_matches(word, self.words, n=3, cutoff=0.75)
        hint = f"; did you mean {', '.join(like)}?" if like else ""
        raise ValueError(f"{word!r} is not among the {len(self.words):,} known words{hint}")
