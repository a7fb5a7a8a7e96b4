"""Draws noun phrases that make sense: who, what, whose, how many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import TypeVar

from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.tree import NounPhrase
from imi.data.phrasebook.words import Noun, Predicate

Item = TypeVar("Item")
HABITS = ("every_day", "every_morning", "every_evening", "every_week", "sunday", "weekends")
PAST = ("yesterday", "last_night", "last_week", "last_year", "last_month", "this_morning",
        "day_before", "today")  # fmt: skip
FUTURE = ("tomorrow", "next_week", "next_month", "next_year", "tonight", "day_after", "today")
FAR = {"last_year", "last_month", "next_year", "next_month"}
HOURLY = {"yesterday", "today", "tomorrow", "day_before", "day_after", "every_day"}
COUNTED = ("fruit", "reading", "writing", "thing", "wear", "furniture", "plant", "dishes", "animal",
           "person", "youth", "vehicle", "place")  # fmt: skip


@lru_cache(None)
def adjectives_of(noun: str) -> tuple[str, ...]:
    """Returns the adjectives that can be said of a noun."""
    words = lexicon()
    kind = words.nouns[noun].kind
    return tuple(a.id for a in words.adjectives.values() if {kind, f"{kind}.{noun}"} & {*a.about})


@lru_cache(None)
def choices(kinds: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Returns the heads of each kind, so that a small kind is drawn as often as a large one."""
    words = lexicon()
    flat: list[str] = []
    for kind in kinds:
        flat += words.groups.get(kind, [kind])
    return tuple(words.of_kind((kind,)) for kind in flat)


class Stuck(Exception):
    """A meaning would have to name something twice: draw another."""


