"""Bengio et al. (2003), table 1: the Brown corpus, five nets, their mixtures, and n-grams.

The nets have the sizes of the paper's rows MLP1, MLP3, MLP5, MLP7 and MLP9; `large` is ours.
The paper trained by stochastic gradient descent, word by word, with weight decay; here AdamW takes
256 words a step. Words and vocabulary: `imi.data.corpora.brown_split`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from imi import checkpoints, measurements, metrics
from imi.batches import windows
from imi.data.corpora import Corpus, brown_split
from imi.models.ngrams import DeletedInterpolation, KneserNey
from imi.models.nplm import NPLM, NPLMConfig
from imi.recipes import Recipe, Request
from imi.recipes.language_model import Settings, fit

SIZES = {
    "mlp1": {"context_size": 4, "hidden_dim": 50, "embedding_dim": 60, "direct": True},
    "mlp3": {"context_size": 4, "hidden_dim": 0, "embedding_dim": 60, "direct": True},
    "mlp5": {"context_size": 4, "hidden_dim": 50, "embedding_dim": 30, "direct": True},
    "mlp7": {"context_size": 2, "hidden_dim": 50, "embedding_dim": 30, "direct": True},
    "mlp9": {"context_size": 4, "hidden_dim": 100, "embedding_dim": 30, "direct": False},
    "large": {"context_size": 5, "hidden_dim": 200, "embedding_dim": 100, "direct": False},
}
SETTINGS = Settings(epochs=6, weight_decay=0.3)
LONGEST = 5  # words of context: every model is scored on the same words


@dataclass(frozen=True)
class Scores:
    """Log-probabilities (nats) of the words of validation and test text."""

    valid: np.ndarray
    test: np.ndarray

    def row(self, **about) -> dict:
        """Returns a line of the table: what it is, and the two perplexities."""
        return {
            **about,
            "valid": round(metrics.perplexity(self.valid), 2),
            "test": round(metrics.perplexity(self.test), 2),
        }

    def mixed_with(self, other: Scores) -> tuple[Scores, float]:
        """Mixes with another model, the weight learned on validation text; returns it too."""
        weight = metrics.mixture_weight(self.valid, other.valid)
        mixed = [
            metrics.mix(a, b, weight)
            for a, b in ((self.valid, other.valid), (self.test, other.test))
        ]
        return Scores(*mixed), weight


def net_scores(model: NPLM, corpus: Corpus) -> Scores:
    """Scores the words of validation and test text by a net."""

    def score(ids) -> np.ndarray:
        contexts, targets = windows(ids, LONGEST)
        contexts = contexts[:, LONGEST - model.config.context_size :]
        return metrics.token_log_probs(model, contexts, targets).double().numpy()

    return Scores(score(corpus.valid), score(corpus.test))


def ngram_scores(model, corpus: Corpus) -> Scores:
    """Scores the words of validation and test text by a fitted n-gram model."""

    def score(ids) -> np.ndarray:
        contexts, targets = (column.numpy() for column in windows(ids, LONGEST))
        contexts = contexts[:, LONGEST - (model.order - 1) :]
        return np.log(model.probability(contexts, targets))

    return Scores(score(corpus.valid), score(corpus.test))


def kneser_ney(corpus: Corpus, order: int) -> KneserNey:
    """Fits Kneser-Ney of one order to the training text."""
    return KneserNey(order=order, vocab_size=len(corpus.vocabulary)).fit(np.array(corpus.train))


def trigram(corpus: Corpus) -> DeletedInterpolation:
    """Fits the paper's smoothed trigram: deleted interpolation, weights from validation text."""
    model = DeletedInterpolation(order=3, vocab_size=len(corpus.vocabulary))
    return model.fit(np.array(corpus.train), held_out=np.array(corpus.valid))


def run(size: str, request: Request) -> bool:
    """Trains one net of table 1 and writes its checkpoint."""
    name = f"nplm_brown_{size}"
    corpus = brown_split()
    config = NPLMConfig(vocab_size=len(corpus.vocabulary), **SIZES[size])
    result = fit(request, name, corpus, config, SETTINGS)
    if result.finished:
        scores = net_scores(result.model, corpus)
        checkpoints.save(
            request.out / "checkpoints" / name,
            result.model,
            vocabulary=corpus.vocabulary,
            recipe=name,
            data=["brown"],
            **result.about(SETTINGS, request),
            metrics=scores.row(tokens=len(scores.test)),
        )
    return result.finished
