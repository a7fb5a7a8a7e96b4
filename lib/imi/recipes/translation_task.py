"""What a translator learns from: pairs as word pieces, begun as people write in mid-sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imi import text
from imi.batches import PairBatch, by_length, pair_batch
from imi.data.pairs import Pair, Split
from imi.translation import MARKS
from imi.wordpiece import MARK, WordPieces

Ids = list[list[int]]


@dataclass(frozen=True)
class Task:
    """What there is to learn: pairs, how they are cut into pieces, and how they are judged.

    Attributes:
        data: names of the sources.
        tokenize: how BLEU finds words, as in `metrics.bleu`.
    """

    pairs: Split
    source: WordPieces
    target: WordPieces
    data: Sequence[str]
    tokenize: str = "13a"

    @classmethod
    def of(
        cls,
        pairs: Split,
        *,
        size: int,
        data: Sequence[str],
        tokenize: str = "13a",
        cutter: type[WordPieces] = WordPieces,
    ) -> Task:
        """Finds `size` word pieces, or what else a `cutter` cuts, for each side of the training.

        The source is read in lower case. Targets begin in lower case, too, where the word does so
        elsewhere: `A man` and `a man` are the same words.
        """
        source = cutter.train([p.source for p in pairs.train], size=size, lowercase=True)
        cased = in_usual_case(pairs)
        target = cutter.train([p.target for p in cased.train], size=size)
        return cls(cased, source, target, data, tokenize)

    def ids(self, pairs: Iterable[Pair]) -> tuple[Ids, Ids]:
        """Maps both sides of pairs to ids."""
        sides = [(self.source.encode(p.source), self.target.encode(p.target)) for p in pairs]
        return [source for source, _ in sides], [target for _, target in sides]


class UsualCase:
    """Lets sentences begin as their first word is usually written: `A man` as `a man`, not `Tom`.

    Args:
        sentences: in which words are counted, the first of each aside.
    """

    def __init__(self, sentences: Iterable[str]):
        self._counts = Counter(w for sentence in sentences for w in text.words(sentence)[1:])

    def __call__(self, sentence: str) -> str:
        """Returns the sentence with its first letter small, if the word is mostly so elsewhere."""
        first = next(iter(text.words(sentence)), "")
        small = first[:1].lower() + first[1:]
        if self._counts[small] > self._counts[first]:
            return sentence.replace(first, small, 1)
        return sentence


def in_usual_case(pairs: Split) -> Split:
    """Lets what is learned and validated begin as words usually do; the test stays as written."""
    usual = UsualCase(pair.target for pair in pairs.train)
    train, valid = ([Pair(p.source, usual(p.target)) for p in part]
                    for part in (pairs.train, pairs.valid))  # fmt: skip
    return Split(train, valid, pairs.test)


def as_learned(target: WordPieces, sentence: str) -> str:
    """Returns a sentence with its first letter small, if the model learned the word mostly so."""
    first = next(iter(text.words(sentence)), "")
    small = first[:1].lower() + first[1:]
    known = target.vocabulary
    small_count, large_count = (
        known.counts[known[MARK + word]] if MARK + word in known else 0 for word in (small, first)
    )
    return sentence.replace(first, small, 1) if small_count > large_count else sentence


def held_out(sources: Ids, targets: Ids, *, tokens: int = 4_000) -> list[PairBatch]:
    """Makes batches of pairs in a fixed order, each pair once."""
    return [
        pair_batch([sources[i] for i in rows], [targets[i] for i in rows],
                   pad=text.PAD_ID, marks=MARKS)
        for rows in by_length(sources, targets, tokens=tokens)
    ]  # fmt: skip
