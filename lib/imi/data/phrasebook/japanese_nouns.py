"""Japanese nouns: whose, how many, what kind of."""

from __future__ import annotations

from imi.data.phrasebook import tree
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece
from imi.data.phrasebook.tree import NounPhrase

NUMBERS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


OWNERS = {
    "my": "私",
    "his": "彼",
    "her": "彼女",
    "our": "私たち",
    "your": "あなた",
    "their": "彼ら",
}


RELATIONS = {"front": "前", "behind": "後ろ", "beside": "隣"}


def unspaced(*words: tuple[str, tuple[int, ...]]) -> list[Piece]:
    """Makes pieces without blanks; empty words are left out."""
    return [Piece(text, nodes, "") for text, nodes in words if text]


def described(phrase: NounPhrase, *, counted: bool) -> list[Piece]:
    """Says owner, count, adjective and noun; see `japanese.noun_phrase`."""
    noun = lexicon().nouns[phrase.head]
    word, mine, _ = noun.ja
    kind, owner = phrase.determiner, (tree.DETERMINER,)
    nodes = (tree.HEAD,)
    pieces: list[Piece] = []
    if noun.kind == "kin" and kind in ("my", "your"):
        word, nodes = (mine if kind == "my" else word), (tree.HEAD, tree.DETERMINER)
    elif kind in OWNERS:
        pieces = unspaced((OWNERS[kind], owner), ("の", owner))
        word = mine if noun.kind == "kin" and kind == "our" else word
    elif kind in ("this", "many"):
        pieces = unspaced({"this": ("この", owner), "many": ("たくさんの", owner)}[kind])
    if phrase.count and counted:
        pieces += count(phrase) + unspaced(("の", ()))
    if phrase.adjective:
        pieces += unspaced((lexicon().adjectives[phrase.adjective].ja[0], (tree.ADJECTIVE,)))
    many = phrase.plural and not phrase.count and noun.kind in ("person", "youth", "baby")
    many = many and kind != "many" and word != "友だち"
    return pieces + unspaced((word, nodes), ("たち" if many else "", (tree.PLURAL,)))


def count(phrase: NounPhrase) -> list[Piece]:
    """Says how many: a number and the counter of the noun."""
    nodes, counter = (tree.COUNT,), lexicon().nouns[phrase.head].ja[2]
    if counter == "つ" or (counter == "人" and phrase.count < 3):
        return unspaced((NUMBERS[phrase.count] + counter, nodes))
    return unspaced((NUMBERS[phrase.count], nodes), (counter, nodes))
