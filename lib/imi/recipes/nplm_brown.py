"""Bengio et al. (2003), table 1: the Brown corpus, five nets, their mixtures, and n-grams.

The nets have the sizes of the paper's rows MLP1, MLP3, MLP5, MLP7 and MLP9; `large` is ours.
The paper trained by stochastic gradient descent, word by word, with weight decay; here AdamW takes
256 words a step, with dropout. Words and vocabulary: `imi.data.corpora.brown_split`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from imi import checkpoints, measurements, metrics
from imi.batches import windows
from imi.data import sources
from imi.data.corpora import Corpus, brown_split
from imi.models.ngrams import DeletedInterpolation, KneserNey
from imi.models.nplm import NPLM, NPLMConfig
from imi.recipes import Recipe, Request
from imi.recipes.language_model import (
    SAMPLE,
    Settings,
    fit,
    held_out_perplexity,
    sample_perplexity,
)

SIZES = {
    "mlp1": {"context_size": 4, "hidden_dim": 50, "embedding_dim": 60, "direct": True},
    "mlp3": {"context_size": 4, "hidden_dim": 0, "embedding_dim": 60, "direct": True},
    "mlp5": {"context_size": 4, "hidden_dim": 50, "embedding_dim": 30, "direct": True},
    "mlp7": {"context_size": 2, "hidden_dim": 50, "embedding_dim": 30, "direct": True},
    "mlp9": {"context_size": 4, "hidden_dim": 100, "embedding_dim": 30, "direct": False},
    "large": {
        "context_size": 5,
        "hidden_dim": 200,
        "embedding_dim": 100,
        "direct": False,
        "dropout": 0.2,
    },
}
SETTINGS = Settings(epochs=4)
LARGE_SETTINGS = Settings(epochs=6, weight_decay=0.3)
PARTNERS = ("trigram", "kn5")  # what each net is mixed with
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


def kneser_ney(corpus: Corpus, order: int, *, discount: str = "modified") -> KneserNey:
    """Fits Kneser-Ney of one order to the training text."""
    model = KneserNey(order=order, vocab_size=len(corpus.vocabulary), discount=discount)
    return model.fit(np.array(corpus.train))


def trigram(corpus: Corpus) -> DeletedInterpolation:
    """Fits the paper's smoothed trigram: deleted interpolation, weights from validation text."""
    model = DeletedInterpolation(order=3, vocab_size=len(corpus.vocabulary))
    return model.fit(np.array(corpus.train), held_out=np.array(corpus.valid))


def run(size: str, request: Request) -> bool:
    """Trains one net of table 1 and writes its checkpoint."""
    name = f"nplm_brown_{size}"
    corpus = brown_split()
    config = NPLMConfig(len(corpus.vocabulary), **SIZES[size])
    settings = LARGE_SETTINGS if size == "large" else SETTINGS
    result = fit(request, name, corpus, config, settings)
    if result.finished:
        scores = net_scores(result.model, corpus)
        sample = held_out_perplexity(result.model, corpus.test, words=SAMPLE)
        checkpoints.save(
            request.out / "checkpoints" / name,
            result.model,
            vocabulary=corpus.vocabulary,
            recipe=name,
            data={"brown": sources.sources()["brown"].sha256},
            **result.about(request),
            metrics=scores.row(tokens=len(scores.test), sample=round(sample, 2)),
        )
    return result.finished


def _rows(corpus: Corpus, folder: Path) -> list[dict[str, Any]]:
    """Scores the n-grams and every net whose weights are there, alone and mixed."""
    kneser = {n: ngram_scores(kneser_ney(corpus, n), corpus) for n in (3, 4, 5)}
    single = ngram_scores(kneser_ney(corpus, 5, discount="single"), corpus)
    deleted = ngram_scores(trigram(corpus), corpus)
    rows = [scores.row(model=f"kn{n}") for n, scores in kneser.items()]
    rows += [single.row(model="kn5_single"), deleted.row(model="deleted")]
    for size in SIZES:
        path = folder / f"nplm_brown_{size}"
        if (path / checkpoints.CARD).exists():
            net = net_scores(checkpoints.load(path).model, corpus)
            rows.append(net.row(model=size))
            for other, scores in zip(PARTNERS, (deleted, kneser[5]), strict=True):
                mixed, weight = net.mixed_with(scores)
                rows.append(mixed.row(model=f"{size}+{other}", net_weight=round(weight, 3)))
    return rows


def _figures(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Returns the test perplexities by model, and what the ledger needs besides."""
    test = {row["model"]: row["test"] for row in rows}
    nets = [size for size in SIZES if size in test]
    mixtures = {other: [test[f"{size}+{other}"] for size in nets] for other in PARTNERS}
    ratios = [
        m / test[net] for found in mixtures.values() for net, m in zip(nets, found, strict=True)
    ]
    return test | {
        "best_net": min(test[size] for size in nets),
        "best_mixture": min(min(found) for found in mixtures.values()),
        "best_trigram_mixture": min(mixtures["trigram"]),
        "largest_mixture_to_net": round(max(ratios), 4),
    }


def tabulate(request: Request) -> bool:
    """Measures the whole table; nets without weights at hand keep the rows they had."""
    began = time.perf_counter()
    corpus = brown_split()
    rows = _rows(corpus, request.out / "checkpoints")
    known = {row["model"] for row in rows}
    if measurements.exists("nplm_brown"):
        rows += [r for r in measurements.load("nplm_brown")["rows"] if r["model"] not in known]
    measurements.save(
        request.out / "measurements",
        "nplm_brown",
        rows=rows,
        figures=_figures(rows),
        words={name: len(getattr(corpus, name)) for name in ("train", "valid", "test")},
        vocabulary=len(corpus.vocabulary),
        seconds=round(time.perf_counter() - began),
    )
    return True


def measure() -> dict[str, float]:
    """Measures the test perplexities again, from the shipped weights."""
    return _figures(_rows(brown_split(), checkpoints.folder("")))


def sample(shipped: checkpoints.Checkpoint) -> dict[str, float]:
    """Measures the card's perplexity of a sample again."""
    return sample_perplexity(shipped, brown_split())


def _described(sizes: dict[str, int]) -> str:
    """Says a net's sizes by the paper's symbols."""
    n, h, m = sizes["context_size"] + 1, sizes["hidden_dim"], sizes["embedding_dim"]
    return f"n = {n}, h = {h}, m = {m}" + (", direct connections" if sizes["direct"] else "")


RECIPES = (
    *(
        Recipe(
            f"nplm_brown_{size}",
            f"NPLM on the Brown corpus, {_described(sizes)}",
            partial(run, size),
            minutes=13,
            sample=sample,
        )
        for size, sizes in SIZES.items()
    ),
    Recipe(
        "nplm_brown",
        "table 1 of Bengio et al. (2003): nets, n-grams and mixtures on the Brown corpus",
        tabulate,
        minutes=5,
    ),
)
