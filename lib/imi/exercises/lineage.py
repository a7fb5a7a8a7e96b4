"""The exercises of lecture 13: ranks, percentiles, bits a character, two readers in one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

PEOPLE = (0.0, 1.5, 3.0, 3.0, 4.2, 5.0, 2.5)
COSINES = (-0.2, 0.31, 0.3, 0.55, 0.5, 0.98, 0.4)


def ranks(values: Sequence[float]) -> list[float]:
    """Numbers values from 1, the least first; equal ones share the mean of their numbers."""
    return [
        sum(other < value for other in values) + (sum(o == value for o in values) + 1) / 2
        for value in values
    ]


def solution_rho(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Returns Spearman's rho: the correlation of the ranks."""
    x, y = (np.array(ranks(side)) for side in (ours, theirs))
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / math.sqrt((x @ x) * (y @ y)))


def check_rho(attempt: Callable[[Sequence[float], Sequence[float]], float]) -> None:
    """Checks Spearman's rho on seven pairs, two of them judged alike.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    found = float(attempt(list(COSINES), list(PEOPLE)))
    values = float(np.corrcoef(COSINES, PEOPLE)[0, 1])
    assert not math.isclose(found, values, abs_tol=1e-6), (
        "this is Pearson's correlation of the values; Spearman's is that of their ranks"
    )
    hasty = [list(np.argsort(np.argsort(side, kind="stable"))) for side in (COSINES, PEOPLE)]
    one_each = float(np.corrcoef(*hasty)[0, 1])
    assert not math.isclose(found, one_each, abs_tol=1e-6), (
        "two people's scores are equal here, and equal ones share the mean of their ranks"
    )
    squares = sum((a - b) ** 2 for a, b in zip(*map(ranks, (COSINES, PEOPLE)), strict=True))
    short = 1 - 6 * squares / (7 * 48)
    assert not math.isclose(found, short, abs_tol=1e-6), (
        "1 - 6 sum d^2 / (n (n^2 - 1)) is right only where no two are equal; correlate the ranks"
    )
    wanted = solution_rho(COSINES, PEOPLE)
    assert math.isclose(found, wanted, abs_tol=1e-6), f"{wanted:.4f} is wanted, not {found:.4f}"
    stretched = [math.exp(9 * value) for value in COSINES]
    assert math.isclose(attempt(stretched, list(PEOPLE)), wanted, abs_tol=1e-6), (
        "a scale that is stretched keeps its ranks, and with them rho"
    )
    turned = [-value for value in COSINES]
    assert math.isclose(attempt(turned, list(PEOPLE)), -wanted, abs_tol=1e-6), (
        "turned round, the same ranks must give the opposite"
    )


def solution_percentile(value: float, values: Sequence[float]) -> float:
    """Returns of how many percent of `values` the value is larger."""
    return 100 * sum(other < value for other in values) / len(values)


def check_percentile(attempt: Callable[[float, Sequence[float]], float]) -> None:
    """Checks percentiles within, below, above and upon eight values.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    values = [0.5, 0.1, 0.9, 0.5, 0.3, 0.7, 0.5, 0.2]
    for value in (0.6, 0.05, 1.0, 0.25, 0.5):
        found, wanted = float(attempt(value, list(values))), solution_percentile(value, values)
        assert not (wanted and math.isclose(100 * found, wanted, abs_tol=1e-6)), (
            f"{found:.3f} is a share; percent are wanted"
        )
        at_most = 100 * sum(other <= value for other in values) / len(values)
        assert wanted == at_most or not math.isclose(found, at_most, abs_tol=1e-6), (
            "count the values that are smaller; an equal one is not nearer"
        )
        above = 100 - at_most
        assert wanted == above or not math.isclose(found, above, abs_tol=1e-6), (
            "these are the values above; count those below"
        )
        assert math.isclose(found, wanted, abs_tol=1e-6), (
            f"{value} is larger than {wanted:g} % of {values}; {found:g} is no such share"
        )


def solution_bits(nats: Sequence[float], characters: int) -> float:
    """Returns bits a character of a text from the nats of each of its tokens."""
    return sum(nats) / math.log(2) / characters


def check_bits(attempt: Callable[[Sequence[float], int], float]) -> None:
    """Checks bits a character of a text of 23 characters in 5 tokens.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    nats, size = [4.2, 7.9, 1.1, 5.0, 2.3], 23
    total = sum(nats)
    found = float(attempt(list(nats), size))
    hints = {
        "these are nats; a bit is log(2) = 0.693 nats": total / size,
        "this is a mean over the tokens; the text has more characters": (
            total / math.log(2) / len(nats)
        ),
        "divided by tokens and by characters: the sum of the nats is all that counts": (
            total / len(nats) / math.log(2) / size
        ),
        "there are more bits than nats: divide by log(2), do not multiply": (
            total * math.log(2) / size
        ),
        "this is a perplexity, of a token": math.exp(total / len(nats)),
    }
    for hint, wrong in hints.items():
        assert not math.isclose(found, wrong, rel_tol=1e-6), hint
    wanted = solution_bits(nats, size)
    assert math.isclose(found, wanted, rel_tol=1e-6), f"{wanted:.4f} bits, not {found:.4f}"


def solution_joined(first: Tensor, second: Tensor) -> Tensor:
    """Joins vectors (N, D) and (N, E) of the same sentences, so that cosines are the mean of both.

    Returns (N, D + E).
    """
    return torch.cat([normalize(first, dim=1), normalize(second, dim=1)], dim=1)


def check_joined(attempt: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Checks that two readers count alike in what is joined, however long their vectors are.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    generator = torch.Generator().manual_seed(2021)
    first = torch.randn(5, 3, generator=generator)
    second = 40 * torch.randn(5, 7, generator=generator)
    found = attempt(first.clone(), second.clone())
    assert found.shape[0] == 5, f"a vector for each of 5 sentences is wanted, not {len(found)}"

    def cosines(vectors: Tensor) -> Tensor:
        units = normalize(vectors.float(), dim=1)
        return units @ units.T

    for lost, kept in ((first, second), (second, first)):
        assert not torch.allclose(cosines(found), cosines(kept), atol=0.02), (
            f"the vectors of {lost.shape[1]} numbers count for nothing here: set the length of "
            "each vector to 1 before you join them"
        )
    wanted = (cosines(first) + cosines(second)) / 2
    assert torch.allclose(cosines(found), wanted, atol=1e-5), (
        "the cosine of two joined vectors should be the mean of the two cosines"
    )
