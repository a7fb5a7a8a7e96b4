"""The parts of a model as a plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, Drawing
from imi.plots.networks import arrow, boxed


def plan(
    encoder: Sequence[str], decoder: Sequence[str], *, title: str, chosen: str = "",
    added: Collection[str] = (), joined: str = "",
) -> Figure:  # fmt: skip
    """Draws the parts of a model as two columns of boxes, one of them standing out.

    Args:
        encoder: the parts at the left, the first one below; `decoder`: those at the right.
        chosen: the part that stands out.
        added: parts whose input is added to what they make: a bow around them.
        joined: the part at the right that the topmost one at the left is told to.

    Raises:
        ValueError: if a name is no part.
    """
    parts = [*encoder, *decoder]
    strangers = [name for name in (chosen, joined, *added) if name and name not in parts]
    if strangers:
        raise ValueError(f"{', '.join(strangers)}: the parts are {', '.join(parts)}")
    high = max(len(encoder), len(decoder))
    figure = Drawing(figsize=(8.4, 1.0 + 0.62 * high), facecolor="white")
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.99 - 0.45 / figure.get_figheight()))
    axes.set(xlim=(-1.7, 7.2), ylim=(-0.6, high - 0.35))
    axes.set_axis_off()
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    places = {}
    for x, names in ((0.7, encoder), (4.8, decoder)):
        for y, name in enumerate(names):
            places[name] = (x, y)
            ink = COLOURS[1] if name == chosen else COLOURS[5] if x < 2 else COLOURS[4]
            boxed(axes, x, y, name, ink, 1.0)
            if y:
                arrow(axes, (x, y - 0.72), (x, y - 0.28), 1.0)
            if name in added:
                side, turn = (x - 1.25, -0.5) if x < 2 else (x + 1.25, 0.5)
                bow = {"arrowstyle": "->", "linewidth": 1.8, "color": COLOURS[1],
                       "connectionstyle": f"arc3,rad={turn}"}  # fmt: skip
                axes.annotate("", (side, y + 0.42), (side, y - 0.42), arrowprops=bow)
                axes.text(side + (-0.33 if x < 2 else 0.33), y, "+", ha="center", va="center",
                          fontsize=14, color=COLOURS[1])  # fmt: skip
    if joined:
        start, end = places[encoder[-1]], places[joined]
        arrow(axes, (start[0] + 0.9, start[1]), (end[0] - 1.05, end[1]), 1.0)
    return figure
