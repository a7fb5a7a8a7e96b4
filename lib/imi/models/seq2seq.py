"""A sentence becomes one vector, and the vector a sentence of another language.

Source: Sutskever, Vinyals, Le, "Sequence to Sequence Learning with Neural Networks" (2014),
    section 2 and 3.4; the cell is that of Graves (2013) without peepholes, as in PyTorch.
Lecture: notebooks/05_seq2seq_2014.ipynb
Shapes: B batch, S source words, T target words, N words of all targets, L layers, H cells,
    D numbers a word vector, V vocabulary.
Differs: dropout, which Zaremba et al. (2014) brought to LSTMs; the scores may share the vectors of
    the target words (`tied`), which halves what a small model spends on words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.layers import backwards, read
from imi.sizes import check_at_least_one, check_dropout

INITIAL = 0.08  # all weights begin between -0.08 and 0.08, section 3.4


@dataclass(frozen=True)
class Seq2SeqConfig:
    """Sizes of a Seq2Seq; the comments give the paper's."""

    source_vocab_size: int  # 160,000
    target_vocab_size: int  # 80,000
    embedding_dim: int = 384  # 1000
    hidden_dim: int = 384  # 1000
    layers: int = 2  # 4
    dropout: float = 0.0
    reverse: bool = True  # the source is read from its last word to its first
    tied: bool = True  # False: scores have weights of their own

    def __post_init__(self):
        sizes = ("source_vocab_size", "target_vocab_size", "embedding_dim", "hidden_dim", "layers")
        check_at_least_one(self, *sizes)
        check_dropout(self.dropout)
        if self.tied and self.embedding_dim != self.hidden_dim:
            raise ValueError(
                f"tied scores need vectors as wide as the state ({self.hidden_dim}), "
                f"got {self.embedding_dim}"
            )


class State(NamedTuple):
    """What a deep LSTM remembers: after the source this is all that the decoder gets, v.

    Attributes:
        h: hidden states of all layers (B, L, H).
        c: cells of all layers (B, L, H).
    """

    h: Tensor
    c: Tensor


class Reading(NamedTuple):
    """What the model makes of sentences and the beginnings of their translations.

    Attributes:
        logits: of the next target words, (B, T, V), or (N, V) where only some were asked for.
        state: v, after the last source word: the sentence as a vector.
    """

    logits: Tensor
    state: State


class Seq2Seq(nn.Module):
    """p(y_1 .. y_T' | x_1 .. x_T) = prod_t p(y_t | v, y_1 .. y_{t-1}), eq. (1)."""

    def __init__(self, config: Seq2SeqConfig):
        super().__init__()
        self.config = config
        D, H, L = config.embedding_dim, config.hidden_dim, config.layers
        about = {"batch_first": True, "dropout": config.dropout if L > 1 else 0.0}
        self.dropout = nn.Dropout(config.dropout)
        self.source_embedding = nn.Embedding(config.source_vocab_size, D)
        self.encoder = nn.LSTM(D, H, L, **about)
        self.target_embedding = nn.Embedding(config.target_vocab_size, D)
        self.decoder = nn.LSTM(D, H, L, **about)
        if not config.tied:
            self.output = nn.Linear(H, config.target_vocab_size, bias=False)
        self.output_bias = nn.Parameter(torch.empty(config.target_vocab_size))
        for weights in self.parameters():
            nn.init.uniform_(weights, -INITIAL, INITIAL)

    def encode(self, source: Tensor, lengths: Tensor) -> State:
        """Reads sentences (B, S) of `lengths` (B,) into v.

        Raises:
            ValueError: if a sentence has no words.
        """
        if self.config.reverse:
            source = backwards(source, lengths)  # "a b c" is read as "c b a", section 3.3
        _, (h, c) = read(self.encoder, self.dropout(self.source_embedding(source)), lengths)
        return State(h.transpose(0, 1), c.transpose(0, 1))

    def forward(
        self, source: Tensor, lengths: Tensor, inputs: Tensor, *, kept: Tensor | None = None
    ) -> Reading:
        """Scores the word after each of `inputs` (B, T), which begin with the begin mark.

        Args:
            source: the sentences (B, S).
            lengths: how many words each sentence has (B,).
            kept: where scores are asked for, bool (B, T); by default everywhere.
        """
        state = self.encode(source, lengths)
        hidden, _ = self._decode(self.dropout(self.target_embedding(inputs)), state)  # (B, T, H)
        return Reading(self._score(hidden if kept is None else hidden[kept]), state)

    def step(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Reads one target word a row (B,); returns the next one's logits (B, V) and the state."""
        hidden, state = self._decode(self.target_embedding(ids)[:, None], state)
        return self._score(hidden[:, 0]), state

    def _decode(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        given = tuple(part.transpose(0, 1).contiguous() for part in state)
        hidden, (h, c) = self.decoder(x, given)
        return hidden, State(h.transpose(0, 1), c.transpose(0, 1))

    def _score(self, hidden: Tensor) -> Tensor:
        weight = self.target_embedding.weight if self.config.tied else self.output.weight
        return nn.functional.linear(self.dropout(hidden), weight, self.output_bias)
