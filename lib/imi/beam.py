"""Beam search: the translation that a model finds most likely, as far as a few beams can see.

Source: Sutskever, Vinyals, Le (2014), section 3.2: a hypothesis that ends leaves the beam; Wu et
    al. (2016), section 7: s(Y, X) = log P(Y|X) / lp(Y) + cp(X; Y), eq. (14).
Lecture: notebooks/05_seq2seq_2014.ipynb
Shapes: N sentences that are searched at once, K beams, R beams of all sentences that still run,
    S source words, V vocabulary.

The step function is that of `imi.decoding`. A state is a tensor, or (named) tuples of them, whose
first axis is the row. A field called `memory` is the same for all beams of a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from imi.decoding import Step, coverage_penalty, length_penalty


class Node(NamedTuple):
    """One word of a search tree.

    Attributes:
        parent: the number of the node before it, -1 at the beginning.
        token: the id of the word.
        log_prob: of all words up to this one, in nats.
    """

    parent: int
    token: int
    log_prob: float


@dataclass(frozen=True)
class Hypothesis:
    """A translation that was found.

    Attributes:
        tokens: its ids, without the marks of begin and end.
        score: by which hypotheses are compared: log P / lp + cp.
        log_prob: log P(Y|X), nats, the end mark included.
        ended: whether the model ended it, not the limit of length.
        node: the number of its last word in the tree.
    """

    tokens: list[int]
    score: float
    log_prob: float
    ended: bool
    node: int


@dataclass(frozen=True)
class Search:
    """What a search of one sentence found.

    Attributes:
        hypotheses: all that ended, the best first.
        tree: all words that were ever on a beam.
    """

    hypotheses: list[Hypothesis]
    tree: list[Node]

    @property
    def best(self) -> Hypothesis:
        """The hypothesis with the highest score."""
        return self.hypotheses[0]


def picked(state: Any, rows: Tensor, *, memory: Tensor | None) -> Any:
    """Returns the rows (R,) of a state; of `memory` the rows `memory`, or all if None."""
    if isinstance(state, Tensor):
        return state[rows]
    names = getattr(state, "_fields", [""] * len(state))
    parts = [
        part if name == "memory" and memory is None
        else picked(part, memory if name == "memory" else rows, memory=memory)
        for name, part in zip(names, state, strict=True)
    ]  # fmt: skip
    return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)


def beam_search(
    step: Step,
    state: Any,
    *,
    begin: int,
    end: int,
    max_lengths: Tensor,
    beams: int = 5,
    alpha: float = 1.0,
    beta: float = 0.0,
    attention: Callable[[Any], Tensor] | None = None,
    visible: Tensor | None = None,
) -> list[Search]:
    """Searches the translations of N sentences at once.

    A sentence is done, and leaves the batch, once K hypotheses have ended, or none that still runs
    could come out above the best that has ended.

    Args:
        state: of the N sentences, before the first word.
        max_lengths: after how many words, the end mark included, each hypothesis stops (N,).
        alpha: of the length penalty; 0 compares plain log-probabilities.
        beta: of the coverage penalty; needs `attention`, which takes from a state the weights
            (R, S), and `visible` (N, S).

    Raises:
        ValueError: if a setting makes no sense; the message says which.
    """
    if beams < 1:
        raise ValueError(f"there must be at least 1 beam, got {beams}")
    if alpha < 0 or beta < 0:
        raise ValueError(f"alpha and beta must not be negative, got {alpha} and {beta}")
    if beta and (attention is None or visible is None):
        raise ValueError("a coverage penalty needs to see the attention of a model that has one")
    if len(max_lengths) == 0 or int(max_lengths.min()) < 1:
        raise ValueError("every sentence must be allowed at least one word")
    run = _Beams(begin, end, max_lengths, beams, alpha, beta, visible)
    with torch.no_grad():
        while len(run.sentence):
            logits, state = step(run.token, state)
            weights = attention(state) if beta else None
            rows, moved = run.advance(logits.float().log_softmax(dim=-1), weights)
            state = picked(state, rows, memory=rows if moved else None)
    return run.found()


class _Beams:
    """All hypotheses that run, one a row, those of one sentence beside each other."""

    def __init__(self, begin, end, max_lengths, beams, alpha, beta, visible):
        self.end, self.alpha, self.beta, self.visible = end, alpha, beta, visible
        self.limits = max_lengths
        device, count = max_lengths.device, len(max_lengths)
        self.sentence = torch.arange(count, device=device)  # of each row (R,)
        self.token = torch.full((count,), begin, device=device)  # read next (R,)
        self.log_prob = torch.zeros(count, device=device)
        self.node = torch.full((count,), -1, device=device)
        self.coverage: Tensor | float = 0.0
        self.slots = torch.full((count,), beams, device=device)  # hypotheses that may still end
        self.best = torch.full((count,), -torch.inf, device=device)  # of those that have
        self.length, self.nodes = 0, 0
        self.steps: list[tuple[Tensor, ...]] = []  # node by node: sentence, parent, token, log P
        self.ended: list[tuple[Tensor, ...]] = []  # sentence, node, score, log P, ended

    def advance(self, log_probs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        """Goes one word on; returns the rows that go on, and whether rows changed sentence."""
        self.length += 1
        if weights is not None:
            self.coverage = self.coverage + weights
        rows, tokens, totals = self._candidates(log_probs)
        sentence = self.sentence[rows]
        node = self.nodes + torch.arange(len(rows), device=rows.device)
        self.steps.append((sentence, self.node[rows], tokens, totals))
        self.nodes += len(rows)
        over = tokens == self.end
        stopped = over | (self.length >= self.limits[sentence])
        scores = self._scores(rows, sentence, totals)
        if stopped.any():
            self._note(stopped, over, sentence, node, scores, totals)
        on = ~stopped & ~self._settled(sentence, totals, stopped)[sentence]
        kept, before = rows[on], self.sentence
        self.sentence, self.token, self.log_prob = sentence[on], tokens[on], totals[on]
        self.node = node[on]
        if weights is not None:
            self.coverage = self.coverage[kept]
        moved = len(self.sentence) != len(before) or not torch.equal(self.sentence, before)
        return kept, moved

    def _candidates(self, log_probs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Picks, for each sentence, as many of the likeliest next words as it has slots.

        Returns the row each goes on from, its token, and log P of all its words.
        """
        most = int(self.slots[self.sentence].max())
        width = min(most, log_probs.shape[1])
        found, tokens = log_probs.topk(width, dim=-1)  # no more of one row can be among the best
        totals = found + self.log_prob[:, None]  # (R, width)
        # Rows of a sentence stand side by side: put them into one line of a grid.
        _, line, sizes = self.sentence.unique_consecutive(return_inverse=True, return_counts=True)
        place = torch.arange(len(line), device=line.device) - (sizes.cumsum(0) - sizes)[line]
        grid = totals.new_full((len(sizes), int(sizes.max()), width), -torch.inf)
        grid[line, place] = totals
        flat = grid.flatten(1)
        ranked, order = flat.topk(min(most, flat.shape[1]), dim=-1)  # (sentences, most)
        first_row = sizes.cumsum(0) - sizes
        row = first_row[:, None] + order.div(width, rounding_mode="floor")
        slots = self.slots[self.sentence[first_row]]
        rank = torch.arange(ranked.shape[1], device=line.device)
        wanted = (rank < slots[:, None]) & (ranked > -torch.inf)
        row, column = row[wanted], (order % width)[wanted]
        return row, tokens[row, column], ranked[wanted]

    def _scores(self, rows: Tensor, sentence: Tensor, totals: Tensor) -> Tensor:
        scores = totals / length_penalty(self.length, self.alpha)
        if self.beta:
            seen = self.visible[sentence]
            scores = scores + coverage_penalty(self.coverage[rows], seen, self.beta)
        return scores

    def _note(self, stopped, over, sentence, node, scores, totals) -> None:
        """Takes hypotheses that have ended off the beam."""
        of = sentence[stopped]
        self.ended.append((of, node[stopped], scores[stopped], totals[stopped], over[stopped]))
        self.slots.index_add_(0, of, torch.full_like(of, -1))
        self.best.scatter_reduce_(0, of, scores[stopped], "amax")

    def _settled(self, sentence: Tensor, totals: Tensor, stopped: Tensor) -> Tensor:
        """Tells of which sentences no running hypothesis can still win (N,).

        Probabilities only fall and cp is never above 0, so log P / lp of the longest length is as
        high as a score can come.
        """
        highest = length_penalty(self.limits[sentence].to(totals.dtype), self.alpha)
        bounds = (totals / highest).masked_fill(stopped, -torch.inf)
        bound = torch.full_like(self.best, -torch.inf).scatter_reduce_(0, sentence, bounds, "amax")
        return self.best >= bound

    def found(self) -> list[Search]:
        """Follows every hypothesis that ended back to its first word."""
        number: list[int] = []  # of each node in the tree of its sentence
        searches = [Search([], []) for _ in range(len(self.limits))]
        for of, parent, token, total in _rows(self.steps):
            tree = searches[of].tree
            number.append(len(tree))
            tree.append(Node(number[parent] if parent >= 0 else -1, token, total))
        for of, node, score, total, ended in _rows(self.ended):
            tree, place, tokens = searches[of].tree, number[node], []
            while place >= 0:
                tokens.append(tree[place].token)
                place = tree[place].parent
            written = tokens[:0:-1] if ended else tokens[::-1]  # without the end mark
            hypothesis = Hypothesis(written, score, total, ended, number[node])
            searches[of].hypotheses.append(hypothesis)
        for search in searches:
            search.hypotheses.sort(key=lambda hypothesis: -hypothesis.score)
        return searches


def _rows(columns: list[tuple[Tensor, ...]]) -> Iterator[tuple]:
    """Yields what was kept step by step, one row at a time."""
    joined = (torch.cat(parts).tolist() for parts in zip(*columns, strict=True))
    return zip(*joined, strict=True)
