"""A translator that looks back at the sentence: for each word it writes, at other words of it.

Source: Bahdanau, Cho, Bengio, "Neural Machine Translation by Jointly Learning to Align and
    Translate" (ICLR 2015), section 3 and appendix A; there it is called RNNsearch.
Lecture: notebooks/07_attention_2016.ipynb
Shapes: B batch, S source words, T target words, N words of all targets, n hidden units, m numbers a
    word vector, l maxout units, V vocabulary.
Differs: the encoder's units are PyTorch's GRU, which applies its reset gate after the product
    U s, not before (the decoder's are the paper's); words are scored from s_i, as in eq. (4), where
    appendix A.2.2 prints s_{i-1}; dropout; the scores may share the target words' vectors (`tied`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.layers import AdditiveAttention, Memory, read, visible
from imi.sizes import check_at_least_one, check_dropout


@dataclass(frozen=True)
class RNNsearchConfig:
    """Sizes of an RNNsearch; the comments give the paper's symbols and its sizes."""

    source_vocab_size: int  # K_x, 30,000
    target_vocab_size: int  # K_y, 30,000
    embedding_dim: int = 256  # m, 620
    hidden_dim: int = 320  # n, 1000
    alignment_dim: int = 256  # n', 1000
    maxout_dim: int = 256  # l, 500
    dropout: float = 0.0
    tied: bool = True  # W_o is E: needs l = m

    def __post_init__(self):
        sizes = ("source_vocab_size", "target_vocab_size", "embedding_dim", "hidden_dim",
                 "alignment_dim", "maxout_dim")  # fmt: skip
        check_at_least_one(self, *sizes)
        check_dropout(self.dropout)
        if self.tied and self.embedding_dim != self.maxout_dim:
            raise ValueError(
                f"tied scores need as many maxout units as numbers a word vector "
                f"({self.embedding_dim}), got {self.maxout_dim}"
            )


class State(NamedTuple):
    """What is carried from one written word to the next.

    Attributes:
        s: s_i (B, n).
        alpha: how much each source word was looked at last, (B, S).
        memory: what is looked at.
    """

    s: Tensor
    alpha: Tensor
    memory: Memory


class Reading(NamedTuple):
    """What the model makes of sentences and the beginnings of their translations.

    Attributes:
        logits: of the next target words, (B, T, V), or (N, V) where only some were asked for.
        alpha: how much each source word is looked at for each target word, (B, T, S).
    """

    logits: Tensor
    alpha: Tensor


class GatedUnit(nn.Module):
    """The decoder's hidden unit, appendix A.1.1, with a context.

    z = sigmoid(W_z E y + U_z s + C_z c), r = sigmoid(W_r E y + U_r s + C_r c),
    s~ = tanh(W E y + U (r * s) + C c), the new s = (1 - z) * s + z * s~.
    """

    def __init__(self, *, input_dim: int, hidden_dim: int, context_dim: int):
        super().__init__()
        self.word = nn.Linear(input_dim, 3 * hidden_dim)  # W_z, W_r, W
        self.gates = nn.Linear(hidden_dim, 2 * hidden_dim, bias=False)  # U_z, U_r
        self.proposal = nn.Linear(hidden_dim, hidden_dim, bias=False)  # U
        self.context = nn.Linear(context_dim, 3 * hidden_dim, bias=False)  # C_z, C_r, C

    def forward(self, read: Tensor, s: Tensor, c: Tensor) -> Tensor:
        """Returns s_i (B, n) from `read` = `word(E y_{i-1})` (B, 3n), s_{i-1} and c_i."""
        n = s.shape[-1]
        given = read + self.context(c)
        z, r = torch.sigmoid(given[:, : 2 * n] + self.gates(s)).chunk(2, dim=-1)
        proposed = torch.tanh(given[:, 2 * n :] + self.proposal(r * s))
        return (1 - z) * s + z * proposed


