"""Several answers to one question, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, Lettered, chance_bars, checked, inches

_WIDE, _LINE = 1.7, 0.29  # inches: of the bars of one column, and a line


def guesses(columns: Mapping[str, Sequence[tuple[str, float]]], *, title: str) -> Figure:
    """Draws words with their probabilities, a column for each who was asked, the likeliest on top.

    Args:
        columns: the guesses of each, by name.

    Raises:
        ValueError: if there is no column, or one without guesses.
    """
    if not columns:
        raise ValueError("there are no guesses to draw")
    for guessed in columns.values():
        checked("a column of guesses", *zip(*guessed, strict=True) if guessed else ((),))
    lefts, along = [], 0.0
    for name, guessed in columns.items():
        lefts.append(along + 0.3 + inches([word for word, _ in guessed]))
        along = max(lefts[-1] + _WIDE, lefts[-1] + inches([name])) + 0.1
    high = _LINE * max(map(len, columns.values()))
    size = (max(along + 0.2, 0.4 + 1.2 * inches([title])), 1.5 + high)
    figure = Lettered(figsize=size, facecolor="white")
    figure.text(0.12 / size[0], 1 - 0.28 / size[1], title, fontsize=13, parse_math=False)
    for number, (left, (name, guessed)) in enumerate(zip(lefts, columns.items(), strict=True)):
        bottom, own = 0.6 + high - _LINE * len(guessed), _LINE * len(guessed)
        axes = figure.add_axes((left / size[0], bottom / size[1], _WIDE / size[0], own / size[1]))
        axes.set_title(name, fontsize=11, loc="left", parse_math=False)
        axes.set_xlabel("probability", fontsize=9)
        words, chances = zip(*guessed, strict=True)
        chance_bars(axes, words, chances, COLOURS[number % len(COLOURS)])
    return figure
