"""Numbers to figures: one look, legible from the last row, safe for the colour-blind.

Every function returns a matplotlib `Figure` that nobody else holds: no global state, no backend.
The background is opaque white, so that a figure reads the same in a dark theme.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Okabe & Ito (2008): eight colours that people with any colour vision tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1")
MARKERS = "os^Dv<>P"
GREY = "#666666"
SIZE = (8.0, 4.2)  # inches
Series = Mapping[str, tuple[Sequence[float], Sequence[float]]]


class Drawing(Figure):
    """A matplotlib figure that a notebook shows by itself, whatever backend it has."""

    def _repr_png_(self) -> bytes:
        return png(self)


def png(figure: Figure, *, dpi: int = 90) -> bytes:
    """Draws a figure to the bytes of a PNG."""
    FigureCanvasAgg(figure)
    held = io.BytesIO()
    with warnings.catch_warnings():  # a word in a script that the font lacks is drawn as a box
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(held, format="png", dpi=dpi, pil_kwargs={"compress_level": 1})
    return held.getvalue()


def _axes(
    title: str, x_title: str, y_title: str, *, size=SIZE, left: float = 0.9, right: float = 0.25
) -> tuple[Figure, Axes]:
    """Makes a figure with one pair of axes; `left` and `right` are its margins in inches.

    Margins are reckoned from the labels: a layout engine would draw everything twice.
    """
    figure, (width, height) = Drawing(figsize=size, facecolor="white"), size
    box = (left / width, 0.65 / height, (width - left - right) / width, (height - 1.1) / height)
    axes = figure.add_axes(box, facecolor="white")
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    axes.set_xlabel(x_title, fontsize=12)
    axes.set_ylabel(y_title, fontsize=12)
    axes.tick_params(labelsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    return figure, axes


def _inches(labels: Sequence[str]) -> float:
    """Estimates how wide the longest label is; signs beyond Latin count double."""
    return 0.105 * max(sum(1 + (sign > "\u2e80") for sign in label) for label in labels)


def _legend(axes: Axes) -> None:
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=11, frameon=False)


def _checked(what: str, *columns: Sequence[float]) -> None:
    """Refuses empty, unequal or not finite columns in one sentence."""
    sizes = {len(column) for column in columns}
    if len(sizes) != 1 or not min(sizes):
        raise ValueError(f"{what} needs columns of one length, got {[len(c) for c in columns]}")
    for column in columns:
        if not all(isinstance(v, str) for v in column) and not np.isfinite(column).all():
            raise ValueError(f"{what} needs finite numbers")


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    title: str,
    x_title: str,
    highlight: str | None = None,
    x_max: float | None = None,
) -> Figure:
    """Draws horizontal bars, the first on top, each with its number.

    Args:
        highlight: the label of a bar to stand out.
        x_max: the right end of the axis, so that several drawings can be compared.
    """
    _checked("bars", labels, values)
    size = (8.0, 1.3 + 0.32 * len(labels))
    figure, axes = _axes(title, x_title, "", size=size, left=0.35 + _inches(labels))
    colours = [COLOURS[1] if label == highlight else COLOURS[0] for label in labels]
    places = np.arange(len(labels))
    axes.barh(places, values, color=colours)
    axes.set_yticks(places, labels, fontsize=12, parse_math=False)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    widest = x_max or max(*values, 0) or 1.0
    axes.set_xlim(min(0.0, *values), 1.12 * widest)
    for place, value in zip(places, values, strict=True):
        shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        axes.text(max(value, 0) + 0.01 * widest, place, shown, va="center", fontsize=11)
    return figure


def lines(
    series: Series,
    *,
    title: str,
    x_title: str,
    y_title: str,
    log_x: bool = False,
    log_y: bool = False,
    mark: float | None = None,
) -> Figure:
    """Draws one line a series, told apart by colour and by marker; the legend stands outside.

    Args:
        mark: an x to point out by a vertical line.
    """
    right = 0.7 + _inches(list(series)) if len(series) > 1 else 0.25
    figure, axes = _axes(title, x_title, y_title, right=right)
    for number, (name, (x, y)) in enumerate(series.items()):
        _checked(f"the line {name!r}", x, y)
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        axes.plot(x, y, color=colour, marker=marker, markersize=6, linewidth=1.8, label=name)
    if log_x:
        axes.set_xscale("log")
    elif all(float(value).is_integer() for x, _ in series.values() for value in x):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log_y:
        axes.set_yscale("log")
    if mark is not None:
        axes.axvline(mark, color=GREY, linewidth=1.2, linestyle=":")
    if len(series) > 1:
        _legend(axes)
    return figure


def curve(
    train: Sequence[tuple[float, float]],
    held_out: Sequence[tuple[float, float]] = (),
    *,
    title: str,
    x_title: str = "updates",
    y_title: str = "loss (nats per word)",
) -> Figure:
    """Draws a training curve from (step, loss) pairs, smoothed, with points for held-out text."""
    figure, axes = _axes(title, x_title, y_title)
    if train:
        steps, losses = np.asarray(train, dtype=float).T
        axes.plot(steps, losses, color=COLOURS[0], alpha=0.25, linewidth=1)
        width = max(1, len(losses) // 25)
        smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
        axes.plot(steps[width - 1 :], smooth, color=COLOURS[0], linewidth=2, label="training text")
    if held_out:
        steps, losses = np.asarray(held_out, dtype=float).T
        axes.plot(steps, losses, "D-", color=COLOURS[1], linewidth=1, label="held-out text")
    if train or held_out:
        axes.legend(fontsize=11, frameon=False)
    return figure


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
    _checked("a map", words, places[:, 0], places[:, 1])
    kinds = list(dict.fromkeys(groups or ["words"]))
    right = 0.7 + _inches(kinds) if len(kinds) > 1 else 0.25
    titles = ("first direction", "second direction")
    figure, axes = _axes(title, *titles, size=(8.0, 6.0), right=right)
    for number, kind in enumerate(kinds):
        rows = [row for row in range(len(words)) if not groups or groups[row] == kind]
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        axes.scatter(*places[rows].T, color=colour, marker=marker, s=30, label=kind)
    if len(kinds) > 1:
        _legend(axes)
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
    _checked("a heat map", rows, matrix[:, 0])
    _checked("a heat map", columns, matrix[0])
    size = (2.6 + 0.75 * len(columns), 1.7 + 0.45 * len(rows))
    figure, axes = _axes(title, "", "", size=size, left=0.35 + _inches(rows))
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
