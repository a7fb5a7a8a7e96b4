"""The exercises of lecture 08: residual stacks, merges, scores of translations, fewest pieces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from imi.decoding import coverage_penalty, length_penalty
from imi.merges import Pair, joined, neighbours
from imi.models.gnmt import Stack

Layer = Callable[[Tensor], Tensor]


def solution_stacked(x: Tensor, layers: Sequence[Layer]) -> Tensor:
    """Returns x^L of a residual stack; each layer maps (T, D) to (T, D), and adds what it got."""
    for layer in layers:
        x = layer(x) + x
    return x


def check_stacked(attempt: Callable[[Tensor, Sequence[Layer]], Tensor]) -> None:
    """Compares a residual stack of four LSTM layers with the library's.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    torch.manual_seed(2016)
    stack = Stack(input_dim=5, hidden_dim=5, layers=5, residual=True).requires_grad_(False)
    below = stack.layers[0](torch.randn(1, 7, 5))[0]
    layers = [lambda x, lstm=lstm: lstm(x[None])[0][0] for lstm in stack.layers[1:]]
    kept = below[0].clone()
    found, plain, once = attempt(below[0], layers), below[0], below[0]
    assert torch.equal(kept, below[0]), "x itself was changed: write x = x + ..., not x += ..."
    wanted = below[0]
    for layer in layers:
        plain, wanted = layer(plain), layer(wanted) + wanted
        once = layer(once)
    once = once + below[0]
    assert found.shape == wanted.shape, f"{tuple(wanted.shape)} is wanted, not {tuple(found.shape)}"
    assert not torch.allclose(found, plain, atol=1e-5), (
        "that is a plain stack, eq. (5): nothing is added to what a layer gives"
    )
    assert not torch.allclose(found, once, atol=1e-5), (
        "the lowest x is added once, at the end; eq. (6) adds to each layer what that layer got"
    )
    assert torch.allclose(found, wanted, atol=1e-5), "x^i = m^i + x^(i-1), layer after layer"


def solution_best_pair(cut: Mapping[str, Sequence[str]], counts: Mapping[str, int]) -> Pair:
    """Returns the two neighbouring pieces that stand together most often in a text."""
    seen: dict[Pair, int] = {}
    for word, pieces in cut.items():
        for left, right in pairwise(pieces):
            seen[left, right] = seen.get((left, right), 0) + counts[word]
    return max(seen, key=seen.__getitem__)


def check_best_pair(attempt: Callable[..., Pair]) -> None:
    """Checks the choice of the next merge, in words that are seen more than once.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    counts = {"▁hug": 10, "▁pug": 5, "▁pun": 12, "▁bun": 4, "▁hugs": 5}
    cut: dict[str, tuple[str, ...]] = {word: tuple(word) for word in counts}
    for _ in range(3):
        found, seen = attempt(dict(cut), dict(counts)), neighbours(cut, counts)
        assert isinstance(found, tuple) and len(found) == 2, "two neighbouring pieces are wanted"
        assert found in seen, f"{found[0]} and {found[1]} stand together nowhere"
        once = neighbours(cut, dict.fromkeys(counts, 1))
        most = max(seen.values())
        if seen[found] < most and once[found] == max(once.values()):
            raise AssertionError("a word that is seen ten times counts ten times: use `counts`")
        assert seen[found] == most, (
            f"{''.join(found)} is seen {seen[found]} times, another pair {most} times"
        )
        cut = {word: joined(pieces, found) for word, pieces in cut.items()}


def solution_score(log_prob: float, p: Tensor, alpha: float, beta: float) -> float:
    """Returns s(Y, X) = log P / lp + cp from the looks p (|Y|, |X|), eq. (14)."""
    lp = ((5 + len(p)) / 6) ** alpha
    return log_prob / lp + beta * p.sum(dim=0).clamp(max=1).log().sum().item()


def check_score(attempt: Callable[[float, Tensor, float, float], float]) -> None:
    """Checks the score of a translation with both penalties, together and alone.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    p = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    seen = torch.ones(1, 3, dtype=torch.bool)

    def wanted(alpha: float, beta: float) -> float:
        cp = coverage_penalty(p.sum(dim=0)[None], seen, beta).item()
        return float(-4.0 / length_penalty(4, alpha) + cp)

    assert abs(attempt(-4.0, p, 0.0, 0.0) + 4.0) < 1e-5, "with alpha = beta = 0 it is log P alone"
    only = attempt(-4.0, p, 1.0, 0.0)
    assert abs(only + 4.0 / 4) > 1e-4, "lp is not |Y|, but ((5 + |Y|) / (5 + 1)) ** alpha"
    assert abs(only - wanted(1.0, 0.0)) < 1e-5, "log P is divided by lp = ((5 + |Y|) / 6) ** alpha"
    found = attempt(-4.0, p, 0.0, 1.0)
    uncut = -4.0 + p.sum(dim=0).log().sum().item()
    assert abs(found - uncut) > 1e-4, "looked at more than once is no better than once: min(..., 1)"
    other = -4.0 + p.sum(dim=1).clamp(max=1).log().sum().item()
    assert abs(found - other) > 1e-4 or abs(found - wanted(0.0, 1.0)) < 1e-4, (
        "each row of p sums to 1 by itself; the sum goes over the words of Y, for each word of X"
    )
    for alpha, beta in ((0.0, 1.0), (0.2, 0.2), (0.6, 0.4)):
        assert abs(attempt(-4.0, p, alpha, beta) - wanted(alpha, beta)) < 1e-4, (
            f"with alpha {alpha} and beta {beta} it is {wanted(alpha, beta):.3f}: cp is added, "
            "with the logarithm of what each word of X was looked at in all"
        )


KNOWN = frozenset("abcdeinrstu▁") | {
    "▁un", "▁unit", "▁in", "it", "red", "ted", "ited", "under", "dist", "inct", "est", "▁stu",
    "▁st", "udied", "die",
}  # fmt: skip
HARD = ("▁united", "▁unitred", "▁studied", "▁under", "▁indistinct", "▁intended", "▁sat")


def greedily(word: str, known: Collection[str]) -> list[str]:
    """Cuts a word into the longest known pieces, from the left; every letter is known."""
    found = []
    while word:
        size = max(size for size in range(1, len(word) + 1) if word[:size] in known)
        found.append(word[:size])
        word = word[size:]
    return found


def solution_fewest(word: str, known: Collection[str]) -> list[str]:
    """Returns the pieces of a word, as few as can be."""
    best: list[list[str]] = [[]]
    for end in range(1, len(word) + 1):
        ways = [[*best[begin], word[begin:end]] for begin in range(end) if word[begin:end] in known]
        best.append(min(ways, key=len))
    return best[-1]


def check_fewest(attempt: Callable[[str, Collection[str]], list[str]]) -> None:
    """Checks that words are cut into as few known pieces as can be.

    Raises:
        AssertionError: with a hint, if they are not.
    """
    for word in HARD:
        found, best = list(attempt(word, KNOWN)), solution_fewest(word, KNOWN)
        assert "".join(found) == word, f"{word} became {' '.join(found)}: letters were lost"
        assert set(found) <= KNOWN, f"{' '.join(found)} holds a piece that is not known"
        if len(found) > len(best) and found == greedily(word, KNOWN):
            raise AssertionError(
                f"the longest piece first gives {' '.join(found)}; {len(best)} pieces are enough: "
                "a shorter piece now may leave a longer one for later"
            )
        assert len(found) == len(best), f"{word} has a cut of {len(best)} pieces, not {len(found)}"
