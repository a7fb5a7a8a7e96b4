"""Does a search for meaning find what a search for words does not?

Two tests: second sentences of Wikipedia articles (`second_sentences`), asked in five ways; and
pairs of sentences that people judged, compared by the words that they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import normalize

from imi import checkpoints, measurements, search
from imi.data import documents, sentence_tests, sources
from imi.metrics import word_similarity
from imi.models.short_vectors import ShortVectors
from imi.recipes import Recipe, bert_meaning, lead_vectors
from imi.recipes.second_sentences import (
    DEPTHS,
    Scores,
    first_sentences,
    found,
    leads,
    questions,
)
from imi.recipes.sentence_vectors import Vectors, bag_of_words

NAME = "search_claims"


def by_vectors(vectors: Vectors, texts: Sequence[str]) -> Scores:
    """Returns a search by the cosine of the vectors of a question and of the texts."""
    places = normalize(vectors(texts).float(), dim=1).numpy()
    return lambda question: places @ normalize(vectors([question]).float(), dim=1)[0].numpy()


def by_meaning(read: Vectors, short: ShortVectors) -> Scores:
    """Returns a search by vectors that were read before and shortened."""

    @torch.no_grad()
    def scores(question: str) -> np.ndarray:
        return short(read([question]))[0].numpy()

    return scores


def ways(texts: Sequence[str], read: Vectors, short: ShortVectors) -> dict[str, Scores]:
    """Returns five ways of searching texts, whose short vectors by `read` are known."""
    index = search.WordIndex(texts, documents.stems)
    return {
        "exact": lambda question: search.holding(texts, question),
        "tfidf": index.tfidf,
        "bm25": index.bm25,
        "word2vec": by_vectors(bag_of_words(), texts),
        "minilm": by_meaning(read, short),
    }


def rank(scores: np.ndarray, right: int) -> float:
    """Returns at which place the right text stands, from 1; among equals in their middle."""
    better, equal = (scores > scores[right]).sum(), (scores == scores[right]).sum()
    return float(better + (equal + 1) / 2)


def shared(first: str, second: str) -> float:
    """Returns the share of the stems of two sentences that both hold, without function words."""
    return search.shared_words(documents.stems(first), documents.stems(second))


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Asks all questions in all ways; figures WAY@DEPTH, rows the places of the right articles.

    `WAY named@DEPTH` is found where the words of the title stay in the question.
    """
    asked, named, titles = questions(), questions(named=True), leads()[0]
    rows = [{"article": titles[question.article]} for question in asked]
    figures: dict[str, float] = {"questions": len(asked), "texts": len(titles)}
    short = checkpoints.load(lead_vectors.NAME).model
    for way, scores in ways(first_sentences(), lead_vectors.reader(), short).items():
        answers = {question.text: scores(question.text) for question in asked}
        figures |= {f"{way}@{depth}": share
                    for depth, share in found(answers.__getitem__, asked).items()}  # fmt: skip
        figures |= {f"{way} named@{depth}": share for depth, share in found(scores, named).items()}
        for row, question in zip(rows, asked, strict=True):
            row[way] = rank(answers[question.text], question.article)
    figures["least lead"] = _least_lead(figures)
    if sources.available("stsb-en-test"):
        agreed = word_similarity(shared, sentence_tests.stsb()).spearman
        figures["shared words/stsb"] = round(agreed, 4)
        known = measurements.load(bert_meaning.NAME)["figures"]
        figures |= {f"{net}/stsb": known[f"{net}/stsb/mean"] for net in ("word2vec", "minilm")}
    return figures, rows


def _least_lead(figures: dict[str, float]) -> float:
    """Returns by how much MiniLM finds more than the best other way, at the worst depth."""
    others = ("exact", "tfidf", "bm25", "word2vec")
    leads = [figures[f"minilm@{depth}"] - max(figures[f"{way}@{depth}"] for way in others)
             for depth in DEPTHS]  # fmt: skip
    return round(min(leads), 4)


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped vectors."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(
        NAME, "searching Wikipedia for strings and for meanings", measure_all, minutes=2
    ),
)
