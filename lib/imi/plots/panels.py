"""Several small pictures side by side: images in rows, maps beside each other, bits, a net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from imi.plots.canvas import COLOURS, GREY, MARKERS, Drawing, axes_of, checked, inches, legend


def pictures(rows: Mapping[str, np.ndarray], *, title: str, signed: bool = False) -> Figure:
    """Draws rows of grey images (N, height, width), each row with its name at the left.

    Args:
        signed: values lie around 0, which becomes white; negative ones are blue, positive orange.
    """
    checked("pictures", *(list(map(float, images[:, 0, 0])) for images in rows.values()))
    count, left = len(next(iter(rows.values()))), 0.3 + inches(list(rows))
    side = min(0.95, (9.0 - left) / count)
    size = (left + count * side + 0.1, 0.6 + len(rows) * side)
    figure = Drawing(figsize=size, facecolor="white")
    figure.text(0.15 / size[0], 1 - 0.35 / size[1], title, fontsize=14, parse_math=False)
    for number, (name, images) in enumerate(rows.items()):
        bottom = size[1] - 0.55 - (number + 1) * side
        figure.text(
            (left - 0.1) / size[0], (bottom + side / 2) / size[1], name,
            ha="right", va="center", fontsize=12, parse_math=False,
        )  # fmt: skip
        wide, high = count * side / size[0], side / size[1]
        axes = figure.add_axes((left / size[0], bottom / size[1], wide, high))
        axes.set_axis_off()
        _strip(axes, images, signed)
    return figure


def side_by_side(images: Mapping[str, np.ndarray]) -> Figure:
    """Draws single images (height, width), each under its name."""
    size = (2.0 * len(images) + 0.2, 2.4)
    figure = Drawing(figsize=size, facecolor="white")
    axes = figure.add_axes((0.1 / size[0], 0.05 / size[1], 1 - 0.2 / size[0], 2.0 / size[1]))
    axes.set_axis_off()
    _strip(axes, np.stack(list(images.values())), signed=False)  # one drawing is faster than many
    for number, name in enumerate(images):
        middle = (0.1 + 2.0 * (number + 0.5)) / size[0]
        figure.text(middle, 2.15 / size[1], name, ha="center", fontsize=13, parse_math=False)
    return figure


def _strip(axes: Axes, images: np.ndarray, signed: bool) -> None:
    """Draws images (N, height, width) beside each other, a thin gap between them."""
    gapped = np.pad(images, ((0, 0), (1, 1), (1, 1)), constant_values=0.0 if signed else 0.35)
    joined = np.concatenate(list(gapped), axis=1)
    reach = np.abs(images).max() or 1.0
    sharp = {"aspect": "auto", "interpolation": "nearest"}  # and small: a smoothed picture is not
    if signed:
        axes.imshow(joined, cmap="PuOr_r", vmin=-reach, vmax=reach, **sharp)
    else:
        axes.imshow(joined, cmap="gray_r", vmin=0, vmax=1, **sharp)


def map_pair(
    places: Mapping[str, np.ndarray], groups: Sequence[str], *, title: str, x_title: str = ""
) -> Figure:
    """Draws the same points on several maps (N, 2) side by side, coloured by group."""
    kinds = sorted(set(groups))
    size = (4.4 * len(places) + 0.7 + inches(kinds), 5.0)
    figure = Drawing(figsize=size, facecolor="white")
    figure.text(0.2 / size[0], 1 - 0.35 / size[1], title, fontsize=14, parse_math=False)
    labels = np.asarray(groups)
    for number, (name, points) in enumerate(places.items()):
        checked(f"the map {name!r}", groups, points[:, 0], points[:, 1])
        axes = figure.add_axes(
            ((0.2 + 4.4 * number) / size[0], 0.3 / size[1], 4.2 / size[0], 4.0 / size[1])
        )
        axes.set_title(name, fontsize=12, parse_math=False)
        axes.tick_params(labelbottom=False, labelleft=False, length=0)
        for place, kind in enumerate(kinds):
            sign = (place + place // len(COLOURS)) % len(MARKERS)
            axes.scatter(
                *points[labels == kind].T, s=11, alpha=0.65, linewidths=0, label=kind,
                color=COLOURS[place % len(COLOURS)], marker=MARKERS[sign],
            )  # fmt: skip
    legend(axes)
    for handle in axes.get_legend().legend_handles:
        handle.set_sizes([45])
    return figure


def bits(rows: Mapping[str, np.ndarray], *, title: str, like: Mapping[str, str]) -> Figure:
    """Draws codes as rows of squares, dark for 1; a bit that differs is framed.

    Args:
        like: for the name of a row, that of the row that it is compared with.
    """
    checked("bits", *(list(map(float, row)) for row in rows.values()))
    count = len(next(iter(rows.values())))
    size = (0.6 + inches(list(rows)) + 0.3 * count + 1.4, 0.8 + 0.42 * len(rows))
    figure, axes = axes_of(title, "", "", size=size, left=0.35 + inches(list(rows)), right=0.1)
    axes.set_position((axes.get_position().x0, 0.08, axes.get_position().width, 0.75))
    for number, (name, row) in enumerate(rows.items()):
        other = rows[like[name]] if name in like else row
        for place, bit in enumerate(row):
            ink = COLOURS[0] if bit else "#dbe7ef"
            axes.add_patch(Rectangle((place + 0.1, number + 0.12), 0.8, 0.76, color=ink))
            if bit != other[place]:
                frame = {"fill": False, "edgecolor": COLOURS[1], "linewidth": 2.5}
                axes.add_patch(Rectangle((place + 0.03, number + 0.06), 0.94, 0.88, **frame))
        if name in like:
            flipped = f"{int((row != other).sum())} of {count} flipped"
            axes.text(count + 0.3, number + 0.5, flipped, va="center", fontsize=11)
    axes.set_xlim(0, count + 4.6)
    axes.set_ylim(len(rows), 0)
    axes.set_yticks(np.arange(len(rows)) + 0.5, list(rows), fontsize=12, parse_math=False)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def three_steps(widths: Sequence[int], notes: Sequence[str]) -> Figure:
    """Draws pre-training, unrolling and fine-tuning of a net, as figure 1 of the paper does.

    Args:
        widths: from the data to the code.
        notes: what is said beneath each of the three.
    """
    figure, axes = axes_of("", "", "", size=(9.0, 5.6), left=0.1, right=0.1)
    axes.set_position((0.01, 0.02, 0.98, 0.92))
    axes.set_axis_off()
    axes.grid(visible=False)
    axes.set_xlim(0, 9)
    axes.set_ylim(-0.9, 2 * len(widths) - 0.1)
    unrolled = [*widths, *widths[-2::-1]]
    for left, (name, note) in enumerate(
        zip(("1 pre-training", "2 unrolling", "3 fine-tuning"), notes, strict=True)
    ):
        middle = 1.5 + 3 * left
        axes.text(middle, 2 * len(widths) - 0.5, name, ha="center", fontsize=14)
        axes.text(middle, -0.75, note, ha="center", fontsize=12, parse_math=False)
        if left == 0:
            _machines(axes, widths, middle)
        else:
            _tower(axes, unrolled, middle, len(widths), "" if left == 1 else " + ε")
    return figure


def _box(axes: Axes, middle: float, bottom: float, width: int, widest: int, colour: str) -> None:
    half = 0.25 + 0.75 * np.sqrt(width / widest)
    axes.add_patch(Rectangle((middle - half, bottom), 2 * half, 0.5, color=colour))
    axes.text(middle, bottom + 0.25, f"{width}", ha="center", va="center", color="white",
              fontsize=12)  # fmt: skip


def _machines(axes: Axes, widths: Sequence[int], middle: float) -> None:
    """Draws one machine above another, each of two layers."""
    gap = (2 * len(widths) - 1) / (len(widths) - 1)
    for number, (below, above) in enumerate(pairwise(widths)):
        bottom, code = number * gap, above == widths[-1]
        _box(axes, middle, bottom, below, max(widths), COLOURS[0])
        _box(axes, middle, bottom + 0.95, above, max(widths), COLOURS[1] if code else COLOURS[0])
        axes.text(middle, bottom + 0.72, f"↕ W{number + 1}", ha="center", va="center", fontsize=11,
                  color=GREY)  # fmt: skip


def _tower(axes: Axes, widths: Sequence[int], middle: float, down: int, change: str) -> None:
    """Draws an unrolled net from its input, below, to its output."""
    gap = (down * 2 - 1) / len(widths)
    for number, width in enumerate(widths):
        code = number == down - 1
        _box(axes, middle, number * gap, width, max(widths), COLOURS[1] if code else COLOURS[0])
        if number + 1 < len(widths):
            encoder = number + 1 < down
            name = f"W{number + 1}" if encoder else f"W{len(widths) - 1 - number}ᵀ"
            axes.text(middle, (number + 0.5) * gap + 0.25, f"↑ {name}{change}", ha="center",
                      va="center", fontsize=11, color=GREY)  # fmt: skip
