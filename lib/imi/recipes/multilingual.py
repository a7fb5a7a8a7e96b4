"""One translator for several directions: a tag before the sentence says what to write.

Source: Johnson et al. (2016), section 3 and the zero-shot experiments. Model 1 learns Japanese to
    English and English to Korean, Model 2 both ways of both pairs; Japanese and Korean never meet
    in training.
Differs: sentences are the phrasebook's; the two pairs say different meanings, so that no meaning
    joins Japanese and Korean behind the model's back; some nets also learn to copy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol

from imi.checkpoints import Checkpoint
from imi.data import pairs, phrasebook
from imi.data.pairs import Pair, Split
from imi.data.phrasebook import Meaning
from imi.recipes import Recipe, Request
from imi.recipes.translation import SAMPLE, Settings, rnnsearch, run, sample
from imi.recipes.translation_task import Task, in_usual_case
from imi.wordpiece import WordPieces, tag, untagged

LANGUAGES = ("en", "ja", "ko")
Direction = tuple[str, str]  # from, into
MODEL_1: tuple[Direction, ...] = (("ja", "en"), ("en", "ko"))
MODEL_2: tuple[Direction, ...] = (("en", "ja"), ("ja", "en"), ("en", "ko"), ("ko", "en"))
ZERO_SHOT: tuple[Direction, ...] = (("ja", "ko"), ("ko", "ja"))
LENGTHS = {"min_words": 3, "max_words": 12}  # of the English sentence
COUNTS = {"train": 60_000, "valid": 150, "test": 200}  # meanings
PIECES = 1_500  # of all languages together
TOKENIZE = "char"  # Japanese has no spaces
SIZES = {"embedding_dim": 160, "hidden_dim": 192, "alignment_dim": 128, "maxout_dim": 160,
         "dropout": 0.1}  # fmt: skip


class Told(Protocol):
    """What is said in several languages: a meaning of the phrasebook, a caption."""

    def say(self, language: str) -> object:
        """Returns it in a language; `str` of that is the sentence."""


@dataclass(frozen=True)
class Plan:
    """What one net learns.

    Attributes:
        directions: in which the meanings are said.
        direct: of how many meanings it also learns the zero-shot directions.
        copies: whether it also learns to say a sentence again in its own language. Without that
            Japanese is always followed by English, whatever the tag, and the tag may be ignored.
    """

    directions: tuple[Direction, ...]
    steps: int
    direct: int = 0
    copies: bool = False


PLANS = {
    "multilingual_2": Plan(MODEL_2, 4_500),
    "multilingual_1_copies": Plan(MODEL_1, 4_500, copies=True),
    "multilingual_2_copies": Plan(MODEL_2, 4_500, copies=True),
    "multilingual_2_direct": Plan(MODEL_2, 4_500, direct=3_000),
    "separate_ja_en": Plan((("ja", "en"),), 1_500),
    "separate_en_ko": Plan((("en", "ko"),), 1_500),
    "separate_ja_ko": Plan((("ja", "ko"),), 1_500),
}


def statements(split: str, count: int | None = None) -> list[Meaning]:
    """Draws the meanings of a split, by default all that the recipes use."""
    found = phrasebook.meanings(split, **LENGTHS)
    return list(islice(found, COUNTS[split] if count is None else count))


def said(meaning: Told, direction: Direction) -> Pair:
    """Says a meaning in two languages, the tag of the second before the first."""
    source, target = direction
    return Pair(f"{tag(target)} {meaning.say(source)}", str(meaning.say(target)))


def dealt(
    meanings: Sequence[Told], directions: Sequence[Direction]
) -> Iterator[tuple[int, Told, frozenset[str]]]:
    """Deals meanings out to the pairs of languages in turn; yields the round, too.

    Each meaning goes to one pair alone: Japanese and Korean of the same meaning are never seen.
    """
    couples = list(dict.fromkeys(frozenset(direction) for direction in directions))
    for number, meaning in enumerate(meanings):
        yield number // len(couples), meaning, couples[number % len(couples)]


def shared(meanings: Sequence[Told], directions: Sequence[Direction]) -> list[Pair]:
    """Says each meaning in the languages of its pair, both ways if both are asked for."""
    return [
        said(meaning, direction)
        for _, meaning, couple in dealt(meanings, directions)
        for direction in directions
        if frozenset(direction) == couple
    ]


def copies(meanings: Sequence[Told], directions: Sequence[Direction]) -> list[Pair]:
    """Says every second round of meanings twice in the same language, in those of its pair.

    Rounds are those of `shared`: a meaning is said in no language but those that it is told in.
    """
    return [
        said(meaning, (language, language))
        for number, meaning, couple in dealt(meanings, directions)
        if number % 2 == 0
        for language in sorted(couple)
    ]


def sentences(plan: Plan) -> Split:
    """Says what a net learns; nothing that a test asks for, in any language, is in training."""
    parts = [statements(part) for part in ("train", "valid", "test")]
    return learned(plan, *parts, zero_shot=ZERO_SHOT)


def learned(
    plan: Plan,
    train: Sequence[Told],
    valid: Sequence[Told],
    test: Sequence[Told],
    *,
    zero_shot: Sequence[Direction],
) -> Split:
    """Says three parts in the directions of a plan; what is held out is in training in no way."""
    told = shared(train, plan.directions)
    told += [said(m, way) for m in train[: plan.direct] for way in zero_shot]
    told += copies(train, plan.directions) if plan.copies else []
    every = dict.fromkeys((*plan.directions, *zero_shot))
    languages = sorted({language for way in every for language in way})
    held = {pairs.key(str(m.say(language))) for m in (*valid, *test) for language in languages}
    return Split(_without(told, held), [said(m, way) for m in valid for way in plan.directions],
                 [said(m, way) for m in test for way in plan.directions])  # fmt: skip


def _without(told: Iterable[Pair], held: Collection[str]) -> list[Pair]:
    """Leaves out what is held out in any language, whichever side it stands on and for any tag."""
    return [p for p in told if not any(pairs.key(untagged(side)) in held for side in p)]


def task_of(
    split: Split,
    *,
    size: int = PIECES,
    languages: Sequence[str] = LANGUAGES,
    data: Sequence[str] = (),
    tokenize: str = TOKENIZE,
) -> Task:
    """Finds word pieces that all languages share, on each side, and adds the tags."""
    sources = [untagged(pair.source) for pair in split.train]
    source = WordPieces.train(sources, size=size, lowercase=True).with_tags(languages)
    cased = in_usual_case(split)
    target = WordPieces.train([pair.target for pair in cased.train], size=size)
    return Task(cased, source, target, data, tokenize)


def train(request: Request, name: str) -> bool:
    """Trains one of the nets."""
    plan = PLANS[name]
    settings = Settings(plan.steps, seed=2016)
    return run(request, name, task_of(sentences(plan)), rnnsearch(**SIZES), settings)


def test_pairs(direction: Direction, count: int | None = None) -> list[Pair]:
    """Says what the nets are judged by in one direction, or the first `count` pairs of it."""
    return [said(meaning, direction) for meaning in statements("test", count)]


def first_pairs(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    directions = PLANS[shipped.card["recipe"]].directions
    found = [said(m, way) for m in statements("test", SAMPLE) for way in directions]
    return sample(shipped, found, tokenize=TOKENIZE)


RECIPES = tuple(
    Recipe(name, f"RNNsearch with tags, {', '.join(map('-'.join, plan.directions))}"
           + (" and a little ja-ko" * bool(plan.direct) + " and copies" * plan.copies),
           partial(train, name=name), minutes=30, sample=first_pairs)
    for name, plan in PLANS.items()
)  # fmt: skip
