"""Many long vectors in few numbers: what is left of each along the most telling directions.

Source: the plain SVD of Deerwester et al., "Indexing by Latent Semantic Analysis" (1990).
Lecture: notebooks/00_introduction.ipynb
Shapes: B questions, N vectors, D numbers of each, K of them kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one


@dataclass(frozen=True)
class ShortVectorsConfig:
    """Sizes of a collection of vectors."""

    vectors: int  # N
    dim: int  # D
    kept: int  # K

    def __post_init__(self):
        check_at_least_one(self, "vectors", "dim", "kept")
        if self.kept > self.dim:
            raise ValueError(f"of {self.dim} numbers {self.kept} cannot be kept")


class ShortVectors(nn.Module):
    """Vectors x = code W of K numbers each, and the K directions W that they share."""

    def __init__(self, config: ShortVectorsConfig):
        super().__init__()
        self.config = config
        self.directions = nn.Parameter(torch.zeros(config.kept, config.dim))  # W
        self.codes = nn.Parameter(torch.zeros(config.vectors, config.kept))

    def forward(self, questions: Tensor) -> Tensor:
        """Returns the likeness of questions (B, D) to every vector, (B, N): the inner product.

        Raises:
            ValueError: if a question has another number of numbers.
        """
        if questions.shape[-1] != self.config.dim:
            raise ValueError(
                f"these vectors have {self.config.dim} numbers, a question {questions.shape[-1]}"
            )
        return (questions @ self.directions.T) @ self.codes.T  # (B, K) (K, N)
