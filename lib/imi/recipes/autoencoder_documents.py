"""Hinton & Salakhutdinov (2006), figure 4: documents as 10 numbers and as 2, beside LSA.

The words of a document are few here, so half of them are hidden in fine-tuning, other ones each
time, and the net has to name them all. LSA is the plain SVD of log(1 + count); beside it stands
LSA of TF-IDF with the mean taken off, the best of the kinds that we tried. Settings were chosen on
a quarter of the training documents; those held out are only measured here.
"""

from __future__ import annotations

import time
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from imi import checkpoints, measurements
from imi.data import documents, sources
from imi.data.documents import Documents, Split, half_of_the_words
from imi.metrics import neighbour_accuracy, retrieval_precision, silhouette
from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.models.pca import PCA
from imi.recipes import Recipe, Request
from imi.recipes.meaning import human_scores
from imi.recipes.pretraining import Settings
from imi.recipes.stacks import fit, mean_loss
from imi.text import Vocabulary
from imi.vectors import WordVectors

MEASUREMENT, CODE_SIZES = "autoencoder_documents", (2, 10)
DEPTHS = (1, 3, 7, 15, 31, 63, 127, 255, 511)
QUOTED = (1, 7, 15, 31, 63, 127)  # the depths that the ledger compares
SETTINGS = Settings(epochs=60, learning_rate=1.5e-3)


@lru_cache(maxsize=1)
def wikipedia(stems: tuple[str, ...] = ()) -> Split:
    """Reads the documents once a process, as counts of the given stems or else of the commonest.

    A net is measured with the stems that it was trained on: another stemmer may cut otherwise.
    """
    return documents.wikipedia(vocabulary=Vocabulary(stems) if stems else None)


def name_of(size: int) -> str:
    """Returns the name of the checkpoint with so many code units."""
    return f"docs_autoencoder_{size}"


NAMES = tuple(map(name_of, CODE_SIZES))


def encode(model: Autoencoder, counts: Tensor) -> Tensor:
    """Maps counts of stems (N, V) to codes (N, D)."""
    with torch.no_grad():
        return model.encode(counts)


def cosines(codes: Tensor) -> Tensor:
    """Returns how alike each two rows (N, D) are, (N, N)."""
    directions = nn.functional.normalize(codes, dim=1)
    return directions @ directions.T


def latent(split: Split, size: int, *, weighting: str = "log") -> Tensor:
    """Maps the held-out documents to `size` numbers by latent semantic analysis, (N, D).

    Args:
        weighting: "log" for log(1 + count) as it is; "tfidf" for TF-IDF with the mean taken off.
    """
    if weighting == "log":
        train, test = split.train.counts.log1p(), split.test.counts.log1p()
    else:
        rarity = documents.rarity(split.train.counts)
        train, test = (documents.tfidf(d.counts, rarity) for d in (split.train, split.test))
    return PCA.fit(train, size, centre=weighting == "tfidf").encode(test)


def topic_ids(found: Documents) -> Tensor:
    """Numbers the topics in the order of their names, (N)."""
    names = sorted(set(found.topics))
    return torch.tensor([names.index(topic) for topic in found.topics])


def precisions(split: Split, model: Autoencoder) -> dict[str, dict[int, float]]:
    """Measures the precision of every method at every depth, the held-out documents as queries."""
    topics, counts = topic_ids(split.test), split.test.counts
    plain, weighted = latent(split, 50), latent(split, 50, weighting="tfidf")
    codes = {
        "AE-10": encode(model, counts),
        "LSA-50": plain,
        "LSA-10": plain[:, :10],
        "LSA-50 of TF-IDF": weighted,
        "LSA-10 of TF-IDF": weighted[:, :10],
        "TF-IDF itself": documents.tfidf(counts, documents.rarity(split.train.counts)),
    }
    return {
        name: retrieval_precision(cosines(code), topics, DEPTHS) for name, code in codes.items()
    }


def maps(split: Split, model: Autoencoder) -> dict[str, Tensor]:
    """Returns the held-out documents on each map, (N, 2)."""
    return {
        "AE-2": encode(model, split.test.counts),
        "LSA-2": latent(split, 2),
        "LSA-2 of TF-IDF": latent(split, 2, weighting="tfidf"),
    }


