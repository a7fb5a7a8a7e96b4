"""The exercises of lecture 01: perplexity, equation (1), the mixture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from imi.metrics import mix, mixture_weight, perplexity
from imi.models.nplm import NPLM, NPLMConfig


def solution_perplexity(chances: Sequence[float]) -> float:
    """Returns exp of the mean negative log-probability."""
    return math.exp(-sum(math.log(chance) for chance in chances) / len(chances))


def check_perplexity(attempt: Callable[[Sequence[float]], float]) -> None:
    """Checks a perplexity computed from the chances that the true words were given.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    value = attempt([0.25, 0.25, 0.25])
    assert abs(value - 4) < 1e-6, (
        f"with a chance of 1/4 each time a model chooses among 4 words, not {value:.4g}"
    )
    value = attempt([0.5, 0.125])
    assert abs(value - 4) < 1e-6, (
        f"for chances 1/2 and 1/8 it is 4, not {value:.4g}: average the logarithms, then exp"
    )


def solution_scores(
    x: Tensor, H: Tensor, d: Tensor, U: Tensor, b: Tensor, W: Tensor | None = None
) -> Tensor:
    """Returns y = b + Wx + U tanh(d + Hx), eq. (1), for one context x."""
    y = b + U @ torch.tanh(d + H @ x)
    return y if W is None else y + W @ x


def check_scores(attempt: Callable[..., Tensor]) -> None:
    """Compares equation (1), written by hand, with the library's NPLM, without and with W.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    context = torch.tensor([[3, 1]])
    for direct in (False, True):
        sizes = {"context_size": 2, "embedding_dim": 3, "hidden_dim": 4}
        generator = torch.Generator().manual_seed(2003)
        net = NPLM(NPLMConfig(vocab_size=7, direct=direct, **sizes)).eval()
        with torch.no_grad():
            for weights in net.parameters():
                weights.copy_(torch.randn(weights.shape, generator=generator))
            x, wanted = net.embedding(context).flatten(), net(context)[0]
            U, W = net.output.weight[:, :4], net.output.weight[:, 4:]
            given = (x, net.hidden.weight, net.hidden.bias, U, net.output.bias)
            y = attempt(*given, W) if direct else attempt(*given)
        assert y.shape == wanted.shape, f"y should have one score a word, {tuple(wanted.shape)}"
        hint = "add Wx where W is given" if direct else "is tanh around all of d + Hx?"
        assert torch.allclose(y, wanted, atol=1e-5), f"not equation (1) yet: {hint}"


def solution_weight(net: np.ndarray, ngram: np.ndarray) -> float:
    """Returns the best weight of the net, by expectation-maximisation."""
    return mixture_weight(net, ngram)


def check_weight(attempt: Callable[[np.ndarray, np.ndarray], float]) -> None:
    """Checks that a weight makes a mixture all but as good as the best weight does.

    Raises:
        AssertionError: with a hint, if a better weight is easy to find.
    """
    rng = np.random.default_rng(2003)
    net, ngram = np.log(rng.beta(1.0, 9.0, (2, 2003)) + 1e-4)
    weight = attempt(net, ngram)
    assert 0 < weight < 1, f"a weight lies between 0 and 1, got {weight}"
    ours = perplexity(mix(net, ngram, weight))
    best = perplexity(mix(net, ngram, mixture_weight(net, ngram)))
    assert ours <= best * 1.001, (
        f"with weight {weight:.2f} the perplexity is {ours:.1f}; {best:.1f} is possible: "
        "try many weights and keep the one with the lowest perplexity"
    )
