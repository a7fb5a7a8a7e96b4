"""The n-gram that looks to both sides, against counting by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from imi.models.both_sided import BothSided

V = 7
TEXT = np.random.default_rng(2).integers(0, 5, size=301)
RUNS = np.random.default_rng(3).integers(0, V, size=(53, 5))


def by_hand(run, sees: str) -> list[float]:
    """The same probabilities from dictionaries, one word after the other."""
    words = [(np.count_nonzero(w == TEXT) + 1) / (len(TEXT) + V) for w in range(V)]

    def smoothed(left: int, right: int, smaller: list[float]) -> list[float]:
        places = [*range(2 - left, 2), *range(3, 3 + right)]
        seen = Counter(
            int(TEXT[start + 2])
            for start in range(len(TEXT) - 4)
            if all(TEXT[start + place] == run[place] for place in places)
        )
        total = sum(seen.values())
        if not total:
            return smaller
        return [(seen[w] + len(seen) * smaller[w]) / (total + len(seen)) for w in range(V)]

    if sees == "both":
        one, other = smoothed(1, 0, words), smoothed(0, 1, words)
        chances = [a * b / w for a, b, w in zip(one, other, words, strict=True)]
        chances = [chance / sum(chances) for chance in chances]
        for left, right in ((1, 1), (2, 1), (1, 2), (2, 2)):
            chances = smoothed(left, right, chances)
        return chances
    step = {"left": (1, 0), "right": (0, 1)}[sees]
    return smoothed(2 * step[0], 2 * step[1], smoothed(*step, words))


@pytest.mark.parametrize("sees", ["both", "left", "right"])
def test_it_counts_as_one_does_by_hand(sees):
    model = BothSided(vocab_size=V, sees=sees).fit(TEXT)
    chances = model.chances(RUNS)
    np.testing.assert_allclose(chances, [by_hand(run, sees) for run in RUNS.tolist()])
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (model.guesses(RUNS) == chances.argmax(axis=1)).all()


def test_the_word_in_the_middle_itself_is_not_looked_at():
    model, other = BothSided(vocab_size=V).fit(TEXT), RUNS.copy()
    other[:, 2] = (other[:, 2] + 1) % V
    assert (model.chances(RUNS) == model.chances(other)).all()


def test_a_side_that_is_not_seen_changes_nothing():
    for sees, places in (("left", [3, 4]), ("right", [0, 1])):
        model, other = BothSided(vocab_size=V, sees=sees).fit(TEXT), RUNS.copy()
        other[:, places] = (other[:, places] + 1) % V
        assert (model.chances(RUNS) == model.chances(other)).all()


def test_what_is_always_between_two_words_is_guessed():
    text = np.array([1, 2, 3, 1, 4, 5] * 20)
    model = BothSided(vocab_size=V).fit(text)
    assert model.guesses([[4, 5, 0, 2, 3], [2, 3, 0, 4, 5], [5, 1, 0, 3, 1]]).tolist() == [1, 1, 2]


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="sees both, left, right, not 'up'"):
        BothSided(vocab_size=V, sees="up")
    with pytest.raises(ValueError, match="too many"):
        BothSided(vocab_size=60_000)
    with pytest.raises(ValueError, match="a text of 4 words"):
        BothSided(vocab_size=V).fit(TEXT[:4])
