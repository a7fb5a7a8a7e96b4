"""What training a net costs: operations, memory, and days on given machines.

Counted are multiplications and additions, a multiply-add as two. A weight of a matrix that a token
meets costs 2 going forward, 2 for the gradient of what came in and 2 for its own: 6 in all, whether
the matrix stands in a dense, a recurrent or a softmax layer. Products between activations, such as
the scores of attention, cost the same. Tables that are looked up, norms, curves, dropout and the
optimizer are left out: together they are small.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor, nn

FLOPS_A_WEIGHT = 6
BYTES = 4  # of a number in float32
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Part:
    """What every token of one kind goes through, such as each source word through an encoder.

    Attributes:
        weights: of the matrices that it meets.
        tokens: how many there are in the whole training.
        products: multiply-adds between activations, for each token.
        kept: numbers that the way back needs again, for each token.
        batch: tokens of this kind in a batch.
    """

    weights: int
    tokens: float
    products: float = 0.0
    kept: float = 0.0
    batch: float = 0.0

    @classmethod
    def of(
        cls, *nets: nn.Module | Tensor, tokens: float, batch: float = 0.0, products: float = 0.0,
        looks: float = 0.0,
    ) -> Part:  # fmt: skip
        """Counts the matrices of some nets, or matrices given alone.

        Kept are two numbers for each output of a matrix, before and after a curve.

        Args:
            looks: weights of attention of each token, kept likewise.
        """
        found = [weights for net in nets for weights in _matrices(net)]
        outputs = sum(len(weights) for weights in found) + looks
        return cls(sum(w.numel() for w in found), tokens, products, 2 * outputs, batch)


def _matrices(net: nn.Module | Tensor) -> Iterable[Tensor]:
    if isinstance(net, Tensor):
        return [net]
    tables = {id(m.weight) for m in net.modules() if isinstance(m, nn.Embedding)}
    return [w for w in net.parameters() if w.ndim > 1 and id(w) not in tables]


def training_flops(parts: Iterable[Part]) -> float:
    """Returns the operations of a training, forward and backward."""
    return sum(FLOPS_A_WEIGHT * (part.weights + part.products) * part.tokens for part in parts)


def machine_flops(count: int, days: float, speed: float) -> float:
    """Returns what machines can compute: how many, for how long, at how many operations a second.

    This is how Vaswani et al. (2017), section 6.1, estimate the cost of a training.
    """
    return count * days * SECONDS_A_DAY * speed


def days(flops: float, *, count: int, speed: float) -> float:
    """Returns how long so many machines take."""
    return flops / (count * speed * SECONDS_A_DAY)


@dataclass(frozen=True)
class Memory:
    """Bytes that a training in float32 holds.

    Attributes:
        weights: and as many again of gradients, twice as many of Adam's two moments.
        activations: of one batch, roughly.
    """

    weights: float
    activations: float

    @property
    def fixed(self) -> float:
        """Weights, gradients and both moments."""
        return 4 * self.weights


def memory(parameters: float, parts: Iterable[Part]) -> Memory:
    """Returns what a training holds; a lower precision halves some of it."""
    kept = sum(part.kept * part.batch for part in parts)
    return Memory(BYTES * parameters, BYTES * kept)
