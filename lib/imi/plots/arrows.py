"""Vectors as arrows: in space, two and their angle, from word to word; and small networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, GREY, Drawing, axes_of, checked

_HALO = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1}


def space(vectors: Mapping[str, Sequence[float]], axes: Sequence[str], *, title: str) -> Figure:
    """Draws vectors of three numbers as arrows from the origin; `axes` names the directions."""
    figure = Drawing(figsize=(6.6, 5.4), facecolor="white")
    room = figure.add_axes((0.02, 0.02, 0.9, 0.88), projection="3d", facecolor="white")
    room.set_title(title, fontsize=14, loc="left", parse_math=False)
    most = 1.1 * max(max(vector) for vector in vectors.values())
    for number, (name, vector) in enumerate(vectors.items()):
        colour = COLOURS[number % len(COLOURS)]
        room.quiver(0, 0, 0, *vector, color=colour, linewidth=2.5, arrow_length_ratio=0.08)
        room.plot(*zip(vector, (*vector[:2], 0), strict=True), color=colour, linestyle=":")
        room.text(*vector, f" {name}", color=colour, fontsize=12, fontweight="bold")
    for axis, name in zip((room.xaxis, room.yaxis, room.zaxis), axes, strict=True):
        axis.set_label_text(name, fontsize=12)
        axis.set_pane_color((0.97, 0.97, 0.97, 1.0))
    room.set(xlim=(0, most), ylim=(0, most), zlim=(0, most))
    room.view_init(elev=22, azim=35)
    return figure


def angle(first: Sequence[float], second: Sequence[float], *, title: str) -> Figure:
    """Draws two vectors of the plane and the angle between them."""
    most = 1.15 * max(1.0, np.abs([first, second]).max())
    figure, axes = axes_of(title, "first number", "second number", size=(6.4, 6.0))
    for number, (name, vector) in enumerate((("v", first), ("w", second))):
        style = {"arrowstyle": "-|>", "color": COLOURS[number], "linewidth": 2.5}
        axes.annotate("", vector, (0, 0), arrowprops={**style, "shrinkA": 0, "shrinkB": 0})
        axes.annotate(
            name, vector, xytext=(6, 6), textcoords="offset points", color=COLOURS[number],
            fontsize=14, fontweight="bold", bbox=_HALO,
        )  # fmt: skip
    ways = [np.arctan2(vector[1], vector[0]) for vector in (first, second)]
    turn = (ways[1] - ways[0] + np.pi) % (2 * np.pi) - np.pi
    bow = ways[0] + np.linspace(0, turn, 50)
    axes.plot(0.25 * most * np.cos(bow), 0.25 * most * np.sin(bow), color=GREY)
    axes.set(xlim=(-most, most), ylim=(-most, most))
    return figure


def offsets(
    names: Sequence[str],
    places: np.ndarray,
    pairs: Sequence[tuple[int, int]],
    *,
    title: str,
    marked: int | None = None,
) -> Figure:
    """Draws words where they lie, (N, 2), and an arrow from the first to the second of each pair.

    Args:
        marked: the number of a pair that stands out: dashed, in another colour.
    """
    checked("a map", names, places[:, 0], places[:, 1])
    titles = ("first principal direction", "second principal direction")
    figure, axes = axes_of(title, *titles, size=(8.0, 6.0))
    ends = {second for _, second in pairs}
    away = {start: places[start] - places[end] for start, end in pairs}
    away |= {end: places[end] - places[start] for start, end in pairs}
    for number, (first, second) in enumerate(pairs):
        own = number == marked
        style = {
            "arrowstyle": "-|>", "linewidth": 2.2 if own else 1.4, "shrinkA": 4, "shrinkB": 4,
            "color": COLOURS[1] if own else GREY, "linestyle": "--" if own else "-",
        }  # fmt: skip
        axes.annotate("", places[second], places[first], arrowprops=style)
    for row, name in enumerate(names):
        colour, marker = (COLOURS[1], "s") if row in ends else (COLOURS[0], "o")
        axes.scatter(*places[row], color=colour, marker=marker, s=36, zorder=3)
        right, up = away.get(row, (1, 1)) >= np.zeros(2)  # where no arrow of its own goes
        axes.annotate(
            name, places[row], xytext=(6 if right else -6, 5 if up else -5),
            textcoords="offset points", ha="left" if right else "right",
            va="bottom" if up else "top", fontsize=11.5, parse_math=False, bbox=_HALO, zorder=2.5,
        )  # fmt: skip
    axes.margins(x=0.14, y=0.1)
    return figure


def network(columns: Sequence[Sequence[str]], *, titles: Sequence[str], title: str) -> Figure:
    """Draws columns of boxes, left to right, with an arrow from each box to each of the next."""
    figure = Drawing(figsize=(8.0, 3.6), facecolor="white")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.84))
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    axes.set_axis_off()
    axes.set(xlim=(-0.3, len(columns) - 0.7), ylim=(-0.12, 1.18))
    before: list[tuple[float, float, float]] = []  # x, y and half the width of a box
    for x, (heading, boxes) in enumerate(zip(titles, columns, strict=True)):
        axes.text(x, 1.1, heading, ha="center", fontsize=12, color=GREY)
        here = [
            (x, 1 - (row + 0.5) / len(boxes), 0.09 + 0.013 * len(text.partition("\n")[0]))
            for row, text in enumerate(boxes)
        ]
        for start in before:
            for end in here:
                style = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.2}
                axes.annotate("", (end[0] - end[2], end[1]), start[:2], arrowprops=style, zorder=1)
        for (_, y, _), text in zip(here, boxes, strict=True):
            box = {"boxstyle": "round,pad=0.4", "facecolor": "#EAF3F8", "edgecolor": COLOURS[0]}
            axes.text(x, y, text, ha="center", va="center", fontsize=12, bbox=box)
        before = here
    return figure
