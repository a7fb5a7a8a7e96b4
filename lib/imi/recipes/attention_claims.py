"""What attention sees, and whether it must see softly: alignment errors, BLEU with hard weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from imi import alignment, metrics
from imi.data import phrasebook as book
from imi.data.pairs import Pair
from imi.data.phrasebook import Meaning, Sentence
from imi.recipes import Recipe, phrasebook
from imi.recipes.translation import BEAMS
from imi.recipes.translation_claims import SOURCES
from imi.translation import Translator

NAME = "attention_claims"
MEANINGS = 300  # of the test part, whose words are aligned
SOFT_AND_HARD = {source.ATTENTION: source for source in SOURCES}
THRESHOLDS = tuple(step / 20 for step in range(1, 11))


class Counts:
    """Links of many sentences, kept apart by the number of the sentence."""

    def __init__(self):
        self.found: set = set()
        self.sure: set = set()
        self.possible: set = set()

    def add(self, number: int, found: Iterable, sure: Iterable, possible: Iterable) -> None:
        """Adds the links of one sentence."""
        for mine, theirs in ((self.found, found), (self.sure, sure), (self.possible, possible)):
            mine |= {(number, *link) for link in theirs}

    def error(self) -> float:
        """Returns the alignment error rate of all sentences together."""
        return metrics.alignment_error(self.found, self.sure, self.possible)


def weights_of(translator: Translator, source: Sentence, target: Sentence):
    """Lets a translator write a given translation; returns its weights between words (J, I)."""
    rows = [side.encode(said.text) for side, said in
            ((translator.source, source), (translator.target, target))]  # fmt: skip
    alpha = translator.alpha(*rows)[:-1]  # without the end mark
    pieces = [side.vocabulary.decode(row) for side, row in
              zip((translator.source, translator.target), rows, strict=True)]  # fmt: skip
    return alignment.word_weights(alpha, source.tokens, pieces[0], target.tokens, pieces[1])


def alignment_errors(
    translator: Translator, meanings: Sequence[Meaning]
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Compares what a model looks at with the true links of meanings, English to Japanese.

    Returns figures, and a row for each range of lengths. `strict` takes every link of the
    phrasebook for sure and judges every word; no aligner of one link a word can come below its
    `floor`.
    """
    kinds = ("attention", "diagonal", "strict", "floor", *map(_above, THRESHOLDS))
    counts = {kind: Counts() for kind in kinds}
    ranges = {edge: Counts() for edge in phrasebook.EDGES[:-1]}
    for number, meaning in enumerate(meanings):
        said, wanted = (meaning.say(side) for side in (phrasebook.SOURCE, phrasebook.TARGET))
        gold = book.alignment(said, wanted)
        sure = alignment.sure(gold)
        weights = weights_of(translator, said, wanted)
        found = alignment.likeliest(weights)
        judged = alignment.with_counterpart(found, gold)
        first = max(edge for edge in ranges if edge <= len(said))
        for kept in (counts["attention"], ranges[first]):
            kept.add(number, judged, sure, gold)
        straight = alignment.diagonal(len(said), len(wanted))
        straight = alignment.with_counterpart(straight, gold)
        counts["diagonal"].add(number, straight, sure, gold)
        counts["strict"].add(number, found, gold, gold)
        counts["floor"].add(number, _best(gold, len(wanted)), gold, gold)
        for threshold in THRESHOLDS:
            links = alignment.above(weights, threshold)
            counts[_above(threshold)].add(number, links, gold, gold)
    rows = [{"shortest": first, "longest": last - 1, "aer": round(ranges[first].error(), 4),
             "sentences": len({number for number, *_ in ranges[first].found})}
            for first, last in pairwise(phrasebook.EDGES) if ranges[first].found]  # fmt: skip
    return {f"aer/{kind}": round(kept.error(), 4) for kind, kept in counts.items()}, rows


def _above(threshold: float) -> str:
    return f"strict_above_{threshold:.2f}"


def _best(gold: set, words: int) -> set:
    """Returns what an aligner that knows the truth could do with one link a target word."""
    partner = {j: i for i, j in sorted(gold, reverse=True)}
    return {(partner.get(j, -1), j) for j in range(words)}


def bleu_of(translator: Translator, pairs: Sequence[Pair], tokenize: str) -> dict[str, float]:
    """Returns BLEU with the weights as they are, and with each word looking at one piece alone."""
    said, wanted = ([pair[side] for pair in pairs] for side in (0, 1))
    figures = {}
    for name, hard in (("soft", False), ("hard", True)):
        found = translator.texts(said, beams=BEAMS, hard=hard)
        figures[name] = round(metrics.bleu(found, wanted, tokenize=tokenize).value, 3)
    return figures


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures alignment errors, and BLEU with soft and hard weights."""
    meanings = phrasebook.statements("test", MEANINGS)
    figures, rows = alignment_errors(Translator.load(phrasebook.ATTENTION), meanings)
    for name, source in SOFT_AND_HARD.items():
        found = bleu_of(Translator.load(name), source.test_pairs(), source.TOKENIZE)
        figures |= {f"{name}/{kind}": value for kind, value in found.items()}
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(
        NAME, "alignment errors of attention, soft and hard weights", measure_all, minutes=10
    ),
)