class Phrases:
    """Noun phrases from a seeded generator."""

    rich = 0.5  # how much is said besides the bare sentence, 0 to 1
    relatives = 0.0  # how often a noun takes a relative clause

    def __init__(self, generator: Random):
        self._random = generator.random
        self.used: set[str] = set()  # predicates, and nouns: each comes once in a meaning

    def chance(self, share: float) -> bool:
        """Returns True so often."""
        return self._random() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """Draws one of the items."""
        return items[int(self._random() * len(items))]

    def says_who(self, who: NounPhrase) -> bool:
        """Returns whether he or she can stand for someone in all five languages."""
        noun = lexicon().nouns.get(who.head)
        return noun is None or (noun.kind in ("person", "kin", "youth") and noun.de[3] != "n")

    def pronoun(self, who: NounPhrase) -> NounPhrase:
        """Returns the pronoun that stands for someone."""
        words = lexicon()
        if who.head in words.pronouns:
            return NounPhrase(who.head)
        if who.plural or who.count > 1 or who.rest:
            return NounPhrase("they")
        return NounPhrase("she" if words.is_female(who.head) else "he")

    def phrase(self, head: str, *, asked: bool = False) -> NounPhrase:
        """Draws a noun phrase about someone or something definite."""
        words = lexicon()
        if head in words.pronouns or head in words.fixed_places:
            return NounPhrase(head)
        if head in words.names:
            if self.chance(0.08):
                other = self.pick([name for name in words.names if name != head])
                return NounPhrase(head, rest=NounPhrase(other))
            return NounPhrase(head)
        noun = words.nouns[head]
        if noun.kind == "kin":
            return NounPhrase(head, "your" if asked else self._owner(head))
        determiner = "this" if self.chance(0.12) else "the"
        plural = not noun.mass and noun.kind in ("person", "youth", "animal") and self.chance(0.25)
        return self._fuller(NounPhrase(head, determiner, plural), noun)

    def _owner(self, head: str) -> str:
        if head in ("husband", "wife"):
            return self.pick(("my", "my", "her" if head == "husband" else "his"))
        return self.pick(("my", "my", "his", "her", "our"))

    def with_relative(self, phrase: NounPhrase, noun: Noun) -> NounPhrase:
        """Adds a relative clause; what can draw clauses says how."""
        raise NotImplementedError

    def _fuller(self, phrase: NounPhrase, noun: Noun) -> NounPhrase:
        """Adds an adjective, a relative clause, both or neither."""
        if self.chance(0.1 + 0.25 * self.rich) and (found := adjectives_of(noun.id)):
            phrase = phrase._replace(adjective=self.pick(found))
        if phrase.determiner in ("the", "a") and not phrase.count and self.chance(self.relatives):
            if noun.mass and phrase.determiner == "a":
                return phrase
            return self.with_relative(phrase, noun)
        return phrase

    def _head(self, kinds: tuple[str, ...], taken: set[str]) -> str:
        """Draws a noun or name of some kinds that is not there already."""
        pools = choices(kinds)
        for _ in range(20):
            head = self.pick(self.pick(pools))
            if head not in taken and head not in self.used:
                break
        else:
            raise Stuck
        if head not in ("i", "we", "you"):
            self.used.add(head)
        return head

    def _existing(self, noun: Noun, predicate: Predicate, negative: bool) -> NounPhrase:
        if predicate.id != "exist":
            return NounPhrase(noun.id, "this" if self.chance(0.2) else "the")
        many = not noun.mass and not negative and self.chance(0.5)
        count = 2 + int(self._random() * 8) if many else 0
        return NounPhrase(noun.id, "" if count else "a", bool(count), count)

    def _own(self, subject: NounPhrase | None) -> str:
        return {"i": "my", "we": "our", "you": "your"}.get(subject.head, "") if subject else ""

    def _thing(
        self, noun: Noun, predicate: Predicate, subject: NounPhrase | None, *, negative: bool,
        when: str,
    ) -> NounPhrase:  # fmt: skip
        definite = "definite" in predicate.remarks
        roll = self._random()
        own = self._own(subject)
        if definite or (roll < 0.3 and "indefinite" not in predicate.remarks):
            kind = (
                own
                if own and noun.kind in ("thing", "wear", "vehicle") and self.chance(0.6)
                else ""
            )
            phrase = NounPhrase(noun.id, kind or ("this" if self.chance(0.2) else "the"))
            plural = noun.kind in ("fruit", "dishes", "person", "plant") and self.chance(0.4)
            return self._fuller(phrase._replace(plural=plural and not noun.mass), noun)
        if noun.mass:
            return self._listed(self._fuller(NounPhrase(noun.id, "a"), noun), noun, negative)
        fits = noun.kind in COUNTED and not negative and when not in HABITS
        if roll < 0.45 and fits:
            return NounPhrase(noun.id, "", True, 2 + int(self._random() * 8))
        if roll < 0.5 and fits:
            return NounPhrase(noun.id, "many", True)
        plural = roll < 0.65 and noun.kind in ("fruit", "reading", "writing", "plant")
        return self._listed(self._fuller(NounPhrase(noun.id, "a", plural), noun), noun, negative)

    def _listed(self, phrase: NounPhrase, noun: Noun, negative: bool) -> NounPhrase:
        """Adds a second thing of the kind: bread and cheese."""
        if phrase.relative or phrase.adjective or negative or not self.chance(0.12):
            return phrase
        if noun.kind not in ("food", "fruit", "drink", "reading", "wear", "plant", "dishes"):
            return phrase
        words = lexicon()
        others = [n for n in words.of_kind((noun.kind,)) if n != noun.id
                  and words.nouns[n].mass == noun.mass]  # fmt: skip
        return phrase._replace(rest=NounPhrase(self.pick(others), "a", phrase.plural))

    def _place(self, head: str, relation: str) -> NounPhrase:
        if head in lexicon().fixed_places:
            return NounPhrase(head, relation=relation)
        return NounPhrase(head, "this" if self.chance(0.1) else "the", relation=relation)
