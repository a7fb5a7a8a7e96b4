"""The neural probabilistic language model.

Source: Bengio, Ducharme, Vincent, Jauvin, "A Neural Probabilistic Language Model", JMLR 3 (2003),
    sections 2 and 3.1, equation (1).
Lecture: notebooks/01_nplm_2003.ipynb
Shapes: B batch, C context (n - 1 words), D width of a feature vector (m), H hidden units (h),
    V vocabulary (|V|).
Differs: contexts are batched, where the paper updates after every word; dropout on the inputs of
    the output layer is available (the paper has weight decay alone) and is off by default.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one, check_dropout

EMBEDDING_STD = 0.1  # of the feature vectors before training


@dataclass(frozen=True)
class NPLMConfig:
    """Sizes of an NPLM; the comments give the paper's symbols."""

    vocab_size: int  # |V|
    context_size: int = 4  # n - 1
    embedding_dim: int = 30  # m
    hidden_dim: int = 100  # h; 0 leaves only the direct connections
    direct: bool = False  # is W there?
    dropout: float = 0.0

    def __post_init__(self):
        check_at_least_one(self, "vocab_size", "context_size", "embedding_dim")
        if self.hidden_dim < 0:
            raise ValueError(f"hidden_dim must be 0 or more, got {self.hidden_dim}")
        if self.hidden_dim == 0 and not self.direct:
            raise ValueError("without hidden units the direct connections must be on")
        check_dropout(self.dropout)


class NPLM(nn.Module):
    """Scores every word as the next one: y = b + Wx + U tanh(d + Hx), eq. (1)."""

    def __init__(self, config: NPLMConfig):
        super().__init__()
        self.config = config
        context_dim = config.context_size * config.embedding_dim  # (n - 1) m
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_dim)  # C
        # PyTorch would start at 1, noise that a rare word's few updates never overcome.
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD)
        self.dropout = nn.Dropout(config.dropout)
        self.hidden = (
            nn.Linear(context_dim, config.hidden_dim) if config.hidden_dim else None
        )  # H, d
        features = config.hidden_dim + (context_dim if config.direct else 0)
        # [U W] side by side: one product of (B, features) with (features, V) serves both terms.
        self.output = nn.Linear(features, config.vocab_size)  # [U W], b

    def forward(self, context: Tensor) -> Tensor:
        """Maps word ids (B, C) to next-word logits (B, V).

        Raises:
            ValueError: if a row of `context` does not hold `context_size` words.
        """
        if context.ndim != 2 or context.shape[1] != self.config.context_size:
            raise ValueError(
                f"context must have {self.config.context_size} words a row, "
                f"got shape {tuple(context.shape)}"
            )
        x = self.embedding(context).flatten(start_dim=1)  # (B, C*D)
        parts = []
        if self.hidden is not None:
            parts.append(torch.tanh(self.hidden(x)))  # (B, H)
        if self.config.direct:
            parts.append(x)
        return self.output(self.dropout(torch.cat(parts, dim=1)))  # (B, V)
