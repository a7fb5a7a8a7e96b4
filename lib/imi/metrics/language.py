"""How well a model foresees the next word: perplexity, and mixtures of two models."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn


def token_log_probs(
    model: nn.Module, contexts: Tensor, targets: Tensor, *, batch_size: int = 1024
) -> Tensor:
    """Returns the log-probability (nats) of each target word (N,) after its context (N, C).

    Always in float32, whatever the model was trained in.
    """
    device = next(model.parameters()).device
    found = torch.empty(len(targets))  # made once: many small results would pin the large logits
    with torch.no_grad():
        for start in range(0, len(targets), batch_size):
            rows = slice(start, start + batch_size)
            logits, wanted = model(contexts[rows].to(device)).float(), targets[rows].to(device)
            found[rows] = -nn.functional.cross_entropy(logits, wanted, reduction="none").cpu()
    return found


def perplexity(log_probs: Tensor | np.ndarray) -> float:
    """Returns exp of the mean negative log-probability: the model's average number of choices.

    Raises:
        ValueError: if there is nothing to average.
    """
    if len(log_probs) == 0:
        raise ValueError("perplexity needs at least one predicted word")
    return math.exp(-float(np.mean(np.asarray(log_probs, dtype=np.float64))))


def mix(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """Returns log(weight * exp(first) + (1 - weight) * exp(second)), for log-probabilities."""
    if not 0.0 < weight < 1.0:
        raise ValueError(f"the weight of a mixture must lie between 0 and 1, got {weight}")
    return np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second)


def mixture_weight(first: np.ndarray, second: np.ndarray, *, rounds: int = 50) -> float:
    """Finds the weight of `first` under which the mixture makes held-out text most probable.

    Expectation-maximisation: the weight becomes the mean chance that a word came from `first`.
    """
    weight = 0.5
    for _ in range(rounds):
        share = np.exp(np.log(weight) + first - mix(first, second, weight))
        weight = float(np.clip(share.mean(), 1e-6, 1 - 1e-6))
    return weight
