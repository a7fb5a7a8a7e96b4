"""Draws meanings that make sense: who does what, with whom, where and when.

Only `random()` of Python's generator is used, which is the same in every version.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random

from imi.data.phrasebook.clauses import Clauses
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.phrases import Stuck
from imi.data.phrasebook.tree import Clause, NounPhrase, Pair, Tree
from imi.data.phrasebook.words import Predicate

SPOKEN = ("speech",)
LINKS = ("and", "but", "because", "when", "although", "if", "think", "say")


@lru_cache(1)
def plain_predicates() -> tuple[Predicate, ...]:
    """Returns the predicates of simple sentences."""
    return tuple(p for p in lexicon().predicates.values() if p.theme not in SPOKEN)


@lru_cache(1)
def states() -> tuple[Predicate, ...]:
    """Returns what can be a reason or a circumstance: tired, hungry, cold, raining."""
    weather = [p for p in plain_predicates() if p.theme == "weather"]
    return tuple(weather + [p for p in plain_predicates()
                            if "state" in p.remarks and "perm" not in p.remarks
                            and p.theme != "weather" and not p.object])  # fmt: skip


@lru_cache(1)
def events() -> tuple[Predicate, ...]:
    """Returns what people do."""
    people = {"who", "adult"}
    return tuple(p for p in plain_predicates()
                 if "state" not in p.remarks and people & {*p.subject})  # fmt: skip


class Sampler(Clauses):
    """Draws one tree after another from a seeded generator."""

    def __init__(self, seed: int):
        super().__init__(Random(seed))

    def draw(self, words: int) -> Tree:
        """Draws a meaning that takes about so many English words."""
        while True:
            self.used.clear()
            try:
                return self._draw(words)
            except Stuck:
                continue

    def _draw(self, words: int) -> Tree:
        self.rich = min(1.0, max(0.0, (words - 4) / 8))
        self.relatives = 0.0 if words < 7 else 0.5
        if words <= 8 or (words <= 13 and self.chance(0.5)):
            return self.question() if self.chance(0.2) else self.simple()
        if words <= 24:
            self.rich = (words - 8) / 14
            self.relatives = 0.0 if words < 14 else 0.6
            return self.pair(self.pick(LINKS))
        self.rich = (words - 20) / 20
        self.relatives = 0.2 if words < 30 else 0.8
        tense = self.pick(("past", "past", "future"))
        first, second = (self.pair(self.pick(_LINKS_OF[tense]), tense) for _ in range(2))
        return Pair(self.pick(("and", "but")), first, second)

    def simple(self) -> Clause:
        """Draws a statement."""
        return self.clause(self.fresh(plain_predicates()))

    def pair(self, link: str, tense: str = "") -> Pair:
        """Draws two clauses that belong together."""
        tense = tense or self.pick(("past", "past", "present"))
        if link in ("think", "say"):
            first = Clause(link, self.subject(lexicon().predicates[link], asked=False))
            second = self.clause(self.fresh(plain_predicates()), tense=tense)
            return Pair(link, first, second._replace(fronted=False))
        if link in ("and", "but"):
            return self._level(link, tense)
        event = self.clause(self.fresh(events()), tense="future" if link == "if" else tense,
                            day=False)  # fmt: skip
        state = self.fresh(states())
        circumstance = self.clause(state, tense="present" if link == "if" else tense, day=False)
        circumstance = circumstance._replace(negative=circumstance.negative and link == "although")
        same = bool(circumstance.subject) and self.chance(0.6) and self._can_be_same(event, state)
        if not same:
            circumstance = self._other_subject(circumstance, event)
        elif link == "because":
            circumstance = circumstance._replace(subject=self.pronoun(event.subject))
        else:
            circumstance = circumstance._replace(subject=event.subject)
            event = event._replace(subject=self.pronoun(event.subject))
        pair = (event, circumstance) if link == "because" else (circumstance, event)
        return Pair(link, *pair, same=same)

    def _can_be_same(self, event: Clause, state: Predicate) -> bool:
        who = event.subject
        return who is not None and who.relative is None and self.says_who(who)

    def _other_subject(self, clause: Clause, other: Clause) -> Clause:
        if clause.subject is None or other.subject is None:
            return clause
        if clause.subject.head != other.subject.head and not {"he", "she", "they"} & {
            clause.subject.head, other.subject.head}:  # fmt: skip
            return clause
        names = [name for name in lexicon().names if name != other.subject.head]
        return clause._replace(subject=NounPhrase(self.pick(names)))

    def _level(self, link: str, tense: str) -> Pair:
        first = self.clause(self.fresh(events()), tense=tense)
        second = self.clause(self.fresh(events()), tense=tense, day=tense == "present")
        if link == "and" and first.negative:
            first = first._replace(negative=False)
        if tense == "present" and first.day:
            second = second._replace(day="", clock=0, fronted=False)
        if link == "and" and self._can_be_same(first, None) and self.chance(0.5):
            return Pair(link, first, second._replace(subject=self.pronoun(first.subject)), True)
        return Pair(link, first, self._other_subject(second, first))

    def question(self) -> Clause:
        """Draws a question."""
        predicate = self.fresh(plain_predicates())
        clause = self.clause(predicate, asked=True)
        kinds = ["yes"] + [kind for kind in _CAN_ASK if _CAN_ASK[kind](clause, predicate)]
        kind = self.pick(kinds)
        if kind == "who":
            clause = clause._replace(subject=None)
        elif kind in ("what", "whom"):
            clause = clause._replace(object=None)
        elif kind == "where":
            clause = clause._replace(where=None)
            if clause.place:
                clause = clause._replace(place=NounPhrase("", relation=clause.place.relation))
        elif kind == "when":
            clause = clause._replace(day="", clock=0)
        elif kind == "many":
            clause = clause._replace(object=NounPhrase(clause.object.head, plural=True))
        return clause._replace(ask=kind, fronted=False, negative=clause.negative and kind == "why")


_LINKS_OF = {"past": ("because", "when", "although", "and", "say", "think"),
             "future": ("if", "think", "say")}  # fmt: skip


def _direct(predicate: Predicate) -> bool:
    """Returns whether the object has no preposition in any European language."""
    frames = (predicate.en, predicate.fr, predicate.de)
    return all(not mark for frame in frames for name, mark, _ in frame.items if name == "O")


def _asks_what(clause: Clause, predicate: Predicate) -> bool:
    thing = clause.object is not None and not lexicon().is_person(clause.object.head)
    plain = not predicate.remarks & {"job", "exist"} and clause.subject is not None
    return thing and plain and _direct(predicate)


_CAN_ASK = {
    "who": lambda c, p: c.subject is not None and lexicon().is_person(c.subject.head)
    and p.subject[0] in ("who", "adult") and "job" not in p.remarks,
    "what": _asks_what,
    "whom": lambda c, p: c.object is not None and lexicon().is_person(c.object.head)
    and p.en.items[0][0] == "O" and c.receiver is None and "job" not in p.remarks,
    "where": lambda c, p: (c.place is not None and p.id != "exist" and c.tense != "future")
    or (c.where is not None and p.theme != "weather"),
    "when": lambda c, p: c.tense != "present" and not p.remarks & {"state", "perm"} and not c.modal,
    "why": lambda c, p: c.subject is not None and c.tense == "past" and c.day != "now",
    "many": lambda c, p: c.object is not None and c.object.count > 0 and c.subject is not None
    and _direct(p) and "exist" not in p.remarks,
}  # fmt: skip
