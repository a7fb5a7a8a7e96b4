"""The exercises of lecture 07: energies, weights behind a mask, alignment errors, an aligner."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from imi.alignment import Links, above, likeliest
from imi.metrics import alignment_error
from imi.models.attention import AdditiveAttention, Memory

S = 7  # source words of the examples


def solution_energies(s: Tensor, h: Tensor, W_a: Tensor, U_a: Tensor, v_a: Tensor) -> Tensor:
    """Returns e_j = v_a . tanh(W_a s + U_a h_j) for all source words, (S,)."""
    return torch.tanh(W_a @ s + h @ U_a.T) @ v_a


def _example() -> tuple[AdditiveAttention, Tensor, Tensor]:
    """Makes an alignment model, a state (5,) and annotations (S, 6)."""
    torch.manual_seed(2015)
    model = AdditiveAttention(query_dim=5, memory_dim=6, alignment_dim=4).requires_grad_(False)
    for weights in model.parameters():
        torch.nn.init.normal_(weights)
    return model, torch.randn(5), torch.randn(S, 6)


def check_energies(attempt: Callable[..., Tensor]) -> None:
    """Compares energies with those of the library's alignment model.

    Raises:
        AssertionError: with a hint, if they are wrong.
    """
    model, s, h = _example()
    W_a, U_a, v_a = model.query.weight, model.key.weight, model.energy.weight[0]
    found = attempt(s, h, W_a, U_a, v_a)
    assert found.shape == (S,), f"one number a source word is wanted, ({S},), not {found.shape}"
    keys = model.key(h)
    plain = (W_a @ s + keys) @ v_a
    assert not torch.allclose(found, plain, atol=1e-4), (
        "without tanh the state adds the same to every word, and nothing is chosen by it"
    )
    wanted = torch.tanh(W_a @ s + keys) @ v_a
    assert torch.allclose(found, wanted, atol=1e-4), "e_j = v_a . tanh(W_a s + U_a h_j)"


def solution_weights(e: Tensor, visible: Tensor) -> Tensor:
    """Returns the softmax of energies (B, S) over the words that are visible, bool (B, S)."""
    return e.masked_fill(~visible, float("-inf")).softmax(dim=-1)


def check_weights(attempt: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Checks the softmax over source words behind a mask, in a batch of three sentences.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    model, s, h = _example()
    visible = torch.arange(S) < torch.tensor([[S], [2], [4]])
    memory = Memory(h.expand(3, S, 6), model.key(h).expand(3, S, 4), visible)
    states = s + torch.arange(3.0)[:, None]
    wanted = model(states, memory)[1]
    e = model.energy(torch.tanh(model.query(states)[:, None] + memory.keys)).squeeze(-1)
    found = attempt(e.clone(), visible)
    assert found.shape == (3, S), f"weights are wanted for 3 sentences of {S}, not {found.shape}"
    assert not found[~visible].any(), "filling gets a weight: hide it before the softmax"
    assert not torch.allclose(found.sum(dim=0), torch.ones(S), atol=1e-4), (
        "the columns sum to 1: the softmax goes over the source words, dim=-1"
    )
    assert torch.allclose(found.sum(dim=-1), torch.ones(3), atol=1e-4), (
        "the weights of a sentence must sum to 1: set the energies of filling to -inf, do not "
        "strike the weights out afterwards"
    )
    assert torch.allclose(found, wanted, atol=1e-4), "exp(e_j) divided by the sum of all exp(e_k)"


def solution_error(found: Links, sure: Links, possible: Links) -> float:
    """Returns 1 - (|A & S| + |A & P|) / (|A| + |S|)."""
    return 1 - (len(found & sure) + len(found & possible)) / (len(found) + len(sure))


def check_error(attempt: Callable[[Links, Links, Links], float]) -> None:
    """Checks an alignment error rate on three small alignments.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    sure = {(0, 0), (2, 1)}
    possible = sure | {(1, 1), (3, 2)}
    for found in (sure, {(0, 0), (1, 1), (4, 2)}, {(3, 2), (4, 0)}):
        value, wanted = attempt(found, sure, possible), alignment_error(found, sure, possible)
        if found == sure and abs(value - 1) < 1e-6:
            raise AssertionError("that is the share that is right; the error is 1 minus it")
        assert abs(value - wanted) < 1e-6, (
            f"for A = {sorted(found)} it is {wanted:.3f}, not {value:.3f}: a link that is only "
            "possible counts in |A & P|, not in |A & S|, and below stand |A| and |S|"
        )


def examples() -> list[tuple[Tensor, Links]]:
    """Makes weights (J, I) with true links as attention has them, 40 of 8 by 9 words.

    Some target words have one partner, some two, and some none: their rows are flat.
    """
    generator = torch.Generator().manual_seed(2016)
    made = []
    for _ in range(40):
        scores, links = torch.randn(8, 9, generator=generator), set()
        for j in range(8):
            partners = int(torch.randint(3, (1,), generator=generator))
            for i in torch.randperm(9, generator=generator)[:partners].tolist():
                scores[j, i] += 5
                links.add((i, j))
        made.append((scores.softmax(dim=-1), links))
    return made


def solution_links(weights: Tensor) -> Links:
    """Links all words with at least a quarter of a row's weight: some none, some two."""
    return above(weights, 0.25)


def _error_of(attempt: Callable[[Tensor], Links]) -> float:
    """Returns the alignment error rate over all examples."""
    found, gold = set(), set()
    for number, (weights, links) in enumerate(examples()):
        found |= {(number, *link) for link in attempt(weights)}
        gold |= {(number, *link) for link in links}
    return alignment_error(found, gold)


def check_links(attempt: Callable[[Tensor], Links]) -> None:
    """Checks that an aligner errs at most two thirds as often as one link a target word does.

    Raises:
        AssertionError: with a hint, if it does not.
    """
    (weights, _), *_ = examples()
    links = attempt(weights)
    assert all(0 <= i < 9 and 0 <= j < 8 for i, j in links), (
        "a link is (place in the source, place in the target); rows of weights are target words"
    )
    error, plain = _error_of(attempt), _error_of(likeliest)
    assert error <= plain * 2 / 3, (
        f"its error is {error:.2f}, that of one link a target word {plain:.2f}; a flat row needs "
        "no link at all, and a row with two peaks needs two"
    )
