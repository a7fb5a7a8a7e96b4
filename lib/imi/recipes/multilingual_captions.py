"""Zero-shot on real sentences: German to French, learned from German-English and English-French.

Source: Johnson et al. (2016), zero-shot experiments; there Portuguese to Spanish through English.
Differs: captions of photographs; half of them are known in German and English, the other half in
    English and French, so that no caption joins German and French. The net also learns to copy.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from imi.checkpoints import Checkpoint
from imi.data import pairs
from imi.data.pairs import Pair, Split
from imi.recipes import Recipe, Request
from imi.recipes.multilingual import Direction, Plan, learned, said, task_of
from imi.recipes.translation import Settings, rnnsearch, run, sample
from imi.recipes.translation_task import Task

LANGUAGES = pairs.CAPTIONED
ENGLISH: tuple[Direction, ...] = (("de", "en"), ("en", "de"), ("en", "fr"), ("fr", "en"))
ZERO_SHOT: tuple[Direction, ...] = (("de", "fr"), ("fr", "de"))
MANY, DIRECT = "captions_many", "captions_direct"
PLANS = {MANY: Plan(ENGLISH, 3_600, copies=True), DIRECT: Plan(ZERO_SHOT, 2_000)}
DATA = tuple(f"multi30k-{part}-{side}" for part in pairs.MULTI30K for side in LANGUAGES)
PIECES = 4_000  # of the three languages together
TOKENIZE = "13a"
SIZES = {"embedding_dim": 160, "hidden_dim": 192, "alignment_dim": 128, "maxout_dim": 160,
         "dropout": 0.2}  # fmt: skip


class Caption(NamedTuple):
    """One photograph, described in three languages."""

    de: str
    en: str
    fr: str

    def say(self, language: str) -> str:
        """Returns the caption in a language."""
        return getattr(self, language)


def captions(part: str) -> list[Caption]:
    """Reads a part of Multi30k in the three languages.

    Raises:
        DataError: if the captions are neither in the cache nor to be had.
    """
    german, french = (pairs.multi30k(part, side, "en") for side in ("de", "fr"))
    return [
        Caption(one.source, one.target, other.source)
        for one, other in zip(german, french, strict=True)
    ]


def sentences(plan: Plan) -> Split:
    """Says what a net learns; both nets learn from all captions, each known in two languages."""
    parts = [captions(part) for part in pairs.MULTI30K]
    return learned(plan, *parts, zero_shot=ZERO_SHOT)


def task(name: str) -> Task:
    """Returns what there is to learn."""
    return task_of(sentences(PLANS[name]), size=PIECES, languages=LANGUAGES, data=DATA,
                   tokenize=TOKENIZE)  # fmt: skip


def train(request: Request, name: str) -> bool:
    """Trains one of the two."""
    settings = Settings(PLANS[name].steps, seed=2016, tokens=2_000, learning_rate=2e-3)
    return run(request, name, task(name), rnnsearch(**SIZES), settings)


def test_pairs(direction: Direction, count: int | None = None) -> list[Pair]:
    """Reads what the nets are judged by in one direction, or the first `count` pairs of it."""
    return [said(caption, direction) for caption in captions("test2016")[:count]]


def first_pairs(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    ways = PLANS[shipped.card["recipe"]].directions
    test = [said(caption, way) for caption in captions("test2016") for way in ways]
    return sample(shipped, test, tokenize=TOKENIZE)


_ABOUT = {MANY: "RNNsearch with tags, captions: German and French, each to English and back",
          DIRECT: "RNNsearch with tags, captions: German to French and back"}  # fmt: skip
RECIPES = tuple(
    Recipe(name, about, partial(train, name=name), minutes=35, sample=first_pairs)
    for name, about in _ABOUT.items()
)
