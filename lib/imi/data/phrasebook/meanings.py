"""Meanings, drawn without end or repetition, and what becomes of one when its roles change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from imi.data.phrasebook import english, french, german, japanese, korean, sentences, tree
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sampling import Sampler
from imi.data.phrasebook.sentences import Sentence
from imi.data.phrasebook.tree import Clause, NounPhrase
from imi.data.phrasebook.words import LANGUAGES

GRAMMARS = {"en": english, "ja": japanese, "ko": korean, "fr": french, "de": german}
SPLITS = ("train", "valid", "test")
LONGEST = 40  # words
PATIENCE = 20_000  # draws in a row that bring nothing new
_REACH = 1.25  # a sentence that is drawn for n words often has fewer


@dataclass(frozen=True)
class Meaning:
    """What can be said in five languages.

    Attributes:
        tree: who does what, when and where.
    """

    tree: tree.Tree
    _said: dict[str, Sentence] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def written(self) -> str:
        """The tree on one line, the same everywhere."""
        return tree.write(self.tree)

    @property
    def id(self) -> str:
        """A short name, the same for the same meaning everywhere."""
        return tree.meaning_id(self.written)

    @property
    def split(self) -> str:
        """The part that the meaning belongs to, for ever: "train", "valid" or "test"."""
        return tree.split_of(self.written)

    @property
    def nodes(self) -> list[str]:
        """What each node stands for; the tokens of a sentence name nodes by their number."""
        return tree.node_names(self.tree)

    def say(self, language: str) -> Sentence:
        """Says it in one language.

        Raises:
            ValueError: if `language` is none of the five.
        """
        if language not in GRAMMARS:
            raise ValueError(f"the phrasebook speaks {', '.join(LANGUAGES)}, not {language!r}")
        if language not in self._said:
            pieces = GRAMMARS[language].say(self.tree)
            self._said[language] = sentences.sentence(language, pieces)
        return self._said[language]

    def __str__(self) -> str:
        return self.say("en").text


def meanings(
    split: str = "train", *, seed: int = 2014, min_words: int = 3, max_words: int = 12
) -> Iterator[Meaning]:
    """Draws meanings of one split without end, none twice.

    Args:
        split: "train", "valid" or "test"; no meaning is in two of them, whatever the seed.
        seed: the same seed gives the same meanings on every machine.
        min_words: of the English sentence, punctuation not counted.
        max_words: at most 40.

    Raises:
        ValueError: if the split is unknown or the lengths are; later, if there are no more such
            meanings.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    if not 3 <= min_words <= max_words <= LONGEST:
        raise ValueError(
            f"lengths must satisfy 3 <= min_words <= max_words <= {LONGEST}, "
            f"got {min_words} and {max_words}"
        )
    return _meanings(split, seed, min_words, max_words)


def _meanings(split: str, seed: int, min_words: int, max_words: int) -> Iterator[Meaning]:
    sampler = Sampler(seed)
    seen: set[str] = set()
    fruitless = 0
    lengths = range(min_words, max_words + 1)
    while fruitless < PATIENCE:
        fruitless += 1
        meaning = Meaning(sampler.draw(int(sampler.pick(lengths) * _REACH)))
        written = meaning.written
        if written in seen or tree.split_of(written) != split:
            continue
        if min_words <= sentences.count_words(meaning.say("en")) <= max_words:
            seen.add(written)
            fruitless = 0
            yield meaning
    raise ValueError(
        f"the phrasebook has no more than {len(seen):,} meanings of {min_words} to {max_words} "
        f"words in {split!r} that are easily found; allow more words"
    )


def pairs(
    source: str, target: str, *, split: str = "train", count: int, seed: int = 2014,
    min_words: int = 3, max_words: int = 12,
) -> list[tuple[Sentence, Sentence]]:  # fmt: skip
    """Says `count` meanings in two languages.

    Raises:
        ValueError: if a language, the split or the lengths are unknown, or `count` is negative.
    """
    if count < 0:
        raise ValueError(f"count must not be negative, got {count}")
    found = meanings(split, seed=seed, min_words=min_words, max_words=max_words)
    return [(m.say(source), m.say(target)) for m in islice(found, count)]


def transitive(*, seed: int = 2014) -> Iterator[Meaning]:
    """Draws sentences such as "John admires Mary" that can be turned round and made passive."""
    sampler = Sampler(seed)
    verbs = [p for p in lexicon().predicates.values() if p.ko_passive]
    names = list(lexicon().names)
    while True:
        verb, first, second = sampler.pick(verbs), sampler.pick(names), sampler.pick(names)
        tense = sampler.pick(("past", "present") if "perm" in verb.remarks else ("past", "future"))
        if first != second:
            yield Meaning(Clause(verb.id, NounPhrase(first), NounPhrase(second), tense=tense))


def _roles(meaning: Meaning) -> Clause:
    clause = meaning.tree
    if not isinstance(clause, Clause) or not lexicon().predicates[clause.predicate].ko_passive:
        raise ValueError(
            f"{meaning} has no two people in roles that can be changed; take a meaning from "
            "transitive()"
        )
    if clause.subject is None or clause.object is None or clause.modal or clause.ask:
        raise ValueError(f"{meaning} is no plain statement about two people")
    return clause


def swapped(meaning: Meaning) -> Meaning:
    """Lets the two people change their roles: "John admires Mary", "Mary admires John".

    Raises:
        ValueError: if the meaning is not of that kind.
    """
    clause = _roles(meaning)
    return Meaning(clause._replace(subject=clause.object, object=clause.subject))


def passive(meaning: Meaning) -> Meaning:
    """Says the same from the other side: "Mary is admired by John".

    Raises:
        ValueError: if the meaning is not of that kind, or passive already.
    """
    clause = _roles(meaning)
    if clause.passive:
        raise ValueError(f"{meaning} is passive already")
    return Meaning(clause._replace(subject=clause.object, object=clause.subject, passive=True))
