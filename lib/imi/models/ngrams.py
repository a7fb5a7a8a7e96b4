"""n-gram language models: counts of runs of n words, smoothed in three ways.

Source: Kneser & Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995; Chen &
    Goodman, "An empirical study of smoothing techniques", CSL 13 (1999), section 3; Jelinek &
    Mercer (1980) as described in Bengio et al. (2003), section 4.2.
Lecture: notebooks/01_nplm_2003.ipynb
Shapes: T predicted words, N distinct n-grams, V vocabulary, n the order.
Differs: Kneser-Ney interpolates and ends in the uniform distribution 1/|V|, so that no word is
    impossible; the back-off form of 1995, with one discount, is a little worse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from imi.counts import Counts, summed


class NGramModel:
    """What every n-gram model can do once it is fitted.

    Args:
        order: n, words of context plus one.
        vocab_size: |V|.
    """

    def __init__(self, *, order: int, vocab_size: int):
        if order < 1:
            raise ValueError(f"n must be at least 1, got {order}")
        self.order, self.vocab_size = order, vocab_size

    def probability(self, contexts: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Returns P(target | context) for contexts (T, n - 1) and targets (T,).

        Raises:
            ValueError: if the contexts do not hold n - 1 words each.
        """
        if contexts.shape != (len(targets), self.order - 1):
            raise ValueError(
                f"contexts must have {self.order - 1} words a row, got shape {contexts.shape}"
            )
        return self._probability(contexts, targets)

    def distribution(self, context) -> np.ndarray:
        """Returns the probability of every word (V,) after a context of n - 1 words."""
        contexts = np.tile(np.asarray(context, dtype=np.int64), (self.vocab_size, 1))
        return self.probability(contexts, np.arange(self.vocab_size))

    def perplexity(self, ids: np.ndarray) -> float:
        """Returns the perplexity of a text, from its n-th word on."""
        runs = np.lib.stride_tricks.sliding_window_view(np.asarray(ids), self.order)
        return float(np.exp(-np.log(self.probability(runs[:, :-1], runs[:, -1])).mean()))

    def _probability(self, contexts: np.ndarray, targets: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _lookup(self, counts: Counts, contexts, targets, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns the numbers of the last n - 1 words of context, and of the n-grams."""
        context = counts.number(contexts[:, contexts.shape[1] - (n - 1) :])
        found = counts.tables[n - 1].find(context * self.vocab_size + targets)
        return context, np.where(context < 0, -1, found)


def _taken(values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Returns values by number, 0 where the number is -1."""
    return np.where(numbers < 0, 0, values[numbers])


class AddOne(NGramModel):
    """Laplace: each n-gram counts as seen once more, (c(context, w) + 1) / (c(context) + |V|)."""

    def fit(self, ids: np.ndarray) -> AddOne:
        """Counts a text of word ids."""
        self._counts = Counts(ids, order=self.order, vocab_size=self.vocab_size)
        self._totals = self._counts.totals(self.order)
        return self

    def _probability(self, contexts, targets):
        context, found = self._lookup(self._counts, contexts, targets, self.order)
        seen = _taken(self._counts.tables[-1].counts, found)
        return (seen + 1) / (_taken(self._totals, context) + self.vocab_size)


class DeletedInterpolation(NGramModel):
    """A weighted mean of 1/|V| and the frequencies of 1- to n-grams (Jelinek & Mercer).

    The weights depend on how often the context was seen: on ceil(-log((1 + c(context)) / T)), as
    in Bengio et al. (2003), section 4.2, and come from held-out text by expectation-maximisation.
    A frequency whose context was never seen falls back to the next shorter one.
    """

    def fit(self, ids: np.ndarray, *, held_out: np.ndarray, rounds: int = 30):
        """Counts a text, then learns the weights from another."""
        self._counts = Counts(ids, order=self.order, vocab_size=self.vocab_size)
        self._totals = [self._counts.totals(n) for n in range(1, self.order + 1)]
        runs = np.lib.stride_tricks.sliding_window_view(np.asarray(held_out), self.order)
        parts, bins = self._parts(runs[:, :-1], runs[:, -1])
        overall = _weights(parts, rounds=rounds)
        self._weights = np.tile(overall, (self._bin(np.zeros(1)).item() + 1, 1))  # (bins, n + 1)
        for number in np.unique(bins):
            self._weights[number] = _weights(parts[bins == number], rounds=rounds)
        return self

    def _bin(self, seen: np.ndarray) -> np.ndarray:
        return np.ceil(-np.log((1 + seen) / (1 + self._counts.tokens))).astype(int)

    def _parts(self, contexts, targets) -> tuple[np.ndarray, np.ndarray]:
        """Returns the n + 1 estimates of each word (T, n + 1), and the bin of its context (T,)."""
        parts = [np.full(len(targets), 1 / self.vocab_size)]
        for n in range(1, self.order + 1):
            context, found = self._lookup(self._counts, contexts, targets, n)
            total = _taken(self._totals[n - 1], context)
            frequency = _taken(self._counts.tables[n - 1].counts, found) / np.maximum(total, 1)
            parts.append(np.where(total > 0, frequency, parts[-1]))
        return np.stack(parts, axis=1), self._bin(total)

    def _probability(self, contexts, targets):
        parts, bins = self._parts(contexts, targets)
        return (self._weights[bins] * parts).sum(axis=1)


def _weights(parts: np.ndarray, *, rounds: int) -> np.ndarray:
    """Finds the weights of estimates (T, K) that make the text most probable, (K,)."""
    weights = np.full(parts.shape[1], 1 / parts.shape[1])
    for _ in range(rounds):
        shares = weights * parts
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights


@dataclass(frozen=True)
class _Level:
    """One order of Kneser-Ney: what is left of each n-gram's share, and each context's rest."""

    kept: np.ndarray  # (c - D(c)) / c(context), (N,)
    rest: np.ndarray  # gamma: what the discounts took, by context; 1 where it was never seen


class KneserNey(NGramModel):
    """Interpolated Kneser-Ney: shorter n-grams count the *different* words seen before them.

    P(w | context) = (c - D(c)) / c(context) + gamma(context) P(w | shorter context), where below
    the highest order c is the number of distinct words to the left (Chen & Goodman, eq. 26).

    Args:
        discount: "modified" for three discounts an order (Chen & Goodman), "single" for one
            n1 / (n1 + 2 n2) an order (Ney et al. 1994), or a number for all.
        uniform: whether single words are interpolated with 1/|V|; else unseen ones get 0.

    Raises:
        ValueError: if the discount is none of these.
    """

    def __init__(self, *, order: int, vocab_size: int, discount="modified", uniform: bool = True):
        super().__init__(order=order, vocab_size=vocab_size)
        named = discount in ("modified", "single")
        if not named and not (isinstance(discount, (int, float)) and 0 < discount < 1):
            raise ValueError(f"discount must be modified, single or in (0, 1), got {discount!r}")
        self.discount, self.uniform = discount, uniform

    def fit(self, ids: np.ndarray) -> KneserNey:
        """Counts a text of word ids and finds the discounts."""
        self._counts = Counts(ids, order=self.order, vocab_size=self.vocab_size)
        return self._discounted()

    def shortened(self, order: int) -> KneserNey:
        """Returns the model of a lower order of the same text, without counting it again."""
        if not 1 <= order <= self.order:
            raise ValueError(f"the order must be from 1 to {self.order}, got {order}")
        about = {"discount": self.discount, "uniform": self.uniform}
        shorter = KneserNey(order=order, vocab_size=self.vocab_size, **about)
        shorter._counts = self._counts.shortened(order)
        return shorter._discounted()

    def _discounted(self) -> KneserNey:
        self._levels, counts = [], self._counts
        for n, table in enumerate(counts.tables, start=1):
            seen = table.counts
            if n < self.order:  # how many different words stood to the left
                seen = np.bincount(counts.tables[n].suffixes, minlength=len(table.keys))
            self._levels.append(self._level(seen, table.contexts, len(counts.totals(n)), n))
        return self

    def _level(self, seen: np.ndarray, groups: np.ndarray, contexts: int, n: int) -> _Level:
        taken = np.minimum(self._discounts(seen)[np.minimum(seen, 3)], seen)
        if n == 1 and not self.uniform:
            taken = np.zeros(len(seen))
        totals = summed(groups, seen, contexts)
        rest = np.where(totals > 0, summed(groups, taken, contexts) / np.maximum(totals, 1), 1)
        return _Level((seen - taken) / np.maximum(totals, 1)[groups], rest)

    def _discounts(self, seen: np.ndarray) -> np.ndarray:
        """Returns D(0) = 0, D(1), D(2) and D(3 or more)."""
        n1, n2, n3, n4 = ((seen == count).sum() for count in (1, 2, 3, 4))
        if isinstance(self.discount, (int, float)):
            return np.array([0, *[self.discount] * 3])
        single = n1 / (n1 + 2 * n2) if n1 and n2 else 0.5  # too few to estimate from: half
        if self.discount == "single" or not (n1 and n2 and n3 and n4):
            return np.array([0, *[single] * 3])
        steps = 2 * n2 / n1, 3 * n3 / n2, 4 * n4 / n3
        wanted = [k - single * ratio for k, ratio in enumerate(steps, start=1)]
        return np.array([0, *np.clip(wanted, 0, (1, 2, 3))])

    def _probability(self, contexts, targets):
        probability = np.full(len(targets), 1 / self.vocab_size)
        for n, level in enumerate(self._levels, start=1):
            context, found = self._lookup(self._counts, contexts, targets, n)
            rest = np.where(context < 0, 1, level.rest[context])
            probability = _taken(level.kept, found) + rest * probability
        return probability

    def chances(self, contexts: np.ndarray) -> np.ndarray:
        """Returns the probability of every word after each context (B, n - 1), as (B, V)."""
        words = np.arange(self.vocab_size)
        chances = np.full((len(contexts), self.vocab_size), 1 / self.vocab_size)
        for n, level in enumerate(self._levels, start=1):
            context = self._counts.number(contexts[:, self.order - n :])[:, None]
            found = self._counts.tables[n - 1].find(context * self.vocab_size + words)
            found = np.where(context < 0, -1, found)
            chances = _taken(level.kept, found) + np.where(context < 0, 1, level.rest[context]) * (
                chances
            )
        return chances

    def step(self, ids: Tensor, state: np.ndarray | None) -> tuple[Tensor, np.ndarray]:
        """Reads one word a row (B,), as a recurrent net does; its state is the last n - 1 words.

        Returns the next word's log-probabilities (B, V) and the state.
        """
        if state is None:
            state = np.zeros((len(ids), self.order - 1), dtype=np.int64)
        state = np.concatenate([state, ids.numpy()[:, None]], axis=1)[:, 1:]
        return torch.from_numpy(np.log(self.chances(state))), state
