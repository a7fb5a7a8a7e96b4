"""Blocks that two or more papers use.

Shapes: B batch, S source words, D width; of attention: n hidden units, 2n numbers an annotation, n'
    units of the alignment model.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def visible(lengths: Tensor, size: int) -> Tensor:
    """Returns True where a row has a word and False where it is filled up, (B, size)."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


class Packing(NamedTuple):
    """Where the words of sentences lie among all places; the filling need not be computed.

    Attributes:
        places: of each word in the rows laid end to end (N,).
        shape: the rows and their length (B, S).
    """

    places: Tensor
    shape: tuple[int, int]

    @classmethod
    def of(cls, lengths: Tensor, size: int) -> Packing:
        """Packs rows of `lengths` (B,) words that are filled up to `size`."""
        return cls(visible(lengths, size).flatten().nonzero()[:, 0], (len(lengths), size))

    def pick(self, x: Tensor) -> Tensor:
        """Takes the words alone: (B, S, ...) to (N, ...)."""
        return x.flatten(0, 1).index_select(0, self.places)

    def spread(self, x: Tensor) -> Tensor:
        """Lays packed words out in rows, 0 where they are filled up: (N, ...) to (B, S, ...)."""
        B, S = self.shape
        laid = x.new_zeros(B * S, *x.shape[1:]).index_copy_(0, self.places, x)
        return laid.unflatten(0, self.shape)


def backwards(ids: Tensor, lengths: Tensor) -> Tensor:
    """Turns the words of each row (B, S) round; the filling stays behind them."""
    places = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
    turned = torch.where(visible(lengths, ids.shape[1]), lengths[:, None] - 1 - places, places)
    return ids.gather(1, turned)


def read(rnn: nn.RNNBase, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor | tuple]:
    """Lets a recurrent net read rows (B, S, D), each to its own length alone.

    Returns its outputs, 0 after a row's end, and its states there. Rows of one length need no
    packing, and are read much faster.

    Raises:
        ValueError: if a row has no words.
    """
    if lengths.min() < 1:
        raise ValueError("a sentence without words cannot be read; leave it out")
    if lengths.min() == x.shape[1]:
        return rnn(x)
    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    outputs, state = rnn(packed)
    return pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])[0], state


class Memory(NamedTuple):
    """The sentence as the decoder sees it, the same for every word that is written.

    Attributes:
        annotations: h_j, what each word is in its surroundings (B, S, 2n).
        keys: U_a h_j, computed once a sentence (B, S, n').
        visible: False where a sentence is filled up (B, S).
    """

    annotations: Tensor
    keys: Tensor
    visible: Tensor


class AdditiveAttention(nn.Module):
    """The alignment model: e_ij = v_a^T tanh(W_a s_{i-1} + U_a h_j), A.1.2.

    Of Bahdanau, Cho, Bengio (2015); the AttentionFunction of Wu et al. (2016), eq. (4).
    """

    def __init__(self, *, query_dim: int, memory_dim: int, alignment_dim: int):
        super().__init__()
        self.query = nn.Linear(query_dim, alignment_dim, bias=False)  # W_a
        self.key = nn.Linear(memory_dim, alignment_dim, bias=False)  # U_a
        self.energy = nn.Linear(alignment_dim, 1, bias=False)  # v_a

    def forward(self, s: Tensor, memory: Memory, *, hard: bool = False) -> tuple[Tensor, Tensor]:
        """Returns the context c_i (B, 2n) and the weights alpha_i (B, S) for a state s_{i-1}.

        Args:
            hard: the word with the largest weight is looked at alone.
        """
        e = self.energy(torch.tanh(self.query(s)[:, None] + memory.keys)).squeeze(-1)  # (B, S)
        e = e.float().masked_fill(~memory.visible, float("-inf"))
        alpha = e.softmax(dim=-1)  # eq. (6)
        if hard:
            alpha = nn.functional.one_hot(alpha.argmax(dim=-1), alpha.shape[-1]).to(alpha)
        h = memory.annotations
        c = torch.bmm(alpha[:, None].to(h.dtype), h)[:, 0]  # eq. (5)
        return c, alpha
