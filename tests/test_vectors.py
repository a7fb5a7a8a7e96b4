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


def brute_force(vectors, a, b, c, method):
    def cos(d, other):
        return vectors.likeness(d, other)

    def score(d):
        if method == "add":
            return cos(d, b) - cos(d, a) + cos(d, c)
        return (1 + cos(d, b)) / 2 * (1 + cos(d, c)) / 2 / ((1 + cos(d, a)) / 2 + 1e-3)

    return sorted((w for w in vectors.words if w not in (a, b, c)), key=score, reverse=True)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_an_analogy_is_the_word_that_brute_force_finds(method):
    rng = np.random.default_rng(5)
    words = [f"w{number}" for number in range(37)]
    vectors = WordVectors(words, rng.standard_normal((37, 5)))
    for a, b, c in rng.choice(words, (11, 3)):
        found = [word for word, _ in vectors.analogy(a, b, c, count=4, method=method)]
        assert found == brute_force(vectors, a, b, c, method)[:4]


def test_the_words_of_the_question_are_refused_only_if_asked():
    points = np.array([[1.0, 0.1, 0], [1, 0.1, 0.1], [0, 1.0, 0], [0.2, 0.2, 3.0]])
    vectors = WordVectors(["man", "woman", "king", "queen"], points)
    assert vectors.analogy("man", "woman", "king", count=1)[0][0] == "queen"
    assert vectors.analogy("man", "woman", "king", count=1, exclude=False)[0][0] == "king"


def test_unknown_words_get_suggestions_and_wrong_methods_a_sentence():
    vectors = WordVectors(["king", "queen", "ring"], np.eye(3))
    with pytest.raises(ValueError, match=r"'kingg' is not among .* did you mean king"):
        vectors.neighbours("kingg")
    with pytest.raises(ValueError, match="there is no word; type one"):
        vectors.neighbours("  ")
    with pytest.raises(ValueError, match="'add' or 'mul', got 'div'"):
        vectors.analogy("king", "queen", "ring", method="div")
