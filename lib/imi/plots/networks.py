"""Networks as boxes and arrows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from imi.plots.canvas import COLOURS, GREY, Drawing


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


def encoder_decoder(
    source: Sequence[str],
    target: Sequence[str],
    *,
    title: str,
    begin: str = "<s>",
    end: str = "</s>",
    steps: int | None = None,
) -> Figure:
    """Draws a net that reads a sentence and then writes another, step by step from left to right.

    Args:
        source: what is read, in the order of reading.
        target: what is written; the end mark, which is written too, is left out here.
        begin: the mark that the decoder reads first; `end`: the one that it writes last.
        steps: how many steps are shown in full, the others pale; by default all.

    Raises:
        ValueError: if there is nothing to read, or there are not so many steps.
    """
    reads, writes = [*source, begin, *target], [*[""] * len(source), *target, end]
    steps = len(reads) if steps is None else steps
    if not source or not 0 <= steps <= len(reads):
        raise ValueError(f"there are {len(reads)} steps of which to show some, got {steps}")
    wide = max(1.0, 0.105 * max(map(len, reads + writes)) + 0.35)  # inches a step
    figure = Drawing(figsize=(0.4 + wide * len(reads), 3.6), facecolor="white")
    axes = figure.add_axes((0.01, 0.02, 0.98, 0.85))
    axes.set(xlim=(-0.6, len(reads) - 0.4), ylim=(-0.75, 2.4))
    axes.set_axis_off()
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    for place, (read, written) in enumerate(zip(reads, writes, strict=True)):
        encoder, shown = place < len(source), 1.0 if place < steps else 0.18
        ink = COLOURS[5] if encoder else COLOURS[4]
        boxed(axes, place, 0, read, GREY, shown)
        boxed(axes, place, 1, "v" if place == len(source) - 1 else " ", ink, shown)
        arrow(axes, (place, 0.2), (place, 0.78), shown)
        if place:
            arrow(axes, (place - 0.8, 1), (place - 0.2, 1), shown)
        if written:
            arrow(axes, (place, 1.22), (place, 1.8), shown)
            boxed(axes, place, 2, written, COLOURS[2], shown)
        if written and place + 1 < len(reads):  # what was written is read next
            arrow(axes, (place + 0.12, 1.8), (place + 0.85, 0.2), shown * 0.6, dashed=True)
    for middle, name in (((len(source) - 1) / 2, "encoder"),
                         ((len(source) + len(reads) - 1) / 2, "decoder")):  # fmt: skip
        axes.text(middle, -0.6, name, ha="center", fontsize=12, color=GREY)
    return figure


def towers(
    encoder: Sequence[str],
    decoder: Sequence[str],
    *,
    title: str,
    added: Collection[int] = (),
    asking: Collection[int] = (),
    told: Collection[int] = (),
    both_ways: Collection[int] = (),
    read: str = "sentence",
    written: str = "words so far",
    next_word: str = "next word",
) -> Figure:
    """Draws an encoder and a decoder as towers of layers, and attention between them.

    Layers are numbered from 1, the bottom one.

    Args:
        encoder: the names of its layers, the bottom one first; `decoder` likewise.
        added: layers, of both, whose input is added to their output: a bow around them, to a "+".
        asking: decoder layers whose output asks where to look.
        told: decoder layers that get what was found there.
        both_ways: encoder layers in which every place hears of those before and after it.

    Raises:
        ValueError: if a tower has no layer, or a number is not that of a layer.
    """
    high = max(len(encoder), len(decoder))
    if not encoder or not decoder:
        raise ValueError("an encoder and a decoder need at least one layer each")
    for name, numbers, most in (("added", added, high), ("asking", asking, len(decoder)),
                                ("told", told, len(decoder)), ("both_ways", both_ways,
                                                               len(encoder))):  # fmt: skip
        if not all(1 <= number <= most for number in numbers):
            raise ValueError(f"{name} must hold numbers from 1 to {most}, got {sorted(numbers)}")
    figure = Drawing(figsize=(8.6, 1.5 + 0.62 * (high + 2)), facecolor="white")
    axes = figure.add_axes((0.01, 0.02, 0.98, 0.98 - 0.45 / figure.get_figheight()))
    axes.set(xlim=(-1.6, 7.6), ylim=(-0.9, high + 1.9))
    axes.set_axis_off()
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    for x, layers, below in ((0.5, encoder, read), (5.5, decoder, written)):
        _tower(axes, x, layers, below, added, left=x < 3)
    for number in both_ways:
        look = {"ha": "center", "va": "center", "fontsize": 17, "color": COLOURS[5]}
        axes.text(0.25 - _half(encoder[number - 1]), number, "⇄", **look)
    middle = (len(encoder) + 1) / 2 + 0.5
    boxed(axes, 3.0, middle, "attention", COLOURS[3], 1.0)
    top, bent = (0.5 + _half(encoder[-1]), len(encoder)), 0.0
    if len(encoder) in added:  # what leaves the tower is the sum, above its box
        arrow(axes, (0.5, len(encoder) + 0.25), (0.5, len(encoder) + 0.5), 1.0)
        top, bent = (0.5 + _SIGN, len(encoder) + 0.5), -0.35
    arrow(axes, top, (3.0 - _half("attention"), middle), 1.0, bent=bent)
    right = 3.0 + _half("attention")
    for number in told:
        end = (5.5 - _half(decoder[number - 1]), number)
        arrow(axes, (right, middle), end, 0.8)
    for number in asking:
        start = (5.5 - _half(decoder[number - 1]), number - 0.2)
        bow = {"arrowstyle": "->", "linewidth": 1.8, "linestyle": "--", "color": COLOURS[0],
               "connectionstyle": "arc3,rad=-0.35"}  # fmt: skip
        axes.annotate("", (3.0, middle - 0.27), start, arrowprops=bow, zorder=1)
    arrow(axes, (5.5, len(decoder) + 0.25), (5.5, len(decoder) + 0.8), 1.0)
    boxed(axes, 5.5, len(decoder) + 1.1, next_word, COLOURS[2], 1.0)
    if asking:
        axes.text(3.0, -0.75, "dashed: the question where to look", ha="center", fontsize=11,
                  color=GREY)  # fmt: skip
    return figure


_SIGN = 0.13  # half of a "+" in its circle, in the units of a tower


def _half(name: str) -> float:
    """Estimates half the width of a box with its margin, in the units of a tower."""
    return 0.14 + 0.043 * len(name)


def _tower(
    axes: Axes, x: float, layers: Sequence[str], below: str, added: Collection[int], *, left: bool
) -> None:
    boxed(axes, x, 0, below, GREY, 1.0)
    for number, name in enumerate(layers, start=1):
        boxed(axes, x, number, name, COLOURS[5] if left else COLOURS[4], 1.0)
        arrow(axes, (x, number - 0.75), (x, number - 0.27), 1.0)
        if number in added:
            _bow(axes, x, number, (-1 if left else 1) * (_half(name) + 0.3))


def _bow(axes: Axes, x: float, number: int, wide: float) -> None:
    """Draws a bow from below a layer, around it, to a "+" above it."""
    low, high, side = number - 0.35, number + 0.5, x + wide / 0.75  # a curve goes 3/4 of the way
    way = [(x, low), (side, low), (side, high), (x + (_SIGN if wide > 0 else -_SIGN), high)]
    curve = Path(way, [Path.MOVETO, *[Path.CURVE4] * 3])
    look = {"arrowstyle": "->", "mutation_scale": 12, "linewidth": 1.8, "color": COLOURS[1]}
    axes.add_patch(FancyArrowPatch(path=curve, zorder=1, **look))
    ring = {"boxstyle": "circle,pad=0.05", "facecolor": "white", "edgecolor": COLOURS[1]}
    axes.text(x, high, "+", ha="center", va="center", fontsize=10, color=COLOURS[1], bbox=ring)


def boxed(axes: Axes, x: float, y: float, text: str, colour: str, shown: float) -> None:
    """Writes a text into a coloured box; `shown` from 0 to 1 makes it pale."""
    look = {"facecolor": colour, "alpha": 0.45 * shown, "boxstyle": "round,pad=0.4"}
    axes.text(x, y, text, ha="center", va="center", fontsize=12, parse_math=False, alpha=shown,
              bbox=look)  # fmt: skip


def arrow(axes: Axes, start, end, shown: float, *, dashed: bool = False, bent: float = 0.0) -> None:
    """Draws an arrow between two places; `shown` from 0 to 1 makes it pale, `bent` curves it."""
    style = {"arrowstyle": "->", "linewidth": 1.5, "alpha": shown,
             "connectionstyle": f"arc3,rad={bent}"}  # fmt: skip
    if dashed:
        style |= {"linestyle": "--", "color": GREY}
    axes.annotate("", end, start, arrowprops=style, zorder=1)
