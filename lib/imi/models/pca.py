"""Principal component analysis, and its logistic kin for numbers between 0 and 1.

Source: what Hinton & Salakhutdinov (2006) compare with, figure 2B; logistic PCA after Schein,
    Saul & Ungar, "A Generalized Linear Model for Principal Component Analysis of Binary Data",
    AISTATS 2003: the same model, fitted here by L-BFGS instead of alternating least squares.
Lecture: 02_autoencoder_2006
Shapes: N examples, V numbers of each, D components.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class PCA:
    """The D directions along which examples differ most.

    Attributes:
        mean: of the examples, (V).
        components: orthonormal rows (D, V), the most telling first.
    """

    mean: Tensor
    components: Tensor

    @classmethod
    def fit(cls, x: Tensor, size: int, *, centre: bool = True) -> PCA:
        """Finds the directions for examples (N, V).

        Args:
            centre: without it this is latent semantic analysis, the plain SVD.

        Raises:
            ValueError: if there are fewer examples or numbers than components.
        """
        if not 1 <= size <= min(x.shape):
            raise ValueError(f"size must be from 1 to {min(x.shape)}, got {size}")
        mean = x.mean(dim=0) if centre else torch.zeros(x.shape[1])
        # The eigenvectors of a V x V matrix: cheaper than the SVD of N x V, and the same.
        centred = (x - mean).double()
        _, vectors = torch.linalg.eigh(centred.T @ centred)
        return cls(mean, vectors[:, -size:].flip(1).T.float().contiguous())

    def encode(self, x: Tensor) -> Tensor:
        """Maps examples (N, V) to codes (N, D)."""
        return (x - self.mean) @ self.components.T

    def decode(self, code: Tensor) -> Tensor:
        """Maps codes (N, D) back to examples (N, V)."""
        return code @ self.components + self.mean


@dataclass(frozen=True)
class LogisticPCA:
    """Each number is a chance, and the log-odds are linear in D numbers: sigmoid(a V + m).

    Attributes:
        mean: log-odds m of an example whose code is 0, (V).
        components: rows (D, V).
        penalty: on half the squared code; without it the log-odds of a black pixel run away.
    """

    mean: Tensor
    components: Tensor
    penalty: float

    @classmethod
    def fit(
        cls, x: Tensor, size: int, *, penalty: float = 0.01, iterations: int = 300
    ) -> LogisticPCA:
        """Fits components and codes together to examples (N, V) of numbers from 0 to 1.

        Raises:
            ValueError: if a number is not from 0 to 1, or `size` is not possible.
        """
        if x.min() < 0 or x.max() > 1:
            raise ValueError("logistic PCA needs numbers from 0 to 1")
        start = PCA.fit(x, size)
        mean = ((x.mean(dim=0) * len(x) + 0.5) / (len(x) + 1)).logit()
        scale = start.encode(x).std(dim=0)
        code = (start.encode(x) / scale).requires_grad_()
        components = (start.components * scale[:, None]).requires_grad_()
        mean = mean.requires_grad_()

        def loss() -> Tensor:
            spread = code.square().sum() + components.square().sum()
            return cross_entropy(code @ components + mean, x) + penalty / 2 * spread

        minimise(loss, [code, components, mean], iterations)
        return cls(mean.detach(), components.detach(), penalty)

    def encode(self, x: Tensor, *, iterations: int = 100) -> Tensor:
        """Finds the most likely codes (N, D) of examples (N, V); the components stay."""
        code = torch.zeros(len(x), len(self.components), requires_grad=True)

        def loss() -> Tensor:
            logits = code @ self.components + self.mean
            return cross_entropy(logits, x) + self.penalty / 2 * code.square().sum()

        minimise(loss, [code], iterations)
        return code.detach()

    def decode(self, code: Tensor) -> Tensor:
        """Maps codes (N, D) back to numbers from 0 to 1, (N, V)."""
        return (code @ self.components + self.mean).sigmoid()


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    """Sums - x log p - (1 - x) log(1 - p) over all numbers, in nats."""
    return nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")


def minimise(loss: Callable[[], Tensor], parameters: list[Tensor], iterations: int) -> None:
    """Changes the parameters so that the loss becomes least: L-BFGS over all examples at once."""
    optimizer = torch.optim.LBFGS(
        parameters, max_iter=iterations, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)
