"""From scores to text: greedy choice and sampling, over a step function.

A step function reads one token a row (B,) in a state and returns the next token's logits (B, V)
with the new state; the state is carried, so nothing is read twice. `imi.beam` searches over the
same function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]
Choose = Callable[[Tensor], Tensor]


def greedy(logits: Tensor) -> Tensor:
    """Picks the likeliest token of each row, (B, V) to (B,)."""
    return logits.argmax(dim=-1)


@dataclass
class Sampler:
    """Draws a token of each row from softmax(logits / temperature), (B, V) to (B,).

    Attributes:
        temperature: below 1 the likely become likelier; it is never 0, for which there is `greedy`.
        top_k: keeps the k likeliest tokens only.
        top_p: keeps the likeliest tokens that together reach this probability ("nucleus").
        seed: of the draws; one seed gives one text.

    Raises:
        ValueError: if a setting makes no sense; the message says which.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self):
        if not 0.0 < self.temperature < float("inf"):
            raise ValueError(f"the temperature must be above 0, got {self.temperature:g}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k must be at least 1, got {self.top_k}")
        if self.top_p is not None and not 0.0 < self.top_p <= 1.0:
            raise ValueError(f"top_p must lie in (0, 1], got {self.top_p}")
        self._generator = torch.Generator().manual_seed(self.seed)

    def chances(self, logits: Tensor) -> Tensor:
        """Returns the probabilities that tokens are drawn with, (B, V)."""
        logits = logits.float() / self.temperature
        if self.top_k is not None and self.top_k < logits.shape[-1]:
            least = logits.topk(self.top_k, dim=-1).values[..., -1:]
            logits = logits.masked_fill(logits < least, float("-inf"))
        chances = logits.softmax(dim=-1)
        if self.top_p is not None and self.top_p < 1.0:
            ranked, order = chances.sort(dim=-1, descending=True)
            before = ranked.cumsum(dim=-1) - ranked  # what the likelier ones reach together
            kept = torch.zeros_like(chances).scatter(-1, order, ranked * (before < self.top_p))
            chances = kept / kept.sum(dim=-1, keepdim=True)
        return chances

    def __call__(self, logits: Tensor) -> Tensor:
        """Draws one token a row, (B,)."""
        chances = self.chances(logits).cpu()
        drawn = torch.multinomial(chances, 1, generator=self._generator).squeeze(-1)
        return drawn.to(logits.device)


def continued(step: Step, prompt: Tensor, choose: Choose, *, state: Any = None) -> Iterator[Tensor]:
    """Reads prompts (B, P) and yields, for ever, the token (B,) that is chosen next.

    Raises:
        ValueError: if the prompt is empty: there must be something to go on from.
    """
    if prompt.shape[1] == 0:
        raise ValueError("the beginning is empty; give at least one character")
    return _continued(step, prompt, choose, state)


def _continued(step: Step, prompt: Tensor, choose: Choose, state: Any) -> Iterator[Tensor]:
    # Without gradients, but not inside `yield`: the caller's own gradients are its business.
    with torch.no_grad():
        for column in prompt.T:
            logits, state = step(column, state)
        chosen = choose(logits)
    while True:
        yield chosen
        with torch.no_grad():
            logits, state = step(chosen, state)
            chosen = choose(logits)


def length_penalty(length: Tensor | float, alpha: float) -> Tensor | float:
    """lp(Y) = ((5 + |Y|) / 6)^alpha, eq. (14) of Wu et al. (2016)."""
    return ((5.0 + length) / 6.0) ** alpha


def coverage_penalty(coverage: Tensor, visible: Tensor, beta: float) -> Tensor:
    """cp(X; Y) = beta sum_i log min(sum_j p_ij, 1), eq. (14): what was never looked at costs.

    Args:
        coverage: sum_j p_ij, how much each source word was looked at (R, S).
        visible: False where a sentence is filled up (R, S).
    """
    logs = coverage.clamp(min=1e-9, max=1.0).log()
    return beta * logs.masked_fill(~visible, 0.0).sum(dim=-1)
