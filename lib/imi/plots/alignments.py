"""What a translator looks at: the weights between two sentences, and one step of writing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from imi.plots.canvas import COLOURS, GREY, Lettered, chance_bars, checked, inches

_CELL, _LARGEST = 0.36, 9.6  # inches: of a field, and of a side of the whole matrix
_ROOM = 64  # words that can still be read on one side


def alignment(
    weights: np.ndarray,
    source: Sequence[str],
    target: Sequence[str],
    *,
    title: str,
    framed: Iterable[tuple[int, int]] = (),
    frame: str = "true link",
    dotted: Iterable[tuple[int, int]] = (),
    grey: int | None = None,
    unit: str = "weight α",
) -> Figure:
    """Draws how much each source word is looked at for each target word, as figure 3 of the paper.

    Args:
        weights: (J, I), between 0 and 1: a row for each target word.
        source: the words along the top, to be read from left to right.
        target: the words down the side.
        framed: pairs (source, target) that get a frame.
        frame: what a frame means.
        dotted: pairs (source, target) that get a dot.
        grey: from which source word on the words are filling, written in grey.
        unit: what the numbers are.

    Raises:
        ValueError: if there is not one row a target word and one column a source word, or a side
            has more words than a picture has room for.
    """
    _fits(source, target)
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(target), len(source)) or not weights.size:
        raise ValueError(f"{len(target)} by {len(source)} weights are needed, got {weights.shape}")
    cell = min(_CELL, _LARGEST / max(weights.shape))
    top, left = 0.75 + inches(source), 0.3 + inches(target)
    wide, high = cell * len(source), cell * len(target)
    size = (max(left + wide + 1.2, 4.6), top + high + 0.35)
    figure = Lettered(figsize=size, facecolor="white")
    box = (left / size[0], 0.3 / size[1], wide / size[0], high / size[1])
    axes = figure.add_axes(box, facecolor="white")
    figure.text(0.12 / size[0], 1 - 0.3 / size[1], title, fontsize=13, parse_math=False)
    about = {"vmin": 0.0, "vmax": 1.0, "interpolation": "nearest", "aspect": "auto"}
    shown = axes.imshow(weights, cmap="cividis", **about)
    _words(axes, source, target, font=max(7.0, min(12.0, 36 * cell)), grey=grey)
    frames = [Rectangle((i - 0.46, j - 0.46), 0.92, 0.92) for i, j in framed]
    if frames:
        look = {"facecolor": "none", "edgecolor": COLOURS[1], "linewidth": 2.2}
        axes.add_collection(PatchCollection(frames, **look))
        figure.text(0.12 / size[0], 0.08 / size[1], f"□ {frame}", color=COLOURS[1], fontsize=11)
    dots = list(dotted)
    if dots:
        axes.scatter(*zip(*dots, strict=True), s=48, color="white", edgecolor="black", zorder=3)
    scale = figure.add_axes(((left + wide + 0.15) / size[0], box[1], 0.14 / size[0], box[3]))
    figure.colorbar(shown, cax=scale).set_label(unit, fontsize=11)
    scale.tick_params(labelsize=9)
    return figure


def _fits(*sides: Sequence[str]) -> None:
    longest = max(map(len, sides))
    if longest > _ROOM:
        raise ValueError(f"a picture has room for {_ROOM} words or pieces, here are {longest}")


def _words(
    axes: Axes, source: Sequence[str], target: Sequence[str], *, font: float, grey: int | None
) -> None:
    # Plain texts: a tick for each word would take several times as long to draw.
    axes.set_axis_off()
    about = {"fontsize": font, "parse_math": False, "va": "center"}
    turned = {"rotation": 90, "rotation_mode": "anchor", "ha": "left"}
    for place, word in enumerate(source):
        colour = "black" if grey is None or place < grey else GREY
        axes.text(place, -0.65, word, color=colour, **turned, **about)
    for place, word in enumerate(target):
        axes.text(-0.65, place, word, ha="right", **about)


def writing(
    words: Sequence[str],
    chances: Sequence[float],
    state: np.ndarray,
    *,
    title: str,
    source: Sequence[str] = (),
    alpha: Sequence[float] = (),
) -> Figure:
    """Draws one step of a decoder: what it looks at, its state, the likeliest next words.

    Args:
        words: the likeliest next words, with their `chances`.
        state: numbers between -1 and 1 (n,), drawn as a field of squares.
        source: the words of the sentence, with how much each is looked at, `alpha`; none where
            the model has no attention.

    Raises:
        ValueError: if there is not one number a word, or more words than a picture has room for.
    """
    _fits(source, words)
    checked("a step", words, chances)
    rows = max(len(words), len(source))
    left = 0.2 + inches(source) if source else 0.2
    looked = 2.3 if source else 0.0
    next_left = left + looked + 0.55 + 2.0 + 0.35 + inches(words)
    size = (next_left + 2.6, 1.15 + 0.29 * rows)
    figure = Lettered(figsize=size, facecolor="white")
    figure.text(0.12 / size[0], 1 - 0.28 / size[1], title, fontsize=13, parse_math=False)

    def axes_at(start: float, width: float, count: int, name: str) -> Axes:
        high = 0.29 * count
        bottom = size[1] - 0.8 - high
        axes = figure.add_axes((start / size[0], bottom / size[1], width / size[0], high / size[1]))
        axes.set_title(name, fontsize=11, loc="left")
        return axes

    if source:
        checked("a step", source, alpha)
        beside = axes_at(left, looked, len(source), "looks at (weight α)")
        chance_bars(beside, source, alpha, COLOURS[0])
    side = min(7, rows)
    field = axes_at(left + looked + 0.55, 2.0, side, "state (−1 to 1)")
    numbers = np.asarray(state, dtype=float)
    padded = np.pad(numbers, (0, -len(numbers) % 8), constant_values=np.nan)
    sharp = {"aspect": "auto", "interpolation": "nearest"}
    field.imshow(padded.reshape(8, -1), cmap="PuOr_r", vmin=-1, vmax=1, **sharp)
    field.set_axis_off()
    following = axes_at(next_left, 2.3, len(words), "next (probability)")
    chance_bars(following, words, chances, COLOURS[4])
    return figure
