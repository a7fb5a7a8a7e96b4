"""French verbs: the five persons that the phrasebook needs, participles, and their agreement."""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook.lexicon import lexicon

PERSONS = ("1s", "3s", "1p", "2p", "3p")
IMPERFECT = ("ais", "ait", "ions", "iez", "aient")
FUTURE = ("ai", "a", "ons", "ez", "ont")
YOU = {"être": "êtes", "faire": "faites", "dire": "dites"}


@lru_cache(None)
def parts(verb: str) -> tuple[tuple[str, ...], str, str]:
    """Returns (present je, il, nous, ils), the stem of the future, the participle."""
    if row := lexicon().forms["fr"]["verbs"].get(verb):
        present, future, done = row.split("|")
        return tuple(present.split()), future.strip(), done.strip()
    if not verb.endswith("er"):
        raise ValueError(f"french.toml says nothing of the verb {verb!r}")
    stem = verb[:-2]
    soft = stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
    return (stem + "e", stem + "e", soft + "ons", stem + "ent"), verb, stem + "é"


@lru_cache(None)
def finite(verb: str, tense: str, person: str) -> str:
    """Returns a form; `tense` is "present", "imperfect" or "future".

    `person` is one of 1s, 3s, 1p, 2p (vous) and 3p.
    """
    present, future, _ = parts(verb)
    number = PERSONS.index(person)
    if tense == "future":
        return future + FUTURE[number]
    if tense == "imperfect":
        stem = "ét" if verb == "être" else present[2].removesuffix("ons")
        if person in ("1p", "2p"):  # the soft letter is for a: mangeais, but mangions
            stem = stem[:-1] if stem.endswith("ge") else stem
            stem = stem[:-1] + "c" if stem.endswith("ç") else stem
        return stem + IMPERFECT[number]
    if person == "2p":
        stem = present[2].removesuffix("ons")
        stem = stem[:-1] if stem.endswith("ge") else stem.replace("ç", "c")
        return YOU.get(verb, stem + "ez")
    return present[(0, 1, 2, 2, 3)[number]]


def agreed(word: str, *, female: bool, many: bool) -> str:
    """Adds what a participle or adjective takes from its noun: -e, -s."""
    if female and not word.endswith("e"):
        word += "e"
    return word + "s" if many and word[-1] not in "sx" else word


def takes_etre(verb: str, *, reflexive: bool) -> bool:
    """Returns whether the past is made with être."""
    return reflexive or verb in lexicon().forms["fr"]["sets"]["être"].split()


@lru_cache(None)
def frame(predicate: str) -> tuple[str, tuple[tuple[str, str, str], ...], str]:
    """Returns (verb, what follows, clitic)."""
    head, items = lexicon().predicates[predicate].fr
    if head == "se":
        return items[0][1], items[1:], "se"
    return (head[2:], items, "y") if head.startswith("y_") else (head, items, "")


def inflected(word: str, *, female: bool, many: bool) -> str:
    """Lets an adjective of a predicate agree: fatigué~, heureux~heureuse."""
    masculine, mark, feminine = word.partition("~")
    if not mark:
        return word + "s" if word in ("malade", "triste") and many else word
    return agreed(feminine if female and feminine else masculine, female=female, many=many)
