"""Korean nouns: whose, how many, what kind of, and who is honoured."""

from __future__ import annotations

from imi.data.phrasebook import korean_verbs as verbs
from imi.data.phrasebook import tree
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, literal
from imi.data.phrasebook.tree import NounPhrase

NUMBERS = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두")


OWNERS = {"my": "제", "his": "그의", "her": "그녀의", "our": "우리", "your": "당신의",
          "their": "그들의"}  # fmt: skip


RELATIONS = {"front": "앞", "behind": "뒤", "beside": "옆"}


def is_honoured(phrase: NounPhrase | None) -> bool:
    """Returns whether verbs about a person take -(으)시-."""
    if phrase is None or phrase.rest is not None:
        return False
    noun = lexicon().nouns.get(phrase.head)
    return noun is not None and noun.ko[1]


def described(phrase: NounPhrase) -> list[Piece]:
    """Says owner, adjective, noun and count."""
    noun = lexicon().nouns[phrase.head]
    kind, owner = phrase.determiner, (tree.DETERMINER,)
    word = OWNERS.get(kind, {"this": "이", "many": "많은"}.get(kind, ""))
    nodes = (tree.HEAD,)
    if noun.kind == "kin" and kind == "your":
        word, nodes = "", (tree.HEAD, tree.DETERMINER)
    pieces = literal(word, owner)
    if phrase.adjective:
        said, is_ = lexicon().adjectives[phrase.adjective].ko
        if said == is_:
            said = verbs.conjugated(is_, "attributive", "present", adjective=True)
        pieces += literal(said, (tree.ADJECTIVE,))
    pieces += literal(noun.ko[0], nodes)
    if phrase.plural and not phrase.count and noun.kind in ("person", "youth", "baby"):
        pieces.append(Piece("들", (tree.PLURAL,), ""))
    if phrase.count:
        count = (tree.COUNT,)
        pieces += [Piece(NUMBERS[phrase.count], count), Piece(noun.ko[2], count)]
    return pieces
