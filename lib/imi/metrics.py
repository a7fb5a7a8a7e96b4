"""How good a model is: perplexity, agreement with people about words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Similarity:
    """How well a measure of likeness agrees with people.

    Attributes:
        spearman: rank correlation, from -1 to 1.
        covered: pairs that both words of were known.
        pairs: pairs in the test.
    """

    spearman: float
    covered: int
    pairs: int


def word_similarity(
    likeness: Callable[[str, str], float | None], pairs: Iterable[tuple[str, str, float]]
) -> Similarity:
    """Compares `likeness` of two words with human scores by Spearman's rank correlation.

    Args:
        likeness: returns None where it does not know a word.

    Raises:
        ValueError: if fewer than three pairs are known.
    """
    from scipy.stats import spearmanr

    pairs = list(pairs)
    ours, human = [], []
    for first, second, score in pairs:
        value = likeness(first, second)
        if value is not None:
            ours.append(value)
            human.append(score)
    if len(ours) < 3:
        raise ValueError(f"only {len(ours)} of {len(pairs)} pairs are known; 3 are needed")
    return Similarity(float(spearmanr(ours, human).statistic), len(ours), len(pairs))


def auc(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Returns how well each column of scores (N, K) tells true rows (N,) from the others, (K,).

    The area under the ROC curve: the chance that a true row scores above a false one; 0.5 is none.

    Raises:
        ValueError: if all rows are true, or none.
    """
    from scipy.stats import rankdata

    truth = np.asarray(truth, dtype=bool)
    true, false = int(truth.sum()), int((~truth).sum())
    if not true or not false:
        raise ValueError("an AUC needs rows of both kinds")
    ranks = rankdata(scores, axis=0)
    return (ranks[truth].sum(axis=0) - true * (true + 1) / 2) / (true * false)


class Copies:
    """Finds what was copied from a source.

    Args:
        least: copies shorter than this are not looked for, which makes the search fast.
    """

    def __init__(self, source: str, *, least: int = 24):
        self.source, self.least = source, least
        self._known = np.unique(self._hashes(source))

    def longest(self, text: str) -> int:
        """Returns the length of the longest run of `text` that stands in the source, or 0."""
        longest = self.least - 1
        hashes = self._hashes(text)
        places = np.searchsorted(self._known, hashes).clip(max=len(self._known) - 1)
        for start in np.flatnonzero(self._known[places] == hashes).tolist():
            while start + longest < len(text) and text[start : start + longest + 1] in self.source:
                longest += 1
        return longest if longest >= self.least else 0

    def _hashes(self, text: str) -> np.ndarray:
        """Returns a number for each run of `least` characters: a polynomial, modulo 2^64."""
        codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        count = len(codes) - self.least + 1
        hashes = np.zeros(max(count, 0), dtype=np.uint64)
        for offset in range(self.least if count > 0 else 0):
            hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[offset : offset + count]
        return hashes
