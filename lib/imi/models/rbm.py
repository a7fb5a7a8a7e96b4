"""A restricted Boltzmann machine, which learns by contrastive divergence.

Source: Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
    Science 313 (2006), equations (1) and (2), and its supporting online material.
Lecture: 02_autoencoder_2006
Shapes: B batch, V visible units, H hidden units.
Differs: reconstructed words are the expected counts, not a sample of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one

VISIBLE = ("pixels", "gaussian", "words")
HIDDEN = ("binary", "gaussian")
ENUMERABLE = 16  # binary units whose states can all be listed


@dataclass(frozen=True)
class RBMConfig:
    """Sizes and kinds of the units.

    `pixels` are numbers from 0 to 1, seen as chances of a binary unit; `words` are counts, drawn
    from one softmax; `gaussian` units have variance 1.
    """

    visible: int = 784
    hidden: int = 1000
    visible_kind: str = "pixels"
    hidden_kind: str = "binary"

    def __post_init__(self):
        check_at_least_one(self, "visible", "hidden")
        if self.visible_kind not in VISIBLE or self.hidden_kind not in HIDDEN:
            raise ValueError(
                f"visible units are one of {', '.join(VISIBLE)} and hidden ones of "
                f"{', '.join(HIDDEN)}; got {self.visible_kind!r} and {self.hidden_kind!r}"
            )


class RBM(nn.Module):
    """Two layers of units, linked by one matrix and both ways."""

    def __init__(self, config: RBMConfig):
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(0.1 * torch.randn(config.hidden, config.visible))  # w_ij
        self.visible_bias = nn.Parameter(torch.zeros(config.visible))  # b_i
        self.hidden_bias = nn.Parameter(torch.zeros(config.hidden))  # b_j

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """Returns E(v, h) = - sum b_i v_i - sum b_j h_j - sum v_i h_j w_ij, eq. (1), (B).

        A Gaussian unit adds half its square; no weight is in that, so learning does not need it.
        """
        return -(v @ self.visible_bias) - (h @ self.hidden_bias) - ((v @ self.weight.T) * h).sum(1)

    def forward(self, v: Tensor) -> Tensor:
        """Maps visible states (B, V) to the means of the hidden units (B, H).

        Words are counts: a document of N words pulls N times as hard as one word.

        Raises:
            ValueError: if a row has not one number for each visible unit.
        """
        if v.shape[-1] != self.config.visible:
            raise ValueError(f"there are {self.config.visible} visible units, got {v.shape[-1]}")
        total = v @ self.weight.T + self.hidden_bias
        return total if self.config.hidden_kind == "gaussian" else total.sigmoid()

    def reconstruct(self, h: Tensor, *, words: Tensor | float = 1.0) -> Tensor:
        """Maps hidden states (B, H) to the means of the visible units (B, V).

        Args:
            words: how many words each document has (B, 1); only word counts depend on it.
        """
        total = h @ self.weight + self.visible_bias
        if self.config.visible_kind == "words":
            return total.softmax(dim=1) * words
        return total if self.config.visible_kind == "gaussian" else total.sigmoid()

    def sample_hidden(self, v: Tensor) -> Tensor:
        """Draws hidden states (B, H), given the visible ones."""
        mean = self(v)
        if self.config.hidden_kind == "gaussian":
            return mean + torch.randn_like(mean)
        return mean.bernoulli()

    def sample_visible(self, h: Tensor) -> Tensor:
        """Draws visible states (B, V), given the hidden ones; not made for words."""
        mean = self.reconstruct(h)
        if self.config.visible_kind == "gaussian":
            return mean + torch.randn_like(mean)
        return mean.bernoulli()


def contrastive_divergence(
    rbm: RBM, batch: tuple[Tensor, ...], *, steps: int = 1, sample_visible: bool = False
) -> tuple[Tensor, int]:
    """Returns a loss whose gradient is -(<v_i h_j>_data - <v_i h_j>_recon), eq. (2).

    The states are held fixed, so all that the gradient sees are the weights in the energy. The
    value of the loss is the squared error of the reconstruction, which is what one watches.

    Args:
        steps: how often the chain goes up and down; the paper's is 1.
        sample_visible: draws the visible states instead of taking their means.
    """
    v0 = batch[0]
    with torch.no_grad():
        h0, v1, words = rbm(v0), v0, v0.sum(dim=1, keepdim=True)
        for _ in range(steps):
            h = rbm.sample_hidden(v1)
            v1 = rbm.sample_visible(h) if sample_visible else rbm.reconstruct(h, words=words)
        h1 = rbm(v1)
        error = (v0 - v1).square().sum()
    contrast = (rbm.energy(v0, h0) - rbm.energy(v1, h1)).sum()
    return error + contrast - contrast.detach(), len(v0)


def exact_log_likelihood(rbm: RBM, v: Tensor) -> Tensor:
    """Returns log P(v) (B) in nats, by summing over every state of a small binary machine.

    Raises:
        ValueError: if the machine is too large to list its states, or not binary.
    """
    config = rbm.config
    if config.visible > ENUMERABLE or (config.visible_kind, config.hidden_kind) != (
        "pixels",
        "binary",
    ):
        raise ValueError(f"only binary machines of up to {ENUMERABLE} visible units can be listed")
    states = torch.tensor(list(product((0.0, 1.0), repeat=config.visible)))  # (2^V, V)
    return -free_energy(rbm, v) - torch.logsumexp(-free_energy(rbm, states), dim=0)


def free_energy(rbm: RBM, v: Tensor) -> Tensor:
    """Returns F(v) (B), where exp(-F) sums exp(-E) over all states of the binary hidden units."""
    total = v @ rbm.weight.T + rbm.hidden_bias
    return -(v @ rbm.visible_bias) - nn.functional.softplus(total).sum(dim=1)
