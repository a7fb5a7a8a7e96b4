"""BERT: every place of a text, understood from all that stands left and right of it.

Source: Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for
    Language Understanding" (2019), sections 3 and 3.1, appendix A; its blocks are in `imi.blocks`.
Lecture: notebooks/11_bert_2019.ipynb
Shapes: B batch, S places of a text, N places of which something is asked, D width (H in the paper),
    H heads (A), L layers, V vocabulary.
Differs: what a place may look at can be cut to its left or its right (`sees`). [CLS] sees itself
    alone when only the left is seen: C is then made from the last place. No dropout falls on the
    weights of attention. Filling is not computed, and its T_i are 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.blocks import EncoderLayer
from imi.layers import Packing, visible
from imi.sizes import check_at_least_one, check_dropout

SIDES = ("both", "left", "right")
EPS = 1e-12  # what LayerNorm adds to the variance


@dataclass(frozen=True)
class BertConfig:
    """Sizes of a BERT; the comments give the paper's symbols and its BASE model."""

    vocab_size: int  # 30,522
    dim: int = 256  # H, 768
    heads: int = 4  # A, 12
    layers: int = 4  # L, 12
    hidden_dim: int = 1024  # 4H, 3072
    dropout: float = 0.1
    longest: int = 128  # places that have a position, 512
    segments: int = 2  # sentences A and B
    sees: str = "both"  # or "left", "right": where a place may look, besides at itself

    def __post_init__(self):
        check_at_least_one(self, "vocab_size", "dim", "heads", "layers", "hidden_dim", "longest",
                           "segments")  # fmt: skip
        check_dropout(self.dropout)
        if self.dim % self.heads:
            raise ValueError(
                f"H = {self.dim} cannot be shared out among {self.heads} heads; "
                "it must be a multiple of their number"
            )
        if self.sees not in SIDES:
            raise ValueError(f"a place sees {', '.join(SIDES)}, not {self.sees!r}")


BASE = BertConfig(30_522, dim=768, heads=12, layers=12, hidden_dim=3072, longest=512)
LARGE = BertConfig(30_522, dim=1024, heads=16, layers=24, hidden_dim=4096, longest=512)
BertForPretrainingConfig = BertConfig  # the name by which a checkpoint asks for it


class Reading(NamedTuple):
    """What the model makes of texts.

    Attributes:
        hidden: T_i, each place in its surroundings (B, S, D); 0 where a text is filled up.
        pooled: C, the whole text, (B, D).
        attention: how much every head of every layer looked where (B, L, H, S, S), if it was
            asked for; rows of filling mean nothing.
    """

    hidden: Tensor
    pooled: Tensor
    attention: Tensor | None


