"""Translators of captions, German to English: without and with attention, read both ways."""

from __future__ import annotations

from functools import partial

from imi.checkpoints import Checkpoint
from imi.data import pairs
from imi.data.pairs import Pair, Split
from imi.recipes import Recipe, Request
from imi.recipes.translation import Settings, rnnsearch, run, sample, seq2seq
from imi.recipes.translation_task import Task

FORWARD, REVERSED, ATTENTION = "multi30k_forward", "multi30k_reversed", "multi30k_attention"
DATA = tuple(f"multi30k-{part}-{side}" for part in pairs.MULTI30K for side in ("de", "en"))
TOKENIZE = "13a"
EDGES = (1, 9, 12, 15, 100)  # of the ranges of source lengths, in words and marks
PIECES = 3_000  # of each language: few pairs teach few words well
FIXED = {"embedding_dim": 320, "hidden_dim": 320, "layers": 2, "dropout": 0.3}
LOOKING = {"embedding_dim": 256, "hidden_dim": 320, "alignment_dim": 256, "maxout_dim": 256,
           "dropout": 0.4}  # fmt: skip
STEPS = 7_000  # about 22 times all pairs; half an hour of one CPU core, attention longer


def captions() -> Split:
    """Reads the three parts; of the training part what the others do not hold.

    Raises:
        DataError: if the captions are neither in the cache nor to be had.
    """
    train, valid, test = (pairs.multi30k(part) for part in pairs.MULTI30K)
    return Split(pairs.without(train, valid + test), valid, test)


MODELS = {
    FORWARD: (seq2seq(**FIXED, reverse=False), Settings(STEPS, seed=2014, learning_rate=2e-3)),
    REVERSED: (seq2seq(**FIXED, reverse=True), Settings(STEPS, seed=2014, learning_rate=2e-3)),
    ATTENTION: (rnnsearch(**LOOKING), Settings(STEPS, seed=2015, learning_rate=2e-3)),
}


def task() -> Task:
    """Returns what there is to learn."""
    return Task.of(captions(), size=PIECES, data=DATA, tokenize=TOKENIZE)


def train(request: Request, name: str) -> bool:
    """Trains one of the three."""
    return run(request, name, task(), *MODELS[name])


def test_pairs() -> list[Pair]:
    """Reads what the three are judged by: test2016."""
    return pairs.multi30k("test2016")


def first_pairs(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    return sample(shipped, test_pairs(), tokenize=TOKENIZE)


_ABOUT = {
    FORWARD: "Seq2Seq, German captions read forwards, to English",
    REVERSED: "Seq2Seq, German captions read backwards, to English",
    ATTENTION: "RNNsearch, German captions to English",
}
RECIPES = tuple(
    Recipe(name, about, partial(train, name=name), minutes=40, sample=first_pairs)
    for name, about in _ABOUT.items()
)
