"""Exercises: the learner's attempt meets a check, and the verdict is one line.

Each lecture has a module here with `check_x` beside `solution_x`.
"""

from __future__ import annotations

from collections.abc import Callable


def exercise(attempt: Callable, check: Callable[[Callable], None]) -> None:
    """Prints what became of an attempt: not written yet, a hint, or well done. Never raises.

    Args:
        check: calls the attempt and raises AssertionError with a hint where it is wrong.
    """
    name = attempt.__name__
    try:
        check(attempt)
    except NotImplementedError:
        print(f"{name}: ... not written yet")
    except AssertionError as hint:
        print(f"{name}: ✗ {hint}")
    except Exception as error:
        print(f"{name}: ✗ it raised {type(error).__name__}: {error}")
    else:
        print(f"{name}: ✓ that is it")
