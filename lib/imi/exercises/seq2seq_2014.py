"""The exercises of lecture 05: equation (1), the turned source, BLEU's precision, a beam."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from imi.beam import beam_search
from imi.layers import backwards
from imi.text import ngrams


def solution_log_prob(logits: Tensor, targets: Sequence[int]) -> float:
    """Returns log p(y_1 .. y_T | x), eq. (1), in nats, from the logits (T, V) of each word."""
    log_probs = logits.log_softmax(dim=-1)
    return sum(float(log_probs[place, word]) for place, word in enumerate(targets))


def check_log_prob(attempt: Callable[[Tensor, Sequence[int]], float]) -> None:
    """Checks the log-probability of a translation.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    torch.manual_seed(2014)
    logits, targets = 2 * torch.randn(5, 7), [3, 0, 6, 6, 2]
    found, wanted = float(attempt(logits, targets)), solution_log_prob(logits, targets)
    assert not math.isclose(found, -wanted, rel_tol=1e-4), (
        "that is the loss; log p is minus the loss, and below 0"
    )
    assert not math.isclose(found, math.exp(wanted), rel_tol=1e-4), (
        "that is p itself; of a long sentence it is too small a number to keep: return its log"
    )
    assert not math.isclose(found, wanted / len(targets), rel_tol=1e-4), (
        "that is the mean over the words; a product of chances is a *sum* of logs"
    )
    assert math.isclose(found, wanted, rel_tol=1e-4), (
        "add up log_softmax(logits)[t, y_t] over the words t"
    )


def solution_turned(ids: Sequence[int], pad: int) -> list[int]:
    """Turns the words of a row round and leaves the filling behind them."""
    words = [word for word in ids if word != pad]
    return words[::-1] + [pad] * (len(ids) - len(words))


def check_turned(attempt: Callable[[Sequence[int], int], list[int]]) -> None:
    """Compares rows of a batch, turned round, with the library's.

    Raises:
        AssertionError: with a hint, if one is wrong.
    """
    for row in ([5, 6, 7], [5, 6, 7, 1, 1], [9, 1, 1], [8, 8, 4, 5, 1]):
        length = sum(word != 1 for word in row)
        wanted = backwards(torch.tensor([row]), torch.tensor([length]))[0].tolist()
        found = list(attempt(list(row), 1))
        assert found != row[::-1] or found == wanted, (
            f"{row} became {found}: the net would begin with filling; it must stay at the end"
        )
        assert found == wanted, f"{row} must become {wanted}, not {found}"


def solution_precision(candidate: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Returns which share of the candidate's runs of n words the reference has, each as often."""
    ours, theirs = Counter(ngrams(candidate, n)), Counter(ngrams(reference, n))
    return sum((ours & theirs).values()) / max(1, sum(ours.values()))


def check_precision(attempt: Callable[[Sequence[str], Sequence[str], int], float]) -> None:
    """Checks BLEU's modified precision (Papineni et al. 2002, section 2.1.1).

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    reference = "the cat is on the mat".split()
    for candidate, n in (("the cat sat on the mat", 1), ("the cat sat on the mat", 2),
                         ("on the mat is the cat", 3), ("the the the the the the the", 1),
                         ("the cat", 1), ("a dog", 2)):  # fmt: skip
        words = candidate.split()
        found, wanted = attempt(words, reference, n), solution_precision(words, reference, n)
        hint = ""
        if candidate.startswith("the the"):
            hint = '; the reference has "the" twice, so no more than two may count'
        elif candidate == "the cat":
            hint = "; divide by the runs of the candidate: this is precision, not recall"
        assert math.isclose(found, wanted, abs_tol=1e-9), (
            f"{candidate!r} with n = {n}: {found:.3f} is not {wanted:.3f}{hint}"
        )


def solution_beam(
    next_log_probs: Callable[[list[int]], Sequence[float]], beams: int, end: int, longest: int
) -> list[int]:
    """Searches the likeliest sentence, a list of ids without the end mark.

    Args:
        next_log_probs: log-probabilities of all words after a beginning.
        beams: how many beginnings go on side by side.
        end: the id of the end mark; a hypothesis that writes it leaves the beam.
        longest: how many words a sentence has at most, the end mark included.
    """
    running: list[tuple[float, list[int]]] = [(0.0, [])]
    ended: list[tuple[float, list[int]]] = []
    for _ in range(longest):
        grown = [
            (score + log_prob, [*words, word])
            for score, words in running
            for word, log_prob in enumerate(next_log_probs(words))
        ]
        best = sorted(grown, reverse=True)[: beams - len(ended)]
        ended += [(score, words[:-1]) for score, words in best if words[-1] == end]
        running = [(score, words) for score, words in best if words[-1] != end]
        if not running:
            break
    return max(ended + running)[1]


def _toy(seed: int, words: int) -> Callable[[list[int]], list[float]]:
    """Returns the next words' log-probabilities of a small random language: the last word counts.

    The end mark, 0, is seldom at first and grows likelier with every word.
    """
    table = 2.0 * torch.randn(words + 1, words, generator=torch.Generator().manual_seed(seed))

    def next_log_probs(beginning: list[int]) -> list[float]:
        row = table[beginning[-1] if beginning else words].clone()
        row[0] += len(beginning) - 3.0
        return row.log_softmax(dim=-1).tolist()

    return next_log_probs


def _by_library(next_log_probs: Callable, beams: int, longest: int) -> list[int]:
    """Searches with the library's beam; its state is the beginning, one row a hypothesis."""

    def step(ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        read = torch.cat([state, ids[:, None]], dim=1)
        logits = [next_log_probs(row[row >= 0].tolist()) for row in read]
        return torch.tensor(logits), read

    start = torch.zeros(1, 0, dtype=torch.long)
    limits = torch.tensor([longest])
    about = {"begin": -1, "end": 0, "max_lengths": limits, "beams": beams, "alpha": 0.0}
    return beam_search(step, start, **about)[0].best.tokens


def check_beam(attempt: Callable[..., list[int]]) -> None:
    """Compares a beam search with the library's on small random languages.

    Raises:
        AssertionError: with a hint, if it finds another sentence.
    """
    wrong = []
    for seed in range(12):
        next_log_probs = _toy(seed, words=5)
        greedy = _by_library(next_log_probs, 1, longest=9)
        for beams in (1, 2, 4):
            wanted = _by_library(next_log_probs, beams, longest=9)
            found = list(attempt(next_log_probs, beams, 0, 9))
            assert 0 not in found, "leave the end mark, 0, out of what you return"
            assert beams > 1 or found == wanted, (
                f"with one beam always take the likeliest word: {wanted}, not {found}"
            )
            if found != wanted:
                wrong.append((beams, wanted, found, greedy))
    assert not wrong or any(found != greedy for _, _, found, greedy in wrong), (
        "with more beams you still go the greedy way: keep as many beginnings as there are beams"
    )
    for beams, wanted, found, _ in wrong:
        raise AssertionError(
            f"{beams} beams: {wanted}, not {found}; add up log-probabilities, keep the best "
            f"{beams} of *all* that grew, and let what has ended leave the beam"
        )
