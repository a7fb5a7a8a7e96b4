"""Korean predicates: modal, aspect, polarity, tense and honour, in one or more words."""

from __future__ import annotations

from imi.data.phrasebook import korean_verbs as verbs
from imi.data.phrasebook import tree
from imi.data.phrasebook.korean_nouns import is_honoured
from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.sentences import Piece, literal
from imi.data.phrasebook.tree import Clause

GIVING = "주다"


def said_predicate(c: Clause, base: int, form: str, *, honour: bool) -> list[Piece]:
    """Says the verb with modal, aspect, polarity and tense, in a form."""
    predicate = lexicon().predicates[c.predicate]
    head = predicate.ko.head
    main, tense = (base + tree.PREDICATE,), (base + tree.TENSE,)
    if head.endswith("이다"):
        return _copula(c, base, form, head)
    adjective = head.endswith("*")
    head = head.removesuffix("*")
    said: list[Piece] = []
    if c.passive:
        *own, head = predicate.ko_passive.split()
        said = [Piece(word, main) for word in own]
    elif head.endswith(GIVING) and is_honoured(c.receiver):
        head = head.removesuffix(GIVING) + "드리다"
    have = any(mark == "이/가" for name, mark, _ in predicate.ko.items if name == "O")
    have = have or predicate.id == "fever"
    modal = (base + tree.MODAL,)
    now = c.day == "now" and not predicate.remarks & {"state", "noprogress"}
    if honour and c.modal != "want" and not now:
        head = verbs.honoured(head, have=have)
    negation = (base + tree.NEGATION,)
    if c.modal == "can":
        said += [Piece(verbs.with_consonant(head, "ㄹ"), main), Piece("수", modal)]
        nodes = modal + (negation if c.negative else ())
        word = verbs.conjugated("없다" if c.negative else "있다", form, c.tense, adjective=False)
        return said + literal(word, nodes + tense)
    if c.modal == "want":
        said.append(Piece(head[:-1] + "고", main))
        head, main, adjective = "싶다", modal, True
    elif c.modal == "must":
        said.append(Piece(verbs.infinitive(head) + "야", main + modal))
        head, main = "하다", modal
    elif now:
        said.append(Piece(head[:-1] + "고", main))
        head, main = "계시다" if honour else "있다", (base + tree.ASPECT,)
    if c.negative:
        said.append(Piece(head[:-1] + "지", main))
        head, main = "않다", negation
    return said + literal(verbs.conjugated(head, form, c.tense, adjective=adjective), main + tense)


def _copula(c: Clause, base: int, form: str, head: str) -> list[Piece]:
    """Says 의사예요, 의사가 아니에요, 혼자예요."""
    main, tense = (base + tree.PREDICATE,), (base + tree.TENSE,)
    word = head.removesuffix("이다").removeprefix("O_")
    said = []
    if word:
        said = [Piece(word, main)]
    if c.negative:
        not_ = {"polite": {"past": "아니었어요", "present": "아니에요", "future": "아닐 거예요"}}
        ends = not_.get(form) or {name: verbs.conjugated("아니다", form, name, adjective=True)
                                  for name in ("past", "present", "future")}  # fmt: skip
        own = (base + tree.NEGATION, *tense)
        return [*said, Piece("이/가", (), ""), *literal(ends[c.tense], own)]
    before = word or lexicon().nouns[c.object.head].ko[0]
    text = verbs.copula(form, c.tense, after_consonant=bool(verbs.closed(before)))
    first, *rest = text.split()
    return [*said, Piece(first, tense, ""), *(Piece(word, tense) for word in rest)]
