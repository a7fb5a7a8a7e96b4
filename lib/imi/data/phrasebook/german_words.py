"""German nouns: the endings of articles, adjectives and nouns; im and zur."""

from __future__ import annotations

from imi.data.phrasebook import tree
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece
from imi.data.phrasebook.tree import NounPhrase
from imi.data.phrasebook.words import Noun

NUMBERS = ("", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
           "elf", "zwölf")  # fmt: skip
# Rows: nominative, accusative, dative. Columns: masculine, feminine, neuter, plural.
ARTICLE = {"n": "der die das die", "a": "den die das die", "d": "dem der dem den"}
STRONG = {"n": "er e es e", "a": "en e es e", "d": "em er em en"}  # dieser; no article before
EIN = {"n": " e  e", "a": "en e  e", "d": "em er em en"}
WEAK = {"n": "e e e en", "a": "en e e en", "d": "en en en en"}  # after der, dieser
MIXED = {"n": "er e es en", "a": "en e es en", "d": "en en en en"}  # after ein, kein, mein
COLUMNS = "mfnp"
OWNERS = {"my": "mein", "his": "sein", "her": "ihr", "our": "unser", "your": "Ihr", "their": "ihr"}
RELATIONS = {"front": "vor", "behind": "hinter", "beside": "neben"}


def ending(table: dict[str, str], case: str, gender: str) -> str:
    """Returns the cell of a table; `gender` is m, f, n or p for plural."""
    return table[case].split(" ")[COLUMNS.index(gender)]


def gender(phrase: NounPhrase) -> str:
    """Returns m, f, n, or p for a plural."""
    if phrase.plural or phrase.count > 1 or phrase.rest:
        return "p"
    words = lexicon()
    if phrase.head in words.nouns:
        return words.nouns[phrase.head].de[3]
    return "f" if words.is_female(phrase.head) else "m"


def described(phrase: NounPhrase, case: str, *, negative: bool, article: bool) -> list[Piece]:
    """Says article, adjective and noun; see `german.noun_phrase` for what is asked."""
    noun = lexicon().nouns[phrase.head]
    many = phrase.plural or phrase.count > 1
    kind = "p" if many else noun.de[3]
    word, table = _article(phrase, case, kind, noun, negative=negative, article=article)
    pieces = [Piece(word, (tree.DETERMINER,))] if word else []
    if phrase.count:
        pieces.append(Piece(NUMBERS[phrase.count], (tree.COUNT,)))
    if phrase.adjective:
        stem = lexicon().adjectives[phrase.adjective].de[0]
        pieces.append(Piece(_attributive(stem, ending(table, case, kind)), (tree.ADJECTIVE,)))
    nodes = (tree.HEAD, tree.PLURAL) if many else (tree.HEAD,)
    return [*pieces, Piece(_noun(noun, case, many), nodes)]


def _attributive(stem: str, suffix: str) -> str:
    if stem == "lecker-":
        return "lecker" + suffix
    return stem.removesuffix("er-") + "r" + suffix if stem.endswith("er-") else (
        stem + suffix[1:] if stem.endswith("e") else stem + suffix)  # fmt: skip


def _noun(noun: Noun, case: str, many: bool) -> str:
    one, several, oblique, *_ = noun.de
    if many:
        return several + "n" if case == "d" and several[-1] not in "ns" else several
    return one if case == "n" else oblique


def _article(
    phrase: NounPhrase, case: str, kind: str, noun: Noun, *, negative: bool, article: bool
) -> tuple[str, dict[str, str]]:
    """Returns the article, and the table of the adjective's ending after it."""
    said = phrase.determiner
    if said == "the":
        return ending(ARTICLE, case, kind), WEAK
    if said == "this":
        return "dies" + ending(STRONG, case, kind), WEAK
    if said in OWNERS:
        stem, suffix = OWNERS[said], ending(EIN, case, kind)
        return stem + suffix, MIXED
    if said == "many":
        return "viel" + ending(STRONG, case, "p"), STRONG
    if negative and article:
        return "kein" + ending(EIN, case, kind), MIXED
    bare = kind == "p" or noun.mass or said in ("kind", "job", "") or not article
    return ("", STRONG) if bare else ("ein" + ending(EIN, case, kind), MIXED)


MELTED = {("in", "dem"): "im", ("an", "dem"): "am", ("zu", "dem"): "zum", ("zu", "der"): "zur",
          ("von", "dem"): "vom", ("in", "das"): "ins", ("an", "das"): "ans", ("bei", "dem"): "beim",
          ("auf", "das"): "aufs"}  # fmt: skip


MELTING = {word for word, _ in MELTED}


def mended(pieces: list[Piece]) -> list[Piece]:
    """Melts prepositions with articles; one comma is enough where two clauses end."""
    found: list[Piece] = []
    skip = False
    for piece, after in zip(pieces, [*pieces[1:], Piece("")], strict=True):
        if skip:
            skip = False
            continue
        melted = piece.text in MELTING and MELTED.get((piece.text, after.text))
        if melted and after.nodes:  # a relative pronoun does not melt
            found.append(Piece(melted, piece.nodes + after.nodes, piece.before))
            skip = True
        elif not (piece.text == "," and after.text in (",", ".", "?")):
            found.append(piece)
    return found
