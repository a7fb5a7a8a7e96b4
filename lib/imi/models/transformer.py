"""A translator without recurrence: all places look at each other at once.

Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin, "Attention Is All You
    Need" (2017), section 3; its blocks are in `imi.blocks`.
Lecture: notebooks/10_transformer_2017.ipynb
Shapes: B batch, S source words, T target words, N words of all targets, D width (d_model), H heads,
    K width of a head (d_k = d_v), L layers (the paper's N), V vocabulary.
Differs: the two languages have word pieces of their own, unless `shared`; pre-norm and learned
    positions can be chosen; `scaled`, `causal`, `masked` and `residual` exist to be switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.blocks import DecoderLayer, EncoderLayer, KeysValues, sinusoids
from imi.layers import visible
from imi.sizes import check_at_least_one, check_dropout

POSITIONS = ("sinusoid", "learned", "none")
KINDS = ("encoder", "decoder", "across")


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of a Transformer; the comments give the paper's symbols and its base model."""

    source_vocab_size: int  # 37,000, shared
    target_vocab_size: int
    dim: int = 256  # d_model, 512
    heads: int = 8  # h, 8
    hidden_dim: int = 512  # d_ff, 2048
    layers: int = 3  # N, 6
    dropout: float = 0.1  # P_drop, 0.1
    positions: str = "sinusoid"  # or "learned", or "none"
    longest: int = 512  # places that have a position
    pre_norm: bool = False
    shared: bool = False  # one table of vectors for both languages
    scaled: bool = True  # scores are divided by sqrt(d_k)
    causal: bool = True  # a place sees no later one
    masked: bool = True  # filling is not seen
    residual: bool = True  # x + Sublayer(x), not Sublayer(x) alone

    def __post_init__(self):
        check_at_least_one(self, "source_vocab_size", "target_vocab_size", "dim", "heads",
                           "hidden_dim", "layers", "longest")  # fmt: skip
        check_dropout(self.dropout)
        if self.dim % self.heads:
            raise ValueError(
                f"d_model = {self.dim} cannot be shared out among {self.heads} heads; "
                "it must be a multiple of their number"
            )
        if self.positions not in POSITIONS:
            raise ValueError(f"positions are {', '.join(POSITIONS)}, not {self.positions!r}")
        if self.shared and self.source_vocab_size != self.target_vocab_size:
            raise ValueError("a shared table needs two vocabularies of one size")


class Memory(NamedTuple):
    """The sentence as the decoder sees it, the same for every word that is written.

    Attributes:
        annotations: the encoder's output, each word in its surroundings (B, S, D).
        seen: for each layer of the decoder, keys and values of the annotations.
        visible: False where a sentence is filled up (B, S).
    """

    annotations: Tensor
    seen: tuple[KeysValues, ...]
    visible: Tensor


class State(NamedTuple):
    """What is carried from one written word to the next: all that was written, as keys and values.

    Attributes:
        past: for each layer of the decoder, what its places can look back at, (B, H, T, K).
        memory: the sentence.
    """

    past: tuple[KeysValues, ...]
    memory: Memory


class Attention(NamedTuple):
    """How much every head of every layer looked where; the last axis sums to 1.

    Attributes:
        encoder: source words at source words, (B, L, H, S, S).
        decoder: target words at target words up to themselves, (B, L, H, T, T).
        across: target words at source words, (B, L, H, T, S).
    """

    encoder: Tensor
    decoder: Tensor
    across: Tensor


class Reading(NamedTuple):
    """What the model makes of sentences and the beginnings of their translations.

    Attributes:
        logits: of the next target words, (B, T, V), or (N, V) where only some were asked for.
        attention: all weights, if they were asked for.
    """

    logits: Tensor
    attention: Attention | None


