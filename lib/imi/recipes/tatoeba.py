"""Translators of everyday sentences, English to Japanese: without and with attention."""

from __future__ import annotations

from functools import partial

from imi.checkpoints import Checkpoint
from imi.data import pairs
from imi.data.pairs import Pair, Split
from imi.recipes import Recipe, Request
from imi.recipes.translation import Settings, rnnsearch, run, sample, seq2seq
from imi.recipes.translation_task import Task

FIXED_NAME, ATTENTION = "tatoeba_seq2seq", "tatoeba_attention"
DATA = ("tatoeba",)
PIECES = 4_000  # of each language; Japanese alone has 2,000 common characters
HELD_OUT = 1_000  # pairs of the validation and of the test part
TOKENIZE = "char"  # Japanese has no spaces
EDGES = (1, 6, 9, 13, 100)  # of the ranges of source lengths, in words and marks
FIXED = {"embedding_dim": 320, "hidden_dim": 320, "layers": 2, "dropout": 0.2}
LOOKING = {"embedding_dim": 256, "hidden_dim": 320, "alignment_dim": 256, "maxout_dim": 256,
           "dropout": 0.2}  # fmt: skip
STEPS = 5_000  # about 4 times all pairs; half an hour of one CPU core, attention longer


def everyday() -> Split:
    """Reads the sentences, cut so that no part shares one, on either side, with another.

    Raises:
        DataError: if the sentences are neither in the cache nor to be had.
    """
    return pairs.split(pairs.tatoeba("en", "ja"), valid=HELD_OUT, test=HELD_OUT)


MODELS = {
    FIXED_NAME: (seq2seq(**FIXED), Settings(STEPS, seed=2014, tokens=2_000, learning_rate=2e-3)),
    ATTENTION: (rnnsearch(**LOOKING), Settings(STEPS, seed=2015, tokens=2_000, learning_rate=2e-3)),
}


def task() -> Task:
    """Returns what there is to learn."""
    return Task.of(everyday(), size=PIECES, data=DATA, tokenize=TOKENIZE)


def train(request: Request, name: str) -> bool:
    """Trains one of the two."""
    return run(request, name, task(), *MODELS[name])


def test_pairs() -> list[Pair]:
    """Reads what the two are judged by: 1,000 pairs of which no sentence was in training."""
    return everyday().test


def first_pairs(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    return sample(shipped, test_pairs(), tokenize=TOKENIZE)


RECIPES = (
    Recipe(FIXED_NAME, "Seq2Seq, everyday English to Japanese", partial(train, name=FIXED_NAME),
           minutes=40, sample=first_pairs),
    Recipe(ATTENTION, "RNNsearch, everyday English to Japanese", partial(train, name=ATTENTION),
           minutes=40, sample=first_pairs),
)  # fmt: skip
