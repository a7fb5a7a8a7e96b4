"""English: subject, verb, object; do-support; a and an.

A verb group is a chain, the finite verb first: will + be + reading. Each link decides the form of
the next; questions move the first link before the subject, "not" follows it.
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import tree
from imi.data.phrasebook.english_verbs import VOWELS, verb_group
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, capitalized, fixed_place, literal, shift
from imi.data.phrasebook.tree import Clause, NounPhrase

NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
           "eleven", "twelve")  # fmt: skip
RELATIONS = {"front": "in front of", "behind": "behind", "beside": "next to"}
ASKED = {"who": "who", "what": "what", "whom": "who", "where": "where", "when": "when",
         "why": "why"}  # fmt: skip
LINKS = {"and": "and", "but": "but", "because": "because", "when": "when", "although": "although",
         "if": "if", "think": "that", "say": "that"}  # fmt: skip
SUBORDINATE_FIRST = {"when", "although", "if"}


def say(meaning: tree.Tree) -> list[Piece]:
    """Says a whole meaning."""
    pieces = _tree(meaning, 0)
    asks = isinstance(meaning, Clause) and meaning.ask
    pieces.append(Piece("?", (tree.END, tree.ASK), "") if asks else Piece(".", (tree.END,), ""))
    return capitalized(_mended(pieces))


def _mended(pieces: list[Piece]) -> list[Piece]:
    for place in range(len(pieces) - 1):
        if pieces[place].text == "a" and pieces[place + 1].text.startswith(VOWELS):
            pieces[place] = pieces[place]._replace(text="an")
    return pieces


def _tree(part: tree.Tree, base: int) -> list[Piece]:
    if isinstance(part, Clause):
        return clause(part, base)
    first_base, second_base = tree.pair_bases(part, base)
    first, second = _tree(part.first, first_base), _tree(part.second, second_base)
    link = Piece(LINKS[part.link], (base,))
    if part.link in SUBORDINATE_FIRST:
        return [link, *first, Piece(",", (), ""), *second]
    if part.link in ("and", "but"):
        return [*first, Piece(",", (), ""), link, *second]
    return [*first, link, *second]


@lru_cache(1 << 13)
def noun_phrase(phrase: NounPhrase) -> tuple[Piece, ...]:
    """Says a noun phrase; its nodes are numbered from 0."""
    words = lexicon()
    if phrase.head in words.pronouns:
        pieces = [Piece(words.pronouns[phrase.head][0], (tree.HEAD,))]
    elif phrase.head in words.names:
        pieces = [Piece(words.names[phrase.head][0], (tree.HEAD,))]
    else:
        pieces = _described(phrase)
    size = len(tree.NOUN_NODES)
    if phrase.relative is not None:
        who = Piece("who" if words.is_person(phrase.head) else "that")
        pieces += [who, *clause(phrase.relative, size, antecedent=phrase)]
        size += tree.tree_size(phrase.relative)
    if phrase.rest is not None:
        pieces.append(Piece("and", (tree.AND,)))
        pieces += shift(noun_phrase(phrase.rest), size)
    return tuple(pieces)


def _described(phrase: NounPhrase) -> list[Piece]:
    noun = lexicon().nouns[phrase.head]
    many = phrase.plural and not noun.mass
    determiner = _determiner(phrase, noun.mass)
    pieces = [Piece(determiner, (tree.DETERMINER,))] if determiner else []
    if phrase.count:
        pieces.append(Piece(NUMBERS[phrase.count], (tree.COUNT,)))
    if phrase.adjective:
        pieces.append(Piece(lexicon().adjectives[phrase.adjective].en[0], (tree.ADJECTIVE,)))
    nodes = (tree.HEAD, tree.PLURAL) if many else (tree.HEAD,)
    return pieces + [Piece(word, nodes) for word in noun.en[many].split()]


def _determiner(phrase: NounPhrase, mass: bool) -> str:
    kind, many = phrase.determiner, phrase.plural
    if kind in ("a", "job"):
        return "" if many or mass else "a"
    if kind == "kind":
        return "" if many or mass else "the"
    return "these" if kind == "this" and many else kind


def place_phrase(place: NounPhrase, mark: int, base: int) -> list[Piece]:
    """Says where or whither; `mark` is the node of the preposition."""
    if fixed := lexicon().fixed_places.get(place.head):
        at, _, to = fixed[0].partition(" / ")
        return fixed_place(to if place.relation == "to" else at, mark, base + tree.HEAD)
    words = RELATIONS.get(place.relation)
    if words is None:
        words = "to" if place.relation == "to" else lexicon().nouns[place.head].en[2]
    return [*literal(words, (mark,)), *shift(noun_phrase(place), base)]


def clause(c: Clause, base: int, antecedent: NounPhrase | None = None) -> list[Piece]:
    """Says a clause; in a relative clause the antecedent stands for what is left out."""
    bases = tree.argument_bases(c, base)
    asked = [] if c.ask in ("", "yes", "many") else [Piece(ASKED[c.ask], (base + tree.ASK,))]
    if c.ask == "many":
        asked = literal("how many", (base + tree.ASK,)) + shift(
            noun_phrase(c.object), bases["object"]
        )
    subject = _subject(c, bases["subject"], base)
    number = tree.person(antecedent if c.gap == "subject" else c.object if _there(c) else c.subject)
    inverted = c.ask not in ("", "who")
    first, *rest = verb_group(c, base, number, inverted=inverted)
    not_ = [Piece("not", (base + tree.NEGATION,))] if c.negative else []
    if not_ and first[0].text == "can":
        first, not_ = [Piece("cannot", first[0].nodes + not_[0].nodes)], []
    verbs = not_ + [piece for link in rest for piece in link]
    pieces = asked + (first + subject + verbs if inverted else subject + first + verbs)
    pieces += _complements(c, base, bases)
    if c.where:
        pieces += place_phrase(c.where, base + tree.WHERE_MARK, bases["where"])
    day = literal(lexicon().days[c.day][1], (base + tree.DAY,)) if c.day and c.day != "now" else []
    if c.clock:
        clock = literal(f"at {NUMBERS[c.clock]} o'clock", (base + tree.CLOCK,))
        pieces += clock
    if c.day == "now":
        pieces += [Piece("now", (base + tree.DAY,))]
    return day + pieces if c.fronted else pieces + day


def _there(c: Clause) -> bool:
    return "exist" in lexicon().predicates[c.predicate].remarks


def _subject(c: Clause, place: int, base: int) -> list[Piece]:
    if c.gap == "subject" or c.ask == "who":
        return []
    if c.subject is None:
        return [Piece("there", (base + tree.PREDICATE,)) if _there(c) else Piece("it")]
    return shift(noun_phrase(c.subject), place)


def _complements(c: Clause, base: int, bases: dict[str, int]) -> list[Piece]:
    """Says what follows the verb."""
    predicate = lexicon().predicates[c.predicate]
    pieces: list[Piece] = []
    if c.passive:
        by = Piece("by", (base + tree.OBJECT_MARK,))
        return [by, *shift(noun_phrase(c.object), bases["object"])]
    for name, word, _ in predicate.en.items:
        argument = {"O": c.object, "R": c.receiver, "P": c.place}.get(name)
        mark = base + tree.MARKS.get(name, 0)
        if not name:
            pieces.append(Piece(word, (base + tree.PREDICATE,)))
            continue
        if word:
            pieces.append(Piece(word, (mark,)))
        if argument is None or not argument.head or (name == "O" and c.ask == "many"):
            continue
        if name == "P":
            pieces += place_phrase(argument, mark, bases["place"])
        else:
            pieces += shift(noun_phrase(argument), bases["object" if name == "O" else "receiver"])
    return pieces
