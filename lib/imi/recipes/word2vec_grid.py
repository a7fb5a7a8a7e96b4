"""What the lecture on word vectors lets one explore: sizes against scores, and maps of words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from imi import checkpoints, measurements
from imi.data import passages, word_tests
from imi.recipes import Recipe, Request
from imi.recipes.word2vec import NAME as SHIPPED
from imi.recipes.word2vec import of_checkpoint
from imi.recipes.word2vec_claims import PLAIN, row

NAME, MAP = "word2vec_grid", "word2vec_map"
GRID_SIZES = {"window": (2, 5, 10), "dim": (25, 100), "negatives": (1, 5, 15)}

MAPPED, PERPLEXITIES = 1_500, (5, 15, 30, 60)  # words of the map; of t-SNE


def run_grid(request: Request) -> bool:
    """Scores small vectors over windows, sizes and numbers of negatives."""
    text = passages.read(passages.CORE)
    rows = [
        row(text, replace(PLAIN, epochs=3, **sizes), **sizes)
        for window in GRID_SIZES["window"]
        for dim in GRID_SIZES["dim"]
        for negatives in GRID_SIZES["negatives"]
        for sizes in [{"window": window, "dim": dim, "negatives": negatives}]
    ]
    measurements.save(
        request.out / "measurements", NAME, rows=rows, figures={}, data=list(passages.CORE)
    )
    return True


def classes() -> dict[str, str]:
    """Returns what kind of word a word is, where the Google questions tell."""
    kinds = {
        "capital-common-countries": ("capital", "country"),
        "capital-world": ("capital", "country"),
        "currency": ("country", "currency"),
        "city-in-state": ("city", "state"),
        "family": ("family", "family"),
        "gram3-comparative": ("adjective", "adjective"),
        "gram6-nationality-adjective": ("country", "nationality"),
        "gram7-past-tense": ("verb", "verb"),
    }
    found: dict[str, str] = {}
    for section, names in kinds.items():
        for question in word_tests.analogies()[section]:
            for word, kind in zip(question, names * 2, strict=True):
                found.setdefault(word, kind)
    return found


def run_map(request: Request) -> bool:
    """Lays the commonest words, and those of a known kind, out by t-SNE at four perplexities."""
    from openTSNE import TSNE

    vectors = of_checkpoint(checkpoints.load(request.out / "checkpoints" / SHIPPED))
    kinds = classes()
    known = [word for word in vectors.words[:12_000] if word in kinds]
    words = list(dict.fromkeys([*vectors.words[30:MAPPED], *known]))
    points = np.stack([vectors.directions[vectors.ids[word]] for word in words])
    layouts = {}
    for perplexity in PERPLEXITIES:
        tsne = TSNE(perplexity=perplexity, metric="cosine", random_state=PLAIN.seed)
        layouts[str(perplexity)] = np.round(np.asarray(tsne.fit(points)), 2).tolist()
    measurements.save(
        request.out / "measurements",
        MAP,
        rows=[{"word": word, "kind": kinds.get(word, "other")} for word in words],
        figures={},
        layouts=layouts,
    )
    return True


RECIPES = (
    Recipe(NAME, "scores over window, size and negatives, 18 small trainings", run_grid, minutes=4),
    Recipe(MAP, "t-SNE layouts of the shipped word vectors", run_map, minutes=2),
)
