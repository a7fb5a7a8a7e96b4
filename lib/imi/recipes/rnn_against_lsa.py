"""Vectors of a recurrent net against vectors from counts: same text, same words, same size.

As Mikolov, Yih, Zweig (2013), table 2, compare them, but on the questions of the Google set. LSA is
what the name meant then, words by passages; counts of neighbours weighed by PPMI are what Levy et
al. (2015) made of counting.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from imi import checkpoints, measurements, metrics
from imi.data import word_tests
from imi.data.corpora import Corpus
from imi.models import lsa
from imi.recipes import Recipe, Request, rnnlm
from imi.vectors import WordVectors

NAME = "rnn_against_lsa"
WINDOW = 5  # words on either side that count as near
KINDS = ("syntactic", "semantic")


def sentences(ids: Tensor, boundary: int) -> tuple[np.ndarray, np.ndarray]:
    """Cuts a stream at its boundaries, which are left out: words (T,) and starts (P + 1,)."""
    stream = np.asarray(ids, dtype=np.int32)
    words = stream[stream != boundary]
    places = np.flatnonzero(stream == boundary)
    starts = np.unique(np.concatenate([[0], places - np.arange(len(places)), [len(words)]]))
    return words, starts


def counted(text: Corpus, dim: int) -> dict[str, WordVectors]:
    """Makes word vectors from counts in two ways: "lsa" and "ppmi"."""
    ids, starts = sentences(text.train, text.boundary)
    words, rows = rnnlm.proper_words(text.vocabulary)
    size = len(text.vocabulary)
    in_passages = lsa.occurrences(ids, starts, size)[rows]
    near_words = lsa.cooccurrences(ids, starts, size, WINDOW)[rows][:, rows]
    matrices = {
        "lsa": (lsa.log_entropy(in_passages), 1.0),
        "ppmi": (lsa.ppmi(near_words, smoothing=0.75), 0.5),
    }
    seed = rnnlm.SETTINGS.seed
    return {
        name: WordVectors(words, lsa.truncated_svd(matrix, dim, seed=seed, power=power))
        for name, (matrix, power) in matrices.items()
    }


def compare(
    text: Corpus, shipped: checkpoints.Checkpoint
) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Returns the share of the Google analogies that each is right in, by kind and by section."""
    dim = shipped.model.config.hidden_dim
    vectors = {"rnn": rnnlm.word_vectors(shipped.model, text.vocabulary), **counted(text, dim)}
    found = {name: metrics.analogies(own, word_tests.analogies()) for name, own in vectors.items()}
    figures = {
        f"{name}/{kind}": round(metrics.total(sections, kind).accuracy, 4)
        for name, sections in found.items()
        for kind in KINDS
    }
    for kind in KINDS:
        figures[f"questions/{kind}"] = metrics.total(found["rnn"], kind).covered
    rows = [
        {
            "section": section,
            "questions": covered.covered,
            **{name: round(found[name][section].accuracy, 4) for name in found},
        }
        for section, covered in found["rnn"].items()
    ]
    return figures, rows


def run(request: Request) -> bool:
    """Writes the comparison of the net just trained, or else the shipped one, with counting."""
    new = request.out / "checkpoints" / rnnlm.NAME
    shipped = checkpoints.load(new if new.exists() else rnnlm.NAME)
    figures, rows = compare(rnnlm.corpus(), shipped)
    measurements.save(request.out / "measurements", NAME, rows=rows, figures=figures)
    return True


def measure() -> dict[str, float]:
    """Measures the figures again: the net's from the shipped weights, the counts' from the text."""
    return compare(rnnlm.corpus(), checkpoints.load(rnnlm.NAME))[0]


RECIPES = (
    Recipe(NAME, "vectors of the recurrent net against LSA of the same size", run, minutes=2),
)
