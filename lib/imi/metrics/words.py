"""Agreement with people about words: likeness and analogies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from imi.metrics.tasks import spearman
from imi.vectors import WordVectors


@dataclass(frozen=True)
class Similarity:
    """How well a measure of likeness agrees with people.

    Attributes:
        spearman: rank correlation, from -1 to 1.
        covered: pairs that both words of were known.
        pairs: pairs in the test.
    """

    spearman: float
    covered: int
    pairs: int


def word_similarity(
    likeness: Callable[[str, str], float | None], pairs: Iterable[tuple[str, str, float]]
) -> Similarity:
    """Compares `likeness` of two words with human scores by Spearman's rank correlation.

    Args:
        likeness: returns None where it does not know a word.

    Raises:
        ValueError: if fewer than three pairs are known.
    """
    pairs = list(pairs)
    ours, human = [], []
    for first, second, score in pairs:
        value = likeness(first, second)
        if value is not None:
            ours.append(value)
            human.append(score)
    if len(ours) < 3:
        raise ValueError(f"only {len(ours)} of {len(pairs)} pairs are known; 3 are needed")
    return Similarity(spearman(ours, human), len(ours), len(pairs))


@dataclass(frozen=True)
class Analogies:
    """How many questions "a is to b as c is to ...?" were answered by the right word.

    Attributes:
        correct: questions whose first answer was right.
        covered: questions that all four words of were known.
        questions: questions in the section.
    """

    correct: int
    covered: int
    questions: int

    @property
    def accuracy(self) -> float:
        """The share of the covered questions that were answered right; 0 if none was covered."""
        return self.correct / self.covered if self.covered else 0.0

    def __add__(self, other: Analogies) -> Analogies:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Analogies(*(mine + theirs for mine, theirs in pairs))


def analogies(
    vectors: WordVectors,
    questions: Mapping[str, Sequence[tuple[str, str, str, str]]],
    *,
    method: str = "add",
    exclude: bool = True,
) -> dict[str, Analogies]:
    """Answers each section's questions by the nearest word in the whole vocabulary.

    Args:
        method: "add" for 3CosAdd, "mul" for 3CosMul, as in `WordVectors.analogy_scores`.
        exclude: whether the three words of the question are refused as answers, as everybody does.
    """
    found = {}
    for section, asked in questions.items():
        known = [q for q in asked if all(word in vectors for word in q)]
        rows = np.array([[vectors.ids[word] for word in q] for q in known], dtype=int)
        correct = 0
        for chunk in np.array_split(rows, -(-len(rows) // 256) or 1):
            if len(chunk):
                scores = vectors.analogy_scores(chunk[:, :3], method=method, exclude=exclude)
                correct += int((scores.argmax(axis=1) == chunk[:, 3]).sum())
        found[section] = Analogies(correct, len(known), len(asked))
    return found


def total(sections: Mapping[str, Analogies], kind: str = "") -> Analogies:
    """Adds up sections: all of them, the "syntactic" or the "semantic" ones."""
    chosen = [
        result
        for name, result in sections.items()
        if not kind or name.startswith("gram") == (kind == "syntactic")
    ]
    return sum(chosen, Analogies(0, 0, 0))
