"""Korean: the verb last, particles chosen by the sound before them, blanks between phrases, 해요.

Verbs about people who are honoured (어머니, 선생님) take -(으)시-.
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import korean_verbs as verbs
from imi.data.phrasebook import tree
from imi.data.phrasebook.korean_nouns import NUMBERS, RELATIONS, described, is_honoured
from imi.data.phrasebook.korean_predicates import said_predicate
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, literal, shift
from imi.data.phrasebook.tree import Clause, NounPhrase, Pair

ASKED = {
    "who": "누가",
    "what": "무엇",
    "whom": "누구",
    "where": "어디",
    "when": "언제",
    "why": "왜",
}


def say(meaning: tree.Tree) -> list[Piece]:
    """Says a whole meaning, politely."""
    pieces = _tree(meaning, 0, "polite", "은/는")
    if isinstance(meaning, Clause) and meaning.ask:
        pieces.append(Piece("?", (tree.END, tree.ASK), ""))
    else:
        pieces.append(Piece(".", (tree.END,), ""))
    return _mended(pieces)


def _mended(pieces: list[Piece]) -> list[Piece]:
    """Chooses between 은 and 는, 이 and 가 and their like."""
    mended: list[Piece] = []
    for piece in pieces:
        if "/" in piece.text:
            before = mended[-1]
            piece = piece._replace(text=verbs.particle(piece.text, before.text))
            if before.text == "저" and piece.text == "가":
                mended[-1] = before._replace(text="제")
        mended.append(piece)
    return mended


def _tree(part: tree.Tree, base: int, form: str, topic: str) -> list[Piece]:
    if isinstance(part, Clause):
        return clause(part, base, form, topic)
    first_base, second_base = tree.pair_bases(part, base)
    if part.link in ("think", "say"):
        return _quoted(part, base, first_base, second_base, form, topic)
    if part.link == "because":  # the reason comes first here
        first, second, bases = part.second, part.first, (second_base, first_base)
    else:
        first, second, bases = part.first, part.second, (first_base, second_base)
    level = part.link in ("and", "but")
    mark = topic if level or part.same else "이/가"
    if part.link == "because" and part.same:
        # The subject is said once, with the reason; in the tree it belongs to what follows.
        who = part.first.subject
        place = tree.argument_bases(part.first, first_base)["subject"]
        said = _topic(who, place, first_base, topic)
        said += clause(part.second, bases[0], part.link, "", who)
    else:
        said = _tree(first, bases[0], part.link, mark)
    said[-1] = said[-1]._replace(nodes=(*said[-1].nodes, base))
    comma = Piece(",", (), "")
    if part.same:
        return [*said, comma, *clause(second, bases[1], form, "", part.first.subject)]
    return [*said, comma, *_tree(second, bases[1], form, topic)]


def _quoted(
    part: Pair, base: int, first_base: int, second_base: int, form: str, topic: str
) -> list[Piece]:
    who = part.first.subject
    place = tree.argument_bases(part.first, first_base)["subject"]
    said = _tree(part.second, second_base, "quoted", "이/가")
    said[-1] = said[-1]._replace(nodes=(*said[-1].nodes, base))
    verb = "생각하다" if part.link == "think" else "말하다"
    if is_honoured(who):
        verb = verbs.honoured(verb, have=False)
    word = verbs.conjugated(verb, form, "present", adjective=False)
    ended = literal(word, (first_base + tree.PREDICATE, first_base + tree.TENSE))
    return [*_topic(who, place, first_base, topic), *said, *ended]


def _topic(who: NounPhrase | None, place: int, base: int, mark: str) -> list[Piece]:
    if who is None or not mark or who.head == "you":
        return []
    return [*shift(noun_phrase(who), place), Piece(mark, (base + tree.SUBJECT_MARK,), "")]


@lru_cache(1 << 13)
def noun_phrase(phrase: NounPhrase) -> tuple[Piece, ...]:
    """Says a noun phrase without its particle; its nodes are numbered from 0."""
    words = lexicon()
    size = len(tree.NOUN_NODES)
    pieces: list[Piece] = []
    if phrase.relative is not None:
        who = phrase if phrase.relative.gap == "subject" else None
        pieces += clause(phrase.relative, size, "attributive", "이/가", who)
        size += tree.tree_size(phrase.relative)
    if phrase.head in words.pronouns:
        pieces += literal(words.pronouns[phrase.head][2], (tree.HEAD,))
    elif phrase.head in words.names:
        pieces += [Piece(words.names[phrase.head][3], (tree.HEAD,)), Piece("씨")]
    else:
        pieces += described(phrase)
    if phrase.rest is not None:
        pieces.append(Piece("과/와", (tree.AND,), ""))
        pieces += shift(noun_phrase(phrase.rest), size)
    return tuple(pieces)


def place_phrase(place: NounPhrase, mark: str, node: int, base: int) -> list[Piece]:
    """Says where or whither, with its particle; `node` is the node of both."""
    if fixed := lexicon().fixed_places.get(place.head):
        return [Piece(fixed[2], (base + tree.HEAD,)), Piece(mark, (node,), "")]
    side = RELATIONS.get(place.relation, "")
    beside = [Piece(side, (node,))] if side else []
    return [*shift(noun_phrase(place), base), *beside, Piece(mark, (node,), "")]


def clause(
    c: Clause, base: int, form: str, topic: str, who: NounPhrase | None = None
) -> list[Piece]:
    """Says a clause that ends in a form; its subject takes the particle `topic`, or is not said.

    Args:
        c: the clause; base: its first node.
        form: of the last verb. topic: the particle, or nothing.
        who: the subject, where it is said elsewhere; the verb may honour it.
    """
    bases = tree.argument_bases(c, base)
    ask = (base + tree.ASK,)
    day = _day(c, base)
    pieces = list(day) if c.fronted else []
    if c.ask == "who":
        pieces.append(Piece("누가", ask))
    elif c.gap != "subject":
        pieces += _topic(c.subject, bases["subject"], base, topic)
    pieces += [] if c.fronted else day
    if c.ask in ("when", "why"):
        pieces.append(Piece(ASKED[c.ask], ask))
    if c.clock:
        clock = (base + tree.CLOCK,)
        pieces += [Piece(NUMBERS[c.clock], clock), Piece("시", clock), Piece("에", clock, "")]
    if c.ask == "where" and not c.place:
        pieces += [Piece("어디", ask), Piece("에서", (base + tree.WHERE_MARK,), "")]
    if c.where:
        pieces += place_phrase(c.where, "에서", base + tree.WHERE_MARK, bases["where"])
    honour = is_honoured(who or c.subject)
    said = _arguments(c, base, bases, topic=topic == "은/는")
    return pieces + said + said_predicate(c, base, form, honour=honour)


def _day(c: Clause, base: int) -> list[Piece]:
    if not c.day:
        return []
    word, _, mark = lexicon().days[c.day][3].partition("_")
    own = [Piece(mark, (base + tree.DAY,), "")] if mark and not c.clock else []
    return [*literal(word, (base + tree.DAY,)), *own]


def _arguments(c: Clause, base: int, bases: dict[str, int], *, topic: bool) -> list[Piece]:
    """Says the arguments with their particles, and the words that belong to the verb."""
    ask = (base + tree.ASK,)
    pieces: list[Piece] = []
    if c.passive:
        by = Piece("께" if is_honoured(c.object) else "에게", (base + tree.OBJECT_MARK,), "")
        return [*shift(noun_phrase(c.object), bases["object"]), by]
    predicate = lexicon().predicates[c.predicate]
    for name, mark, _ in predicate.ko.items:
        argument = {"O": c.object, "R": c.receiver, "P": c.place}.get(name)
        node = base + tree.MARKS.get(name, 0)
        if not name:
            word, _, own = mark.partition("_")
            pieces.append(Piece(word, (base + tree.PREDICATE,)))
            pieces += [Piece(own, (), "")] if own else []
        elif (name == "O" and c.ask in ("what", "whom")) or (name == "P" and c.ask == "where"):
            pieces += [Piece(ASKED[c.ask], ask), Piece(mark, (node,), "")]
        elif argument is None:
            continue
        elif name == "P":
            exists = topic and "exist" in predicate.remarks and not c.ask
            mark = mark + "는" if exists else mark
            pieces += place_phrase(argument, mark, node, bases["place"])
        else:
            pieces += shift(noun_phrase(argument), bases["object" if name == "O" else "receiver"])
            if name == "O" and c.ask == "many":
                counter = lexicon().nouns[argument.head].ko[2]
                pieces += [Piece("몇", ask), Piece(counter, ask)]
            mark = "께" if mark == "에게" and is_honoured(argument) else mark
            pieces += [Piece(mark, (node,), "")] if mark else []
    return pieces
