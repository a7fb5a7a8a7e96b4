"""Words where their vectors lie, and matrices as coloured fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, MARKERS, axes_of, checked, inches, legend


def word_map(
    words: Sequence[str],
    places: np.ndarray,
    *,
    title: str,
    groups: Sequence[str] | None = None,
    highlight: Sequence[str] = (),
) -> Figure:
    """Draws words where their vectors lie, (N, 2); a label is left out where it would overlap.

    Args:
        groups: what each word belongs to, shown by colour and marker.
        highlight: words whose labels come first.
    """
    checked("a map", words, places[:, 0], places[:, 1])
    kinds = list(dict.fromkeys(groups or ["words"]))
    right = 0.7 + inches(kinds) if len(kinds) > 1 else 0.25
    titles = ("first direction", "second direction")
    figure, axes = axes_of(title, *titles, size=(8.0, 6.0), right=right)
    for number, kind in enumerate(kinds):
        rows = [row for row in range(len(words)) if not groups or groups[row] == kind]
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        axes.scatter(*places[rows].T, color=colour, marker=marker, s=30, label=kind)
    if len(kinds) > 1:
        legend(axes)
    axes.margins(0.08)
    _label(axes, words, places, highlight)
    return figure


def _label(axes: Axes, words: Sequence[str], places: np.ndarray, first: Sequence[str]) -> None:
    """Writes words beside their points, the highlighted first, where there is room."""
    span = places.max(axis=0) - places.min(axis=0) + 1e-9
    taken: list[tuple[float, float, float]] = []  # left, right, height, as shares of the map
    for row in sorted(range(len(words)), key=lambda row: words[row] not in first):
        x, y = (places[row] - places.min(axis=0)) / span
        left, right = x + 0.008, x + 0.02 + 0.0145 * len(words[row])
        free = all(right < a or left > b or abs(y - h) > 0.034 for a, b, h in taken)
        if free:
            taken.append((left, right, y))
            bold = "bold" if words[row] in first else "normal"
            axes.annotate(
                words[row], places[row], xytext=(5, 0), textcoords="offset points",
                va="center", fontsize=10.5, fontweight=bold, parse_math=False,
            )  # fmt: skip


def heatmap(
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    unit: str,
    form: str = ".2f",
) -> Figure:
    """Draws a matrix (R, C) as coloured, numbered fields.

    Args:
        form: how a number is written.
    """
    checked("a heat map", rows, matrix[:, 0])
    checked("a heat map", columns, matrix[0])
    size = (2.6 + 0.75 * len(columns), 1.7 + 0.45 * len(rows))
    figure, axes = axes_of(title, "", "", size=size, left=0.35 + inches(rows))
    axes.grid(visible=False)
    shown = axes.imshow(matrix, cmap="cividis", aspect="auto")
    axes.set_xticks(range(len(columns)), columns, fontsize=11, parse_math=False)
    axes.set_yticks(range(len(rows)), rows, fontsize=11, parse_math=False)
    middle = (np.nanmin(matrix) + np.nanmax(matrix)) / 2
    for (row, column), value in np.ndenumerate(matrix):
        ink = "black" if value > middle else "white"
        axes.text(column, row, format(value, form), ha="center", va="center", color=ink)
    figure.colorbar(shown, ax=axes, label=unit)
    return figure
