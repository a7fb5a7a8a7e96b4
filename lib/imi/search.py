"""Searches of many texts: for a string, for the words that it holds, for what it means.

Lecture: notebooks/00_introduction.ipynb
Source: Salton & Buckley, "Term-Weighting Approaches in Automatic Text Retrieval" (1988), for
    TF-IDF; Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
Shapes: N texts, V words, B questions, D numbers of a vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

Tokens = Callable[[str], list[str]]  # a text to its words


def holding(texts: Iterable[str], question: str) -> np.ndarray:
    """Tells which texts hold the question as it is written, capitals or not, (N,)."""
    wanted = question.lower()
    return np.array([wanted in text.lower() for text in texts], dtype=np.float32)


def shared_words(first: Iterable[str], second: Iterable[str]) -> float:
    """Returns the share of all words of two texts that both of them hold (Jaccard 1901); 0 to 1."""
    one, other = set(first), set(second)
    return len(one & other) / max(len(one | other), 1)


class WordIndex:
    """Which words each of many texts holds, and how rare each word is.

    Args:
        texts: what is searched, N of them.
        tokens: cuts a text, and later a question, into words.

    Raises:
        ValueError: if no text holds a word.
    """

    def __init__(self, texts: Sequence[str], tokens: Tokens):
        self.tokens, self.ids = tokens, {}
        found = [[self.ids.setdefault(word, len(self.ids)) for word in tokens(text)]
                 for text in texts]  # fmt: skip
        if not self.ids:
            raise ValueError("there is nothing to search: no text holds a word")
        ends = np.cumsum([0, *map(len, found)])
        columns, shape = np.concatenate(found).astype(int), (len(found), len(self.ids))
        self.counts = sparse.csr_matrix((np.ones(ends[-1], np.float32), columns, ends), shape)
        self.counts.sum_duplicates()
        self.holders = np.bincount(self.counts.indices, minlength=shape[1])  # texts of each word

    @cached_property
    def _tfidf(self) -> sparse.csr_matrix:
        return self._directions(self.counts)

    def _directions(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        rarity = np.log(self.counts.shape[0] / self.holders)
        weighed = counts.log1p().multiply(rarity).tocsr()
        lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)))
        return weighed.multiply(1 / np.maximum(lengths, 1e-12)).tocsr()

    def _row(self, question: str) -> sparse.csr_matrix:
        known = [self.ids[word] for word in self.tokens(question) if word in self.ids]
        counts = np.bincount(known, minlength=len(self.ids)).astype(np.float32)
        return sparse.csr_matrix(counts[None])

    def tfidf(self, question: str) -> np.ndarray:
        """Returns the cosine of each text and the question, words weighed log(1 + count) IDF, (N,).

        It is 0 everywhere if no word of the question is known.
        """
        return (self._tfidf @ self._directions(self._row(question)).T).toarray()[:, 0]

    @cached_property
    def _bm25(self) -> sparse.csr_matrix:
        """The worth of each word in each text, with the usual k1 = 1.2 and b = 0.75."""
        k, b, texts = 1.2, 0.75, self.counts.shape[0]
        lengths = np.asarray(self.counts.sum(axis=1))[:, 0]
        rows = np.repeat(np.arange(texts), np.diff(self.counts.indptr))
        often, words = self.counts.data, self.counts.indices
        rarity = np.log1p((texts - self.holders + 0.5) / (self.holders + 0.5))
        room = k * (1 - b + b * lengths[rows] / lengths.mean())
        worth = rarity[words] * often * (k + 1) / (often + room)
        return sparse.csr_matrix((worth, words, self.counts.indptr), self.counts.shape)

    def bm25(self, question: str) -> np.ndarray:
        """Returns the score of each text by BM25, (N,); 0 where no word is shared."""
        return (self._bm25 @ self._row(question).T).toarray()[:, 0]


def best(scores: np.ndarray, count: int) -> list[int]:
    """Returns which texts score highest, the best first; of equal ones the first.

    Raises:
        ValueError: if fewer than one is wanted.
    """
    if count < 1:
        raise ValueError(f"at least one must be wanted, got {count}")
    return np.argsort(-scores, kind="stable")[:count].tolist()


def chance_found(scores: np.ndarray, right: int, depth: int) -> float:
    """Returns the chance that the right text is among the first `depth`; equals change places.

    Raises:
        ValueError: if `depth` is below 1 or a score is not a number.
    """
    if depth < 1 or np.isnan(scores).any():
        raise ValueError("a depth of at least 1 and scores that are numbers are needed")
    better = int((scores > scores[right]).sum())
    equal = int((scores == scores[right]).sum())
    return min(max((depth - better) / equal, 0.0), 1.0)
