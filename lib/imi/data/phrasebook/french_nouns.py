"""French noun phrases: articles, adjectives, what agrees; vowels cut and articles melted."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from imi.data.phrasebook import tree
from imi.data.phrasebook.french_verbs import agreed
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, literal
from imi.data.phrasebook.tree import NounPhrase
from imi.data.phrasebook.words import Noun

NUMBERS = ("", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
OWNERS = {"my": "mon ma mes", "his": "son sa ses", "her": "son sa ses", "our": "notre notre nos",
          "your": "votre votre vos", "their": "leur leur leurs"}  # fmt: skip
RELATIONS = {"front": "devant", "behind": "derrière", "beside": "à côté de"}
PRONOUNS = {"i": ("1s", False), "you": ("2p", False), "we": ("1p", True), "they": ("3p", True)}
ALWAYS_MANY = {"maths"}  # les mathématiques
VOWELS = tuple("aeiouhéèêâîôœAEIOUHÉ")


class Agreement(NamedTuple):
    """What verbs, participles and adjectives take from a noun phrase."""

    person: str
    female: bool
    many: bool


def starts_with_vowel(word: str) -> bool:
    """Returns whether a vowel or a silent h begins a word."""
    return word.startswith(VOWELS) or word == "y"


@lru_cache(1 << 13)
def agreement(phrase: NounPhrase | None) -> Agreement:
    """Returns what agrees with a phrase; vous is one man, nous are men or both."""
    if phrase is None:
        return Agreement("3s", False, False)
    if phrase.head in PRONOUNS:
        person, many = PRONOUNS[phrase.head]
        return Agreement(person, False, many)
    words = lexicon()
    female = words.is_female(phrase.head)
    if phrase.rest is not None:
        rest = agreement(phrase.rest)
        return Agreement("3p", female and rest.female, True)
    many = phrase.plural or phrase.count > 1
    return Agreement("3p" if many else "3s", female, many)


def described(phrase: NounPhrase, *, negative: bool, article: bool, after_de: bool) -> list[Piece]:
    """Says article, adjective and noun; see `french.noun_phrase` for what is asked."""
    noun = lexicon().nouns[phrase.head]
    many = phrase.plural or phrase.count > 1
    before, after = _adjective(phrase, noun, many)
    said = literal(noun.fr[many], (tree.HEAD, tree.PLURAL) if many else (tree.HEAD,))
    count = [Piece(NUMBERS[phrase.count], (tree.COUNT,))] if phrase.count else []
    rest = [*count, *before, *said, *after]
    if not article or phrase.determiner == "job":
        return rest
    words = _article(phrase, noun, many, rest[0].text, negative=negative, after_de=after_de)
    return [*literal(words, (tree.DETERMINER,)), *rest]


def _adjective(phrase: NounPhrase, noun: Noun, many: bool) -> tuple[list[Piece], list[Piece]]:
    if not phrase.adjective:
        return [], []
    masculine, feminine, before_vowel, stands_before = lexicon().adjectives[phrase.adjective].fr
    female = noun.fr[2] == "f"
    if stands_before and not many and not female and starts_with_vowel(noun.fr[0]):
        word = before_vowel
    else:
        word = inflected(masculine, feminine, female=female, many=many)
    piece = literal(word, (tree.ADJECTIVE,))
    return (piece, []) if stands_before else ([], piece)


def inflected(masculine: str, feminine: str, *, female: bool, many: bool) -> str:
    """Returns an adjective that agrees; bon marché never does."""
    word = feminine if female else masculine
    if not many or word == "bon marché":
        return word
    return word + "x" if word.endswith("eau") else agreed(word, female=False, many=True)


def _article(
    phrase: NounPhrase, noun: Noun, many: bool, following: str, *, negative: bool, after_de: bool
) -> str:
    kind, female, vowel = phrase.determiner, noun.fr[2] == "f", starts_with_vowel(following)
    if kind == "many":
        return "beaucoup de"
    if kind in OWNERS:
        one, feminine, several = OWNERS[kind].split()
        return several if many else feminine if female and not vowel else one
    if kind == "this":
        return "ces" if many else "cette" if female else "cet" if vowel else "ce"
    if kind in ("the", "kind"):
        return "les" if many or noun.id in ALWAYS_MANY else "la" if female else "le"
    if kind != "a":
        return ""
    if negative or (after_de and (many or noun.mass)):
        return "" if after_de else "de"
    if many:
        return "des" if not _stands_before(phrase) else "de"
    if noun.mass:
        return "de la" if female else "de le"
    return "une" if female else "un"


def _stands_before(phrase: NounPhrase) -> bool:
    return bool(phrase.adjective) and lexicon().adjectives[phrase.adjective].fr[3]


CUT = {"le", "la", "de", "que", "je", "ne", "se", "me"}


MELTED = {("de", "le"): "du", ("de", "les"): "des", ("à", "le"): "au", ("à", "les"): "aux"}


def mended(pieces: list[Piece]) -> list[Piece]:
    """Cuts vowels before vowels and melts prepositions with articles."""
    found: list[Piece] = []
    waiting = pieces[0]
    for piece in [*pieces[1:], None]:
        after = piece.text if piece else ""
        text, nodes, before = waiting
        if (text in CUT and starts_with_vowel(after)) or (
            text in ("si", "Si") and after in ("il", "ils")
        ):
            waiting, piece = Piece(text[:-1] + "'", nodes, before), piece._replace(before="")
        found.append(waiting)
        waiting = piece
    return _melted(found)


def _melted(pieces: list[Piece]) -> list[Piece]:
    """Melts de and à with le and les; before l' they stay as they are."""
    mended: list[Piece] = []
    for piece in pieces:
        if piece.text in ("le", "les") and mended and mended[-1].text in ("de", "à"):
            text, nodes, before = mended[-1]
            mended[-1] = Piece(MELTED[text, piece.text], nodes + piece.nodes, before)
        else:
            mended.append(piece)
    return mended
