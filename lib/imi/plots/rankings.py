"""What several who were asked found, side by side, the best on top."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from imi.plots.canvas import COLOURS, GREY, Lettered, checked

_LINE, _LETTER = 0.3, 0.088  # inches: the height of a line, the width of a letter


def rankings(
    columns: Mapping[str, Sequence[tuple[str, float]]],
    *,
    title: str,
    width: float = 2.5,
    marked: Collection[str] = (),
    most: float = 1.0,
    colours: Sequence[str] = COLOURS,
) -> Figure:
    """Draws texts one below the other, each on a bar as long as its score.

    Args:
        columns: texts with their scores, by who found them; one may have found nothing.
        width: of a column, in inches; longer texts are cut.
        marked: texts to stand out, in bold.
        most: the score of a bar as wide as its column.
        colours: of the columns, one after the other.

    Raises:
        ValueError: if there is no column, `most` is not above 0, or a score is no number.
    """
    if not columns:
        raise ValueError("there is nobody whose finds could be drawn")
    if not most > 0:
        raise ValueError(f"the score of the longest bar must be above 0, got {most}")
    lines = max(1, *map(len, columns.values()))
    size = (0.3 + (width + 0.25) * len(columns), 1.0 + _LINE * lines)
    figure = Lettered(figsize=size, facecolor="white")
    figure.text(0.15 / size[0], 1 - 0.28 / size[1], title, fontsize=13, parse_math=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, size[0]), ylim=(size[1], 0))
    axes.set_axis_off()
    for number, (name, found) in enumerate(columns.items()):
        left = 0.15 + number * (width + 0.25)
        axes.text(left, 0.7, name, fontsize=11, color=GREY, va="center", parse_math=False)
        if not found:
            axes.text(left, 1.05, "nothing", fontsize=11, va="center", style="italic")
            continue
        checked(f"what {name} found", *zip(*found, strict=True))
        for row, (text, score) in enumerate(found):
            long = width * min(max(score / most, 0.0), 1.0)
            place = (left, 0.92 + row * _LINE)
            colour = colours[number % len(colours)]
            axes.add_patch(Rectangle(place, long, 0.26, color=colour, alpha=0.3, linewidth=0))
            axes.text(
                left + 0.04, place[1] + 0.13, _cut(text, width), fontsize=11, va="center",
                fontweight="bold" if text in marked else "normal", parse_math=False,
            )  # fmt: skip
    return figure


def _cut(text: str, width: float) -> str:
    """Cuts a text to what fits on a line; signs beyond Latin count double."""
    room = width / _LETTER
    for place, sign in enumerate(text):
        room -= 1 + (sign > "\u2e80")
        if room < 0:
            return f"{text[: place - 1]}…"
    return text
