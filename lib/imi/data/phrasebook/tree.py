"""A meaning as a tree: what happens, to whom, when and where, with a number for every node.

A tree names no language. Its nodes are numbered from 0, parents before children; the tokens of a
sentence carry the numbers of the nodes that they say, and two tokens of two languages are aligned
if they share one.
"""

from __future__ import annotations

import zlib
from hashlib import blake2b
from typing import NamedTuple

# What a noun phrase says, in the order of its nodes.
HEAD, DETERMINER, COUNT, ADJECTIVE, PLURAL, AND = range(6)
NOUN_NODES = ("noun", "determiner", "count", "adjective", "plural", "and")
# What a clause says; its noun phrases come after these.
(PREDICATE, TENSE, NEGATION, ASK, MODAL, ASPECT, VOICE, DAY, CLOCK) = range(9)
SUBJECT_MARK, OBJECT_MARK, RECEIVER_MARK, PLACE_MARK, WHERE_MARK = range(9, 14)
CLAUSE_NODES = (
    "predicate", "tense", "negation", "question", "modal", "aspect", "voice", "day", "clock",
    "subject mark", "object mark", "receiver mark", "place mark", "where mark",
)  # fmt: skip
PAIR_NODES = ("link",)
END = -1  # what the full stop or question mark says

MARKS = {"O": OBJECT_MARK, "R": RECEIVER_MARK, "P": PLACE_MARK}
ARGUMENTS = ("subject", "object", "receiver", "place", "where")


class NounPhrase(NamedTuple):
    """A thing, a person or a place.

    Attributes:
        head: the noun, name, pronoun or fixed place, as the lexicon calls it.
        determiner: "the", "a", "this", "many", "kind" (all of them), "job", "my" and its like, or
            nothing.
        plural: more than one.
        count: how many, 2 to 9, or 0.
        adjective: one of the lexicon, or nothing.
        relative: a clause about it, with a gap where it stands.
        rest: the noun phrase that "and" joins to it.
        relation: for a place: "at", "to", "front", "behind" or "beside".
    """

    head: str
    determiner: str = ""
    plural: bool = False
    count: int = 0
    adjective: str = ""
    relative: Clause | None = None
    rest: NounPhrase | None = None
    relation: str = ""


class Clause(NamedTuple):
    """One thing that happens or is so.

    Attributes:
        predicate: as the lexicon calls it.
        subject, object, receiver, place: the arguments; where: a place that is none.
        tense: "past", "present" or "future".
        modal: "can", "want", "must" or nothing.
        day: a time of the lexicon; clock: the hour, 1 to 12, or 0.
        fronted: the day stands first.
        ask: "yes", "who", "what", "whom", "where", "when", "why", "many" or nothing.
        gap: the argument that a relative clause leaves out.
    """

    predicate: str
    subject: NounPhrase | None = None
    object: NounPhrase | None = None
    receiver: NounPhrase | None = None
    place: NounPhrase | None = None
    where: NounPhrase | None = None
    tense: str = "present"
    negative: bool = False
    modal: str = ""
    passive: bool = False
    day: str = ""
    clock: int = 0
    fronted: bool = False
    ask: str = ""
    gap: str = ""


class Pair(NamedTuple):
    """Two clauses in the order of English: "and", "but", "because", "when", "although", "if".

    With "think" and "say" the first holds who thinks. `same`: one subject for both; the second
    clause then has a pronoun.
    """

    link: str
    first: Clause | Pair
    second: Clause | Pair
    same: bool = False


Tree = Clause | Pair


def is_many(phrase: NounPhrase) -> bool:
    """Returns whether a noun phrase stands for more than one."""
    return phrase.plural or phrase.count > 1 or phrase.rest is not None


def person(phrase: NounPhrase | None) -> str:
    """Returns the person of a subject: 1s, 3s or p, which is also that of you (vous, Sie)."""
    if phrase is None:
        return "3s"
    if phrase.head == "i":
        return "1s"
    return "p" if is_many(phrase) or phrase.head in ("you", "we", "they") else "3s"


