"""How many meanings there are, at least: a family of plain sentences, counted by multiplication.

The family: someone did something to a known thing, once, on one of a few days or on none. All
else (adjectives, relative clauses, numbers, questions, negation, two clauses) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.phrases import PAST, choices
from imi.data.phrasebook.tree import Clause, NounPhrase
from imi.data.phrasebook.words import Predicate

DAYS = ("", *(day for day in PAST if day not in ("last_year", "last_month")))
LEFT_OUT = {"state", "perm", "generic", "subject", "hour", "single"}


def counted() -> tuple[Predicate, ...]:
    """Returns the predicates of the family: what someone does to a thing or for someone."""
    return tuple(
        predicate
        for predicate in lexicon().predicates.values()
        if predicate.subject and predicate.object and not predicate.remarks & LEFT_OUT
    )


def _people(kinds: tuple[str, ...]) -> list[NounPhrase]:
    heads = dict.fromkeys(head for pool in choices(kinds) for head in pool)
    words = lexicon()
    return [
        NounPhrase(head, "" if head in words.names else "my" if kin else "the")
        for head in heads
        if head not in words.pronouns
        for kin in [head in words.nouns and words.nouns[head].kind == "kin"]
    ]


def plain(predicate: Predicate) -> Iterator[Clause]:
    """Says all that the family says with one predicate."""
    receivers = _people(predicate.third) if predicate.third else [None]
    for who, what, whom, day in product(
        _people(predicate.subject), _people(predicate.object), receivers, DAYS
    ):
        if len({phrase.head for phrase in (who, what, whom) if phrase}) == 2 + (whom is not None):
            yield Clause(predicate.id, who, what, whom, tense="past", day=day)


def size(predicate: Predicate) -> int:
    """Counts what `plain` says, by multiplication; nobody is named twice in a sentence."""
    who, what, *whom = (
        {phrase.head for phrase in _people(kinds)}
        for kinds in (predicate.subject, predicate.object, predicate.third)
        if kinds
    )
    if not whom:
        return (len(who) * len(what) - len(who & what)) * len(DAYS)
    (third,) = whom
    found = len(who) * len(what) * len(third) + 2 * len(who & what & third)
    found -= len(who & what) * len(third) + len(who & third) * len(what)
    found -= len(what & third) * len(who)
    return found * len(DAYS)


def lower_bound() -> int:
    """Returns how many meanings the family has."""
    return sum(map(size, counted()))
