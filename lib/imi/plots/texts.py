"""Texts whose characters are coloured by numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from imi.plots.canvas import Drawing, checked

_FONT_SIZE, _WIDTH, _HEIGHT = 11, 0.602, 1.45  # points; a letter's width and a line's height in it
_MOST_LINES = 40


def coloured_text(
    text: str,
    values: Sequence[float],
    *,
    title: str,
    unit: str,
    columns: int = 84,
    least: float = -1.0,
    most: float = 1.0,
) -> Figure:
    """Draws a text, each character on the colour of its number; long lines are broken.

    Args:
        values: one number a character.
        unit: what the numbers are.
        columns: how many characters fit on a line.
        least: the number of the darkest purple; `most` that of the darkest orange.

    Raises:
        ValueError: if there is no text, or not one number a character.
    """
    checked("a coloured text", list(text), values)
    lines, places = _laid_out(text, columns)
    lines, rows = lines[:_MOST_LINES], min(len(lines), _MOST_LINES)
    field = np.full((rows, columns), np.nan)
    for (row, column), value in zip(places, values, strict=True):
        if row < rows and column < columns:
            field[row, column] = value
    letter, height = _FONT_SIZE * _WIDTH / 72, _FONT_SIZE * _HEIGHT / 72  # inches
    size = (columns * letter + 0.4, rows * height + 1.15)
    figure = Drawing(figsize=size, facecolor="white")
    box = (0.2 / size[0], 0.7 / size[1], columns * letter / size[0], rows * height / size[1])
    axes = figure.add_axes(box)
    # Purple to orange by way of white: told apart by people with any colour vision.
    shown = axes.imshow(field, cmap="PuOr_r", vmin=least, vmax=most, aspect="auto", alpha=0.6)
    axes.set_axis_off()
    axes.set_title(title, fontsize=13, loc="left", parse_math=False)
    for row, line in enumerate(lines):
        axes.text(
            -0.5, row, line, family="DejaVu Sans Mono", fontsize=_FONT_SIZE, va="center",
            parse_math=False,
        )  # fmt: skip
    scale = figure.add_axes((0.2 / size[0], 0.45 / size[1], 2.6 / size[0], 0.13 / size[1]))
    figure.colorbar(shown, cax=scale, orientation="horizontal")
    scale.tick_params(labelsize=9)
    scale.text(1.05, 0.5, unit, transform=scale.transAxes, va="center", fontsize=10)
    return figure


def _laid_out(text: str, columns: int) -> tuple[list[str], list[tuple[int, int]]]:
    """Breaks a text into lines; returns them and the row and column of each character."""
    lines, places = [""], []
    for character in text:
        if len(lines[-1]) == columns and character != "\n":
            lines.append("")
        places.append((len(lines) - 1, len(lines[-1])))
        if character == "\n":
            lines[-1] += "¬" if len(lines[-1]) < columns else ""
            lines.append("")
        else:
            lines[-1] += character
    return lines if lines[-1] else lines[:-1] or [""], places
