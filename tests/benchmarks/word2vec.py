"""Skip-gram here and in gensim: the same text and settings, words a second, and what came out.

Usage: python tests/benchmarks/word2vec.py [SHARE]   (of the text; all by default)
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import report
from report import Row

from imi import device, metrics
from imi.data import passages, word_tests
from imi.vectors import WordVectors
from imi.word2vec.trainer import Settings, Trainer

SETTINGS = Settings(dim=100, window=5, negatives=5, sample=1e-3, epochs=5, learning_rate=0.025)
FASTER, AHEAD = 1.5, -1.0  # what is expected: times gensim's speed, at most a point below it


def ours(text: passages.Passages) -> tuple[WordVectors, float]:
    """Trains with imi; returns the vectors and the words a second."""
    trainer = Trainer(text, SETTINGS)
    seconds = list(trainer.steps(progress=False))[-1].seconds
    return trainer.vectors(), SETTINGS.epochs * len(text.ids) / seconds


def theirs(text: passages.Passages, path: Path) -> tuple[WordVectors, float]:
    """Trains with gensim from a file, its fastest way; returns the same."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=SETTINGS.dim, window=SETTINGS.window, negative=SETTINGS.negatives,
        sample=SETTINGS.sample, alpha=SETTINGS.learning_rate, sg=1, min_count=1,
        workers=device.cores(), seed=SETTINGS.seed,
    )  # fmt: skip
    model.build_vocab(corpus_file=str(path))
    about = {"total_words": model.corpus_total_words, "total_examples": model.corpus_count}
    began = time.perf_counter()
    model.train(corpus_file=str(path), epochs=SETTINGS.epochs, **about)
    seconds = time.perf_counter() - began
    vectors = WordVectors(model.wv.index_to_key, model.wv.vectors)
    return vectors, SETTINGS.epochs * model.corpus_total_words / seconds


def rows(share: float) -> Iterator[Row]:
    """Trains both one after the other and compares speed and accuracy."""
    text = passages.read(passages.CORE).first(share)
    list(Trainer(text.first(0.01), SETTINGS).steps(progress=False))  # compiles
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        with path.open("w", encoding="utf-8") as file:
            for start, stop in zip(text.starts, text.starts[1:], strict=False):
                file.write(" ".join(text.vocabulary.decode(text.ids[start:stop])) + "\n")
        (their_vectors, their_speed), (vectors, speed) = theirs(text, path), ours(text)
    what = f"skip-gram, {SETTINGS.dim} numbers, {SETTINGS.epochs} x {len(text.ids):,} words"
    yield Row(what, "words/s", speed, "gensim", their_speed, target=FASTER)
    questions, human = word_tests.analogies(), word_tests.wordsim353()
    right, theirs_right = (metrics.total(metrics.analogies(found, questions)).accuracy
                           for found in (vectors, their_vectors))  # fmt: skip
    yield Row("its answers to Google's analogies, ahead of gensim's", "points",
              100 * (right - theirs_right), target=AHEAD)  # fmt: skip
    rho, their_rho = (metrics.word_similarity(found.likeness, human).spearman
                      for found in (vectors, their_vectors))  # fmt: skip
    yield Row("its rho with people on WordSim-353, ahead of gensim's", "points",
              100 * (rho - their_rho))  # fmt: skip


if __name__ == "__main__":
    report.main(rows, 1.0, "share of the text")
