"""French: est-ce que, ne ... pas, articles that melt, participles that agree.

Phrases are put together with full words (de le livre, je ai); a last walk melts and cuts them
(du livre, j'ai).
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook import tree
from imi.data.phrasebook.french_nouns import RELATIONS, Agreement, agreement, described, mended
from imi.data.phrasebook.french_verbs import (
    agreed,
    finite,
    frame,
    inflected,
    parts,
    takes_etre,
)
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import (
    NARROW_SPACE,
    Piece,
    capitalized,
    fixed_place,
    literal,
    shift,
)
from imi.data.phrasebook.tree import Clause, NounPhrase

LINKS = {"and": "et", "but": "mais", "because": "parce que", "when": "quand",
         "although": "même si", "if": "si", "think": "que", "say": "que"}  # fmt: skip
ASKED = {"what": "que", "whom": "qui", "where": "où", "when": "quand",
         "why": "pourquoi", "yes": ""}  # fmt: skip
REFLEXIVE = {"1s": "me", "3s": "se", "1p": "nous", "2p": "vous", "3p": "se"}
MODALS = {"can": "pouvoir", "want": "vouloir", "must": "devoir"}
CLOCK = ("", "une heure", "deux heures", "trois heures", "quatre heures", "cinq heures",
         "six heures", "sept heures", "huit heures", "neuf heures", "dix heures", "onze heures",
         "midi")  # fmt: skip
IT = Agreement("3s", female=False, many=False)


def say(meaning: tree.Tree) -> list[Piece]:
    """Says a whole meaning."""
    pieces = _tree(meaning, 0)
    if isinstance(meaning, Clause) and meaning.ask:
        end = Piece("?", (tree.END, tree.ASK), NARROW_SPACE)
    else:
        end = Piece(".", (tree.END,), "")
    return capitalized(mended([*pieces, end]))


def _tree(part: tree.Tree, base: int) -> list[Piece]:
    if isinstance(part, Clause):
        return clause(part, base)
    first_base, second_base = tree.pair_bases(part, base)
    first, second = _tree(part.first, first_base), _tree(part.second, second_base)
    link = literal(LINKS[part.link], (base,))
    if part.link in ("when", "although", "if"):
        return [*link, *first, Piece(",", (), ""), *second]
    if part.link in ("and", "but"):
        return [*first, Piece(",", (), ""), *link, *second]
    return [*first, *link, *second]


@lru_cache(1 << 13)
def noun_phrase(
    phrase: NounPhrase, *, negative: bool = False, article: bool = True, after_de: bool = False
) -> tuple[Piece, ...]:
    """Says a noun phrase; its nodes are numbered from 0.

    Args:
        phrase: what to say.
        negative: after pas, where "a" becomes de.
        article: whether there is one at all: parler anglais.
        after_de: after the preposition de, which takes the place of du, de la and des.
    """
    words = lexicon()
    if phrase.head in words.pronouns:
        pieces = [Piece(words.pronouns[phrase.head][3], (tree.HEAD,))]
    elif phrase.head in words.names:
        pieces = [Piece(words.names[phrase.head][0], (tree.HEAD,))]
    else:
        pieces = described(phrase, negative=negative, article=article, after_de=after_de)
    size = len(tree.NOUN_NODES)
    if phrase.relative is not None:
        pieces += relative(phrase.relative, size, phrase)
        size += tree.tree_size(phrase.relative)
    if phrase.rest is not None:
        pieces.append(Piece("et", (tree.AND,)))
        pieces += shift(noun_phrase(phrase.rest, negative=negative, after_de=after_de), size)
    return tuple(pieces)


def place_phrase(place: NounPhrase, mark: int, base: int) -> list[Piece]:
    """Says where or whither; `mark` is the node of the preposition."""
    if fixed := lexicon().fixed_places.get(place.head):
        return fixed_place(fixed[3], mark, base + tree.HEAD)
    _, _, _, at, to = lexicon().nouns[place.head].fr
    words = RELATIONS.get(place.relation) or (to if place.relation == "to" else at)
    return [*literal(words, (mark,)), *shift(noun_phrase(place), base)]


def relative(c: Clause, base: int, antecedent: NounPhrase) -> list[Piece]:
    """Says a relative clause after its noun."""
    that = Piece("qui" if c.gap == "subject" else "que")
    return [that, *clause(c, base, antecedent)]


def clause(c: Clause, base: int, antecedent: NounPhrase | None = None) -> list[Piece]:
    """Says a clause; in a relative clause the antecedent stands for what is left out."""
    bases = tree.argument_bases(c, base)
    about = agreement(antecedent if c.gap == "subject" else c.subject)
    ahead = antecedent if c.gap == "object" else c.object if c.ask == "many" else None
    pieces = _asked(c, base, bases)
    if c.gap != "subject" and c.ask != "who":
        pieces += [Piece("il")] if c.subject is None else shift(noun_phrase(c.subject),
                                                                bases["subject"])  # fmt: skip
    pieces += _verbs(c, base, about, agreement(ahead) if ahead else None)
    pieces += _complements(c, base, bases, about)
    if c.where:
        pieces += place_phrase(c.where, base + tree.WHERE_MARK, bases["where"])
    if c.clock:
        pieces += literal(f"à {CLOCK[c.clock]}", (base + tree.CLOCK,))
    day = literal(lexicon().days[c.day][4], (base + tree.DAY,)) if c.day else []
    if c.fronted:
        return [*day, Piece(",", (), ""), *pieces]
    return pieces + day


def _asked(c: Clause, base: int, bases: dict[str, int]) -> list[Piece]:
    ask = (base + tree.ASK,)
    if not c.ask:
        return []
    if c.ask == "who":
        return [Piece("qui", ask)]
    marks = [item for item in lexicon().predicates[c.predicate].fr.items if item[0] == "O"]
    pieces = []
    if c.ask == "whom" and marks[0][1]:
        pieces = [Piece(marks[0][1], (base + tree.OBJECT_MARK,))]
    if c.ask == "many":
        counted = shift(noun_phrase(c.object, article=False), bases["object"])
        pieces = [Piece("combien", ask), Piece("de", ask), *counted]
    else:
        pieces += literal(ASKED[c.ask], ask)
    return [*pieces, Piece("est-ce", ask), Piece("que", ask)]


def _verbs(c: Clause, base: int, about: Agreement, ahead: Agreement | None) -> list[Piece]:
    """Says the verbs with what clings to them: ne, se, y, pas."""
    chain = _chain(c, base)
    predicate = lexicon().predicates[c.predicate]
    clitics = _clitics(c, base, about)
    tense = (base + tree.TENSE,)
    verb, nodes = chain[0]
    done: list[Piece] = []
    if c.tense == "past" and "state" not in predicate.remarks:
        reflexive = bool(clitics) and len(chain) == 1 and clitics[0].text != "y"
        etre = takes_etre(verb, reflexive=reflexive)
        word = parts(verb)[2]
        if etre:
            word = agreed(word, female=about.female, many=about.many)
        elif ahead and len(chain) == 1:
            word = agreed(word, female=ahead.female, many=ahead.many)
        done = [Piece(word, nodes)]
        first = Piece(finite("être" if etre else "avoir", "present", about.person), tense)
    else:
        kind = "imperfect" if c.tense == "past" else c.tense
        first = Piece(finite(verb, kind, about.person), nodes + tense)
    negation = (base + tree.NEGATION,)
    ne, pas = ([Piece("ne", negation)], [Piece("pas", negation)]) if c.negative else ([], [])
    rest = [Piece(_nonfinite(verb, c, about), nodes) for verb, nodes in chain[1:]]
    if len(chain) > 1 and not c.passive:
        return [*ne, first, *pas, *done, *clitics, *rest]
    return [*ne, *clitics, first, *pas, *done, *rest]


def _nonfinite(verb: str, c: Clause, about: Agreement) -> str:
    if c.passive:
        return agreed(parts(verb)[2], female=about.female, many=about.many)
    return verb


def _chain(c: Clause, base: int) -> list[tuple[str, tuple[int, ...]]]:
    head = frame(c.predicate)[0]
    light = head == "être"  # the adjective says what is predicated
    main = (head, () if light else (base + tree.PREDICATE,))
    if c.passive:
        return [("être", (base + tree.VOICE,)), main]
    return [(MODALS[c.modal], (base + tree.MODAL,)), main] if c.modal else [main]


def _clitics(c: Clause, base: int, about: Agreement) -> list[Piece]:
    clitic = frame(c.predicate)[2]
    if clitic == "se":
        return [Piece(REFLEXIVE[about.person], (base + tree.PREDICATE,))]
    return [Piece(clitic, (base + tree.PREDICATE,))] if clitic else []


def _complements(c: Clause, base: int, bases: dict[str, int], about: Agreement) -> list[Piece]:
    """Says what follows the verb."""
    pieces: list[Piece] = []
    if c.passive:
        by = Piece("par", (base + tree.OBJECT_MARK,))
        return [by, *shift(noun_phrase(c.object), bases["object"])]
    for name, word, case in frame(c.predicate)[1]:
        argument = {"O": c.object, "R": c.receiver, "P": c.place}.get(name)
        if not name:
            pieces.append(
                Piece(
                    inflected(word, female=about.female, many=about.many), (base + tree.PREDICATE,)
                )
            )
        elif argument is None or not argument.head or (name == "O" and c.ask == "many"):
            continue
        elif name == "P":
            pieces += place_phrase(argument, base + tree.PLACE_MARK, bases["place"])
        else:
            if word:
                pieces.append(Piece(word, (base + tree.MARKS[name],)))
            said = noun_phrase(
                argument, negative=c.negative and not word, article=case != "bare",
                after_de=word == "de",
            )  # fmt: skip
            pieces += shift(said, bases["object" if name == "O" else "receiver"])
    return pieces
