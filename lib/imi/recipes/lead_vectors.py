"""What the first sentences of 10,033 Wikipedia articles mean to a published net, made small.

Each is read by MiniLM (lecture 11) as 384 numbers. A plain SVD keeps the 120 of them that tell
most, so that a lecture can search all of them at once, and none has to be read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from imi import checkpoints, hugging_face
from imi.checkpoints import Checkpoint
from imi.data import sources
from imi.models.pca import PCA
from imi.models.short_vectors import ShortVectors, ShortVectorsConfig
from imi.recipes import Recipe, Request
from imi.recipes.bert_meaning import PUBLISHED, sentence_vectors
from imi.recipes.second_sentences import SEED, Question, first_sentences, found, questions
from imi.recipes.sentence_vectors import Vectors

NAME = "lead_vectors"
KEPT = 120
SAMPLE = 100  # questions that the card's test reads again


def reader() -> Vectors:
    """Returns what makes of sentences directions of 384 numbers: the mean of MiniLM's places.

    Raises:
        DataError: if the net is neither in the cache nor to be had.
    """
    mean = sentence_vectors(*hugging_face.load(PUBLISHED), "mean")

    def read(sentences: Sequence[str]) -> Tensor:
        # Those of about one length are read together: less time goes into empty places.
        order = sorted(range(len(sentences)), key=lambda number: len(sentences[number]))
        vectors = normalize(mean([sentences[number] for number in order]), dim=1)
        return torch.empty_like(vectors).index_copy(0, torch.tensor(order), vectors)

    return read


def shortened(vectors: Tensor, kept: int) -> ShortVectors:
    """Keeps the most telling numbers of vectors (N, D), as they are stored: in half precision."""
    made = ShortVectors(ShortVectorsConfig(*vectors.shape, kept))
    svd = PCA.fit(vectors, kept, centre=False)
    with torch.no_grad():
        made.directions.copy_(svd.components.half())
        made.codes.copy_(svd.encode(vectors).half())
    return made


@torch.no_grad()
def refound(
    likeness: Callable[[Tensor], Tensor], read: Vectors, asked: Sequence[Question]
) -> dict[int, float]:
    """Measures the search test with questions read all at once.

    Args:
        likeness: of questions (B, D) to every text, (B, N).
    """
    scores = likeness(read([question.text for question in asked])).numpy()
    rows = dict(zip((question.text for question in asked), scores, strict=True))
    return found(rows.__getitem__, asked)


def sample(shipped: Checkpoint) -> dict[str, float]:
    """Measures the search test again with the first questions."""
    tried = refound(shipped.model, reader(), questions()[:SAMPLE])
    return {f"sample@{depth}": share for depth, share in tried.items()}


def same_neighbours(short: ShortVectors, vectors: Tensor, count: int = 10) -> float:
    """Returns the share of each text's nearest by all numbers that are so by the kept ones."""
    some = vectors[::10]
    with torch.no_grad():
        near = [scores.topk(count, dim=1).indices for scores in (some @ vectors.T, short(some))]
    pairs = zip(*(rows.numpy() for rows in near), strict=True)
    return float(np.mean([len(np.intersect1d(*pair)) / count for pair in pairs]))


def run(request: Request) -> bool:
    """Reads all first sentences, shortens their vectors, and measures what that costs."""
    began, read, asked = time.perf_counter(), reader(), questions()
    vectors = read(first_sentences())
    short = shortened(vectors, KEPT)
    kept, whole = refound(short, read, asked), refound(lambda x: x @ vectors.T, read, asked)
    checkpoints.save(
        request.out / "checkpoints" / NAME,
        short,
        recipe=NAME,
        data={name: sources.source(name).sha256 for name in ("wikipedia-leads", PUBLISHED)},
        seed=SEED,
        steps=0,  # singular vectors, nothing that is trained
        minutes=round((time.perf_counter() - began) / 60, 1),
        device=request.device.type,
        metrics={
            **{f"found@{depth}": share for depth, share in kept.items()},
            **{f"found@{depth} by all numbers": share for depth, share in whole.items()},
            "same ten neighbours": round(same_neighbours(short, vectors), 4),
            "questions": len(asked),
            **{f"sample@{depth}": share
               for depth, share in refound(short, read, asked[:SAMPLE]).items()},
        },
    )  # fmt: skip
    return True


RECIPES = (
    Recipe(NAME, "first sentences of Wikipedia as 120 numbers each", run, minutes=5, sample=sample),
)