class RNNsearch(nn.Module):
    """p(y_i | y_1 .. y_{i-1}, x) = g(y_{i-1}, s_i, c_i), eq. (4)."""

    def __init__(self, config: RNNsearchConfig):
        super().__init__()
        self.config = config
        m, n, wide = config.embedding_dim, config.hidden_dim, 2 * config.maxout_dim
        self.dropout = nn.Dropout(config.dropout)
        self.source_embedding = nn.Embedding(config.source_vocab_size, m)
        self.encoder = nn.GRU(m, n, batch_first=True, bidirectional=True)
        self.first = nn.Linear(n, n)  # W_s
        self.target_embedding = nn.Embedding(config.target_vocab_size, m)  # E
        sizes = {"query_dim": n, "memory_dim": 2 * n, "alignment_dim": config.alignment_dim}
        self.attention = AdditiveAttention(**sizes)
        self.unit = GatedUnit(input_dim=m, hidden_dim=n, context_dim=2 * n)
        self.from_state = nn.Linear(n, wide)  # U_o
        self.from_word = nn.Linear(m, wide, bias=False)  # V_o
        self.from_context = nn.Linear(2 * n, wide, bias=False)  # C_o
        if not config.tied:
            self.output = nn.Linear(config.maxout_dim, config.target_vocab_size, bias=False)  # W_o
        self.output_bias = nn.Parameter(torch.zeros(config.target_vocab_size))
        for words in (self.source_embedding, self.target_embedding):
            nn.init.normal_(words.weight, std=m**-0.5)
        for square in (self.encoder.weight_hh_l0, self.encoder.weight_hh_l0_reverse,
                       self.unit.gates.weight, self.unit.proposal.weight):  # fmt: skip
            for block in square.data.split(n):  # "random orthogonal matrices", B.1
                nn.init.orthogonal_(block)

    def encode(self, source: Tensor, lengths: Tensor) -> State:
        """Reads sentences (B, S) of `lengths` (B,); returns s_0 and what is to be looked at.

        Raises:
            ValueError: if a sentence has no words.
        """
        x = self.dropout(self.source_embedding(source))
        h, last = read(self.encoder, x, lengths)  # (B, S, 2n); (2, B, n): forwards, backwards
        s = torch.tanh(self.first(last[1]))  # s_0 = tanh(W_s h_1), h_1 read backwards, A.2.2
        memory = Memory(self.dropout(h), self.attention.key(h), visible(lengths, source.shape[1]))
        return State(s, s.new_zeros(source.shape), memory)

    def forward(
        self,
        source: Tensor,
        lengths: Tensor,
        inputs: Tensor,
        *,
        kept: Tensor | None = None,
        hard: bool = False,
    ) -> Reading:
        """Scores the word after each of `inputs` (B, T), which begin with the begin mark.

        Args:
            source: the sentences (B, S).
            lengths: how many words each sentence has (B,).
            kept: where scores are asked for, bool (B, T); by default everywhere.
            hard: each target word looks at one source word alone.
        """
        s, _, memory = self.encode(source, lengths)
        words = self.dropout(self.target_embedding(inputs))  # E y, (B, T, m)
        states, contexts, weights = [], [], []
        for reading in self.unit.word(words).unbind(dim=1):  # W E y for all words at once
            c, alpha = self.attention(s, memory, hard=hard)
            s = self.unit(reading, s, c)
            states.append(s)
            contexts.append(c)
            weights.append(alpha)
        parts = [torch.stack(states, dim=1), words, torch.stack(contexts, dim=1)]
        if kept is not None:
            parts = [part[kept] for part in parts]
        return Reading(self._score(*parts), torch.stack(weights, dim=1))

    def step(self, ids: Tensor, state: State, *, hard: bool = False) -> tuple[Tensor, State]:
        """Reads one target word a row (B,); returns the next one's logits (B, V) and the state."""
        word = self.target_embedding(ids)
        c, alpha = self.attention(state.s, state.memory, hard=hard)
        s = self.unit(self.unit.word(word), state.s, c)
        return self._score(s, word, c), State(s, alpha, state.memory)

    def _score(self, s: Tensor, word: Tensor, c: Tensor) -> Tensor:
        """Scores words by W_o t, t the larger of each pair of t~ = U_o s + V_o E y + C_o c."""
        wide = self.from_state(s) + self.from_word(word) + self.from_context(c)  # t~, (..., 2l)
        t = torch.maximum(wide[..., 0::2], wide[..., 1::2])
        weight = self.target_embedding.weight if self.config.tied else self.output.weight
        return nn.functional.linear(self.dropout(t), weight, self.output_bias)
