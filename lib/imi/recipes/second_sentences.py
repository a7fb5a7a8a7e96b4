"""The search test: a text is known by its first sentence; is it found by what it says second?

The texts are the opening paragraphs of 10,033 Wikipedia articles. A question is the second sentence
of one of them, without the words of its title, so that a search has to know more than the name.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from imi import search, text
from imi.data import corpora, documents, prose

QUESTIONS, SEED, LEAST_STEMS = 500, 2001, 5
DEPTHS = (1, 10, 100)

Scores = Callable[[str], np.ndarray]  # of a question to every text, (N,)


class Question(NamedTuple):
    """What is asked, and which of the texts it comes from."""

    text: str
    article: int


@lru_cache(maxsize=1)
def leads() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Reads the titles of the articles, and of each the sentences of its opening paragraphs.

    Raises:
        DataError: if the articles are neither in the cache nor to be had.
    """
    articles = corpora.wikipedia_leads()
    titles = tuple(article.title for article in articles)
    return titles, tuple(tuple(prose.whole_sentences(article.text)) for article in articles)


def first_sentences() -> list[str]:
    """Returns the first sentence of every article.

    Raises:
        DataError: as `leads` does.
    """
    return [sentences[0] for sentences in leads()[1]]


def without(sentence: str, title: str) -> str:
    """Returns a sentence without the words of a title, in whatever form they stand there."""

    def stems(words: str) -> set[str]:
        return {documents.stem(word.lower()) for word in text.words(words) if word[0].isalnum()}

    named = stems(title)
    return " ".join(word for word in sentence.split() if not named & stems(word))


def questions(count: int = QUESTIONS, *, seed: int = SEED, named: bool = False) -> list[Question]:
    """Draws second sentences that keep at least five words which say what they are about.

    Args:
        named: gives the same sentences with the title's words in them.

    Raises:
        DataError: as `leads` does.
    """
    found = [Question(without(sentences[1], title), number)
             for number, (title, sentences) in enumerate(zip(*leads(), strict=True))
             if len(sentences) > 1]  # fmt: skip
    full = [asked for asked in found if len(documents.stems(asked.text)) >= LEAST_STEMS]
    drawn = random.Random(seed).sample(full, count)
    return [Question(leads()[1][n][1], n) for _, n in drawn] if named else drawn


def found(scores: Scores, asked: Iterable[Question]) -> dict[int, float]:
    """Returns how often the right text is among the first, by how many are looked at."""
    ranked = [(scores(question.text), question.article) for question in asked]
    return {
        depth: round(float(np.mean([search.chance_found(*each, depth) for each in ranked])), 4)
        for depth in DEPTHS
    }
