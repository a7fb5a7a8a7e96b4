"""An NPLM on English that any machine with pip can have: Wikipedia leads and everyday sentences."""

from __future__ import annotations

import time
from typing import Any

from imi import checkpoints, measurements
from imi.data import prose, sources
from imi.data.corpora import Corpus
from imi.models.nplm import NPLM, NPLMConfig
from imi.recipes import Recipe, Request
from imi.recipes.language_model import (
    SAMPLE,
    Settings,
    fit,
    held_out_perplexity,
    sample_perplexity,
)
from imi.recipes.meaning import human_scores
from imi.vectors import WordVectors

NAME = "nplm_english"
VOCAB_SIZE = 14_000
SIZES = {"context_size": 5, "embedding_dim": 64, "hidden_dim": 128, "dropout": 0.1}
SETTINGS = Settings(epochs=3)

GRID = "nplm_grid"
CONTEXT_SIZES = (1, 2, 3, 5, 8)
HIDDEN_SIZES = (10, 30, 100, 300)
GRID_VOCAB_SIZE, GRID_WORDS = 4_000, 500_000
GRID_SETTINGS = Settings(epochs=3, learning_rate=2e-3)


def meaning(vectors: WordVectors) -> dict[str, float]:
    """Compares the cosines of word vectors with what people said: Spearman, and pairs known."""
    return human_scores(vectors.likeness)


def _scores(model: NPLM, corpus: Corpus) -> dict[str, float]:
    """Returns the perplexity of the test text and how near its vectors come to people's scores."""
    perplexity = held_out_perplexity(model, corpus.test, boundary=corpus.boundary)
    vectors = WordVectors(corpus.vocabulary.words, model.embedding.weight.detach().cpu())
    return {"test": round(perplexity, 2), **meaning(vectors)}


def english_corpus() -> Corpus:
    """Reads the text that the checkpoint was trained on."""
    return prose.english_corpus(vocab_size=VOCAB_SIZE)


def run(request: Request) -> bool:
    """Trains the net that the lecture explores."""
    corpus = english_corpus()
    config = NPLMConfig(len(corpus.vocabulary), **SIZES)
    result = fit(request, NAME, corpus, config, SETTINGS)
    if result.finished:
        boundary = corpus.boundary
        sample = held_out_perplexity(result.model, corpus.test, boundary=boundary, words=SAMPLE)
        scores = _scores(result.model, corpus)
        checkpoints.save(
            request.out / "checkpoints" / NAME,
            result.model,
            vocabulary=corpus.vocabulary,
            recipe=NAME,
            data={name: sources.sources()[name].sha256 for name in prose.CORE},
            **result.about(request),
            metrics={**scores, "sample": round(sample, 2)},
        )
        measurements.save(request.out / "measurements", NAME, rows=[], figures=scores)
    return result.finished


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return _scores(checkpoints.load(NAME).model, english_corpus())


def grid_corpus() -> Corpus:
    """Reads the smaller text of the grid: encyclopaedia alone."""
    names = prose.CORE[:1]
    return prose.english_corpus(vocab_size=GRID_VOCAB_SIZE, names=names, words=GRID_WORDS)


def run_grid(request: Request) -> bool:
    """Measures the perplexity over context size and hidden units, one small net each."""
    began, corpus, rows = time.perf_counter(), grid_corpus(), []
    for context_size in CONTEXT_SIZES:
        for hidden_dim in HIDDEN_SIZES:
            config = NPLMConfig(
                len(corpus.vocabulary),
                context_size=context_size,
                hidden_dim=hidden_dim,
                dropout=SIZES["dropout"],
            )
            name = f"{GRID}_{context_size}_{hidden_dim}"
            result = fit(request, name, corpus, config, GRID_SETTINGS)
            if not result.finished:
                return False
            rows.append(_grid_row(result.model, corpus, seconds=round(result.seconds)))
    measurements.save(
        request.out / "measurements",
        GRID,
        rows=rows,
        vocabulary=len(corpus.vocabulary),
        seconds=round(time.perf_counter() - began),
    )
    return True


def _grid_row(model: NPLM, corpus: Corpus, **about: Any) -> dict[str, Any]:
    parts = {"train": corpus.train[: len(corpus.valid)], "valid": corpus.valid, "test": corpus.test}
    return {
        "context_size": model.config.context_size,
        "hidden_dim": model.config.hidden_dim,
        **{
            name: round(held_out_perplexity(model, ids, boundary=corpus.boundary), 2)
            for name, ids in parts.items()
        },
        **about,
    }


def sample(shipped: checkpoints.Checkpoint) -> dict[str, float]:
    """Measures the card's perplexity of a sample again."""
    return sample_perplexity(shipped, english_corpus())


RECIPES = (
    Recipe(NAME, "NPLM on Wikipedia leads and everyday English", run, minutes=12, sample=sample),
    Recipe(GRID, "perplexity over context size and hidden units, 20 small nets", run_grid, 20),
)
