"""The meaning test of the series: likeness of words beside what people said of them."""

from __future__ import annotations

from collections.abc import Callable

from imi.data import word_tests
from imi.metrics import word_similarity


def human_scores(likeness: Callable[[str, str], float | None]) -> dict[str, float]:
    """Ranks the pairs of WordSim-353 and SimLex-999: Spearman's rho, and how many are known.

    Args:
        likeness: of two words; None where one is not known.
    """
    figures: dict[str, float] = {}
    for name, pairs in (
        ("wordsim353", word_tests.wordsim353()),
        ("simlex999", word_tests.simlex999()),
    ):
        found = word_similarity(likeness, pairs)
        figures |= {name: round(found.spearman, 4), f"{name}_pairs": found.covered}
    return figures
