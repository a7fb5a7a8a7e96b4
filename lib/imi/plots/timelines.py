"""Steps of a story along the years, each a link to where it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from imi.plots.canvas import COLOURS, Lettered, axes_of

_LINE = 0.34  # inches


class Milestone(NamedTuple):
    """A step of the story.

    Attributes:
        year: when it was taken.
        name: what it is called.
        kind: what it is about, shown by colour.
        link: where it is told.
    """

    year: int
    name: str
    kind: str
    link: str = ""


def timeline(milestones: Sequence[Milestone], *, title: str) -> Figure:
    """Draws a line for each step, at its year, the first on top; a click on it follows its link.

    Raises:
        ValueError: if there is no step.
    """
    if not milestones:
        raise ValueError("there are no milestones to draw")
    kinds = list(dict.fromkeys(each.kind for each in milestones))
    years = [each.year for each in milestones]
    size = (9.5, 1.6 + _LINE * len(milestones))
    figure, axes = axes_of(title, "", "", size=size, left=0.3, right=3.8, kind=Lettered)
    for row, each in enumerate(milestones):
        colour = COLOURS[kinds.index(each.kind) % len(COLOURS)]
        axes.plot([min(years) - 1, each.year], [row, row], color=colour, alpha=0.3, linewidth=2)
        axes.plot([each.year], [row], "o", color=colour, markersize=9, url=each.link or None)
        axes.text(
            each.year + 0.5, row, f"{each.year}  {each.name}", fontsize=11, va="center",
            parse_math=False, url=each.link or None,
        )  # fmt: skip
    axes.set_xlim(min(years) - 1, max(years) + 0.5)
    axes.set_ylim(len(milestones) - 0.4, -0.6)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines["left"].set_visible(False)
    handles = [axes.plot([], [], "o", color=COLOURS[n % len(COLOURS)], label=kind)[0]
               for n, kind in enumerate(kinds)]  # fmt: skip
    figure.legend(handles=handles, loc="upper right", fontsize=10, frameon=False)
    return figure
