"""The exercises of lecture 00: shared words, the cosine, and the best of many."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

NOTHING = "it returns nothing: end it with `return`"


def solution_shared(first: str, second: str) -> float:
    """Returns how many different words both sentences hold, over how many either holds."""
    one, other = set(first.lower().split()), set(second.lower().split())
    either = one | other
    return len(one & other) / len(either) if either else 0.0


def check_shared(attempt: Callable[[str, str], float]) -> None:
    """Checks the share of words of pairs of sentences.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    same = attempt("we know", "we know")
    assert same is not None, NOTHING
    assert math.isclose(same, 1), f"two sentences that are the same share all: 1, not {same}"
    none = attempt("we know", "they ask")
    assert not math.isclose(none, 3 / 11), "these are letters: cut the sentences with split() first"
    assert math.isclose(none, 0), f"sentences without a common word share nothing: 0, not {none}"
    cased = attempt("The cat", "the CAT")
    assert math.isclose(cased, 1), f"capitals do not count: The cat and the CAT are 1, not {cased}"
    twice = attempt("the cat saw the dog", "the dog")
    assert math.isclose(twice, 2 / 4), (
        f"2 different words of 4 are shared by 'the cat saw the dog' and 'the dog', not {twice:.3f}"
        ": a word that comes twice counts once, so take sets"
    )
    unequal = attempt("a dog barks loudly", "a dog sleeps")
    assert not math.isclose(unequal, 2 / 4) and not math.isclose(unequal, 2 / 3), (
        "divide by the words of *either* sentence, not by those of one of them"
    )
    assert not math.isclose(unequal, 2 / 7), "a word that both hold is counted once below the line"
    assert math.isclose(unequal, 2 / 5), f"2 of 5 words are shared, 0.4 and not {unequal:.3f}"
    try:
        empty = attempt("", "")
    except ZeroDivisionError:
        raise AssertionError("two empty sentences share 0: ask before you divide by 0") from None
    assert math.isclose(empty, 0), f"two empty sentences share nothing: 0, not {empty}"


def solution_cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Returns the cosine of the angle between two vectors; 0 if one has no direction."""
    inner = sum(x * y for x, y in zip(a, b, strict=True))
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
    return inner / lengths if lengths else 0.0


def check_cosine(attempt: Callable[[Sequence[float], Sequence[float]], float]) -> None:
    """Checks the cosine of vectors of three numbers.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    a, b = [3.0, 4.0, 0.0], [2.0, 1.0, 2.0]  # of lengths 5 and 3, inner product 10
    found = attempt(list(a), list(b))
    assert found is not None, NOTHING
    found = float(found)
    one_length = "the inner product is divided by one length only; both are wanted"
    hints = {
        10.0: "this is the inner product alone: divide by both lengths",
        10 / 5: one_length,
        10 / 3: one_length,
        10 / 225: "a length is a square root: of the sum of squares",
        math.dist(a, b): "this is how far apart the points lie, not the angle of the arrows",
        math.acos(2 / 3): "this is the angle itself; its cosine is wanted",
    }
    for wrong, hint in hints.items():
        assert not math.isclose(found, wrong, rel_tol=1e-4), hint
    assert math.isclose(found, 2 / 3, rel_tol=1e-4), f"2/3 is wanted for {a} and {b}, not {found}"
    longer = float(attempt([30.0, 40.0, 0.0], list(b)))
    assert math.isclose(longer, found, rel_tol=1e-4), (
        "an arrow ten times as long points in the same direction: the cosine must not change"
    )
    away = float(attempt([-3.0, -4.0, 0.0], list(b)))
    assert math.isclose(away, -found, rel_tol=1e-4), "an arrow turned round has minus the cosine"
    try:
        nowhere = float(attempt([0.0, 0.0, 0.0], list(b)))
    except ZeroDivisionError:
        nowhere = math.nan
    assert nowhere == 0, "a vector of zeros points nowhere: return 0, and divide by nothing"


def solution_best(scores: Sequence[float], titles: Sequence[str], count: int) -> list[str]:
    """Returns the titles with the highest scores, the best first; of equal ones the first."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    return [titles[place] for place in order[:count]]


def check_best(attempt: Callable[[Sequence[float], Sequence[str], int], Sequence[str]]) -> None:
    """Checks the best of seven titles.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    titles = ["Ant", "Bat", "Cat", "Dog", "Eel", "Fox", "Gnu"]
    scores = [0.2, 0.9, -0.3, 0.5, 0.9, 0.7, -0.8]
    kept = list(scores), list(titles)
    found = attempt(scores, titles, 4)
    assert found is not None, NOTHING
    found = list(found)
    assert (scores, titles) == kept, "what was given was changed: sort a copy, as sorted() does"
    assert len(found) == 4, f"4 titles are wanted, not {len(found)}"
    assert all(isinstance(title, str) for title in found), "titles are wanted, not their places"
    assert found != ["Gnu", "Cat", "Ant", "Dog"], "the highest scores are wanted, not the lowest"
    assert found != ["Eel", "Bat", "Fox", "Dog"], "of equal scores the first in the list is first"
    assert found.count("Bat") < 2, "Bat stands twice: index() finds only the first of equal scores"
    assert found != ["Eel", "Fox", "Dog", "Ant"] and found != ["Bat", "Fox", "Dog", "Ant"], (
        "of two titles with one score one is lost: a dict keeps one for each score"
    )
    assert found == ["Bat", "Eel", "Fox", "Dog"], f"Bat, Eel, Fox, Dog are wanted, not {found}"
    few = list(attempt(scores, titles, 50))
    assert len(few) == len(titles), f"of {len(titles)} titles 50 cannot be returned; return all"
