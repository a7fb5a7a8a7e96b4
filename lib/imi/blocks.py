"""Blocks of a Transformer: attention, and what stands around it.

Source: Vaswani et al., "Attention Is All You Need" (2017), sections 3.1 to 3.5 and 5.4.
Lecture: notebooks/10_transformer_2017.ipynb, notebooks/11_bert_2019.ipynb
Shapes: B batch, S source words, T places that look, D width (d_model), H heads, K width of a head
    (d_k = d_v).
Masks are named `visible`, bool, and may be of any shape that fits (B, H, T, S) by broadcasting.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.layers import Packing


class KeysValues(NamedTuple):
    """What can be looked at: for every head, a key and a value of each place.

    Attributes:
        keys: K W_i^K, (B, H, S, K).
        values: V W_i^V, (B, H, S, K).
    """

    keys: Tensor
    values: Tensor


def attention(
    query: Tensor, seen: KeysValues, visible: Tensor | None = None, *, scaled: bool = True
) -> tuple[Tensor, Tensor]:
    """Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V, eq. (1); returns it with the weights.

    Args:
        query: Q, (B, H, T, K).
        visible: True where a query may look.
        scaled: False leaves the division by sqrt(d_k) out.
    """
    scores = query @ seen.keys.transpose(-2, -1)  # (B, H, T, S)
    if scaled:
        scores = scores / math.sqrt(query.shape[-1])
    if visible is not None:
        scores = scores.masked_fill(~visible, float("-inf"))
    weights = scores.float().softmax(dim=-1)
    return weights.to(seen.values.dtype) @ seen.values, weights


class MultiHeadAttention(nn.Module):
    """MultiHead(Q, K, V) = Concat(head_1 .. head_h) W^O, section 3.2.2.

    head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V); the W_i of all heads lie side by side.

    Raises:
        ValueError: if the width cannot be shared out among the heads.
    """

    def __init__(self, dim: int, *, heads: int, bias: bool = False, scaled: bool = True):
        super().__init__()
        if dim % heads:
            raise ValueError(f"{dim} numbers a place cannot be shared out among {heads} heads")
        self.heads, self.scaled = heads, scaled
        self.query = nn.Linear(dim, dim, bias=bias)  # W^Q
        self.key = nn.Linear(dim, dim, bias=bias)  # W^K
        self.value = nn.Linear(dim, dim, bias=bias)  # W^V
        self.output = nn.Linear(dim, dim, bias=bias)  # W^O

    def keys_values(self, x: Tensor, packing: Packing | None = None) -> KeysValues:
        """Makes places (B, S, D), or packed ones (N, D), something that can be looked at."""
        return KeysValues(*(self._per_head(each(x), packing) for each in (self.key, self.value)))

    def forward(
        self, x: Tensor, seen: KeysValues, visible: Tensor | None = None, *,
        weights: bool = False, packing: Packing | None = None,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """Lets each place of `x` (B, T, D) look at what is `seen`; returns (B, T, D).

        Args:
            weights: also returns how much each head looked where (B, H, T, S); this is slower.
            packing: where the places lie, if `x` is packed (N, D); so is then what is returned.
        """
        query, looked = self._per_head(self.query(x), packing), None
        # The kernel's way back is many times slower than plain products, in halves on a CPU.
        plain = query.is_cpu and query.requires_grad and query.dtype == torch.bfloat16
        if weights or plain:
            found, looked = attention(query, seen, visible, scaled=self.scaled)
        else:
            scale = None if self.scaled else 1.0
            about = {"attn_mask": visible, "scale": scale}
            found = nn.functional.scaled_dot_product_attention(query, *seen, **about)
        found = found.transpose(1, 2).flatten(2)
        found = found if packing is None else packing.pick(found)
        return self.output(found), looked if weights else None

    def _per_head(self, x: Tensor, packing: Packing | None = None) -> Tensor:
        x = x if packing is None else packing.spread(x)
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, H, S, K)


class FeedForward(nn.Module):
    """FFN(x) = max(0, x W_1 + b_1) W_2 + b_2, eq. (2): the same net at every place.

    Args:
        curve: what stands between the two products; the paper's is max(0, x).
    """

    def __init__(self, dim: int, *, hidden_dim: int, curve: nn.Module | None = None):
        super().__init__()
        self.rise = nn.Linear(dim, hidden_dim)  # W_1, b_1
        self.curve = curve or nn.ReLU()
        self.fall = nn.Linear(hidden_dim, dim)  # W_2, b_2

    def forward(self, x: Tensor) -> Tensor:
        """Maps places (..., D) to places (..., D)."""
        return self.fall(self.curve(self.rise(x)))


class Residual(nn.Module):
    """What stands around a sublayer: LayerNorm(x + Dropout(Sublayer(x))), section 5.4.

    Args:
        pre_norm: x + Dropout(Sublayer(LayerNorm(x))) instead, as most later models have it.
        added: False forgets x itself, so that only what the sublayer made goes on.
        eps: what LayerNorm adds to the variance.
    """

    def __init__(
        self, dim: int, *, dropout: float = 0.0, pre_norm: bool = False, added: bool = True,
        eps: float = 1e-5,
    ):  # fmt: skip
        super().__init__()
        self.norm, self.dropout = nn.LayerNorm(dim, eps=eps), nn.Dropout(dropout)
        self.pre_norm, self.added = pre_norm, added

    def before(self, x: Tensor) -> Tensor:
        """Returns what the sublayer reads."""
        return self.norm(x) if self.pre_norm else x

    def after(self, x: Tensor, made: Tensor) -> Tensor:
        """Returns what goes on, from x and what the sublayer made of it."""
        made = self.dropout(made)
        y = x + made if self.added else made
        return y if self.pre_norm else self.norm(y)


class EncoderLayer(nn.Module):
    """Every place looks at all places, then thinks about what it saw, section 3.1.

    Args:
        around: the settings of both `Residual`s.
    """

    def __init__(
        self,
        dim: int,
        *,
        heads: int,
        hidden_dim: int,
        bias: bool = False,
        scaled: bool = True,
        curve: nn.Module | None = None,
        **around: bool | float,
    ):
        super().__init__()
        self.attention = MultiHeadAttention(dim, heads=heads, bias=bias, scaled=scaled)
        self.after_attention = Residual(dim, **around)
        self.feed_forward = FeedForward(dim, hidden_dim=hidden_dim, curve=curve)
        self.after_feed_forward = Residual(dim, **around)

    def forward(
        self, x: Tensor, visible: Tensor | None = None, *,
        weights: bool = False, packing: Packing | None = None,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """Maps places (B, S, D) to places (B, S, D); with `weights` also returns (B, H, S, S).

        Args:
            packing: where the places lie, if they are packed (N, D).
        """
        read = self.after_attention.before(x)
        seen = self.attention.keys_values(read, packing)
        made, looked = self.attention(read, seen, visible, weights=weights, packing=packing)
        x = self.after_attention.after(x, made)
        made = self.feed_forward(self.after_feed_forward.before(x))
        return self.after_feed_forward.after(x, made), looked


class DecoderLayer(nn.Module):
    """Looks at what was written, then at the sentence, then thinks, section 3.1."""

    def __init__(
        self, dim: int, *, heads: int, hidden_dim: int, bias: bool = False, scaled: bool = True,
        **around: bool | float,
    ):  # fmt: skip
        super().__init__()
        self.attention = MultiHeadAttention(dim, heads=heads, bias=bias, scaled=scaled)
        self.after_attention = Residual(dim, **around)
        self.across = MultiHeadAttention(dim, heads=heads, bias=bias, scaled=scaled)
        self.after_across = Residual(dim, **around)
        self.feed_forward = FeedForward(dim, hidden_dim=hidden_dim)
        self.after_feed_forward = Residual(dim, **around)

    def forward(
        self,
        x: Tensor,
        past: KeysValues,
        sentence: KeysValues,
        own: Tensor | None,
        other: Tensor | None,
        *,
        weights: bool = False,
    ) -> tuple[Tensor, KeysValues, tuple[Tensor | None, Tensor | None]]:
        """Maps places (B, T, D) to (B, T, D); returns them, the longer past, and the weights.

        Args:
            past: of the places before these; may be of no place.
            sentence: the encoder's output as this layer sees it.
            own: which places of past and x each place may look at; None means all.
            other: which places of the sentence.
        """
        read = self.after_attention.before(x)
        seen = self.attention.keys_values(read)
        if past.keys.shape[2]:
            seen = KeysValues(*(torch.cat(two, dim=2) for two in zip(past, seen, strict=True)))
        made, mine = self.attention(read, seen, own, weights=weights)
        x = self.after_attention.after(x, made)
        read = self.after_across.before(x)
        made, theirs = self.across(read, sentence, other, weights=weights)
        x = self.after_across.after(x, made)
        made = self.feed_forward(self.after_feed_forward.before(x))
        return self.after_feed_forward.after(x, made), seen, (mine, theirs)


def sinusoids(length: int, dim: int) -> Tensor:
    """Returns positions as waves, (length, D), section 3.5.

    PE(pos, 2i) = sin(pos / 10000^(2i / d_model)), PE(pos, 2i + 1) = cos of the same.
    """
    places = torch.arange(length, dtype=torch.float64)[:, None]
    waves = places / 10_000 ** (torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    both = torch.stack([waves.sin(), waves.cos()], dim=-1).flatten(1)
    return both[:, :dim].float()  # an odd width ends with a sine
