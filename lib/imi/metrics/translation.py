"""How good a translation is: BLEU and chrF by sacrebleu, and errors of alignment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from imi.batches import PairBatch, to_device

Links = set[tuple[int, ...]]


@dataclass(frozen=True)
class Score:
    """A score of a whole text, and how it was computed.

    Attributes:
        value: from 0 to 100, more is better.
        signature: sacrebleu's: with it anybody gets the same value.
        sentences: how many were judged.
    """

    value: float
    signature: str
    sentences: int

    def __str__(self) -> str:
        noun = "sentence" if self.sentences == 1 else "sentences"
        return f"{self.value:.2f} ({self.signature}, {self.sentences} {noun})"


def bleu(translations: Sequence[str], *references: Sequence[str], tokenize: str = "13a") -> Score:
    """Returns BLEU (Papineni et al. 2002): how many runs of 1 to 4 words are the reference's.

    Args:
        references: one for each translation; more than one list where there are several.
        tokenize: how sacrebleu finds words: "13a" where there are spaces, "char" for Japanese.

    Raises:
        ValueError: if there is nothing to judge, or not one reference for each translation.
    """
    from sacrebleu.metrics import BLEU

    return _scored(BLEU(tokenize=tokenize), translations, references)


def chrf(translations: Sequence[str], *references: Sequence[str]) -> Score:
    """Returns chrF (Popovic 2015): the F-score of runs of 1 to 6 letters.

    Raises:
        ValueError: if there is nothing to judge, or not one reference for each translation.
    """
    from sacrebleu.metrics import CHRF

    return _scored(CHRF(), translations, references)


def _scored(metric: Any, translations: Sequence[str], references: Sequence) -> Score:
    counts = [len(theirs) for theirs in references]
    if not translations or not counts or set(counts) != {len(translations)}:
        raise ValueError(
            f"each translation needs a reference, got {len(translations)} and {counts or 'none'}"
        )
    value = metric.corpus_score(list(translations), [list(theirs) for theirs in references]).score
    return Score(value, str(metric.get_signature()), len(translations))


def score_by_length(
    translations: Sequence[str],
    references: Sequence[str],
    lengths: Sequence[int],
    edges: Sequence[int],
    *,
    tokenize: str = "13a",
) -> dict[tuple[int, int], Score]:
    """Returns BLEU for sentences of each range of lengths.

    Args:
        lengths: of the source sentences.
        edges: where ranges begin, and where the last one ends: 1, 11, 21 are 1-10 and 11-20.
            Ranges without a sentence are left out.

    Raises:
        ValueError: if the edges do not rise, or there is not one length for each sentence.
    """
    if len(edges) < 2 or list(edges) != sorted(set(edges)):
        raise ValueError(f"the edges of lengths must rise, got {list(edges)}")
    rows = list(zip(translations, references, lengths, strict=True))
    found = {}
    for first, after in pairwise(edges):
        chosen = [row for row in rows if first <= row[2] < after]
        if chosen:
            ours, theirs, _ = zip(*chosen, strict=True)
            found[first, after - 1] = bleu(ours, theirs, tokenize=tokenize)
    return found


def alignment_error(found: Links, sure: Links, possible: Links | None = None) -> float:
    """Returns 1 - (|A & S| + |A & P|) / (|A| + |S|): the alignment error rate (Och & Ney 2003).

    Args:
        found: A, pairs of places (source, target); with the sentence's number first for many.
        sure: S, links that must be there.
        possible: P, links that may be there; the sure ones are always among them.

    Raises:
        ValueError: if there are no links at all.
    """
    if not found and not sure:
        raise ValueError("an alignment error needs links to compare")
    allowed = sure | (possible or set())
    return 1.0 - (len(found & sure) + len(found & allowed)) / (len(found) + len(sure))


def pair_loss(model: nn.Module, batches: Iterable[PairBatch]) -> float:
    """Returns the mean cross-entropy (nats) of the true next words of translations, in float32.

    Raises:
        ValueError: if there are no batches.
    """
    device, total, count = next(model.parameters()).device, 0.0, 0
    with torch.no_grad():
        for batch in batches:
            batch = to_device(batch, device)
            logits = model(batch.source, batch.lengths, batch.inputs, kept=batch.kept).logits
            wanted = batch.targets[batch.kept]
            total += nn.functional.cross_entropy(logits.float(), wanted, reduction="sum").item()
            count += len(wanted)
    if not count:
        raise ValueError("there are no translations to measure the loss of")
    return total / count
