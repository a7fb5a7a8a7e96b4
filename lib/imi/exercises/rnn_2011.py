"""The exercises of lecture 03: one step of an RNN, the factored tensor, gradients that last."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from imi.models.rnn import MRNN, RNN, MRNNConfig, RNNConfig

DISTANCE = 40


def solution_step(x: Tensor, h: Tensor, W_hx: Tensor, W_hh: Tensor, b: Tensor) -> Tensor:
    """Returns the next hidden state, eq. (1)."""
    return torch.tanh(W_hx @ x + W_hh @ h + b)


def check_step(attempt: Callable[..., Tensor]) -> None:
    """Compares one step of an RNN with the library's.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    torch.manual_seed(2011)
    net = RNN(RNNConfig(vocab_size=5, hidden_dim=3)).requires_grad_(False)
    h, b = 3 * torch.randn(3), torch.randn(3)
    W_hx = net.read.weight.t() - b[:, None]  # the library keeps W_hx + b as one table
    x = torch.eye(5)[2]
    wanted = net.hidden(torch.tensor([2]), h[None])[0]
    found = attempt(x, h, W_hx, net.recur.weight, b)
    assert found.shape == wanted.shape, f"the new state has {len(wanted)} numbers"
    assert found.abs().max() <= 1, "is the tanh around the whole sum?"
    assert torch.allclose(found, wanted, atol=1e-5), "not yet: add W_hx x, W_hh h and b, then tanh"


def solution_matrix(x: Tensor, W_hf: Tensor, W_fx: Tensor, W_fh: Tensor) -> Tensor:
    """Returns the recurrent matrix that a character chooses, W_hf diag(W_fx x) W_fh."""
    return W_hf @ torch.diag(W_fx @ x) @ W_fh


def check_matrix(attempt: Callable[..., Tensor]) -> None:
    """Compares the matrix that a character chooses with what the library's net does with it.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    torch.manual_seed(2011)
    net = MRNN(MRNNConfig(vocab_size=5, hidden_dim=3, factors=4)).requires_grad_(False)
    net.gain.weight.copy_(torch.randn(5, 4))
    for character in (1, 4):
        weights = (net.mix.weight, net.gain.weight.t(), net.recur.weight)
        found = attempt(torch.eye(5)[character], *weights)
        assert found.shape == (3, 3), f"it is H by H, here 3 by 3, not {tuple(found.shape)}"
        assert torch.allclose(found, net.matrix(character), atol=1e-5), (
            "not yet: W_fx x scales the factors, which stand between W_hf and W_fh"
        )


def kept(scale: float, *, seed: int = 2011) -> float:
    """Returns what is left of a gradient after 40 steps back through a net of random weights.

    Args:
        scale: of an orthogonal recurrent matrix: all its singular values.
    """
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.linalg.qr(torch.randn(48, 48, generator=generator)).Q * scale
    h = 0.1 * torch.randn(48, generator=generator)
    states = []
    for _ in range(DISTANCE):
        h = torch.tanh(matrix @ h)
        states.append(h)
    gradient = torch.nn.functional.normalize(torch.randn(48, generator=generator), dim=0)
    for h in reversed(states):
        gradient = matrix.t() @ (gradient * (1 - h.square()))
    return gradient.norm().item()


def solution_scale() -> float:
    """Returns a scale that keeps gradients: a little above 1, for what tanh takes away."""
    scales = [0.9 + 0.01 * step for step in range(60)]
    return min(scales, key=lambda scale: abs(torch.tensor(kept(scale)).log().item()))


def check_scale(attempt: Callable[[], float]) -> None:
    """Checks that a scale of the recurrent matrix keeps between a half and twice a gradient.

    Raises:
        AssertionError: with a hint, if it vanishes or explodes.
    """
    scale = float(attempt())
    left = kept(scale)
    assert left > 0.5, f"with {scale:g} only {left:.1e} of the gradient is left: it vanishes"
    assert left < 2, f"with {scale:g} the gradient grows to {left:.1e}: it explodes"
