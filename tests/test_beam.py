"""Beam search: greedy with one beam, exhaustive with enough, the same in every batch."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from imi.beam import beam_search, picked
from imi.decoding import continued, coverage_penalty, greedy, length_penalty

BEGIN, END, V = 4, 2, 5


class Toy(NamedTuple):
    """The last two words, and a table of scores that is a sentence's own."""

    last: Tensor  # (R, 2)
    memory: tuple[Tensor, Tensor]  # (R, V, V, V), and a number that tells rows apart


def step(tokens: Tensor, state: Toy) -> tuple[Tensor, Toy]:
    last = torch.stack([state.last[:, 1], tokens], dim=1)
    rows = torch.arange(len(tokens))
    return state.memory[0][rows, last[:, 0], last[:, 1]], Toy(last, state.memory)


def toy(count: int, *, seed: int = 7, sharp: float = 1.5) -> Toy:
    generator = torch.Generator().manual_seed(seed)
    tables = sharp * torch.randn(count, V, V, V, generator=generator)
    return Toy(torch.zeros(count, 2, dtype=torch.long), (tables, torch.arange(count)))


def one(state: Toy, row: int) -> Toy:
    return picked(state, torch.tensor([row]), memory=torch.tensor([row]))


def search(state: Toy, *, limit: int = 4, **about):
    limits = torch.full((len(state.last),), limit)
    return beam_search(step, state, begin=BEGIN, end=END, max_lengths=limits, **about)


def log_prob(state: Toy, tokens: list[int]) -> float:
    """Scores one sequence, word by word."""
    total, word = 0.0, BEGIN
    for token in tokens:
        logits, state = step(torch.tensor([word]), state)
        total, word = total + logits.log_softmax(-1)[0, token].item(), token
    return total


def exhaustive(state: Toy, limit: int, alpha: float) -> tuple[float, list[int]]:
    """Finds the best of all sequences that end, or that are of the longest length."""
    words, best = [w for w in range(V) if w != END], (-float("inf"), [])
    for size in range(limit + 1):
        for tokens in product(words, repeat=size):
            tail = [] if size == limit else [END]
            score = log_prob(state, [*tokens, *tail])
            score /= ((5 + size + len(tail)) / 6) ** alpha
            best = max(best, (score, list(tokens)))
    return best


def test_one_beam_is_greedy():
    state = toy(9)
    for row, found in enumerate(search(state, beams=1, limit=11)):
        written = []
        for token in continued(step, torch.tensor([[BEGIN]]), greedy, state=one(state, row)):
            if token.item() == END or len(written) == 11:
                break
            written.append(token.item())
        assert found.best.tokens == written
        assert len(found.hypotheses) == 1


@pytest.mark.parametrize("alpha", [0.0, 0.7, 2.0])
def test_enough_beams_find_the_best_of_all_sequences(alpha):
    state = toy(3)
    for row, found in enumerate(search(state, beams=V**3, limit=3, alpha=alpha)):
        score, tokens = exhaustive(one(state, row), 3, alpha)
        assert found.best.tokens == tokens
        assert found.best.score == pytest.approx(score, abs=1e-5)


def test_more_beams_find_better_ones_and_the_best_comes_first():
    state, scores = toy(31, sharp=0.8), []
    for beams in (1, 3, 100):
        searches = search(state, beams=beams, limit=5, alpha=0.0)
        for found in searches:
            ranked = [h.score for h in found.hypotheses]
            assert ranked == sorted(ranked, reverse=True) and len(ranked) <= beams
        scores.append(sum(found.best.score for found in searches))
    assert scores[0] < scores[1] < scores[2]


def test_a_batch_is_each_sentence_alone():
    state = toy(8)
    for beams in (1, 3):
        together = search(state, beams=beams, limit=7)
        for row, found in enumerate(together):
            (alone,) = search(one(state, row), beams=beams, limit=7)
            assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in found.hypotheses]
            assert alone.tree == found.tree


