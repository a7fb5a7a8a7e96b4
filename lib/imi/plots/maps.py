"""Words where their vectors lie, and matrices as coloured fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from imi.plots.canvas import (
    COLOURS,
    MARKERS,
    Lettered,
    any_script,
    axes_of,
    checked,
    inches,
    legend,
)

_SIDES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)])


def word_map(
    words: Sequence[str],
    places: np.ndarray,
    *,
    title: str,
    groups: Sequence[str] | None = None,
    highlight: Sequence[str] = (),
) -> Figure:
    """Draws words where their vectors lie, (N, 2); a label without room is left out.

    Args:
        groups: what each word belongs to, shown by colour and marker.
        highlight: words whose labels come first, in bold.
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
    label(axes, words, places, highlight)
    return figure


def paths(courses: Sequence[tuple[str, np.ndarray, Sequence[str]]], *, title: str) -> Figure:
    """Draws courses over a map: the steps of each joined by a line, as figure 2b of the paper.

    Args:
        courses: of each the group that it belongs to, its places (T, 2) and the names of its
            steps. A ring marks the first step; a name without room is left out.

    Source: Johnson et al. (2016).
    """
    if not courses:
        raise ValueError("there is no course to draw")
    for _, places, names in courses:
        checked("a course", names, places[:, 0], places[:, 1])
    kinds = list(dict.fromkeys(kind for kind, _, _ in courses))
    about = {"size": (8.4, 6.0), "left": 0.4, "right": 0.7 + inches(kinds)}
    figure, axes = axes_of(title, "", "", kind=Lettered, **about)
    for kind, places, _ in courses:
        number = kinds.index(kind)
        look = {"color": COLOURS[number % len(COLOURS)], "zorder": 2}
        marker = MARKERS[number % len(MARKERS)]
        axes.plot(*places.T, marker=marker, markersize=5, linewidth=1.2, alpha=0.75, **look)
        axes.plot(*places[0], marker="o", markersize=11, markerfacecolor="none", **look)
    for number, kind in enumerate(kinds):
        look = {"marker": MARKERS[number % len(MARKERS)], "color": COLOURS[number % len(COLOURS)]}
        axes.plot([], [], label=kind, **look)
    legend(axes)
    axes.margins(0.08)
    axes.tick_params(labelbottom=False, labelleft=False)
    names = [name for _, _, names in courses for name in names]
    label(axes, names, np.concatenate([places for _, places, _ in courses]), ())
    return figure


def label(axes: Axes, words: Sequence[str], places: np.ndarray, first: Sequence[str]) -> None:
    """Writes words beside their points, the highlighted first, each on the first side that is free.

    No word covers a point or another word; one that has no free side is left out.
    """
    axes.autoscale_view()
    renderer, pixels = FigureCanvasAgg(axes.figure).get_renderer(), axes.figure.dpi / 72
    points = axes.transData.transform(places)
    taken = [np.concatenate([point - 3 * pixels, point + 3 * pixels]) for point in points]
    for row in sorted(range(len(words)), key=lambda row: words[row] not in first):
        bold = "bold" if words[row] in first else "normal"
        look = {"ha": "center", "va": "center", "fontsize": 10.5, "fontweight": bold}
        text = axes.text(*places[row], words[row], parse_math=False, **look)
        with any_script():
            size = text.get_window_extent(renderer).size
        for side in _SIDES:
            centre = points[row] + side * (4 * pixels + size / 2)
            box = np.concatenate([centre - size / 2, centre + size / 2])
            if _is_free(box, np.array(taken)) and axes.bbox.padded(9 * pixels).contains(*centre):
                text.set_position(axes.transData.inverted().transform(centre))
                taken.append(box)
                break
        else:
            text.remove()


def _is_free(box: np.ndarray, taken: np.ndarray) -> bool:
    """Tells whether a box (left, bottom, right, top) overlaps none of the others (N, 4)."""
    apart = (box[:2] >= taken[:, 2:]) | (box[2:] <= taken[:, :2])  # in x, in y
    return bool(apart.any(axis=1).all())


def heatmap(
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    unit: str,
    form: str = ".2f",
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Draws a matrix (R, C) as coloured, numbered fields.

    Args:
        form: how a number is written.
        limits: the numbers at the two ends of the colours, so that several drawings can be
            compared; by default the least and the greatest.
    """
    checked("a heat map", rows, matrix[:, 0])
    checked("a heat map", columns, matrix[0])
    left = 0.35 + inches(rows)
    size = (max(2.85, left + 1.85) + 0.75 * len(columns), 1.7 + 0.45 * len(rows))
    figure, axes = axes_of(title, "", "", size=size, left=left, right=0.5)
    axes.grid(visible=False)
    low, high = (np.nanmin(matrix), np.nanmax(matrix)) if limits is None else limits
    shown = axes.imshow(matrix, cmap="cividis", aspect="auto", vmin=low, vmax=high)
    axes.set_xticks(range(len(columns)), columns, fontsize=11, parse_math=False)
    axes.set_yticks(range(len(rows)), rows, fontsize=11, parse_math=False)
    middle = (low + high) / 2
    for (row, column), value in np.ndenumerate(matrix):
        ink = "black" if value > middle else "white"
        axes.text(column, row, format(value, form), ha="center", va="center", color=ink)
    figure.colorbar(shown, ax=axes, label=unit)
    return figure
