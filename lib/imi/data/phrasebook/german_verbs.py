"""German verbs: their forms, and which of them stands where."""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import tree
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece
from imi.data.phrasebook.tree import Clause

MODALS = {"can": "können", "want": "möchten", "must": "müssen"}


def verb_group(c: Clause, base: int, person: str) -> tuple[list[Piece], list[Piece]]:
    """Returns the verbs, the finite one first, and the prefix that comes off it."""
    predicate = lexicon().predicates[c.predicate]
    head = predicate.de.head.removeprefix("es_")
    told = predicate.de.head in lexicon().forms["de"]["sets"]["past"].split()
    light = head == "sein"
    nodes = () if light else (base + tree.PREDICATE,)
    tense = (base + tree.TENSE,)
    sets = lexicon().forms["de"]["sets"]
    chain: list[tuple[str, tuple[int, ...]]] = [(head, nodes)]
    kind = "past" if c.tense == "past" else "present"
    if c.passive:
        chain.insert(0, ("werden", (base + tree.VOICE,)))
    elif c.modal:
        chain.insert(0, (MODALS[c.modal], (base + tree.MODAL,)))
    elif c.tense == "past" and not told:
        driven = any(item[:2] == ("O", "") for item in predicate.de.items)  # hat es gefahren
        auxiliary = "sein" if not driven and head in sets["sein"].split() else "haben"
        done = Piece(participle(head), nodes)
        return [Piece(finite(auxiliary, "present", person), tense), done], []
    if c.tense == "future":
        chain.insert(0, ("werden", ()))
    first, said = chain[0]
    prefix, _, stem = first.rpartition("-")
    verbs = [Piece(finite(stem, kind, person), said + tense)]
    for number, (verb, own) in enumerate(chain[1:], 1):
        last = number == len(chain) - 1
        verbs.append(Piece(participle(verb) if c.passive and last else infinitive(verb), own))
    return verbs, [Piece(prefix, said)] if prefix else []


PRESENT = {"sein": "bin ist sind", "haben": "habe hat haben", "werden": "werde wird werden",
           "können": "kann kann können", "müssen": "muss muss müssen", "mögen": "mag mag mögen",
           "möchten": "möchte möchte möchten", "wissen": "weiß weiß wissen"}  # fmt: skip


@lru_cache(None)
def verb_parts(verb: str) -> tuple[str, str, str]:
    """Returns (er present, er past, participle) of a verb without its prefix."""
    if row := lexicon().forms["de"]["verbs"].get(verb):
        third, past, done = row.split()
        return third, past, done
    stem = verb.removesuffix("n").removesuffix("e")
    if not verb.endswith("n"):
        raise ValueError(f"{verb!r} is no German infinitive")
    if stem.endswith(("t", "d", "chn", "fn")):
        stem += "e"
    return stem + "t", stem + "te", f"ge{stem}t"


@lru_cache(None)
def finite(verb: str, tense: str, person: str) -> str:
    """Returns a form without its prefix; `person` is 1s, 3s or p (wir, Sie, sie)."""
    number = ("1s", "3s", "p").index(person)
    third, past, _ = verb_parts(verb)
    if tense == "past":
        plural = past + "n" if past.endswith("e") else past + "en"
        return plural if person == "p" else past
    if verb in PRESENT:
        return PRESENT[verb].split()[number]
    stem = verb[:-2] if verb.endswith("en") else verb[:-3] + verb[-2]  # streicheln, streichle
    return (stem + "e", third, verb)[number]


def participle(verb: str) -> str:
    """Returns the participle, with the prefix of a separable verb: aufgestanden."""
    prefix, _, rest = verb.rpartition("-")
    return prefix + verb_parts(rest)[2]


def infinitive(verb: str) -> str:
    """Returns the infinitive, with the prefix of a separable verb: aufstehen."""
    return verb.replace("-", "")
