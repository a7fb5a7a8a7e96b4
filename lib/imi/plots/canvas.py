"""A figure, its one look, and how it becomes a picture.

Every figure is a matplotlib `Figure` that nobody else holds: no global state, no backend. The
background is opaque white, so that a figure reads the same in a dark theme.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

# Okabe & Ito (2008): eight colours that people with any colour vision tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1")
MARKERS = "os^Dv<>P"
GREY = "#666666"
SIZE = (8.0, 4.2)  # inches


class Drawing(Figure):
    """A matplotlib figure that a notebook shows by itself, whatever backend it has."""

    def _repr_png_(self) -> bytes:
        return png(self)


class Lettered(Drawing):
    """A figure of words in any script: the reader's browser sets them, whose fonts know Japanese.

    Shown as SVG with its texts as texts; a PNG would need a font of this machine for each script.
    """

    def _repr_png_(self) -> None:
        return None

    def _repr_svg_(self) -> str:
        return svg(self)


def svg(figure: Figure) -> str:
    """Draws a figure to an SVG in which texts stay texts; the same figure gives the same SVG."""
    held = io.BytesIO()
    with any_script(), rc_context({"svg.fonttype": "none", "svg.hashsalt": "imi"}):
        figure.savefig(held, format="svg", metadata={"Date": None})
    return held.getvalue().decode("utf-8")


def png(figure: Figure, *, dpi: int = 90) -> bytes:
    """Draws a figure to the bytes of a PNG."""
    FigureCanvasAgg(figure)
    held = io.BytesIO()
    with any_script():
        figure.savefig(held, format="png", dpi=dpi, pil_kwargs={"compress_level": 1})
    return held.getvalue()


@contextmanager
def any_script() -> Iterator[None]:
    """Lets words be drawn in a script that the font lacks; each sign becomes a box."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def axes_of(
    title: str,
    x_title: str,
    y_title: str,
    *,
    size=SIZE,
    left: float = 0.9,
    right: float = 0.25,
    kind: type[Drawing] = Drawing,
) -> tuple[Figure, Axes]:
    """Makes a figure with one pair of axes; `left` and `right` are its margins in inches.

    Margins are reckoned from the labels: a layout engine would draw everything twice.
    """
    figure, (width, height) = kind(figsize=size, facecolor="white"), size
    box = (left / width, 0.65 / height, (width - left - right) / width, (height - 1.1) / height)
    axes = figure.add_axes(box, facecolor="white")
    axes.set_title(title, fontsize=14, loc="left", parse_math=False)
    axes.set_xlabel(x_title, fontsize=12)
    axes.set_ylabel(y_title, fontsize=12)
    axes.tick_params(labelsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    return figure, axes


def inches(labels: Sequence[str]) -> float:
    """Estimates how wide the longest label is; signs beyond Latin count double."""
    return 0.105 * max(sum(1 + (sign > "\u2e80") for sign in label) for label in labels)


def legend(axes: Axes) -> None:
    """Puts the legend outside, right of the axes."""
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=11, frameon=False)


def checked(what: str, *columns: Sequence[float]) -> None:
    """Refuses empty, unequal or not finite columns in one sentence."""
    sizes = {len(column) for column in columns}
    if len(sizes) != 1 or not min(sizes):
        raise ValueError(f"{what} needs columns of one length, got {[len(c) for c in columns]}")
    for column in columns:
        if not all(isinstance(v, str) for v in column) and not np.isfinite(column).all():
            raise ValueError(f"{what} needs finite numbers")


def chance_bars(axes: Axes, words: Sequence[str], values: Sequence[float], colour: str) -> None:
    """Draws numbers between 0 and 1 as bars, the first on top."""
    places = np.arange(len(words))
    bars = [Rectangle((0, place - 0.4), value, 0.8)
            for place, value in zip(places, values, strict=True)]  # fmt: skip
    axes.add_collection(PatchCollection(bars, color=colour))
    axes.set_yticks([])  # plain texts are drawn much faster
    for place, word in zip(places, words, strict=True):
        axes.text(-0.02, place, word, fontsize=11, ha="right", va="center", parse_math=False)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(words) - 0.5, -0.5)
    axes.set_xticks((0, 0.5, 1), ("0", "0.5", "1"), fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
