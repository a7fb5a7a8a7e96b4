"""Batches for the pre-training of BERT: pairs of texts with hidden pieces, anew in each epoch.

Source: Devlin et al. (2019), section 3.1, figure 2 and appendix A.2.
Lecture: notebooks/11_bert_2019.ipynb
Shapes: B rows of a batch, S places of a row.

Whole corpora are encoded once; a batch is cut, laid out and masked by a few operations on tensors.
Rows of about one length stand together, so that hardly a place is filled with padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from imi.masking import PAPER, Marks, Rates, mask, ordinary
from imi.sentence_pairs import Library, Pairs, pairs


class PretrainingBatch(NamedTuple):
    """Rows [CLS] A [SEP] B [SEP] with hidden pieces, filled up to the longest.

    Attributes:
        ids: what the model reads (B, S).
        lengths: without filling (B,).
        segments: 0 in A, 1 in B (B, S).
        chosen: True where the model shall tell the piece (B, S).
        targets: the pieces as they were (B, S).
        next: 0 if B follows A, 1 if not, UNASKED if there is no B (B,).
    """

    ids: Tensor
    lengths: Tensor
    segments: Tensor
    chosen: Tensor
    targets: Tensor
    next: Tensor


def assembled(library: Library, rows: Pairs, marks: Marks) -> tuple[Tensor, Tensor, Tensor]:
    """Lays rows out as [CLS] A [SEP] B [SEP]; returns ids (B, S), lengths (B,), segments (B, S)."""
    a_start, a_end, b_start, b_end = (torch.from_numpy(column)[:, None] for column in rows[:4])
    a, b = a_end - a_start, b_end - b_start
    lengths = torch.from_numpy(rows.lengths())
    place = torch.arange(int(lengths.max()))[None]
    in_a, in_b = (place > 0) & (place <= a), (place > a + 1) & (place < a + 2 + b)
    where = torch.where(in_b, b_start + place - a - 2, a_start + place - 1)
    ids = library.ids[where.clamp(0, len(library.ids) - 1)].long()
    ids = torch.where(in_a | in_b, ids, torch.full_like(ids, marks.pad))
    ids = ids.masked_fill(place == 0, marks.cls)
    ids = ids.masked_fill((place == a + 1) | ((place == a + b + 2) & (b > 0)), marks.sep)
    segments = ((place > a + 1) & (place < lengths[:, None])).long()
    return ids, lengths, segments


@dataclass(frozen=True)
class Reader:
    """Turns a library into batches of pairs with hidden pieces, anew in each epoch.

    Attributes:
        tokens: places of a batch, filling counted.
        seed: fixes all: cuts, second texts, order and hidden pieces.
    """

    library: Library
    marks: Marks
    vocab_size: int
    longest: int
    tokens: int
    seed: int
    rates: Rates = PAPER
    within: float = 0.0

    def epoch(self, number: int) -> tuple[Pairs, list[np.ndarray]]:
        """Returns the pairs of an epoch and the rows of each batch, of about one length."""
        rng = np.random.default_rng([self.seed, number])
        found = pairs(self.library, longest=self.longest, rng=rng, within=self.within)
        mixed, lengths = rng.permutation(len(found.next)), found.lengths()
        order = mixed[np.argsort(-lengths[mixed], kind="stable")]
        cut, start = [], 0
        while start < len(order):
            size = max(1, self.tokens // int(lengths[order[start]]))
            cut.append(order[start : start + size])
            start += size
        return found, [cut[place] for place in rng.permutation(len(cut))]

    def batch(self, rows: Pairs, generator: torch.Generator) -> PretrainingBatch:
        """Makes a batch of some rows."""
        ids, lengths, segments = assembled(self.library, rows, self.marks)
        pieces = ordinary(self.vocab_size, self.marks)
        hidden = mask(ids, self.marks, pieces, rates=self.rates, generator=generator)
        asked = torch.from_numpy(rows.next)
        return PretrainingBatch(hidden.ids, lengths, segments, hidden.chosen, ids, asked)

    def batches(self, start: int = 0) -> Iterator[PretrainingBatch]:
        """Yields batches for ever, from the one numbered `start` on."""
        number = epoch = 0
        while True:
            found, cut = self.epoch(epoch)
            for place in range(max(0, start - number), len(cut)):
                generator = torch.Generator().manual_seed(self.seed * 1_000_003 + number + place)
                yield self.batch(found.rows(cut[place]), generator)
            number, epoch = number + len(cut), epoch + 1
