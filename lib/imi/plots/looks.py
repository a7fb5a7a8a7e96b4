"""Who looks at whom, as lines between two columns of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, GREY, Lettered, inches

_ROOM, _FAINTEST = 40, 0.04  # words on a side; the smallest weight that is drawn
_LINE = 0.3  # inches a word


def looks(
    weights: Mapping[str, np.ndarray], looking: Sequence[str], seen: Sequence[str], *, title: str,
    headings: tuple[str, str] = ("looks", "is looked at"),
) -> Figure:  # fmt: skip
    """Draws weights as lines from the words that look to those that are seen, thick where large.

    Args:
        weights: of each head, by its name, (T, S); a head has a colour of its own.
        looking: the T words at the left; `seen`: the S words at the right.

    Raises:
        ValueError: if a matrix has another shape, there is none, or too many words.
    """
    shape = (len(looking), len(seen))
    if not weights or any(np.shape(matrix) != shape for matrix in weights.values()):
        raise ValueError(f"each head needs {shape[0]} by {shape[1]} weights")
    if not 1 <= min(shape) <= max(shape) <= _ROOM:
        raise ValueError(f"a picture has room for 1 to {_ROOM} words on a side, got {shape}")
    left, between = 0.25 + inches(looking), 2.6
    wide = left + between + 0.25 + inches(seen)
    size = (
        max(wide, 4.8, 0.2 + sum(0.17 + inches([name]) for name in weights)),
        1.35 + _LINE * max(shape),
    )
    figure = Lettered(figsize=size, facecolor="white")
    figure.text(0.12 / size[0], 1 - 0.28 / size[1], title, fontsize=13, parse_math=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, size[0]), ylim=(size[1], 0))
    axes.set_axis_off()
    top = 1.0
    for words, place, side in (
        (looking, left - 0.08, "right"),
        (seen, left + between + 0.08, "left"),
    ):
        heading = headings[side == "left"]
        axes.text(place, top - 0.3, heading, ha=side, fontsize=10.5, color=GREY)
        for number, word in enumerate(words):
            axes.text(place, top + _LINE * number, word, ha=side, va="center", fontsize=12,
                      parse_math=False)  # fmt: skip
    along = 0.12
    for number, (name, matrix) in enumerate(weights.items()):
        ink = COLOURS[number % len(COLOURS)]
        pairs = np.argwhere(np.asarray(matrix) >= _FAINTEST)
        ends = [((left, top + _LINE * t), (left + between, top + _LINE * s)) for t, s in pairs]
        strong = [float(matrix[t, s]) for t, s in pairs]
        axes.add_collection(LineCollection(
            ends, linewidths=[0.6 + 4.5 * weight for weight in strong],
            colors=[to_rgba(ink, 0.15 + 0.75 * min(weight, 1.0)) for weight in strong],
        ))  # fmt: skip
        if len(weights) > 1:
            axes.text(along, size[1] - 0.12, name, color=ink, fontsize=11, parse_math=False)
            along += 0.17 + inches([name])
    return figure
