"""A long short-term memory that reads and writes characters.

Source: Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks" (2015) and its
    program char-rnn; the cell is Hochreiter & Schmidhuber (1997) with the forget gate of Gers,
    Schmidhuber, Cummins (2000).
Lecture: notebooks/06_char_rnn_2015.ipynb
Shapes: B batch, T characters, V characters there are, H cells.
Differs: one layer, wide, where the essay stacks two or three; dropout only before the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one, check_dropout

State = tuple[Tensor, Tensor]  # hidden h (B, H) and cells c (B, H)


@dataclass(frozen=True)
class CharLSTMConfig:
    """Sizes of a character LSTM."""

    vocab_size: int = 96
    hidden_dim: int = 512  # H, the number of cells
    dropout: float = 0.0

    def __post_init__(self):
        check_at_least_one(self, "vocab_size", "hidden_dim")
        check_dropout(self.dropout)


class Reading(NamedTuple):
    """What an LSTM makes of a text.

    Attributes:
        logits: of the character after each one, (B, T, V).
        state: with which to read on.
        cells: tanh(c) after each character, (B, T, H), where they were asked for.
    """

    logits: Tensor
    state: State
    cells: Tensor | None = None


class CharLSTM(nn.Module):
    """Scores the next character after each one that it reads."""

    def __init__(self, config: CharLSTMConfig):
        super().__init__()
        self.config = config
        self.lstm = nn.LSTM(config.vocab_size, config.hidden_dim, batch_first=True)
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.hidden_dim, config.vocab_size)
        H = config.hidden_dim
        with torch.no_grad():  # gates in PyTorch's order: input, forget, cell, output
            for block in self.lstm.weight_hh_l0.split(H):
                nn.init.orthogonal_(block)
            self.lstm.bias_ih_l0.zero_()
            self.lstm.bias_hh_l0.zero_()
            self.lstm.bias_ih_l0[H : 2 * H] = 1.0  # remember, until taught to forget

    def forward(self, ids: Tensor, state: State | None = None) -> Reading:
        """Maps characters (B, T) to logits of the next ones (B, T, V), going on from `state`."""
        x = nn.functional.one_hot(ids, self.config.vocab_size).to(self.output.weight.dtype)
        given = None if state is None else tuple(part[None] for part in state)
        hidden, (h, c) = self.lstm(x, given)  # (B, T, H)
        return Reading(self.output(self.dropout(hidden)), (h[0], c[0]))

    def start(self, rows: int) -> State:
        """Returns the state of nets that have read nothing, (B, H) twice."""
        zeros = self.output.weight.new_zeros(rows, self.config.hidden_dim)
        return zeros, zeros

    def cell(self, ids: Tensor, state: State) -> State:
        """Reads one character a row (B,): the equations of the LSTM, one line each."""
        h, c = state
        lstm = self.lstm
        # A character is a one-hot vector: its product with W is one column of W.
        read = lstm.weight_ih_l0.t()[ids] + lstm.bias_ih_l0 + lstm.bias_hh_l0  # W_x x + b, (B, 4H)
        i, f, g, o = (read + h @ lstm.weight_hh_l0.t()).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    def step(self, ids: Tensor, state: State | None, *, off: list[int] | None = None):
        """Reads one character a row (B,); returns the next one's logits (B, V) and the state.

        Args:
            off: cells that are held at zero.
        """
        h, c = self.cell(ids, self.start(len(ids)) if state is None else state)
        if off:
            h[:, off], c[:, off] = 0.0, 0.0
        return self.output(h), (h, c)

    def read(self, ids: Tensor) -> Reading:
        """Reads texts (B, T) one character at a time and keeps what every cell held."""
        state, logits, cells = self.start(len(ids)), [], []
        for column in ids.T:
            state = self.cell(column, state)
            logits.append(self.output(state[0]))
            cells.append(torch.tanh(state[1]))
        return Reading(torch.stack(logits, dim=1), state, torch.stack(cells, dim=1))