class Bert(nn.Module):
    """A Transformer's encoder, over the sum of three vectors for each place, figure 2."""

    def __init__(self, config: BertConfig):
        super().__init__()
        self.config = config
        D = config.dim
        self.words = nn.Embedding(config.vocab_size, D)
        self.places = nn.Embedding(config.longest, D)
        self.segments = nn.Embedding(config.segments, D)
        self.norm, self.dropout = nn.LayerNorm(D, eps=EPS), nn.Dropout(config.dropout)
        about = {"heads": config.heads, "hidden_dim": config.hidden_dim, "bias": True,
                 "dropout": config.dropout, "eps": EPS}  # fmt: skip
        self.encoder = nn.ModuleList(
            EncoderLayer(D, curve=nn.GELU(), **about) for _ in range(config.layers)
        )
        self.pooler = nn.Linear(D, D)
        self.apply(_start_small)

    def forward(
        self,
        ids: Tensor,
        lengths: Tensor,
        segments: Tensor | None = None,
        *,
        weights: bool = False,
    ) -> Reading:
        """Reads texts, each of which begins with [CLS] and ends with [SEP].

        Args:
            ids: the pieces (B, S).
            lengths: how many places each text has (B,).
            segments: 0 in sentence A, 1 in sentence B (B, S); by default all is A.
            weights: also returns what all heads looked at; this is slower.

        Raises:
            ValueError: if a text has no places, or more than there are positions.
        """
        packing, looks = self._packing(ids, lengths), []
        for made, looked in self._layers(ids, lengths, segments, packing, weights=weights):
            hidden = made
            looks.append(looked)
        hidden = hidden if packing is None else packing.spread(hidden)
        C = torch.tanh(self.pooler(self._summary(hidden, lengths)))
        return Reading(hidden, C, torch.stack(looks[1:], dim=1) if weights else None)

    def layers(self, ids: Tensor, lengths: Tensor, segments: Tensor | None = None) -> Tensor:
        """Returns the sum of embeddings and what each layer made of it, (B, L + 1, S, D)."""
        packing = self._packing(ids, lengths)
        made = [x for x, _ in self._layers(ids, lengths, segments, packing)]
        return torch.stack(made if packing is None else [packing.spread(x) for x in made], dim=1)

    def _packing(self, ids: Tensor, lengths: Tensor) -> Packing | None:
        """Returns where the words lie, or None if nothing is filled up."""
        S, longest, least = ids.shape[1], self.config.longest, int(lengths.min())
        if least < 1:
            raise ValueError("a text without words cannot be read; leave it out")
        if longest < S:
            raise ValueError(
                f"there are {longest} positions, and the text has {S} pieces; read it in parts"
            )
        return None if least == S else Packing.of(lengths, S)

    def _layers(
        self,
        ids: Tensor,
        lengths: Tensor,
        segments: Tensor | None,
        packing: Packing | None,
        *,
        weights: bool = False,
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Yields the embeddings, then what each layer makes of them, with its weights."""
        S = ids.shape[1]
        places = torch.arange(S, device=ids.device).expand_as(ids)
        segments = torch.zeros_like(ids) if segments is None else segments
        if packing is not None:
            ids, places, segments = map(packing.pick, (ids, places, segments))
        x = self.words(ids) + self.places(places) + self.segments(segments)
        x = self.dropout(self.norm(x))
        yield x, None
        seen = self._visible(lengths, S, filled=packing is not None)
        for layer in self.encoder:
            x, looked = layer(x, seen, weights=weights, packing=packing)
            yield x, looked

    def _visible(self, lengths: Tensor, S: int, *, filled: bool) -> Tensor | None:
        """Returns where each place may look: at words, on its side, and always at itself."""
        seen = visible(lengths, S)[:, None, None] if filled else None  # (B, 1, 1, S)
        if self.config.sees == "both":
            return seen
        square = torch.ones(S, S, dtype=torch.bool, device=lengths.device)
        side = square.tril() if self.config.sees == "left" else square.triu()
        itself = square.tril().triu()
        return side if seen is None else seen & side | itself

    def _summary(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Returns the place that sees the whole text (B, D): [CLS], or the last."""
        if self.config.sees != "left":
            return hidden[:, 0]
        return hidden[torch.arange(len(hidden), device=hidden.device), lengths - 1]


class PretrainingScores(NamedTuple):
    """What both tasks of pre-training ask for.

    Attributes:
        words: logits of the chosen places, in row-major order (N, V).
        next: logits of IsNext (0) and NotNext (1), (B, 2).
    """

    words: Tensor
    next: Tensor


class BertForPretraining(nn.Module):
    """BERT with what guesses masked words and whether sentence B follows A, section 3.1."""

    def __init__(self, config: BertConfig):
        super().__init__()
        self.config = config
        D = config.dim
        self.bert = Bert(config)
        self.transform = nn.Sequential(nn.Linear(D, D), nn.GELU(), nn.LayerNorm(D, eps=EPS))
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))  # the weights are those of words
        self.next = nn.Linear(D, 2)
        for head in (self.transform, self.next):
            head.apply(_start_small)

    def forward(
        self, ids: Tensor, lengths: Tensor, segments: Tensor | None = None, *, chosen: Tensor
    ) -> PretrainingScores:
        """Scores every word for the `chosen` places, bool (B, S), and IsNext for each text.

        Raises:
            ValueError: if a text has no places, or more than there are positions.
        """
        reading = self.bert(ids, lengths, segments)
        asked = self.transform(reading.hidden[chosen])  # (N, D)
        words = nn.functional.linear(asked, self.bert.words.weight, self.bias)
        return PretrainingScores(words, self.next(reading.pooled))


def mean_place(hidden: Tensor, lengths: Tensor) -> Tensor:
    """Returns the mean of T_i over the places of each text, (B, S, D) to (B, D)."""
    real = visible(lengths, hidden.shape[1])[..., None]
    return hidden.masked_fill(~real, 0.0).sum(dim=1) / lengths[:, None]


def _start_small(module: nn.Module) -> None:
    """Draws weights from a normal distribution cut off at two deviations of 0.02."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        within = math.erf(2 / math.sqrt(2))  # of all draws lie within two deviations
        with torch.no_grad():
            module.weight.uniform_(-within, within).erfinv_().mul_(0.02 * math.sqrt(2))
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
