"""The recurrent net whose word vectors first did arithmetic.

Source: Mikolov, Yih, Zweig, "Linguistic Regularities in Continuous Space Word Representations",
    NAACL-HLT 2013, section 2.
Lecture: notebooks/04_word2vec_2013.ipynb
Shapes: B batch, T time, H hidden units (and numbers a word vector), V vocabulary, K words to score.
Differs: nothing in the equations; the paper does not say what s(0) is, here it is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one

INITIAL_STD = 0.1  # of all weights before training


@dataclass(frozen=True)
class RNNLMConfig:
    """Sizes of an RNNLM; the comments give the paper's symbols."""

    vocab_size: int = 10_000  # N, of the 1-of-N coding
    hidden_dim: int = 100  # of s(t)

    __post_init__ = check_at_least_one


class Reading(NamedTuple):
    """What the net makes of a text.

    Attributes:
        logits: V s(t), the scores of the next words before the softmax g, (B, T, V), or
            (B, T, K) where only K words were asked for.
        states: s(t) after each word, (B, T, H); `states[:, -1]` goes on to the next words.
    """

    logits: Tensor
    states: Tensor


class RNNLM(nn.Module):
    """Reads word by word: s(t) = f(U w(t) + W s(t-1)), y(t) = g(V s(t)), f sigmoid, g softmax."""

    def __init__(self, config: RNNLMConfig):
        super().__init__()
        self.config = config
        # Row i is column i of U: multiplying U with a 1-of-N word picks one column.
        self.embedding = nn.Embedding(config.vocab_size, config.hidden_dim)  # U, transposed
        self.recurrent = nn.Linear(config.hidden_dim, config.hidden_dim, bias=False)  # W
        self.output = nn.Linear(config.hidden_dim, config.vocab_size, bias=False)  # V
        for weights in self.parameters():
            nn.init.normal_(weights, std=INITIAL_STD)

    def forward(
        self, words: Tensor, state: Tensor | None = None, *, asked: Tensor | None = None
    ) -> Reading:
        """Reads word ids (B, T), going on from the state s (B, H), or from zero.

        Args:
            asked: the ids (K,) of the words to score; by default all.

        Raises:
            ValueError: if there is no word to read, or the state is of another shape.
        """
        if words.ndim != 2 or words.shape[1] == 0:
            raise ValueError(f"words must be of shape (B, T), T > 0, got {tuple(words.shape)}")
        inputs = self.embedding(words)  # (B, T, H), U w(t) for all t at once
        s = torch.zeros_like(inputs[:, 0]) if state is None else state  # s(0), (B, H)
        if s.shape != inputs[:, 0].shape:
            raise ValueError(
                f"the state must be of shape {tuple(inputs[:, 0].shape)}, got {tuple(s.shape)}"
            )
        states = []
        for u in inputs.unbind(dim=1):
            s = torch.sigmoid(u + self.recurrent(s))  # (B, H)
            states.append(s)
        read = torch.stack(states, dim=1)  # (B, T, H)
        V = self.output.weight if asked is None else self.output.weight[asked]
        return Reading(nn.functional.linear(read, V), read)
