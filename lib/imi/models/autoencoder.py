"""A deep autoencoder: a stack of machines, unrolled.

Source: Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
    Science 313 (2006), figure 1; noisy codes: Salakhutdinov & Hinton, "Semantic Hashing" (2007).
Lecture: 02_autoencoder_2006
Shapes: B batch, V numbers of one image or one document, D numbers of its code.
Differs: fine-tuning is by Adam, not by conjugate gradients (see the recipes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class AutoencoderConfig:
    """Widths from the data to the code, and what data and code are.

    Attributes:
        data: `pixels` are numbers from 0 to 1, each predicted alone; `words` are counts, and one
            softmax predicts their shares.
        code: `linear`, or `logistic` for codes that are to become bits.
        noise: the standard deviation of what is added to a code unit's input in training, so
            that only values near 0 and 1 get through.
    """

    widths: tuple[int, ...] = (784, 1000, 500, 250, 30)
    data: str = "pixels"
    code: str = "linear"
    noise: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "widths", tuple(self.widths))
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"widths must be two or more sizes of at least 1, got {self.widths}")
        if self.data not in ("pixels", "words"):
            raise ValueError(f"data must be 'pixels' or 'words', got {self.data!r}")
        if self.code not in ("linear", "logistic"):
            raise ValueError(f"code must be 'linear' or 'logistic', got {self.code!r}")
        if self.noise < 0:
            raise ValueError(f"noise must be 0 or more, got {self.noise}")


class Reconstruction(NamedTuple):
    """What an autoencoder makes of its input: the code (B, D), and the logits (B, V) from it."""

    code: Tensor
    logits: Tensor


class Autoencoder(nn.Module):
    """Squeezes data through a narrow code layer and rebuilds it."""

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        self.config = config
        down, up = config.widths, config.widths[::-1]
        self.encoder = nn.ModuleList(nn.Linear(wide, narrow) for wide, narrow in pairwise(down))
        self.decoder = nn.ModuleList(nn.Linear(narrow, wide) for narrow, wide in pairwise(up))

    @classmethod
    def unrolled(cls, config: AutoencoderConfig, machines: Sequence[nn.Module]) -> Autoencoder:
        """Makes the autoencoder that a stack of RBMs unrolls to, figure 1 in the middle.

        Args:
            machines: each with `weight` (H, V), `visible_bias` and `hidden_bias`, the widest first.

        Raises:
            ValueError: if the machines' sizes are not the config's.
        """
        sizes = [tuple(machine.weight.shape) for machine in machines]
        if sizes != [(narrow, wide) for wide, narrow in pairwise(config.widths)]:
            raise ValueError(f"machines of {sizes} do not unroll to widths {config.widths}")
        model = cls(config)
        with torch.no_grad():
            for down, up, machine in zip(
                model.encoder, reversed(model.decoder), machines, strict=True
            ):
                down.weight.copy_(machine.weight)
                down.bias.copy_(machine.hidden_bias)
                up.weight.copy_(machine.weight.T)
                up.bias.copy_(machine.visible_bias)
        return model

    def encode(self, x: Tensor) -> Tensor:
        """Maps data (B, V) to codes (B, D).

        Raises:
            ValueError: if a row does not have the first width.
        """
        if x.shape[-1] != self.config.widths[0]:
            raise ValueError(f"a row must hold {self.config.widths[0]} numbers, got {x.shape[-1]}")
        for layer in self.encoder[:-1]:
            x = layer(x).sigmoid()
        total = self.encoder[-1](x)  # (B, D)
        if self.config.code == "linear":
            return total
        if self.training and self.config.noise:
            total = total + self.config.noise * torch.randn_like(total)
        return total.sigmoid()

    def decode(self, code: Tensor) -> Tensor:
        """Maps codes (B, D) to logits of the data (B, V)."""
        for layer in self.decoder[:-1]:
            code = layer(code).sigmoid()
        return self.decoder[-1](code)

    def forward(self, x: Tensor) -> Reconstruction:
        """Maps data (B, V) to its code and to the logits of its reconstruction."""
        code = self.encode(x)
        return Reconstruction(code, self.decode(code))

    def expected(self, logits: Tensor) -> Tensor:
        """Turns logits (B, V) into brightness from 0 to 1, or into the share of each word."""
        return logits.sigmoid() if self.config.data == "pixels" else logits.softmax(dim=-1)
