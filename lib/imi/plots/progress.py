"""Things by name over years, or over what they cost, with the best so far."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from imi.plots.canvas import COLOURS, GREY, axes_of, checked
from imi.plots.charts import few_ticks
from imi.plots.maps import label

HALO = withStroke(linewidth=3, foreground="white")  # a name may lie on the staircase


def progress(
    points: Mapping[str, tuple[float, float]],
    *,
    title: str,
    x_title: str,
    y_title: str,
    level: tuple[str, float] | None = None,
    log_x: bool = False,
) -> Figure:
    """Draws named points, and a staircase that joins the best so far.

    Args:
        points: x and y by name; names without room beside their point are left out.
        level: a name and a y to draw as a dotted line from side to side.
        log_x: gives each tenfold the same room.

    Raises:
        ValueError: if there are no points, one is not finite, or a logarithm meets x <= 0.
    """
    places = np.array(list(points.values()), dtype=float).reshape(-1, 2)
    checked("what progressed", list(points), places[:, 0], places[:, 1])
    if log_x and (places[:, 0] <= 0).any():
        raise ValueError("a logarithmic axis needs numbers above 0")
    figure, axes = axes_of(title, x_title, y_title, size=(9.6, 6.2), right=1.0)
    axes.scatter(*places.T, color=COLOURS[0], s=46, zorder=3)
    order = np.lexsort((-places[:, 1], places[:, 0]))
    best = np.maximum.accumulate(places[order, 1])
    axes.step(places[order, 0], best, where="post", color=COLOURS[1], linewidth=1.4, zorder=1)
    axes.margins(x=0.12, y=0.1)
    if log_x:
        axes.set_xscale("log")
        few_ticks(axes.xaxis, places[:, 0])
    elif (places[:, 0] % 1 == 0).all():
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if level is not None:
        name, height = level
        axes.axhline(height, color=GREY, linestyle=":", linewidth=1.6)
        axes.annotate(name, (0.01, height), xycoords=("axes fraction", "data"), color=GREY,
                      xytext=(0, 4), textcoords="offset points", fontsize=11)  # fmt: skip
    label(axes, list(points), places, ())
    for text in axes.texts:
        text.set_path_effects([HALO])
    return figure
