"""Draws clauses that make sense: tense, time, place and arguments that go together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.phrases import FAR, FUTURE, HABITS, HOURLY, PAST, Phrases
from imi.data.phrasebook.tree import Clause, NounPhrase
from imi.data.phrasebook.words import Noun, Predicate

UNSAID = {"job", "exist", "generic", "subject", "single"}  # in relative clauses


@lru_cache(None)
def relatives_of(noun: str, gap: str) -> tuple[Predicate, ...]:
    """Returns what a relative clause can say of a noun that is its subject or its object."""
    found = []
    for predicate in lexicon().predicates.values():
        kinds = getattr(predicate, gap)
        if not kinds or predicate.theme in ("speech", "weather") or predicate.remarks & UNSAID:
            continue
        direct = all(not mark for name, mark, _ in predicate.fr.items if name == "O")
        if gap == "object" and not (direct and predicate.subject):
            continue
        if gap == "object" and any(mark == "이/가" for _, mark, _ in predicate.ko.items):
            continue  # its owner is the subject in Korean
        if "there" not in kinds and noun in lexicon().of_kind(kinds):
            found.append(predicate)
    return tuple(found)


class Clauses(Phrases):
    """Clauses from a seeded generator."""

    def fresh(self, predicates: Sequence[Predicate]) -> Predicate:
        """Draws a predicate that the meaning does not have yet."""
        while (predicate := self.pick(predicates)).id in self.used:
            pass
        self.used.add(predicate.id)
        return predicate

    def clause(
        self, predicate: Predicate, *, tense: str = "", day: bool = True, asked: bool = False,
        gap: str = "", antecedent: NounPhrase | None = None,
    ) -> Clause:  # fmt: skip
        """Draws a clause with this predicate."""
        remarks = predicate.remarks
        subject = antecedent if gap == "subject" else None
        if subject is None and predicate.subject and predicate.subject[0] != "there":
            subject = self.subject(predicate, asked=asked)
        modal = self._modal(predicate, subject, tense, asked) if day and not gap else ""
        tense, when, clock = self._time(predicate, tense, day=day, modal=modal)
        negative = "noneg" not in remarks and not gap and self.chance(0.15)
        negative = negative and when not in ("now", *HABITS)
        object_ = antecedent
        if gap != "object":
            object_ = self._object(predicate, subject, negative, when)
        if "single" in remarks and not gap:
            subject, object_ = (phrase._replace(plural=False, rest=None, count=0)
                                for phrase in (subject, object_))  # fmt: skip
        receiver, place = self._third(predicate, subject, object_)
        where = None
        if not (place or gap or receiver) and self.chance(0.3 * self.rich):
            where = self._where(predicate)
        if object_ is not None and object_.relative and gap != "object":
            # What follows a relative clause would seem to belong to it.
            where = None
            if when or receiver or place:
                object_ = object_._replace(relative=None)
        fronted = day and bool(when) and when != "now" and not gap and self.chance(0.2)
        return Clause(
            predicate.id,
            subject=None if gap == "subject" else subject,
            object=None if gap == "object" else object_,
            receiver=receiver, place=place, where=where,
            tense=tense,
            negative=negative and modal != "must", modal=modal, day=when, clock=clock,
            fronted=fronted, gap=gap,
        )  # fmt: skip

    def _time(
        self, predicate: Predicate, tense: str, *, day: bool, modal: str
    ) -> tuple[str, str, int]:
        """Draws tense, day and hour; what someone can, must or wants to do has no day."""
        if modal:
            past = modal == "must" and (tense == "past" or (not tense and self.chance(0.5)))
            return "past" if past else "present", "", 0
        remarks = predicate.remarks
        tense = tense or self._tense(predicate)
        if tense == "future" and "state" in remarks and predicate.theme != "weather":
            tense = "present"
        when = self._day(predicate, tense) if day else ""
        if day and tense == "present" and not when and "state" not in remarks:
            tense = "past"  # what happens now or always needs to say so
            when = self._day(predicate, tense)
        clock = 0
        if when in HOURLY and not remarks & {"hour", "state"} and self.chance(0.15):
            clock = 1 + int(self._random() * 12)
        return tense, when, clock

    def _tense(self, predicate: Predicate) -> str:
        if "perm" in predicate.remarks:
            return "present" if self.chance(0.85) else "past"
        if "state" in predicate.remarks:
            return self.pick(("past", "present"))
        return self.pick(("past", "past", "present", "future"))

    def _day(self, predicate: Predicate, tense: str) -> str:
        remarks = predicate.remarks
        if "perm" in remarks:
            return ""
        if tense in ("past", "future"):
            when = self.pick(PAST if tense == "past" else FUTURE)
            fits = when in HOURLY if "hour" in remarks else when not in FAR or "big" in remarks
            return when if fits and self.chance(0.25 + 0.4 * self.rich) else ""
        if "state" in remarks:
            return ""
        kinds = []
        if "once" not in remarks and "nohabit" not in remarks:
            kinds += HABITS if "hour" not in remarks else ("every_day", "sunday")
        if "noprogress" not in remarks:
            kinds += ["now"] * (len(kinds) or 1)
        return self.pick(kinds) if kinds else ""

    def _modal(
        self, predicate: Predicate, subject: NounPhrase | None, tense: str, asked: bool
    ) -> str:
        if "state" in predicate.remarks or subject is None or not self.says_who(subject):
            return ""
        if predicate.theme in ("weather", "animals") or not self.chance(0.15):
            return ""
        if tense:
            return {"past": "must", "present": self.pick(("can", "must"))}.get(tense, "")
        oneself = subject.head in (("you",) if asked else ("i", "we"))
        return self.pick(("can", "must", "want", "want") if oneself else ("can", "must"))

    def subject(self, predicate: Predicate, *, asked: bool) -> NounPhrase:
        """Draws who does it."""
        head = self._head(predicate.subject, set())
        if head == "you" and not asked:
            head = "i"
        if head == "i" and asked:
            head = "you"
        if "job" in predicate.remarks and head in ("we", "they"):
            head = self.pick(("he", "she"))
        if "job" in predicate.remarks and asked and head not in lexicon().names:
            head = self.pick(("he", "she"))
        return self.phrase(head, asked=asked)

    def with_relative(self, phrase: NounPhrase, noun: Noun) -> NounPhrase:
        """Adds a relative clause about what the noun did, or what was done to it."""
        gap = self.pick(("subject", "object")) if noun.animate else "object"
        found = [p for p in relatives_of(noun.id, gap) if p.id not in self.used]
        if not found:
            return phrase
        before, self.relatives = self.relatives, 0.0
        predicate = self.fresh(found)
        tense = "present" if "perm" in predicate.remarks else "past"
        said = self.clause(predicate, tense=tense, gap=gap, antecedent=phrase)
        self.relatives = before
        return phrase._replace(relative=said)

    def _object(
        self, predicate: Predicate, subject: NounPhrase | None, negative: bool, when: str
    ) -> NounPhrase | None:  # fmt: skip
        if not predicate.object:
            return None
        head = self._head(predicate.object, {subject.head} if subject else set())
        if "job" in predicate.remarks:
            female = subject is not None and lexicon().is_female(subject.head)
            base = head.removesuffix("_f")
            return NounPhrase(base + "_f" if female else base, "job")
        words = lexicon()
        if head not in words.nouns:
            return self.phrase(head)
        noun = words.nouns[head]
        if "generic" in predicate.remarks:
            return NounPhrase(head, "kind", not noun.mass)
        if "subject" in predicate.remarks:
            return NounPhrase(head, "kind")
        if noun.kind == "kin":
            own = self._own(subject)
            spouse = head in ("husband", "wife") and own == "our"
            return NounPhrase(head, own if own and not spouse else self._owner(head))
        if predicate.id == "exist" or (noun.kind == "place" and predicate.theme != "shopping"):
            return self._existing(noun, predicate, negative)
        return self._thing(noun, predicate, subject, negative=negative, when=when)

    def _third(
        self, predicate: Predicate, subject: NounPhrase | None, object_: NounPhrase | None
    ) -> tuple[NounPhrase | None, NounPhrase | None]:
        """Draws the receiver or the place that the predicate asks for."""
        if predicate.id == "exist":
            kind = "this" if self.chance(0.6) else "the"
            return None, NounPhrase(self.pick(("town", "village")), kind, relation="at")
        if not predicate.third:
            return None, None
        if predicate.third[0][:3] in ("at:", "to:"):
            kind = self.pick(predicate.third)
            relation, _, kind = kind.partition(":")
            return None, self._place(self.pick(lexicon().of_kind((kind,))), relation)
        taken = {phrase.head for phrase in (subject, object_) if phrase}
        receiver = self.phrase(self._head(predicate.third, taken))
        if receiver.determiner in ("my", "our", "his", "her"):
            own = self._own(subject)
            if not own:
                name = self.pick([name for name in lexicon().names if name not in taken])
                return NounPhrase(name), None
            receiver = receiver._replace(determiner=own)
        return receiver._replace(relative=None), None

    def _where(self, predicate: Predicate) -> NounPhrase | None:
        kinds = lexicon().adjuncts.get(predicate.theme, ())
        if not kinds or predicate.remarks & {"state", "once", "nowhere"}:
            return None
        place = self._place(self.pick(lexicon().of_kind(kinds)), "at")
        if predicate.theme in ("family", "animals") and place.determiner and self.chance(0.3):
            return place._replace(relation=self.pick(("front", "behind", "beside")))
        return place
