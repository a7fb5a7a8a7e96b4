"""Networks as boxes and arrows."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, Drawing


def unrolled(
    inputs: Sequence[str], outputs: Sequence[str], *, title: str, states: str = "h"
) -> Figure:
    """Draws a recurrent net over time: what it reads below, its states, what it guesses above.

    Args:
        inputs: what is read at each step.
        outputs: what is guessed after each.
        states: the letter of a state.

    Raises:
        ValueError: if there is not one output an input, or nothing to draw.
    """
    if not inputs or len(inputs) != len(outputs):
        raise ValueError(f"{len(inputs)} inputs need as many outputs, got {len(outputs)}")
    figure = Drawing(figsize=(8.0, 3.6), facecolor="white")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.85))
    axes.set_xlim(-0.7, len(inputs) - 0.3)
    axes.set_ylim(-0.45, 2.45)
    axes.set_axis_off()
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    for place, (read, guess) in enumerate(zip(inputs, outputs, strict=True)):
        rows = ((0, read, COLOURS[5]), (1, f"{states}{place + 1}", COLOURS[4]),
                (2, guess, COLOURS[5]))  # fmt: skip
        for height, shown, colour in rows:
            axes.text(
                place, height, shown, ha="center", va="center", fontsize=12, parse_math=False,
                bbox={"facecolor": colour, "alpha": 0.6, "boxstyle": "round,pad=0.45"},
            )  # fmt: skip
        for start, end, name in (
            ((place, 0.24), (place, 0.76), "W_hx"),
            ((place, 1.24), (place, 1.76), "W_oh"),
            ((place - 0.74, 1), (place - 0.24, 1), "W_hh"),
        ):
            axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "linewidth": 1.6})
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            level = start[1] == end[1]
            axes.annotate(
                name, middle, xytext=(0, 7) if level else (5, 0), textcoords="offset points",
                fontsize=9.5, ha="center" if level else "left", va="bottom" if level else "center",
            )  # fmt: skip
    return figure
