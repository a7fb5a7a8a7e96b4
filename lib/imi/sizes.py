"""Sizes that a model can be built with: what is wrong with others, in one sentence."""

from __future__ import annotations

from typing import Any


def check_at_least_one(config: Any, *names: str) -> None:
    """Checks sizes of a config, by default all of its fields.

    Raises:
        ValueError: if one is below 1.
    """
    for name in names or vars(config):
        size = getattr(config, name)
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")


def check_dropout(dropout: float) -> None:
    """Checks a share of units to leave out.

    Raises:
        ValueError: if nothing would be left, or it is no share.
    """
    if not 0.0 <= dropout < 1.0:
        raise ValueError(f"dropout must lie in [0, 1), got {dropout}")
