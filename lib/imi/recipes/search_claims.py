"""Does a search for meaning find what a search for words does not? Measured on Wikipedia.

The first sentences of all articles are searched. A question is the second sentence of one of them,
without the words of its title: which way of searching finds the first sentence again?
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from torch.nn.functional import normalize

from imi import checkpoints, measurements, search, text
from imi.data import documents, sentence_tests, sources, word_tests
from imi.metrics import spearman
from imi.recipes import Recipe, Request, lead_vectors
from imi.recipes.bert_meaning import human_likeness
from imi.recipes.sentence_vectors import bag_of_words

NAME = "search_claims"
QUESTIONS, SEED, LEAST_WORDS = 500, 2001, 5
DEPTHS = (1, 10, 100)

Scores = Callable[[str], np.ndarray]  # of a question to every text, (N,)


class Asked(NamedTuple):
    """A question, and which article it comes from."""

    question: str
    article: int


def without(sentence: str, title: str) -> str:
    """Returns a sentence without the words of a title, in whatever form they have there."""
    named = {documents.stem(word.lower()) for word in text.words(title)}
    kept = [word for word in sentence.split()
            if not named & {documents.stem(part.lower()) for part in text.words(word)}]  # fmt: skip
    return " ".join(kept)


def questions(count: int = QUESTIONS, *, seed: int = SEED) -> list[Asked]:
    """Draws second sentences that keep at least five words with a meaning of their own."""
    titles, leads = lead_vectors.leads()
    found = [Asked(without(sentences[1], title), number)
             for number, (title, sentences) in enumerate(zip(titles, leads, strict=True))
             if len(sentences) > 1]  # fmt: skip
    full = [asked for asked in found if len(documents.stems(asked.question)) >= LEAST_WORDS]
    return random.Random(seed).sample(full, count)


def ways(texts: Sequence[str]) -> dict[str, Scores]:
    """Returns the ways of searching texts that need no net that read them before."""
    index, words = search.WordIndex(texts, documents.stems), bag_of_words()
    means = normalize(words(texts), dim=1).numpy()
    return {
        "exact": lambda question: search.holding(texts, question),
        "tfidf": index.tfidf,
        "bm25": index.bm25,
        "word2vec": lambda question: means @ normalize(words([question]), dim=1)[0].numpy(),
    }


def found(scores: Sequence[np.ndarray], asked: Sequence[Asked]) -> dict[int, float]:
    """Returns how often the right article is among the first, by how many are looked at."""
    return {
        depth: float(np.mean([search.chance_found(each, question.article, depth)
                              for each, question in zip(scores, asked, strict=True)]))
        for depth in DEPTHS
    }  # fmt: skip