def word_codes(model: Autoencoder, vocabulary) -> WordVectors:
    """Encodes each stem as a document of that one word, said ten times."""
    alone = 10 * torch.eye(len(vocabulary) - 1)
    return WordVectors(vocabulary.words[1:], encode(model, alone))


def meaning(vectors: WordVectors) -> dict[str, float]:
    """Compares the likeness of words, by their stems, with what people said."""

    def likeness(first: str, second: str) -> float | None:
        return vectors.likeness(documents.stem(first), documents.stem(second))

    return human_scores(likeness)


def _figures(
    split: Split, models: dict[int, Autoencoder], found: dict[str, dict[int, float]]
) -> dict[str, float]:
    """Returns what the ledger quotes; `found` are the precisions."""
    topics = topic_ids(split.test)
    figures = {f"{name}@{d}": found[name][d] for name in found for d in QUOTED}
    for above, below in (("AE-10", "LSA-50"), ("LSA-50", "LSA-10"), ("AE-10", "LSA-50 of TF-IDF")):
        leads = [found[above][d] - found[below][d] for d in QUOTED]
        figures[f"least lead {above} over {below}"] = min(leads)
    for name, places in maps(split, models[2]).items():
        figures[f"{name} 10-nn"] = neighbour_accuracy(places, topics)
        figures[f"{name} silhouette"] = silhouette(places, topics)
    figures["commonest topic"] = (topics.bincount().max() / len(topics)).item()
    return {name: round(value, 4) for name, value in figures.items()} | meaning(
        word_codes(models[10], split.vocabulary)
    )


def run(size: int, request: Request) -> bool:
    """Trains the document net with `size` code units."""
    split = wikipedia()
    config = AutoencoderConfig((len(split.vocabulary) - 1, 500, 250, 125, size), data="words")
    held_out = split.test.counts
    result = fit(
        request, split.train.counts, config, SETTINGS, held_out=held_out, change=half_of_the_words
    )
    if result.finished:
        model = result.model.cpu()
        checkpoints.save(
            request.out / "checkpoints" / name_of(size),
            model,
            vocabulary=split.vocabulary,
            recipe=name_of(size),
            data={"wikipedia-leads": sources.sources()["wikipedia-leads"].sha256},
            **result.about(SETTINGS, request),
            metrics={"nats_per_word": round(mean_loss(model, held_out), 3)},
        )
    return result.finished


def sample(shipped: checkpoints.Checkpoint) -> dict[str, float]:
    """Measures the card's cross-entropy again."""
    split = wikipedia(shipped.vocabulary.words[1:])
    return {"nats_per_word": mean_loss(shipped.model, split.test.counts)}


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    shipped = {size: checkpoints.load(name_of(size)) for size in CODE_SIZES}
    split = wikipedia(shipped[10].vocabulary.words[1:])
    models = {size: found.model for size, found in shipped.items()}
    return _figures(split, models, precisions(split, models[10]))


def tabulate(request: Request) -> bool:
    """Measures all that the lecture and the ledger quote about documents."""
    began, folder = time.perf_counter(), request.out / "checkpoints"
    shipped = {size: checkpoints.load(folder / name_of(size)) for size in CODE_SIZES}
    split = wikipedia(shipped[10].vocabulary.words[1:])
    models = {size: found.model for size, found in shipped.items()}
    found = precisions(split, models[10])
    rows: list[dict[str, Any]] = [
        {"method": name} | {str(depth): round(value, 4) for depth, value in by_depth.items()}
        for name, by_depth in found.items()
    ]
    measurements.save(
        request.out / "measurements",
        MEASUREMENT,
        rows=rows,
        figures=_figures(split, models, found),
        documents={"train": len(split.train), "test": len(split.test)},
        seconds=round(time.perf_counter() - began),
    )
    return True


RECIPES = (
    *(
        Recipe(
            name_of(size),
            f"documents as {size} numbers: 2000-500-250-125-{size}",
            partial(run, size),
            minutes=8,
            sample=sample,
        )
        for size in CODE_SIZES
    ),
    Recipe(MEASUREMENT, "retrieval and maps beside LSA", tabulate, minutes=1),
)
