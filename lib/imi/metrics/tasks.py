"""How well a task is solved: classes, scores, marked entities, answers from a passage.

Source: GLUE (Wang et al. 2019) for accuracy, F1, Matthews' and the two correlations; CoNLL-2003
    (Tjong Kim Sang & De Meulder 2003) for entities; SQuAD (Rajpurkar et al. 2016, 2018) for
    answers.
Lecture: notebooks/12_bert_finetuning_2019.ipynb
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def accuracy(guessed: ArrayLike, true: ArrayLike) -> float:
    """Returns the share of classes (N,) that were guessed right.

    Raises:
        ValueError: if there are none, or not one guess for each.
    """
    guessed, true = _rows(guessed, true)
    return float((guessed == true).mean())


def f1(guessed: ArrayLike, true: ArrayLike) -> float:
    """Returns F1 of class 1, the harmonic mean of its precision and recall; 0 if it never comes.

    Raises:
        ValueError: if there are no classes (N,), or not one guess for each.
    """
    guessed, true = _rows(guessed, true)
    both = ((guessed == 1) & (true == 1)).sum()
    either = (guessed == 1).sum() + (true == 1).sum()
    return float(2 * both / either) if either else 0.0


def matthews(guessed: ArrayLike, true: ArrayLike) -> float:
    """Returns Matthews' correlation of classes (N,), from -1 to 1, of two classes or more.

    It is 0 where it is undefined: if all that is guessed, or all that is true, is one class.

    Raises:
        ValueError: if there are no classes, or not one guess for each.
    """
    guessed, true = _rows(guessed, true)
    # Python's integers do not overflow in the products of four counts.
    N, right = len(true), int((guessed == true).sum())
    ours, theirs = Counter(guessed.tolist()), Counter(true.tolist())
    by_chance = sum(count * theirs[kind] for kind, count in ours.items())
    spreads = [N * N - sum(count * count for count in counts.values()) for counts in (ours, theirs)]
    if 0 in spreads:
        return 0.0
    return (N * right - by_chance) / math.sqrt(spreads[0] * spreads[1])


def pearson(x: ArrayLike, y: ArrayLike) -> float:
    """Returns the linear correlation of numbers (N,), from -1 to 1; 0 if a side is constant.

    Raises:
        ValueError: if there are no numbers, or x and y have not equally many.
    """
    x, y = (np.asarray(side, dtype=np.float64) for side in _rows(x, y))
    if np.ptp(x) == 0 or np.ptp(y) == 0:  # asked here, since a mean of equal numbers is rounded
        return 0.0
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / (np.linalg.norm(x) * np.linalg.norm(y)), -1.0, 1.0))


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Returns the correlation of ranks (N,), from -1 to 1; 0 if a side is constant.

    Raises:
        ValueError: if there are no numbers, or x and y have not equally many.
    """
    from scipy.stats import rankdata

    return pearson(*(rankdata(side) for side in _rows(x, y)))


class EntityScore(NamedTuple):
    """How many entities were found whole, each from 0 to 1.

    Attributes:
        precision: of those that were guessed.
        recall: of those that there are.
        f1: their harmonic mean.
    """

    precision: float
    recall: float
    f1: float


def entities(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """Reads entities from tags B-kind, I-kind and O: kind, first place, one past the last.

    An I- that does not go on with its own kind begins an entity, as in CoNLL's own script.

    Raises:
        ValueError: if a tag is none of these.
    """
    found, kind, first = set(), "", 0
    for place, tag in enumerate([*tags, "O"]):
        mark, _, name = tag.partition("-")
        if tag != "O" and (mark not in ("B", "I") or not name):
            raise ValueError(f"a tag is O, or a kind after B- or I-, not {tag!r}")
        if kind and (mark != "I" or name != kind):
            found.add((kind, first, place))
            kind = ""
        if name and not kind:
            kind, first = name, place
    return found


def entity_f1(guessed: Sequence[Sequence[str]], true: Sequence[Sequence[str]]) -> EntityScore:
    """Compares the entities of all sentences: one is right if its kind and both ends are.

    Args:
        guessed: a tag for each word of each sentence, as `entities` reads them.

    Raises:
        ValueError: if there is no sentence, or not one tag for each word.
    """
    if not len(true) or [len(tags) for tags in guessed] != [len(tags) for tags in true]:
        raise ValueError("there must be sentences, and a guessed tag for each of their words")
    right = ours = theirs = 0
    for one, other in zip(map(entities, guessed), map(entities, true), strict=True):
        right, ours, theirs = right + len(one & other), ours + len(one), theirs + len(other)
    return EntityScore(
        right / ours if ours else 0.0,
        right / theirs if theirs else 0.0,
        2 * right / (ours + theirs) if right else 0.0,
    )


def exact_match(guess: str, answers: Sequence[str]) -> float:
    """Returns 1 if the guess is one of the answers, else 0.

    Capitals, punctuation (of ASCII), articles and white space do not count. Without answers the
    question has none, and only an empty guess is right.
    """
    ours = _words(guess)
    return float(any(ours == theirs for theirs in _answers(answers)))


def span_f1(guess: str, answers: Sequence[str]) -> float:
    """Returns F1 of the words that a guess shares with an answer, that with the best answer.

    Words are read as in `exact_match`. Where a side has none, it is 1 if both have none, else 0.
    """
    ours = _words(guess)
    return max(_shared(ours, theirs) for theirs in _answers(answers))


def _rows(guessed: ArrayLike, true: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Makes two rows of the same length.

    Raises:
        ValueError: if they are none, or empty.
    """
    guessed, true = np.asarray(guessed), np.asarray(true)
    if guessed.ndim != 1 or guessed.shape != true.shape or not len(true):
        raise ValueError(
            f"two rows of the same length, 1 or more, are compared, not of shapes {guessed.shape} "
            f"and {true.shape}"
        )
    return guessed, true


def _words(text: str) -> list[str]:
    """Cuts an answer into the words that count."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _answers(answers: Sequence[str]) -> list[list[str]]:
    """Returns the words of each answer, or one without words if the question has no answer.

    Raises:
        ValueError: if `answers` is a text and not a list of them.
    """
    if isinstance(answers, str):
        raise ValueError("answers are a list of texts, not one text")
    # An answer such as "the" counts as none, as in the official script.
    return [words for words in map(_words, answers) if words] or [[]]


def _shared(ours: list[str], theirs: list[str]) -> float:
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * (Counter(ours) & Counter(theirs)).total() / (len(ours) + len(theirs))
