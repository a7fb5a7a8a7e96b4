"""Google's translator: deep stacks of LSTM layers that residual connections make trainable.

Source: Wu et al., "Google's Neural Machine Translation System: Bridging the Gap between Human and
    Machine Translation" (2016), section 3; the cell is PyTorch's LSTM.
Lecture: notebooks/08_gnmt_2016.ipynb
Shapes: B batch, S source pieces (M in the paper), T target pieces (N there), P pieces of all
    targets, L layers, D numbers a piece vector, H cells of a layer, n' units of the alignment
    model, V vocabulary.
Differs: each language has pieces of its own; the paper shares them. The bottom decoder layer, too,
    reads a_i together with the last piece. The cell has biases, and m = o * tanh(c); the paper's,
    eq. (11), has none and m = c * o, and it clips cells, sums and logits in training, eq. (10) and
    (13). Where the decoder begins the paper does not say; here its states are 0. Dropout is that of
    Zaremba et al. (2014), between layers. Scores may share the vectors of the target pieces
    (`tied`). Weights begin as PyTorch's LSTM has them, not between -0.04 and 0.04.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.layers import AdditiveAttention, Memory, read, visible
from imi.sizes import check_at_least_one, check_dropout


@dataclass(frozen=True)
class GNMTConfig:
    """Sizes of a GNMT; the comments give the paper's."""

    source_vocab_size: int  # 32,000 word pieces, shared by both languages
    target_vocab_size: int  # the same
    embedding_dim: int = 256  # 1024
    hidden_dim: int = 256  # 1024
    alignment_dim: int = 256  # 1024
    layers: int = 4  # 8, of the encoder and of the decoder
    residual: bool = True  # False: plain stacks
    dropout: float = 0.0
    tied: bool = True  # False: scores have weights of their own

    def __post_init__(self):
        sizes = ("source_vocab_size", "target_vocab_size", "embedding_dim", "hidden_dim",
                 "alignment_dim", "layers")  # fmt: skip
        check_at_least_one(self, *sizes)
        if self.layers < 2:
            raise ValueError(
                f"layers must be at least 2, a bottom one and one more; got {self.layers}"
            )
        check_dropout(self.dropout)
        if self.tied and self.embedding_dim != self.hidden_dim:
            raise ValueError(
                f"tied scores need vectors as wide as a layer ({self.hidden_dim}), "
                f"got {self.embedding_dim}"
            )


class State(NamedTuple):
    """What is carried from one written piece to the next.

    Attributes:
        m: the outputs of all decoder layers' LSTMs, m_t^i, the bottom one first (B, L, H).
        c: their cells, c_t^i (B, L, H).
        alpha: how much each source piece was looked at last, the paper's p_t (B, S).
        memory: what is looked at, x_1 .. x_M.
    """

    m: Tensor
    c: Tensor
    alpha: Tensor
    memory: Memory

    @property
    def s(self) -> Tensor:
        """The bottom layer's output, by which it is decided where to look next, y_i (B, H)."""
        return self.m[:, 0]


class Reading(NamedTuple):
    """What the model makes of sentences and the beginnings of their translations.

    Attributes:
        logits: of the next target pieces, (B, T, V), or (P, V) where only some were asked for.
        alpha: how much each source piece is looked at for each target piece, (B, T, S).
    """

    logits: Tensor
    alpha: Tensor


