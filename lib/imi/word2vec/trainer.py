"""Trains word vectors on all cores: CBOW and skip-gram, by negative sampling or a Huffman tree.

Source: Mikolov, Chen, Corrado, Dean, "Efficient Estimation of Word Representations in Vector Space"
    (2013); Mikolov et al., "Distributed Representations of Words and Phrases" (2013).
Lecture: 04_word2vec_2013
Differs: noise words are shared by the words of one window; CBOW's input rows get the exact gradient
    of the mean, where the C tool gives each the whole of it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from tqdm.auto import tqdm

from imi import device, throughput
from imi.data.passages import Passages
from imi.sizes import check_at_least_one
from imi.training import Step
from imi.vectors import WordVectors
from imi.word2vec import kernels
from imi.word2vec.huffman import HuffmanTree
from imi.word2vec.sampling import WHOLE, keep_chances, noise

CHUNK = 150_000  # words at most between two reports


@dataclass(frozen=True)
class Settings:
    """How to train; the defaults are the papers' and the C tool's, the seed is the paper's year."""

    dim: int = 100
    window: int = 5  # words on each side, at most
    negatives: int = 5  # k; 0 for hierarchical softmax
    cbow: bool = False
    sample: float = 1e-3  # t, the threshold of subsampling; 0 keeps every word
    epochs: int = 5
    learning_rate: float = 0.025
    seed: int = 2013

    def __post_init__(self):
        check_at_least_one(self, "dim", "window", "epochs")
        if not 0 <= self.negatives < kernels.MOST_TARGETS:
            most = kernels.MOST_TARGETS - 1
            raise ValueError(f"negatives must be from 0 to {most}, got {self.negatives}")
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, got {self.learning_rate}")


class Trainer:
    """Word vectors that are being learned; `steps()` learns, `vectors()` shows how far it came.

    Args:
        threads: by default one a core; several write into the same vectors, so that two runs
            differ a little, and one thread repeats exactly.

    Raises:
        ValueError: if there is nothing to learn from.
    """

    def __init__(self, passages: Passages, settings: Settings, *, threads: int | None = None):
        if len(passages.ids) < 2:
            raise ValueError("word vectors need a text of at least two words")
        self.passages, self.settings = passages, settings
        self.threads = threads or device.cores()
        size, width = len(passages.vocabulary), -(-settings.dim // 16) * 16
        self.width = width  # rows are padded by zeros, so that they fill whole registers
        rng = np.random.default_rng(settings.seed)
        self.inputs = np.zeros((size, width), dtype=np.float32)
        start = (rng.random((size, settings.dim)) - 0.5) / settings.dim
        self.inputs[:, : settings.dim] = start
        self.outputs = np.zeros((size, width), dtype=np.float32)
        counts = np.bincount(passages.ids, minlength=size)
        self.keep = (keep_chances(counts, settings.sample) * WHOLE).astype(np.uint64)
        self.noise = noise(counts)
        self.tree = HuffmanTree.from_counts(counts if settings.negatives == 0 else [1, 1])
        if self.tree.paths.shape[1] > kernels.MOST_TARGETS:
            raise ValueError("the Huffman tree is too deep; leave out the rarest words")

    def vectors(self) -> WordVectors:
        """Returns the vectors of all words but the unknown one, as they are now."""
        rows = self.inputs[1:, : self.settings.dim].copy()
        return WordVectors(self.passages.vocabulary.words[1:], rows)

    def steps(self, *, progress: bool = True) -> Iterator[Step]:
        """Learns; yields a step with the mean loss (nats a pair) of each chunk of the text.

        Meanwhile a bar shows the words read a second.
        """
        starts = self.passages.starts
        total = self.settings.epochs * len(self.passages.ids)
        chunks = -(-len(self.passages.ids) // max(1, min(CHUNK, total // 100)))
        cuts = np.unique(np.searchsorted(starts, np.linspace(0, starts[-1], chunks + 1)))
        began, number, learned = time.perf_counter(), 0, 0
        bar = tqdm(total=total, disable=not progress, unit="word", unit_scale=True, mininterval=0.5)
        with ThreadPoolExecutor(self.threads) as pool, bar:
            for _ in range(self.settings.epochs):
                for first, last in itertools.pairwise(cuts):
                    rate = self.settings.learning_rate * max(1e-4, 1 - learned / total)
                    with throughput.update() as note:
                        loss, pairs = self._learn(pool, first, last, rate, number)
                        note(pairs)
                    words = int(starts[last] - starts[first])
                    number, learned = number + 1, learned + words
                    bar.update(words)
                    seconds = time.perf_counter() - began
                    yield Step(number, loss / max(pairs, 1), rate, seconds)

    def _learn(
        self, pool: ThreadPoolExecutor, first: int, last: int, rate: float, number: int
    ) -> tuple[float, int]:
        """Shares the passages `first` to `last` out among the threads; returns loss and pairs."""
        starts, settings = self.passages.starts, self.settings
        even = np.linspace(starts[first], starts[last], self.threads + 1)
        cuts = np.searchsorted(starts, even).clip(first, last)
        jobs = [
            pool.submit(
                kernels.learn, self.inputs.ravel(), self.outputs.ravel(), self.width,
                self.passages.ids, starts, begin, end, self.keep, settings.window, settings.cbow,
                settings.negatives, self.noise.keep, self.noise.alias, self.tree.paths,
                self.tree.turns, self.tree.lengths, np.float32(rate),
                np.uint64(hash((settings.seed, number, begin)) % 2**63),
            )
            for begin, end in itertools.pairwise(cuts)
            if end > begin
        ]  # fmt: skip
        results = [job.result() for job in jobs]
        return sum(loss for loss, _ in results), sum(pairs for _, pairs in results)
