"""The recurrent net and the multiplicative recurrent net.

Source: Sutskever, Martens, Hinton, "Generating Text with Recurrent Neural Networks", ICML 2011,
    sections 2 and 3, equations (1), (2) and (6) to (9).
Lecture: notebooks/03_rnn_generation_2011.ipynb
Shapes: B batch, T characters, V characters there are, H hidden units, F factors.
Differs: trained by Adam with clipped gradients, where the paper has Hessian-free optimisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one


@dataclass(frozen=True)
class RNNConfig:
    """Sizes of a recurrent net."""

    vocab_size: int = 96
    hidden_dim: int = 1000

    __post_init__ = check_at_least_one


@dataclass(frozen=True)
class MRNNConfig:
    """Sizes of a multiplicative recurrent net."""

    vocab_size: int = 96
    hidden_dim: int = 704
    factors: int = 704

    __post_init__ = check_at_least_one


class Reading(NamedTuple):
    """What a net makes of a text: the next characters' logits (B, T, V), its last state (B, H)."""

    logits: Tensor
    state: Tensor


class RNN(nn.Module):
    """Scores the next character: h_t = tanh(W_hx x_t + W_hh h_{t-1} + b_h), eq. (1)."""

    def __init__(self, config: RNNConfig):
        super().__init__()
        self.config = config
        V, H = config.vocab_size, config.hidden_dim
        self.read = nn.Embedding(V, H)  # W_hx + b_h: a one-hot x picks a row
        self.recur = nn.Linear(H, H, bias=False)  # W_hh
        self.output = nn.Linear(H, V)  # W_oh, b_o
        nn.init.normal_(self.read.weight, std=0.1)
        nn.init.orthogonal_(self.recur.weight)

    def start(self, rows: int) -> Tensor:
        """Returns the state of nets that have read nothing, (B, H)."""
        return self.output.weight.new_zeros(rows, self.config.hidden_dim)

    def hidden(self, ids: Tensor, h: Tensor) -> Tensor:
        """Reads one character a row (B,) in the state h (B, H); returns the next state."""
        return torch.tanh(self.read(ids) + self.recur(h))

    def step(self, ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Reads one character a row (B,); returns the next one's logits (B, V) and the state."""
        h = self.hidden(ids, self.start(len(ids)) if state is None else state)
        return self.output(h), h

    def forward(self, ids: Tensor, state: Tensor | None = None) -> Reading:
        """Maps characters (B, T) to logits of the next ones (B, T, V), going on from `state`."""
        h, states = self.start(len(ids)) if state is None else state, []
        for column in ids.T:
            h = self.hidden(column, h)
            states.append(h)
        return Reading(self.output(torch.stack(states, dim=1)), h)


class MRNN(RNN):
    """An RNN whose recurrent matrix is another one for every character.

    W_hh(x) = W_hf diag(W_fx x) W_fh, eq. (6): f_t = diag(W_fx x_t) W_fh h_{t-1}, eq. (7), and
    h_t = tanh(W_hf f_t + W_hx x_t), eq. (8).
    """

    def __init__(self, config: MRNNConfig):
        super().__init__(config)
        V, H, F = config.vocab_size, config.hidden_dim, config.factors
        self.recur = nn.Linear(H, F, bias=False)  # W_fh
        self.gain = nn.Embedding(V, F)  # W_fx: a one-hot x picks a row
        self.mix = nn.Linear(F, H, bias=False)  # W_hf
        nn.init.orthogonal_(self.recur.weight)
        nn.init.orthogonal_(self.mix.weight)
        nn.init.normal_(self.gain.weight, mean=1.0, std=0.1)  # at first all but the same matrix

    def hidden(self, ids: Tensor, h: Tensor) -> Tensor:
        """Reads one character a row (B,) in the state h (B, H); returns the next state."""
        f = self.gain(ids) * self.recur(h)
        return torch.tanh(self.mix(f) + self.read(ids))

    def matrix(self, character: int) -> Tensor:
        """Returns the recurrent matrix that a character chooses, W_hf diag(W_fx x) W_fh, (H, H)."""
        return self.mix.weight @ (self.gain.weight[character][:, None] * self.recur.weight)