class Stack(nn.Module):
    """The layers above a bottom one, i = 2 .. L, section 3.1.

    c_t^i, m_t^i = LSTM_i(c_{t-1}^i, m_{t-1}^i, x_t^{i-1}; W^i), and x_t^i = m_t^i in a plain stack,
    eq. (5); with residual connections, from the third layer on, x_t^i = m_t^i + x_t^{i-1}, eq. (6).

    Args:
        layers: how many, without the bottom one.
        context_dim: numbers that every layer reads besides, at each place.
    """

    def __init__(
        self,
        *,
        input_dim: int,
        hidden_dim: int,
        layers: int,
        residual: bool,
        context_dim: int = 0,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.residual, self.dropout = residual, nn.Dropout(dropout)
        widths = [input_dim, *[hidden_dim] * (layers - 1)]
        self.layers = nn.ModuleList(
            nn.LSTM(width + context_dim, hidden_dim, batch_first=True) for width in widths
        )

    def forward(
        self, x: Tensor, *, context: Tensor | None = None, state: list | None = None
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Maps the bottom layer's outputs (B, T, D) to x^L (B, T, H) and the layers' (m, c).

        Args:
            context: what every layer reads besides (B, T, C).
            state: (m, c) of each layer before the first place, both (1, B, H); by default 0.
        """
        after = []
        for number, lstm in enumerate(self.layers):
            given = self.dropout(x)
            if context is not None:
                given = torch.cat([given, context], dim=-1)
            m, last = lstm(given, state[number] if state else None)
            x = m + x if self.residual and number > 0 else m  # number 0 is the second layer
            after.append(last)
        return x, after


class GNMT(nn.Module):
    """P(Y|X) = prod_i P(y_i | y_0 .. y_{i-1}; x_1 .. x_M), eq. (2): 8 layers read, 8 write."""

    def __init__(self, config: GNMTConfig):
        super().__init__()
        self.config = config
        D, H = config.embedding_dim, config.hidden_dim
        about = {"hidden_dim": H, "layers": config.layers - 1, "residual": config.residual,
                 "dropout": config.dropout}  # fmt: skip
        self.dropout = nn.Dropout(config.dropout)
        self.source_embedding = nn.Embedding(config.source_vocab_size, D)
        self.both_ways = nn.LSTM(D, H, batch_first=True, bidirectional=True)  # LSTM_f, LSTM_b
        self.encoder = Stack(input_dim=2 * H, **about)
        self.target_embedding = nn.Embedding(config.target_vocab_size, D)
        sizes = {"query_dim": H, "memory_dim": H, "alignment_dim": config.alignment_dim}
        self.attention = AdditiveAttention(**sizes)
        self.bottom = nn.LSTMCell(D + H, H)
        self.decoder = Stack(input_dim=H, context_dim=H, **about)
        if not config.tied:
            self.output = nn.Linear(H, config.target_vocab_size, bias=False)
        self.output_bias = nn.Parameter(torch.zeros(config.target_vocab_size))
        for words in (self.source_embedding, self.target_embedding):
            nn.init.normal_(words.weight, std=D**-0.5)

    def lstms(self) -> dict[str, nn.Module]:
        """Names the LSTM layers, from the sentence to the scores."""
        sides = {
            "encoder": [self.both_ways, *self.encoder.layers],
            "decoder": [self.bottom, *self.decoder.layers],
        }
        return {
            f"{side} {number}": layer
            for side, layers in sides.items()
            for number, layer in enumerate(layers, start=1)
        }

    def encode(self, source: Tensor, lengths: Tensor) -> State:
        """Reads sentences (B, S) of `lengths` (B,); returns what is to be looked at, eq. (1).

        Raises:
            ValueError: if a sentence has no pieces.
        """
        words = self.dropout(self.source_embedding(source))
        x, _ = read(self.both_ways, words, lengths)  # (B, S, 2H): section 3.2
        x, _ = self.encoder(x)  # filling comes last and is read by nothing before it
        seen = visible(lengths, source.shape[1])
        x = self.dropout(x.masked_fill(~seen[..., None], 0.0))
        memory = Memory(x, self.attention.key(x), seen)
        zeros = x.new_zeros(len(source), self.config.layers, self.config.hidden_dim)
        return State(zeros, zeros, x.new_zeros(source.shape), memory)

    def forward(
        self,
        source: Tensor,
        lengths: Tensor,
        inputs: Tensor,
        *,
        kept: Tensor | None = None,
        hard: bool = False,
    ) -> Reading:
        """Scores the piece after each of `inputs` (B, T), which begin with the begin mark.

        Only the bottom layer goes place by place; then each layer above reads all places at once.

        Args:
            source: the sentences (B, S).
            lengths: how many pieces each sentence has (B,).
            kept: where scores are asked for, bool (B, T); by default everywhere.
            hard: each target piece looks at one source piece alone.
        """
        state = self.encode(source, lengths)
        y, c = state.s, state.c[:, 0]
        outputs, contexts, weights = [], [], []
        for word in self.dropout(self.target_embedding(inputs)).unbind(dim=1):
            y, c, a, alpha = self._look(word, y, c, state.memory, hard=hard)
            outputs.append(y)
            contexts.append(a)
            weights.append(alpha)
        a = torch.stack(contexts, dim=1)
        x, _ = self.decoder(torch.stack(outputs, dim=1), context=a)  # (B, T, H)
        return Reading(self._score(x if kept is None else x[kept]), torch.stack(weights, dim=1))

    def step(self, ids: Tensor, state: State, *, hard: bool = False) -> tuple[Tensor, State]:
        """Reads one target piece a row (B,); returns the next one's logits (B, V) and the state."""
        word = self.target_embedding(ids)
        y, c, a, alpha = self._look(word, state.s, state.c[:, 0], state.memory, hard=hard)
        layers = zip(state.m[:, 1:].unbind(1), state.c[:, 1:].unbind(1), strict=True)
        before = [(m[None].contiguous(), c_i[None].contiguous()) for m, c_i in layers]
        x, after = self.decoder(y[:, None], context=a[:, None], state=before)
        m, cells = (torch.stack([first, *(part[place][0] for part in after)], dim=1)
                    for place, first in enumerate((y, c)))  # fmt: skip
        return self._score(x[:, 0]), State(m, cells, alpha, state.memory)

    def _look(self, word: Tensor, y: Tensor, c: Tensor, memory: Memory, *, hard: bool):
        """Lets the bottom layer look, by its last output y_{i-1}, and read; eq. (4).

        Returns y_i and the cells (B, H), the context a_i (B, H) and where it looked (B, S).
        """
        a, alpha = self.attention(y, memory, hard=hard)
        y, c = self.bottom(torch.cat([word, a], dim=-1), (y, c))
        return y, c, a, alpha

    def _score(self, x: Tensor) -> Tensor:
        weight = self.target_embedding.weight if self.config.tied else self.output.weight
        return nn.functional.linear(self.dropout(x), weight, self.output_bias)
