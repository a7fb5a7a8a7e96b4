"""A BERT with its pieces: it fills blanks, tells what follows, and shows where it looks.

Source: Devlin et al. (2019), section 3: the input is [CLS] A [SEP], or [CLS] A [SEP] B [SEP].
Lecture: notebooks/11_bert_2019.ipynb
Shapes: S places of a text, L layers, H heads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from imi import checkpoints
from imi.bertpieces import MASK, BertPieces
from imi.checkpoints import Checkpoint
from imi.models.bert import Bert, BertForPretraining, PretrainingScores


class Row(NamedTuple):
    """One or two texts as the model reads them.

    Attributes:
        ids: of the pieces, marks included (S,).
        segments: 0 in the first text, 1 in the second (S,).
        pieces: as they are written.
    """

    ids: list[int]
    segments: list[int]
    pieces: list[str]


class Looks(NamedTuple):
    """What every head of every layer looked at.

    Attributes:
        pieces: of the text, S.
        weights: (L, H, S, S), a row for each place that looks.
    """

    pieces: list[str]
    weights: Tensor


@dataclass(frozen=True)
class TextEncoder:
    """A BERT with the pieces that it reads."""

    model: Bert | BertForPretraining
    pieces: BertPieces

    @classmethod
    def load(cls, name: str | Checkpoint) -> TextEncoder:
        """Loads a shipped BERT by name.

        Raises:
            CheckpointError: if there is none, it is damaged, or it is no BERT.
        """
        shipped = checkpoints.load(name) if isinstance(name, str) else name
        if not isinstance(shipped.model, (Bert, BertForPretraining)) or shipped.vocabulary is None:
            raise checkpoints.CheckpointError("this model is no BERT: it reads no pairs of texts")
        return cls(shipped.model, BertPieces(shipped.vocabulary))

    @property
    def bert(self) -> Bert:
        """The model without the heads of its pre-training."""
        return self.model.bert if isinstance(self.model, BertForPretraining) else self.model

    def row(self, first: str, second: str | None = None) -> Row:
        """Lays one text, or two, out as [CLS] A [SEP] B [SEP].

        Raises:
            ValueError: if a text is empty, or both together are too long.
        """
        found = [self.pieces.encode(text) for text in (first, second) if text is not None]
        if not all(found):
            raise ValueError("there is nothing to read; type a sentence")
        ids, segments = self.pieces.with_marks(*found)
        longest = self.bert.config.longest
        if len(ids) > longest:
            raise ValueError(f"this is {len(ids)} pieces long, and the net reads {longest} at most")
        return Row(ids, segments, self.pieces.vocabulary.decode(ids))

    def fill(self, text: str, *, blank: int = 1, count: int = 5) -> list[tuple[str, float]]:
        """Returns the likeliest pieces for a [MASK] of a text, with their probabilities.

        Args:
            blank: which one, from 1.

        Raises:
            ValueError: if there is no such [MASK], or the model cannot fill blanks.
        """
        row = self.row(text)
        places = [place for place, piece in enumerate(row.pieces) if piece == MASK]
        if not places:
            raise ValueError(f"there is no blank; write {MASK} where a word is missing")
        if not 1 <= blank <= len(places):
            raise ValueError(f"blank {blank} is asked for, and the text has {len(places)}")
        chosen = torch.zeros(1, len(row.ids), dtype=torch.bool)
        chosen[0, places[blank - 1]] = True
        chances = self._scores(row, chosen).words[0].softmax(dim=-1)  # (V,)
        best = chances.topk(min(count, len(chances)))
        words = self.pieces.vocabulary.decode(best.indices.tolist())
        return list(zip(words, best.values.tolist(), strict=True))

    def follows(self, first: str, second: str) -> float:
        """Returns the probability that the second text follows the first: IsNext.

        Raises:
            ValueError: if a text is empty, both are too long, or the model has not learned it.
        """
        row = self.row(first, second)
        nowhere = torch.zeros(1, len(row.ids), dtype=torch.bool)
        return self._scores(row, nowhere).next[0].softmax(dim=-1)[0].item()

    def looks(self, first: str, second: str | None = None) -> Looks:
        """Returns what every head of every layer looks at in one text or two."""
        row = self.row(first, second)
        with torch.no_grad():
            reading = self.bert(*_tensors(row), weights=True)
        return Looks(row.pieces, reading.attention[0])

    def _scores(self, row: Row, chosen: Tensor) -> PretrainingScores:
        """Asks what the pre-training has taught.

        Raises:
            ValueError: if the model has none.
        """
        if not isinstance(self.model, BertForPretraining):
            raise ValueError("this net came without what its pre-training taught: it only reads")
        with torch.no_grad():
            return self.model(*_tensors(row), chosen=chosen)


def _tensors(row: Row) -> tuple[Tensor, Tensor, Tensor]:
    """Makes a batch of one row: ids (1, S), lengths (1,), segments (1, S)."""
    return torch.tensor([row.ids]), torch.tensor([len(row.ids)]), torch.tensor([row.segments])