def noun_size(phrase: NounPhrase | None) -> int:
    """Returns how many nodes a noun phrase has."""
    if phrase is None:
        return 0
    size = len(NOUN_NODES)
    if phrase.relative is not None:
        size += tree_size(phrase.relative)
    return size + noun_size(phrase.rest)


def tree_size(tree: Tree) -> int:
    """Returns how many nodes a tree has."""
    if isinstance(tree, Pair):
        return len(PAIR_NODES) + tree_size(tree.first) + tree_size(tree.second)
    return len(CLAUSE_NODES) + sum(noun_size(getattr(tree, name)) for name in ARGUMENTS)


def pair_bases(pair: Pair, base: int) -> tuple[int, int]:
    """Returns the numbers of the first nodes of a pair's two halves, where its own is `base`."""
    first = base + len(PAIR_NODES)
    return first, first + tree_size(pair.first)


def argument_bases(clause: Clause, base: int) -> dict[str, int]:
    """Returns the number of each argument's first node, where the clause's own is `base`."""
    base += len(CLAUSE_NODES)
    subject = base
    object_ = subject + noun_size(clause.subject)
    receiver = object_ + noun_size(clause.object)
    place = receiver + noun_size(clause.receiver)
    where = place + noun_size(clause.place)
    return {"subject": subject, "object": object_, "receiver": receiver, "place": place,
            "where": where}  # fmt: skip


def node_names(tree: Tree | NounPhrase | None) -> list[str]:
    """Returns what each node stands for: "predicate eat", "tense past", "noun bread"."""
    if tree is None:
        return []
    if isinstance(tree, NounPhrase):
        said = (tree.head, tree.determiner, tree.count or "", tree.adjective,
                "yes" if tree.plural else "", "")  # fmt: skip
        names = [f"{name} {what}".strip() for name, what in zip(NOUN_NODES, said, strict=True)]
        return names + node_names(tree.relative) + node_names(tree.rest)
    if isinstance(tree, Pair):
        return [f"link {tree.link}", *node_names(tree.first), *node_names(tree.second)]
    said = {"predicate": tree.predicate, "tense": tree.tense, "modal": tree.modal, "day": tree.day,
            "question": tree.ask, "clock": str(tree.clock or "")}  # fmt: skip
    names = [f"{name} {said.get(name, '')}".strip() for name in CLAUSE_NODES]
    for name in ARGUMENTS:
        names += node_names(getattr(tree, name))
    return names


def write(tree: Tree | NounPhrase | None) -> str:
    """Writes a tree on one line, the same for the same tree everywhere."""
    if tree is None:
        return "-"
    if isinstance(tree, NounPhrase):
        head, determiner, plural, count, adjective, relative, rest, relation = tree
        said = (relation, determiner, str(count or ""), adjective, head + "+" * plural)
        short = ".".join(filter(None, said))
        if relative is None and rest is None:
            return short
        return f"{short}[{write(relative)}&{write(rest)}]"
    if isinstance(tree, Pair):
        return f"{tree.link}{'=' if tree.same else ''}({write(tree.first)}, {write(tree.second)})"
    arguments = [write(getattr(tree, name)) for name in ARGUMENTS]
    rest = (tree.tense, "not" * tree.negative, tree.modal, "by" * tree.passive, tree.day,
            str(tree.clock or ""), "first" * tree.fronted, tree.ask, tree.gap)  # fmt: skip
    return f"{tree.predicate}({' '.join(arguments)} {' '.join(filter(None, rest))})"


def meaning_id(written: str) -> str:
    """Returns the short name of a written tree, 16 hexadecimal digits."""
    return blake2b(written.encode(), digest_size=8).hexdigest()


def split_of(written: str) -> str:
    """Returns to which part a meaning belongs, for ever: one in ten to "valid", one to "test"."""
    return (
        ("valid", "test")[bucket] if (bucket := zlib.crc32(written.encode()) % 10) < 2 else "train"
    )
