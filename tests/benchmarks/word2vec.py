"""Skip-gram here and in gensim: the same text and settings, words a second, and what came out.

Usage: python tests/benchmarks/word2vec.py [SHARE]   (of the text; all by default)
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from gensim.models import Word2Vec

from imi import device, metrics
from imi.data import passages, word_tests
from imi.vectors import WordVectors
from imi.word2vec.trainer import Settings, Trainer

SETTINGS = Settings(dim=100, window=5, negatives=5, sample=1e-3, epochs=5, learning_rate=0.025)
FASTER, POINTS = 1.5, 0.01  # what is expected: times gensim's speed, at most a point below it


def ours(text: passages.Passages) -> tuple[WordVectors, float]:
    """Trains with imi; returns the vectors and the words a second."""
    trainer = Trainer(text, SETTINGS)
    seconds = list(trainer.steps(progress=False))[-1].seconds
    return trainer.vectors(), SETTINGS.epochs * len(text.ids) / seconds


def theirs(text: passages.Passages, path: Path) -> tuple[WordVectors, float]:
    """Trains with gensim from a file, its fastest way; returns the same."""
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


def main(share: float) -> None:
    """Trains both one after the other and compares speed and accuracy."""
    text = passages.read(passages.CORE).first(share)
    questions = word_tests.analogies()
    list(Trainer(text.first(0.01), SETTINGS).steps(progress=False))  # compiles
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        with path.open("w", encoding="utf-8") as file:
            for start, stop in zip(text.starts, text.starts[1:], strict=False):
                file.write(" ".join(text.vocabulary.decode(text.ids[start:stop])) + "\n")
        found = {"gensim": theirs(text, path), "imi": ours(text)}
    print(f"skip-gram, {SETTINGS.dim} numbers, window {SETTINGS.window}, {SETTINGS.negatives} "
          f"negatives, {SETTINGS.sample:g} subsampling, {SETTINGS.epochs} epochs of "
          f"{len(text.ids):,} words, {device.cores()} cores")  # fmt: skip
    accuracy, human = {}, word_tests.wordsim353()
    for name, (vectors, speed) in found.items():
        accuracy[name] = metrics.total(metrics.analogies(vectors, questions)).accuracy
        rho = metrics.word_similarity(vectors.likeness, human).spearman
        print(f"{name:8}{speed:12,.0f} words/s   Google {accuracy[name]:6.1%}   WordSim {rho:.3f}")
    ratio = found["imi"][1] / found["gensim"][1]
    print(f"imi reads {ratio:.1f} times as many words a second")
    if ratio < FASTER or accuracy["imi"] < accuracy["gensim"] - POINTS:
        sys.exit(f"expected {FASTER} times, at no more than a point less")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
