"""Bars, lines, and the curve of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from imi.plots.canvas import COLOURS, GREY, MARKERS, axes_of, checked, inches, legend

Series = Mapping[str, tuple[Sequence[float], Sequence[float]]]


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
    checked("bars", labels, values)
    size = (8.0, 1.3 + 0.32 * len(labels))
    figure, axes = axes_of(title, x_title, "", size=size, left=0.35 + inches(labels))
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
    broken: bool = False,
    named: Sequence[str] = (),
) -> Figure:
    """Draws one line a series, told apart by colour and by marker; the legend stands outside.

    Args:
        mark: an x to point out by a vertical line.
        broken: whether the lines end before `mark` and begin anew behind it.
        named: what to write under x = 1, 2, 3 ... in place of these numbers.
    """
    right = 0.7 + inches(list(series)) if len(series) > 1 else 0.25
    figure, axes = axes_of(title, x_title, y_title, right=right)
    for number, (name, (x, y)) in enumerate(series.items()):
        checked(f"the line {name!r}", x, y)
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        if broken and mark is not None:
            x, y = _parted(x, y, mark)
        axes.plot(x, y, color=colour, marker=marker, markersize=6, linewidth=1.8, label=name)
    if log_x:
        axes.set_xscale("log")
        few_ticks(axes.xaxis, [value for x, _ in series.values() for value in x], at_values=True)
    elif named:
        axes.set_xticks(range(1, len(named) + 1), named, fontsize=11, parse_math=False)
    elif all(float(value).is_integer() for x, _ in series.values() for value in x):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log_y:
        axes.set_yscale("log")
        few_ticks(axes.yaxis, [value for _, y in series.values() for value in y])
    if mark is not None:
        axes.axvline(mark, color=GREY, linewidth=1.2, linestyle=":")
    if len(series) > 1:
        legend(axes)
    return figure


def _parted(x: Sequence[float], y: Sequence[float], at: float) -> tuple[np.ndarray, np.ndarray]:
    """Puts a hole into a line, between its points below `at` and those above."""
    place = int(np.searchsorted(x, at))
    return np.insert(np.array(x, float), place, at), np.insert(np.array(y, float), place, np.nan)


SUPERSCRIPTS = str.maketrans("-0123456789", "\u207b⁰¹²³⁴⁵⁶⁷⁸⁹")


def _power(value: float, _: int) -> str:
    exponent = round(math.log10(value))
    return f"{value:g}" if abs(exponent) < 4 else f"10{str(exponent).translate(SUPERSCRIPTS)}"


def few_ticks(axis: Axis, values: Sequence[float], *, at_values: bool = False) -> None:
    """Gives a logarithmic axis few ticks, in plain text: formulas take half of the drawing's time.

    Args:
        at_values: put a tick at each value instead of at the powers of ten, if they are few.
    """
    known = sorted({float(value) for value in values})
    least, most = known[0], known[-1]
    if at_values and len(known) <= 8:
        axis.set_ticks(known, [f"{value:,.10g}" for value in known])
    elif most < 100 * least:  # the powers of ten alone would be too few
        powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        steps = [step * 10.0**power for power in powers for step in (1, 2, 5)]
        ticks = [value for value in steps if least <= value <= most]
        axis.set_ticks(ticks, [f"{value:g}" for value in ticks])
    else:
        axis.set_major_formatter(_power)
    axis.set_minor_locator(NullLocator())


def curve(
    train: Sequence[tuple[float, float]],
    held_out: Sequence[tuple[float, float]] = (),
    *,
    title: str,
    x_title: str = "updates",
    y_title: str = "loss (nats per word)",
    label: str = "text",
) -> Figure:
    """Draws a training curve from (step, loss) pairs, smoothed, with points for what is held out.

    Args:
        label: of what the examples are.
    """
    figure, axes = axes_of(title, x_title, y_title)
    if train:
        steps, losses = np.asarray(train, dtype=float).T
        axes.plot(steps, losses, color=COLOURS[0], alpha=0.25, linewidth=1)
        width = max(1, len(losses) // 25)
        smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
        axes.plot(
            steps[width - 1 :], smooth, color=COLOURS[0], linewidth=2, label=f"training {label}"
        )
    if held_out:
        steps, losses = np.asarray(held_out, dtype=float).T
        axes.plot(steps, losses, "D-", color=COLOURS[1], linewidth=1, label=f"held-out {label}")
    if train or held_out:
        axes.legend(fontsize=11, frameon=False)
    return figure
