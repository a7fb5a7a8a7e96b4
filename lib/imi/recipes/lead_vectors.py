"""What the first sentences of 10,033 Wikipedia articles mean to a published net, made small.

Each is read by MiniLM (lecture 11) as 384 numbers. A plain SVD keeps the few of them that tell
most, so that a lecture can search all of them at once and none has to be read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import normalize

from imi import checkpoints, hugging_face
from imi.checkpoints import Checkpoint
from imi.data import corpora, prose, sources
from imi.models.pca import PCA
from imi.models.short_vectors import ShortVectors, ShortVectorsConfig
from imi.recipes import Recipe, Request, bert_meaning

NAME = "lead_vectors"
READER = "minilm"


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
    """Returns the first sentence of every article."""
    return [sentences[0] for sentences in leads()[1]]


class Reader:
    """MiniLM, which makes of sentences directions of 384 numbers."""

    def __init__(self):
        self._read = bert_meaning.sentence_vectors(*hugging_face.load(READER), "mean")

    def __call__(self, sentences: Sequence[str]) -> Tensor:
        """Returns vectors of length 1, (N, D).

        Those of about one length are read together: less time goes into empty places.
        """
        order = sorted(range(len(sentences)), key=lambda number: len(sentences[number]))
        vectors = normalize(self._read([sentences[number] for number in order]), dim=1)
        found = torch.empty_like(vectors)
        found[order] = vectors
        return found
