"""English verbs: a chain such as will be reading, each link deciding the form of the next."""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import tree
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece
from imi.data.phrasebook.tree import Clause

BE = {("present", "1s"): "am", ("present", "3s"): "is", ("present", "p"): "are",
      ("past", "1s"): "was", ("past", "3s"): "was", ("past", "p"): "were"}  # fmt: skip


VOWELS = tuple("aeiou")


def verb_group(c: Clause, base: int, number: str, *, inverted: bool) -> list[list[Piece]]:
    """Returns the chain of verbs, the finite one first."""
    chain = _chain(c, base)
    first = chain[0][0]
    if (c.negative or inverted) and first not in ("be", "will", "can"):
        chain.insert(0, ("do", (), "bare"))
    links: list[list[Piece]] = []
    form = "finite"
    for verb, nodes, demands in chain:
        if form == "finite":
            word = verb if verb in ("will", "can") else finite(verb, c.tense, number)
            if c.tense != "future" or verb == "will":
                nodes = (base + tree.TENSE, *nodes)
        else:
            word = {"bare": verb, "to": verb, "ing": ing(verb), "done": participle(verb)}[form]
        said = [Piece("to", (base + tree.MODAL,))] if form == "to" else []
        links.append([*said, Piece(word, nodes)])
        form = demands
    return links


def _chain(c: Clause, base: int) -> list[tuple[str, tuple[int, ...], str]]:
    """Returns verbs with the nodes that they say and the form that they ask of the next."""
    predicate = lexicon().predicates[c.predicate]
    head = predicate.en.head.removeprefix("there_")
    main = () if head == "be" else (base + tree.PREDICATE,)
    chain = []
    modal = (base + tree.MODAL,)
    if c.tense == "future":
        chain.append(("will", (), "bare"))
    if c.modal == "can":
        chain.append(("can", modal, "bare"))
    elif c.modal:
        chain.append(({"want": "want", "must": "have"}[c.modal], modal, "to"))
    if c.day == "now" and not predicate.remarks & {"state", "noprogress"} and not c.modal:
        chain.append(("be", (base + tree.ASPECT,), "ing"))
        main += (base + tree.ASPECT,)
    if c.passive:
        chain.append(("be", (base + tree.VOICE,), "done"))
    chain.append((head, main, ""))
    return chain


@lru_cache(None)
def finite(verb: str, tense: str, number: str) -> str:
    """Returns the form of a verb that agrees with its subject."""
    if verb == "be":
        return BE[tense, number]
    if verb == "do":
        return "did" if tense == "past" else "does" if number == "3s" else "do"
    if tense == "past":
        return _irregular(verb)[0]
    if number != "3s":
        return verb
    if verb == "have":
        return "has"
    if verb.endswith(("s", "x", "ch", "sh", "o")):
        return verb + "es"
    return verb[:-1] + "ies" if verb[-1] == "y" and verb[-2] not in VOWELS else verb + "s"


@lru_cache(None)
def _irregular(verb: str) -> tuple[str, str]:
    forms = lexicon().forms["en"]
    if verb in forms["verbs"]:
        past, done = forms["verbs"][verb].split()
        return past, done
    if verb.endswith("e"):
        return verb + "d", verb + "d"
    if verb[-1] == "y" and verb[-2] not in VOWELS:
        return verb[:-1] + "ied", verb[:-1] + "ied"
    return _doubled(verb) + "ed", _doubled(verb) + "ed"


def _doubled(verb: str) -> str:
    doubling = lexicon().forms["en"]["doubling"]["verbs"].split()
    return verb + verb[-1] if verb in doubling else verb


def participle(verb: str) -> str:
    """Returns the past participle: eaten."""
    return "been" if verb == "be" else _irregular(verb)[1]


def ing(verb: str) -> str:
    """Returns the present participle: making, running."""
    if verb.endswith("e") and not verb.endswith(("ee", "be")):
        return verb[:-1] + "ing"
    return _doubled(verb) + "ing"
