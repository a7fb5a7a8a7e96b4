"""Translators of the phrasebook, English to Japanese: without and with attention.

Sentences of 3 to 40 words, so that length can be studied; and "John admires Mary" with roles
changed and in the passive, so that word order and voice can. The truth is known: no meaning of a
test was in training, and which words say the same follows from the meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from imi.checkpoints import Checkpoint
from imi.data import pairs, phrasebook
from imi.data.pairs import Pair, Split
from imi.data.phrasebook import Meaning
from imi.data.phrasebook.tree import split_of
from imi.recipes import Recipe, Request
from imi.recipes.translation import SAMPLE, Settings, rnnsearch, run, sample, seq2seq
from imi.recipes.translation_task import Task

FIXED_NAME, ATTENTION = "phrasebook_seq2seq", "phrasebook_attention"
SOURCE, TARGET = "en", "ja"
LENGTHS = {"min_words": 3, "max_words": 40}  # of the English sentence
COUNTS = {"train": 100_000, "valid": 600, "test": 800}
TRIO_DRAWS = 8_000  # from fewer families than this: nearly every family is drawn
PIECES = 1_500  # of each language
TOKENIZE = "char"  # Japanese has no spaces
EDGES = (1, 11, 21, 31, 100)  # of the ranges of source lengths, in words and marks
FIXED = {"embedding_dim": 128, "hidden_dim": 128, "layers": 1, "dropout": 0.1}
LOOKING = {"embedding_dim": 160, "hidden_dim": 192, "alignment_dim": 128, "maxout_dim": 160,
           "dropout": 0.1}  # fmt: skip


class Trio(NamedTuple):
    """One act between two people, three times: the question of the paper's figure 2.

    Attributes:
        active: "John admires Mary".
        swapped: "Mary admires John", nearly the same words, another meaning.
        passive: "Mary is admired by John", other words, nearly the same meaning.
    """

    active: Meaning
    swapped: Meaning
    passive: Meaning


def statements(split: str, count: int | None = None) -> list[Meaning]:
    """Draws the meanings of a split, by default all that the recipe uses."""
    found = phrasebook.meanings(split, **LENGTHS)
    return list(islice(found, COUNTS[split] if count is None else count))


def trios(split: str) -> Iterator[Trio]:
    """Yields trios of one split; whatever two people do to each other is in one split alone."""
    seen: set[str] = set()
    for active in islice(phrasebook.transitive(), TRIO_DRAWS):
        swapped = phrasebook.swapped(active)
        family = min(active.written, swapped.written)
        if family not in seen and split_of(family) == split:
            seen.add(family)
            yield Trio(active, swapped, phrasebook.passive(active))


def said(meaning: Meaning) -> Pair:
    """Says a meaning in English and in Japanese."""
    return Pair(meaning.say(SOURCE).text, meaning.say(TARGET).text)


def roles(split: str) -> list[Pair]:
    """Says the four sentences of every trio: each of the two acts, active and passive."""
    four = ((*trio, phrasebook.passive(trio.swapped)) for trio in trios(split))
    return [said(meaning) for meanings in four for meaning in meanings]


def sentences() -> Split:
    """Says what is to be learned; nothing that a test asks for, on either side, is in training."""
    valid, test = ([said(m) for m in statements(split)] for split in ("valid", "test"))
    train = [said(m) for m in statements("train")] + roles("train")
    kept = pairs.without(train, [*valid, *test, *roles("valid"), *roles("test")])
    return Split(kept, valid, test)


MODELS = {
    # One vector, of 256 numbers, learns slowly: it gets more updates, at a higher rate.
    FIXED_NAME: (seq2seq(**FIXED), Settings(9_000, seed=2014, learning_rate=4e-3)),
    ATTENTION: (rnnsearch(**LOOKING), Settings(3_000, seed=2015)),
}


def task() -> Task:
    """Returns what there is to learn."""
    return Task.of(sentences(), size=PIECES, data=(), tokenize=TOKENIZE)


def train(request: Request, name: str) -> bool:
    """Trains one of the two."""
    return run(request, name, task(), *MODELS[name])


def test_pairs(count: int | None = None) -> list[Pair]:
    """Says what the two are judged by, or the first `count` pairs of it."""
    return [said(meaning) for meaning in statements("test", count)]


def first_pairs(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    return sample(shipped, test_pairs(SAMPLE), tokenize=TOKENIZE)


RECIPES = (
    Recipe(FIXED_NAME, "Seq2Seq, the phrasebook's English to Japanese",
           partial(train, name=FIXED_NAME), minutes=10, sample=first_pairs),
    Recipe(ATTENTION, "RNNsearch, the phrasebook's English to Japanese",
           partial(train, name=ATTENTION), minutes=20, sample=first_pairs),
)  # fmt: skip