class Transformer(nn.Module):
    """p(y_1 .. y_m | x_1 .. x_n), one word after the other, by attention alone."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        D, around = config.dim, {"pre_norm": config.pre_norm, "added": config.residual}
        sizes = {"heads": config.heads, "hidden_dim": config.hidden_dim, "scaled": config.scaled,
                 "dropout": config.dropout, **around}  # fmt: skip
        if not config.shared:
            self.source_embedding = nn.Embedding(config.source_vocab_size, D)
        self.target_embedding = nn.Embedding(config.target_vocab_size, D)  # and the scores' weights
        if config.positions == "learned":
            self.places = nn.Parameter(torch.empty(config.longest, D))
        elif config.positions == "sinusoid":
            self.register_buffer("places", sinusoids(config.longest, D), persistent=False)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = nn.ModuleList(EncoderLayer(D, **sizes) for _ in range(config.layers))
        self.decoder = nn.ModuleList(DecoderLayer(D, **sizes) for _ in range(config.layers))
        ends = (nn.LayerNorm(D) if config.pre_norm else nn.Identity() for _ in range(2))
        self.encoder_end, self.decoder_end = ends
        for name, weights in self.named_parameters():
            if "embedding" in name or name == "places":
                nn.init.normal_(weights, std=D**-0.5)
            elif weights.dim() > 1:
                nn.init.xavier_uniform_(weights)

    def encode(self, source: Tensor, lengths: Tensor) -> State:
        """Reads sentences (B, S) of `lengths` (B,); returns what is to be looked at.

        Raises:
            ValueError: if a sentence has no words, or more than there are positions.
        """
        return self._encode(source, lengths)[0]

    def forward(
        self,
        source: Tensor,
        lengths: Tensor,
        inputs: Tensor,
        *,
        kept: Tensor | None = None,
        weights: bool = False,
    ) -> Reading:
        """Scores the word after each of `inputs` (B, T), which begin with the begin mark.

        Args:
            source: the sentences (B, S).
            lengths: how many words each sentence has (B,).
            kept: where scores are asked for, bool (B, T); by default everywhere.
            weights: also returns what all heads looked at; this is slower.
        """
        state, own = self._encode(source, lengths, weights=weights)
        hidden, _, looks = self._decode(inputs, state, weights=weights)
        logits = self._score(hidden if kept is None else hidden[kept])
        if not weights:
            return Reading(logits, None)
        sides = (torch.stack(parts, dim=1) for parts in (own, *zip(*looks, strict=True)))
        return Reading(logits, Attention(*sides))

    def step(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Reads one target word a row (B,); returns the next one's logits (B, V) and the state."""
        hidden, state, _ = self._decode(ids[:, None], state)
        return self._score(hidden[:, 0]), state

    def _encode(
        self, source: Tensor, lengths: Tensor, *, weights: bool = False
    ) -> tuple[State, list[Tensor | None]]:
        if lengths.min() < 1:
            raise ValueError("a sentence without words cannot be read; leave it out")
        words = self.target_embedding if self.config.shared else self.source_embedding
        x, looks = self._embedded(words, source), []
        seen = visible(lengths, source.shape[1]) | (not self.config.masked)
        for layer in self.encoder:
            x, looked = layer(x, seen[:, None, None], weights=weights)
            looks.append(looked)
        x = self.encoder_end(x)
        shape = (len(x), self.config.heads, 0, self.config.dim // self.config.heads)
        nothing = KeysValues(x.new_zeros(shape), x.new_zeros(shape))
        memory = Memory(x, tuple(layer.across.keys_values(x) for layer in self.decoder), seen)
        return State((nothing,) * self.config.layers, memory), looks

    def _decode(self, ids: Tensor, state: State, *, weights: bool = False):
        """Reads words (B, T) after the past; returns their places, the state, and the weights."""
        start, count = state.past[0].keys.shape[2], ids.shape[1]
        x, pasts, looks = self._embedded(self.target_embedding, ids, start), [], []
        own = None
        if self.config.causal and count > 1:  # place t sees the past and the places up to itself
            own = torch.ones(count, start + count, dtype=torch.bool, device=x.device).tril(start)
        other = state.memory.visible[:, None, None]
        for layer, past, sentence in zip(self.decoder, state.past, state.memory.seen, strict=True):
            x, past, looked = layer(x, past, sentence, own, other, weights=weights)
            pasts.append(past)
            looks.append(looked)
        return self.decoder_end(x), State(tuple(pasts), state.memory), looks

    def _embedded(self, words: nn.Embedding, ids: Tensor, start: int = 0) -> Tensor:
        """Returns sqrt(d_model) times the words' vectors, plus their positions, (B, T, D)."""
        x, end = words(ids) * self.config.dim**0.5, start + ids.shape[1]
        if self.config.positions != "none":
            if end > len(self.places):
                raise ValueError(f"there are {len(self.places)} positions, and {end} are needed")
            x = x + self.places[start:end]
        return self.dropout(x)

    def _score(self, hidden: Tensor) -> Tensor:
        return nn.functional.linear(hidden, self.target_embedding.weight)  # section 3.4
