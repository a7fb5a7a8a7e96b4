"""Words as points: neighbours by angle, clear answers for words that are not there."""

from __future__ import annotations

import numpy as np
import pytest

from imi.vectors import WordVectors


def test_neighbours_are_ordered_by_angle_and_leave_the_word_out():
    points = np.array([[1.0, 0], [5.0, 1.0], [0, 3.0], [1.0, 1.0]])
    vectors = WordVectors(["a", "b", "c", "d"], points)
    assert [word for word, _ in vectors.neighbours("a", count=9)] == ["b", "d", "c"]
    assert vectors.neighbours("a", count=2)[1][1] == pytest.approx(2**-0.5)
    assert vectors["c"].tolist() == [0, 3] and "z" not in vectors
    with pytest.raises(ValueError, match="'z' is not among the 4 known words"):
        vectors.neighbours("z")
    with pytest.raises(ValueError, match="need as many vectors"):
        WordVectors(["a"], points)
