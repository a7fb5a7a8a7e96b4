"""Japanese: the verb last, particles after nouns, relative clauses before them, です and ます.

A topic has は, a subject inside a clause が. Articles and plurals of things are not said.
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import japanese_verbs as verbs
from imi.data.phrasebook import tree
from imi.data.phrasebook.japanese_nouns import NUMBERS, RELATIONS, count, described, unspaced
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, shift
from imi.data.phrasebook.tree import Clause, NounPhrase, Pair

ASKED = {
    "who": "誰",
    "what": "何",
    "whom": "誰",
    "where": "どこ",
    "when": "いつ",
    "why": "どうして",
}
# What a clause that is not the last ends in: form, particle after it.
LINKS = {
    "and": ("te", ""), "but": ("polite", "が"), "because": ("node", "ので"),
    "although": ("node", "のに"), "when": ("attributive", "とき"), "if": ("tara", ""),
}  # fmt: skip


def say(meaning: tree.Tree) -> list[Piece]:
    """Says a whole meaning, politely."""
    pieces = _tree(meaning, 0, "polite", "は")
    if isinstance(meaning, Clause) and meaning.ask:
        ask = (tree.ASK,)
        pieces += unspaced(("か", ask), ("。", (tree.END, tree.ASK)))
    else:
        pieces += unspaced(("。", (tree.END,)))
    return pieces


def _tree(part: tree.Tree, base: int, form: str, topic: str) -> list[Piece]:
    if isinstance(part, Clause):
        return clause(part, base, form, topic)
    first_base, second_base = tree.pair_bases(part, base)
    if part.link in ("think", "say"):
        return _quoted(part, base, first_base, second_base, form, topic)
    if part.link == "because":  # the reason comes first here
        second, bases = part.first, (second_base, first_base)
    else:
        second, bases = part.second, (first_base, second_base)
    level = part.link in ("and", "but")
    ending, particle = LINKS[part.link]
    said = _first_of_two(part, bases, ending, topic if level or part.same else "が")
    said += unspaced((particle, (base,)))
    if ending in ("te", "tara"):  # the form itself links
        said[-1] = said[-1]._replace(nodes=(*said[-1].nodes, base))
    comma = Piece("、", (), "")
    shared = "" if part.same else topic
    return [*said, comma, *_tree(second, bases[1], form, shared)]


def _first_of_two(part: Pair, bases: tuple[int, int], ending: str, topic: str) -> list[Piece]:
    if part.link != "because":
        return _tree(part.first, bases[0], ending, topic)
    if not part.same:
        return _tree(part.second, bases[0], ending, topic)
    # The subject is said once, with the reason; in the tree it belongs to what follows.
    who = part.first.subject
    place = tree.argument_bases(part.first, bases[1])["subject"]
    return [*_topic(who, place, bases[1], topic), *_tree(part.second, bases[0], ending, "")]


def _quoted(
    part: Pair, base: int, first_base: int, second_base: int, form: str, topic: str
) -> list[Piece]:
    who = part.first.subject
    place = tree.argument_bases(part.first, first_base)["subject"]
    subject = _topic(who, place, first_base, topic)
    said = _tree(part.second, second_base, "plain", "が")
    nodes = {"stem": first_base + tree.PREDICATE, "tense": first_base + tree.TENSE}
    verb = "思う" if part.link == "think" else "言う"
    if who.head != "i":
        verb = verbs.te(verbs.verb_stems(verb)[2]) + "いる"
    ended = verbs.conjugated(verb, form, past=False, negative=False)
    return [*subject, *said, Piece("と", (base,), ""), *_said(ended, nodes)]


def _said(words: verbs.Said, nodes: dict[str, int]) -> list[Piece]:
    return [
        Piece(text, tuple([nodes[name] for name in what.split() if name in nodes]), "")
        for text, what in words
    ]


def _topic(who: NounPhrase | None, place: int, base: int, particle: str) -> list[Piece]:
    if who is None or not particle or who.head == "you":
        return []
    return [*shift(noun_phrase(who), place), Piece(particle, (base + tree.SUBJECT_MARK,), "")]


@lru_cache(1 << 13)
def noun_phrase(phrase: NounPhrase, *, counted: bool = True) -> tuple[Piece, ...]:
    """Says a noun phrase without its particle; its nodes are numbered from 0.

    Args:
        phrase: what to say.
        counted: whether the count stands before the noun (三冊の本) or is left to the verb.
    """
    words = lexicon()
    size = len(tree.NOUN_NODES)
    pieces: list[Piece] = []
    if phrase.relative is not None:
        pieces += clause(phrase.relative, size, "attributive", "が")
        size += tree.tree_size(phrase.relative)
    if phrase.head in words.pronouns:
        pieces += unspaced((words.pronouns[phrase.head][1], (tree.HEAD,)))
    elif phrase.head in words.names:
        pieces += unspaced((words.names[phrase.head][2], (tree.HEAD,)), ("さん", ()))
    else:
        pieces += described(phrase, counted=counted)
    if phrase.rest is not None:
        pieces += unspaced(("と", (tree.AND,)))
        pieces += shift(noun_phrase(phrase.rest), size)
    return tuple(pieces)


def place_phrase(place: NounPhrase, particle: str, mark: int, base: int) -> list[Piece]:
    """Says where or whither, with its particle; `mark` is the node of both."""
    if fixed := lexicon().fixed_places.get(place.head):
        return unspaced((fixed[1], (base + tree.HEAD,)), (particle, (mark,)))
    side = RELATIONS.get(place.relation, "")
    beside = unspaced(("の", (mark,)), (side, (mark,))) if side else []
    return [*shift(noun_phrase(place), base), *beside, *unspaced((particle, (mark,)))]


def clause(c: Clause, base: int, form: str, topic: str) -> list[Piece]:
    """Says a clause that ends in a form; its subject takes the particle `topic`, or is not said."""
    bases = tree.argument_bases(c, base)
    ask = (base + tree.ASK,)
    day = _day(c, base)
    pieces = [*day, Piece("、", (), "")] if c.fronted else []
    if c.ask == "who":
        pieces += unspaced(("誰", ask), ("が", (base + tree.SUBJECT_MARK,)))
    elif c.gap != "subject":
        pieces += _topic(c.subject, bases["subject"], base, topic)
    pieces += [] if c.fronted else day
    if c.ask in ("when", "why"):
        pieces += unspaced((ASKED[c.ask], ask))
    if c.clock:
        clock = (base + tree.CLOCK,)
        pieces += unspaced((NUMBERS[c.clock], clock), ("時", clock), ("に", clock))
    if c.ask == "where" and not c.place:
        pieces += unspaced(("どこ", ask), ("で", (base + tree.WHERE_MARK,)))
    if c.where:
        pieces += place_phrase(c.where, "で", base + tree.WHERE_MARK, bases["where"])
    return pieces + _arguments(c, base, bases, topic=topic == "は") + _predicate(c, base, form)


def _day(c: Clause, base: int) -> list[Piece]:
    if not c.day:
        return []
    word, _, particle = lexicon().days[c.day][2].partition("_")
    return unspaced((word, (base + tree.DAY,)), (particle, (base + tree.DAY,)))


def _exists(c: Clause) -> bool:
    return "exist" in lexicon().predicates[c.predicate].remarks and not c.ask


def _arguments(c: Clause, base: int, bases: dict[str, int], *, topic: bool) -> list[Piece]:
    """Says the arguments with their particles, and the words that belong to the verb."""
    ask = (base + tree.ASK,)
    pieces: list[Piece] = []
    if c.passive:
        by = Piece("に", (base + tree.OBJECT_MARK,), "")
        return [*shift(noun_phrase(c.object), bases["object"]), by]
    for name, particle, _ in lexicon().predicates[c.predicate].ja.items:
        argument = {"O": c.object, "R": c.receiver, "P": c.place}.get(name)
        mark = (base + tree.MARKS.get(name, 0),)
        if not name:
            word, _, own = particle.partition("_")
            pieces += unspaced((word, (base + tree.PREDICATE,)), (own, ()))
        elif (name == "O" and c.ask in ("what", "whom")) or (name == "P" and c.ask == "where"):
            pieces += unspaced((ASKED[c.ask], ask), (particle, mark))
        elif argument is None:
            continue
        elif name == "P":
            pieces += place_phrase(argument, particle, mark[0], bases["place"])
            pieces += unspaced(("は" if topic and _exists(c) else "", ()))
        else:
            place = bases["object" if name == "O" else "receiver"]
            floating = argument.count and particle in ("を", "が") and not argument.rest
            pieces += shift(noun_phrase(argument, counted=not floating), place)
            pieces += unspaced((particle, mark))
            if floating:
                pieces += shift(count(argument), place)
            elif name == "O" and c.ask == "many":
                counter = lexicon().nouns[argument.head].ja[2]
                asked = {"つ": "いくつ", "人": "何人"}.get(counter, "何" + counter)
                pieces += unspaced((asked, ask))
    return pieces


def _predicate(c: Clause, base: int, form: str) -> list[Piece]:
    """Says the verb with modal, voice, aspect, polarity and tense, in a form."""
    predicate = lexicon().predicates[c.predicate]
    head = predicate.ja.head.removeprefix("O_")
    nodes = {"stem": base + tree.PREDICATE, "tense": base + tree.TENSE, "not": base + tree.NEGATION}
    modal = (base + tree.MODAL,)
    own: list[Piece] = []
    if c.passive:
        head = verbs.passive(head)
    if c.modal == "can":
        own = unspaced((head, (nodes["stem"],)), ("こと", modal), ("が", ()))
        head, nodes = "できる", nodes | {"stem": modal[0]}
    elif c.modal == "want":
        own = unspaced((verbs.verb_stems(head)[1], (nodes["stem"],)))
        head, nodes = "たい", nodes | {"stem": modal[0]}
    elif c.modal == "must":
        own = unspaced((verbs.verb_stems(head)[0], (nodes["stem"],)), ("なければ", modal))
        return own + _said(
            _must(form, past=c.tense == "past"), {**nodes, "stem": modal[0], "not": modal[0]}
        )
    elif c.day == "now" and not predicate.remarks & {"state", "noprogress"}:
        own = unspaced((verbs.te(verbs.verb_stems(head)[2]), (nodes["stem"],)))
        head, nodes = "いる", nodes | {"stem": base + tree.ASPECT}
    asked = "plain" if form == "node" else form
    past = c.tense == "past"
    if asked == "plain" and form == "node" and verbs.kind_of(head) in ("na", "noun") and not (
        past or c.negative):  # fmt: skip
        return own + _said(((head[:-1], "stem"), ("な", "tense")), nodes)
    return own + _said(verbs.conjugated(head, asked, past=past, negative=c.negative), nodes)


def _must(form: str, *, past: bool) -> verbs.Said:
    if form == "polite":
        return verbs.conjugated("なる", "polite", past=past, negative=True)
    return verbs.conjugated("なる", form, past=past, negative=True)
