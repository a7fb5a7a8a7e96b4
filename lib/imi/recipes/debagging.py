"""Words in a bag, to be put in order again: the paper's test of what a net knows beyond spelling.

Source: Sutskever, Martens, Hinton, ICML 2011, section 5.4.
Differs: five words a bag, so 120 orders; the paper has seven and 5,040.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import torch

from imi.models.ngrams import KneserNey
from imi.recurrent import log_probs
from imi.text import Characters

WORDS, AROUND, BEFORE = 5, 2, 8
Score = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Bag:
    """A run of words of a text: those in the middle are to be put in order."""

    before: str
    words: tuple[str, ...]
    after: str

    def orders(self) -> list[str]:
        """Returns the run with its words in every order, the true one first; all are as long."""
        orders = permutations(self.words)
        return [" ".join((self.before, *order, self.after)) for order in orders]


def bags(text: str, count: int, *, seed: int) -> list[Bag]:
    """Draws runs of words from a text, each with five different words between two and two more.

    Raises:
        ValueError: if the text does not hold so many.
    """
    found = []
    for line in text.splitlines():
        words = line.split(" ")
        for start in range(0, len(words) - WORDS - 2 * AROUND + 1, WORDS + 2 * AROUND):
            run = words[start : start + WORDS + 2 * AROUND]
            middle, before = tuple(run[AROUND:-AROUND]), " ".join(run[:AROUND])
            if all(run) and len(set(middle)) == WORDS and len(before) >= BEFORE:
                found.append(Bag(before, middle, " ".join(run[-AROUND:])))
    if len(found) < count:
        raise ValueError(f"the text holds {len(found)} runs of words, not {count}")
    chosen = np.random.default_rng(seed).permutation(len(found))[:count]
    return [found[place] for place in chosen]


def by_net(model: torch.nn.Module) -> Score:
    """Returns how a net scores texts of one length: the sum of log P of their characters."""

    def score(texts: list[str]) -> np.ndarray:
        ids = torch.tensor([Characters.encode(text) for text in texts])
        # Laid end to end, each text is a row; its last target is the next text's first character.
        found = log_probs(model, torch.cat([ids.flatten(), ids[:1, 0]]), rows=len(ids))
        return found.view(ids.shape)[:, :-1].double().sum(dim=1).numpy()

    return score


def by_ngrams(model: KneserNey) -> Score:
    """Returns how an n-gram model scores texts that begin alike, from the n-th character on."""

    def score(texts: list[str]) -> np.ndarray:
        ids = np.array([Characters.encode(text) for text in texts])
        runs = np.lib.stride_tricks.sliding_window_view(ids, model.order, axis=1)
        chances = model.probability(
            runs[..., :-1].reshape(-1, model.order - 1), runs[..., -1].ravel()
        )
        return np.log(chances).reshape(len(ids), -1).sum(axis=1)

    return score


def put_in_order(score: Score, drawn: list[Bag]) -> float:
    """Returns the share of bags whose true order scores above all others."""
    return float(np.mean([score(bag.orders()).argmax() == 0 for bag in drawn]))