def test_scores_are_those_of_the_words():
    state = toy(6)
    for row, found in enumerate(search(state, beams=3, limit=6, alpha=0.6)):
        for hypothesis in found.hypotheses:
            tokens = [*hypothesis.tokens, *([END] if hypothesis.ended else [])]
            total = log_prob(one(state, row), tokens)
            assert hypothesis.log_prob == pytest.approx(total, abs=1e-5)
            penalty = ((5 + len(tokens)) / 6) ** 0.6
            assert hypothesis.score == pytest.approx(total / penalty, abs=1e-5)


def test_the_tree_leads_from_the_first_word_to_every_hypothesis():
    for found in search(toy(4), beams=3, limit=5):
        assert found.tree[0].parent == -1
        for hypothesis in found.hypotheses:
            node, tokens = hypothesis.node, []
            while node >= 0:
                tokens.append(found.tree[node].token)
                assert found.tree[node].parent < node
                node = found.tree[node].parent
            wanted = [*hypothesis.tokens, *([END] if hypothesis.ended else [])]
            assert tokens[::-1] == wanted
            assert found.tree[hypothesis.node].log_prob == pytest.approx(hypothesis.log_prob)


def test_what_has_ended_costs_no_more_steps():
    state, rows = toy(9, sharp=3.0), []

    def counted(tokens, state):
        rows.append(len(tokens))
        assert len(tokens) == len(state.last) == len(state.memory[0]) == len(state.memory[1])
        return step(tokens, state)

    limits = torch.arange(1, 10)
    found = beam_search(counted, state, begin=BEGIN, end=END, max_lengths=limits, beams=3)
    assert rows[0] == 9 and max(rows) <= 27 and rows[-1] < 27
    assert all(len(f.best.tokens) <= limit for f, limit in zip(found, limits.tolist(), strict=True))


def test_stopping_early_loses_nothing():
    """The best is the same when no sentence may stop before all beams have ended."""
    import imi.beam

    state = toy(40, sharp=0.9)
    early = search(state, beams=4, limit=9, alpha=0.8)
    settled = imi.beam._Beams._settled
    try:
        imi.beam._Beams._settled = lambda self, *_: torch.zeros_like(self.best, dtype=torch.bool)
        late = search(state, beams=4, limit=9, alpha=0.8)
    finally:
        imi.beam._Beams._settled = settled
    assert [f.best.tokens for f in early] == [f.best.tokens for f in late]
    assert sum(len(f.tree) for f in early) < sum(len(f.tree) for f in late)


def test_the_penalties_are_equation_14():
    assert length_penalty(7, 0.2) == pytest.approx(2**0.2)
    coverage = torch.tensor([[0.5, 3.0, 0.0], [0.25, 0.5, 1.0]])
    visible = torch.tensor([[True, True, False], [True, True, True]])
    logs = torch.tensor([0.5, 0.25 * 0.5]).log()
    torch.testing.assert_close(coverage_penalty(coverage, visible, 0.2), 0.2 * logs)


def test_the_coverage_penalty_prefers_what_looks_everywhere():
    """Word 0 and word 1 are about equally likely; only word 1 looks at the second source word."""
    looks = torch.tensor([[1.0, 0.0], [0.1, 0.9], [0.5, 0.5]])

    def peek(tokens, state):
        logits = torch.full((len(tokens), 3), -9.0)
        begun = tokens == 3
        logits[begun, 0], logits[begun, 1] = 0.1, 0.0
        logits[~begun, 2] = 9.0
        first = torch.where(tokens == 3, 2, tokens)
        return logits, (looks[first],)

    about = {
        "begin": 3,
        "end": 2,
        "max_lengths": torch.tensor([4]),
        "beams": 2,
        "alpha": 0.0,
        "attention": lambda state: state[0],
        "visible": torch.ones(1, 2, dtype=torch.bool),
    }
    state = (looks[:1],)
    assert beam_search(peek, state, **about, beta=0.0)[0].best.tokens == [0]
    assert beam_search(peek, state, **about, beta=1.0)[0].best.tokens == [1]


def test_what_makes_no_sense_is_refused_in_a_sentence():
    for about, message in (
        ({"beams": 0}, "at least 1 beam, got 0"),
        ({"alpha": -1.0}, "must not be negative"),
        ({"beta": 0.2}, "a coverage penalty needs"),
        ({"limit": 0}, "at least one word"),
    ):
        with pytest.raises(ValueError, match=message):
            search(toy(2), **about)
