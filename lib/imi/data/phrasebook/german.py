"""German: the verb second, or last after weil; the rest of the verbs at the end; kein and nicht.

A clause is cut into fields: what stands first, the finite verb, the middle, and the other verbs.
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import tree
from imi.data.phrasebook.german_verbs import verb_group
from imi.data.phrasebook.german_words import (
    ARTICLE,
    NUMBERS,
    RELATIONS,
    described,
    ending,
    gender,
    mended,
)
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, capitalized, fixed_place, literal, shift
from imi.data.phrasebook.tree import Clause, NounPhrase, Pair

LINKS = {"and": "und", "but": "aber", "because": "weil", "although": "obwohl", "if": "wenn",
         "think": "dass", "say": "dass"}  # fmt: skip
REFLEXIVE = {"1s": "mich", "3s": "sich", "p": "uns"}
DEFINITE = {"the", "this", "my", "his", "her", "our", "your", "their", ""}


def say(meaning: tree.Tree) -> list[Piece]:
    """Says a whole meaning."""
    pieces = _tree(meaning, 0, "main")
    if isinstance(meaning, Clause) and meaning.ask:
        end = Piece("?", (tree.END, tree.ASK), "")
    else:
        end = Piece(".", (tree.END,), "")
    if pieces[-1].text == ",":
        pieces.pop()
    return capitalized(mended([*pieces, end]))


def _tree(part: tree.Tree, base: int, order: str) -> list[Piece]:
    if isinstance(part, Clause):
        return clause(part, base, order)
    first_base, second_base = tree.pair_bases(part, base)
    comma = Piece(",", (), "")
    link = Piece(_link(part), (base,))
    if part.link in ("when", "although", "if"):
        first = _tree(part.first, first_base, "last")
        return [link, *first, comma, *_tree(part.second, second_base, "first")]
    first = _tree(part.first, first_base, order)
    second_order = "main" if part.link in ("and", "but") else "last"
    return [*first, comma, link, *_tree(part.second, second_base, second_order)]


def _link(pair: Pair) -> str:
    if pair.link == "when":
        return "als" if pair.first.tense == "past" else "wenn"
    return LINKS[pair.link]


@lru_cache(1 << 13)
def noun_phrase(
    phrase: NounPhrase, case: str, *, negative: bool = False, article: bool = True
) -> tuple[Piece, ...]:
    """Says a noun phrase in a case (n, a or d); its nodes are numbered from 0.

    Args:
        phrase: what to say.
        case: n, a or d.
        negative: kein in place of ein or nothing.
        article: whether there is one at all.
    """
    words = lexicon()
    if phrase.head in words.pronouns:
        pieces = [Piece(words.pronouns[phrase.head][4], (tree.HEAD,))]
    elif phrase.head in words.names:
        pieces = [Piece(words.names[phrase.head][0], (tree.HEAD,))]
    else:
        pieces = described(phrase, case, negative=negative, article=article)
    size = len(tree.NOUN_NODES)
    if phrase.relative is not None:
        pieces += relative(phrase.relative, size, phrase)
        size += tree.tree_size(phrase.relative)
    if phrase.rest is not None:
        pieces.append(Piece("und", (tree.AND,)))
        pieces += shift(noun_phrase(phrase.rest, case, negative=negative), size)
    return tuple(pieces)


def place_phrase(place: NounPhrase, mark: int, base: int) -> list[Piece]:
    """Says where or whither; `mark` is the node of the preposition."""
    if fixed := lexicon().fixed_places.get(place.head):
        at, _, to = fixed[4].partition(" / ")
        return fixed_place(to if place.relation == "to" else at, mark, base + tree.HEAD)
    *_, at, to = lexicon().nouns[place.head].de
    word = RELATIONS.get(place.relation) or (to if place.relation == "to" else at)
    case = "a" if place.relation == "to" and word != "zu" else "d"
    return [Piece(word, (mark,)), *shift(noun_phrase(place, case), base)]


def relative(c: Clause, base: int, antecedent: NounPhrase) -> list[Piece]:
    """Says a relative clause between commas; its pronoun has the case of the gap."""
    case, before = "n", []
    if c.gap == "object":
        _, word, marked = next(i for i in lexicon().predicates[c.predicate].de.items if i[0] == "O")
        case = marked or "a"
        before = [Piece(word, (base + tree.OBJECT_MARK,))] if word else []
    kind = gender(antecedent)
    pronoun = "denen" if (case, kind) == ("d", "p") else ending(ARTICLE, case, kind)
    comma = Piece(",", (), "")
    said = clause(c, base, "last", antecedent)
    return [comma, *before, Piece(pronoun), *said, comma]


def clause(c: Clause, base: int, order: str, antecedent: NounPhrase | None = None) -> list[Piece]:
    """Says a clause with its finite verb in place: "main" second, "last", or "first"."""
    bases = tree.argument_bases(c, base)
    who = antecedent if c.gap == "subject" else c.subject
    verbs, prefix = verb_group(c, base, tree.person(who))
    subject = _subject(c, bases["subject"])
    day = literal(lexicon().days[c.day][5], (base + tree.DAY,)) if c.day else []
    reflexive, middle, after = _middle(c, base, bases, tree.person(who), [] if c.fronted else day)
    where = place_phrase(c.place, base + tree.PLACE_MARK, bases["place"]) if _exists(c) else []
    middle = where + middle
    end = prefix + verbs[:0:-1]
    if order == "last":
        if prefix:
            glued = Piece(prefix[0].text + verbs[0].text, verbs[0].nodes)
            verbs, end = [glued], verbs[:0:-1]
        first = day if c.fronted else []
        return [*first, *subject, *reflexive, *middle, *end, verbs[0], *after]
    end += after
    asked = _asked(c, base, bases)
    if asked or order == "first" or c.ask == "yes":
        return [*asked, verbs[0], *subject, *reflexive, *middle, *end]
    if c.fronted:
        return [*day, verbs[0], *subject, *reflexive, *middle, *end]
    if where:
        return [*where, verbs[0], *subject, *middle[len(where) :], *end]
    return [*subject, verbs[0], *reflexive, *middle, *end]


def _exists(c: Clause) -> bool:
    return "exist" in lexicon().predicates[c.predicate].remarks


def _subject(c: Clause, base: int) -> list[Piece]:
    if c.gap == "subject" or c.ask == "who":
        return []
    if c.subject is None:
        return [Piece("es")]
    return shift(noun_phrase(c.subject, "n"), base)


def _asked(c: Clause, base: int, bases: dict[str, int]) -> list[Piece]:
    ask = (base + tree.ASK,)
    if c.ask in ("", "yes"):
        return []
    item = next((i for i in lexicon().predicates[c.predicate].de.items if i[0] == "O"), None)
    if c.ask == "many":
        counted = shift(noun_phrase(c.object, item[2] or "a", article=False), bases["object"])
        return [*literal("wie viele", ask), *counted]
    if c.ask == "whom":
        before = [Piece(item[1], (base + tree.OBJECT_MARK,))] if item[1] else []
        return [*before, Piece("wem" if item[2] == "d" else "wen", ask)]
    where = "wohin" if c.place and c.place.relation == "to" else "wo"
    words = {"who": "wer", "what": "was", "where": where, "when": "wann", "why": "warum"}
    return [Piece(words[c.ask], ask)]


def _middle(
    c: Clause, base: int, bases: dict[str, int], person: str, day: list[Piece]
) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Says the word for oneself, the middle, and the relative clause that follows all verbs.

    In the middle the known stands before the new.
    """
    known: list[Piece] = []
    new: list[Piece] = []
    last: list[Piece] = []
    reflexive: list[Piece] = []
    relatives: list[list[Piece]] = []
    nodes = (base + tree.PREDICATE,)
    negative = c.negative
    items = lexicon().predicates[c.predicate].de.items
    if c.passive:
        by = Piece("von", (base + tree.OBJECT_MARK,))
        said = shift(noun_phrase(c.object, "d"), bases["object"])
        return [], [*day, *_clock(c, base), *_nicht(c, base), by, *said], []
    for name, word, case in items:
        argument = {"O": c.object, "R": c.receiver, "P": c.place}.get(name)
        if word == "sich" and not name:
            reflexive = [Piece(_self(c, person), nodes)]
        elif not name:
            last.append(Piece(word, nodes))
        elif argument is None or not argument.head or (name == "O" and c.ask == "many"):
            continue
        elif name == "P":
            if not _exists(c):
                last += place_phrase(argument, base + tree.PLACE_MARK, bases["place"])
        else:
            place = bases["object" if name == "O" else "receiver"]
            definite = argument.determiner in DEFINITE and not argument.count
            absorbs = c.negative and not definite and not word and name == "O"
            said = shift(noun_phrase(argument, case or "a", negative=absorbs, article=True), place)
            if argument.relative:
                relatives.append(said[[piece.text for piece in said].index(",") :])
            if word:
                last += [Piece(word, (base + tree.MARKS[name],)), *said]
            elif absorbs:
                negative = False
                new += _negated(said, base + tree.NEGATION)
            elif definite or name == "R":
                known += said
            else:
                new += said
    where = []
    if c.where:
        where = place_phrase(c.where, base + tree.WHERE_MARK, bases["where"])
    nicht = _nicht(c, base) if negative else []
    middle = [*day, *_clock(c, base), *known, *nicht, *where, *new, *last]
    for said in relatives:  # a relative clause at the end follows the verbs
        if middle[-len(said) :] == said:
            return reflexive, middle[: -len(said)], said
    return reflexive, middle, []


def _nicht(c: Clause, base: int) -> list[Piece]:
    return [Piece("nicht", (base + tree.NEGATION,))] if c.negative else []


def _negated(said: list[Piece], node: int) -> list[Piece]:
    return [
        piece._replace(nodes=(*piece.nodes, node)) if piece.text.startswith("kein") else piece
        for piece in said
    ]


def _self(c: Clause, person: str) -> str:
    others = person == "p" and not (c.subject and c.subject.head == "we")
    return "sich" if others else REFLEXIVE[person]


def _clock(c: Clause, base: int) -> list[Piece]:
    if not c.clock:
        return []
    return literal(f"um {'ein' if c.clock == 1 else NUMBERS[c.clock]} Uhr", (base + tree.CLOCK,))
