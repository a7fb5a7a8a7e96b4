"""How the learning rate goes up and down: the step, from 0, to a factor on each group's rate.

Source: `inverse_root` is eq. (3) of Vaswani et al., "Attention Is All You Need" (2017).
"""

from __future__ import annotations

from collections.abc import Callable

Schedule = Callable[[int], float]


def linear_decay(steps: int, *, warmup: int = 0) -> Schedule:
    """Returns a factor that rises linearly over `warmup` steps, then falls linearly to 0."""

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return max(0.0, (steps - step) / max(1, steps - warmup))

    return factor


def inverse_root(dim: int, *, warmup: int, rising: bool = True) -> Schedule:
    """Returns lrate = d_model^-0.5 min(step^-0.5, step warmup^-1.5), for a rate of 1; eq. (3).

    It rises linearly for `warmup` updates, then falls with the root of their number. The paper
    counts steps from 1, so the first update has step 1; a `warmup` of 0 begins at the fall.

    Args:
        rising: False starts at the top at once, and stays there for `warmup` updates.

    Raises:
        ValueError: if a size makes no sense.
    """
    if dim < 1 or warmup < 0:
        raise ValueError(f"d_model must be at least 1 and warmup 0, got {dim} and {warmup}")

    def factor(step: int) -> float:
        number = step + 1
        if not warmup:
            return (dim * number) ** -0.5
        rise = number * warmup**-1.5 if rising else warmup**-0.5
        return dim**-0.5 * min(number**-0.5, rise)

    return factor
