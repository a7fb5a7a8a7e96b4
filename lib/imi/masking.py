"""The masked language model: some pieces of a text are hidden, and shall be told again.

Source: Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for
    Language Understanding" (2019), section 3.1 (Task #1) and appendix A.1.
Lecture: notebooks/11_bert_2019.ipynb
Shapes: B rows, S places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Marks(NamedTuple):
    """The ids of the pieces that are no text."""

    pad: int
    unknown: int
    cls: int
    sep: int
    mask: int


@dataclass(frozen=True)
class Rates:
    """Which share of the places is chosen, and what becomes of those.

    Attributes:
        chosen: the share of a row's pieces that shall be told.
        masked: the share of the chosen ones that become [MASK].
        random: the share of the chosen ones that become any piece; the others stay as they are.

    Raises:
        ValueError: if one is no share, or the last two are more than 1 together.
    """

    chosen: float = 0.15
    masked: float = 0.8
    random: float = 0.1

    def __post_init__(self):
        for name in ("chosen", "masked", "random"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share, from 0 to 1, not {getattr(self, name)}")
        if self.masked + self.random > 1 + 1e-9:
            both = self.masked + self.random
            raise ValueError(f"masked and random are {both:g} of what is chosen; 1 is all of it")


PAPER = Rates()


class Masked(NamedTuple):
    """Rows in which some pieces are hidden.

    Attributes:
        ids: what the model reads (B, S).
        chosen: True where it shall tell the piece that was there (B, S).
    """

    ids: Tensor
    chosen: Tensor


def ordinary(vocab_size: int, marks: Marks) -> Tensor:
    """Returns the ids that stand for text: all but the marks."""
    ids = torch.arange(vocab_size)
    return ids[~torch.isin(ids, torch.tensor(marks))]


def choose(maskable: Tensor, share: float, generator: torch.Generator | None = None) -> Tensor:
    """Chooses a share of each row's maskable places at random, bool (B, S).

    Their number is rounded, and at least 1 where anything can be chosen: no row is read in vain.
    """
    if share == 0:
        return torch.zeros_like(maskable)
    count = maskable.sum(dim=1)
    wanted = (share * count).round().clamp(min=1).minimum(count)
    lots = torch.rand(maskable.shape, generator=generator).masked_fill(~maskable, 2.0)
    ranks = lots.argsort(dim=1).argsort(dim=1)
    return ranks < wanted[:, None]


def mask(
    ids: Tensor,
    marks: Marks,
    pieces: Tensor,
    *,
    rates: Rates = PAPER,
    generator: torch.Generator | None = None,
) -> Masked:
    """Hides pieces of rows (B, S): 15 % are chosen, of which 80 % become [MASK], 10 % any piece.

    The last 10 % of the chosen ones stay, so that the model must have an opinion of every piece,
    and not of [MASK] alone, which no later task shows it. Never chosen: [CLS], [SEP], padding.

    Args:
        pieces: the ids of which a random piece is drawn, as `ordinary` gives them.
    """
    fixed = torch.tensor([marks.pad, marks.cls, marks.sep])
    chosen = choose(~torch.isin(ids, fixed), rates.chosen, generator)
    lot = torch.rand(ids.shape, generator=generator)
    drawn = pieces[torch.randint(len(pieces), ids.shape, generator=generator)]
    hidden = ids.masked_fill(chosen & (lot < rates.masked), marks.mask)
    swapped = chosen & (lot >= rates.masked) & (lot < rates.masked + rates.random)
    return Masked(torch.where(swapped, drawn, hidden), chosen)
