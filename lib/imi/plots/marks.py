"""Texts with marks in them: an answer in a passage, names in a sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from imi.plots.canvas import COLOURS, Lettered, inches

# COLOURS[0] and [1] are left to the bars.
INKS = (COLOURS[5], COLOURS[4], COLOURS[3], COLOURS[2])
_MOST_LINES, _FAINTEST = 60, 0.01  # of a text; the smallest number that is drawn
_FONT = 12
_LETTER, _LINE, _RISE = _FONT * 0.602 / 72, 0.36, 0.26  # inches: a letter, a line, the largest bar
_TOP, _SIDE = 0.62, 0.15

Span = tuple[int, int]


def marked(
    text: str,
    marks: Sequence[tuple[int, int, str]],
    *,
    title: str,
    kinds: Sequence[str],
    bars: Mapping[str, Mapping[Span, float]] | None = None,
    columns: int = 84,
) -> Figure:
    """Draws a text with some of its parts on colours.

    Args:
        marks: first character, one past the last, and the kind of each part.
        kinds: all there are, so that each keeps its colour; written below what they mark, where
            no bars hang.
        bars: what rises above the text, and, a second one, hangs below it: by name the numbers,
            0 to 1, of spans of characters.
        columns: letters a line.

    Raises:
        ValueError: if there is no text, too much of it, or a part lies outside of it.
    """
    if not text.strip():
        raise ValueError("there is no text to draw; type a sentence")
    spans = [(begin, end) for begin, end, _ in marks]
    spans += [span for values in (bars or {}).values() for span in values]
    if any(not 0 <= begin <= end <= len(text) for begin, end in spans):
        raise ValueError(f"a part of the text lies between 0 and its {len(text)} characters")
    places = _laid_out(text, columns)
    lines = places[-1][0] + 1
    if lines > _MOST_LINES:
        raise ValueError(f"this text needs {lines} lines; {_MOST_LINES} are drawn at most")
    line = _LINE + (len(bars) * _RISE if bars else 0.0)
    size = (columns * _LETTER + 2 * _SIDE, _TOP + lines * line + 0.3)
    figure = Lettered(figsize=size, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-_SIDE, size[0] - _SIDE), ylim=(size[1], 0))
    axes.set_axis_off()
    axes.text(0, 0.25, title, fontsize=13, va="center", parse_math=False)
    first = _TOP + (_RISE if bars else 0.0)
    middles = [first + row * line + 0.1 for row in range(lines)]
    for number, values in enumerate((bars or {}).values()):
        _rise(axes, values, places, middles, down=number > 0)
    _colour(axes, marks, kinds, places, middles, named=not bars)
    for word, (row, column) in _words(text, places):
        axes.text(column * _LETTER, middles[row], word, family="monospace", fontsize=_FONT,
                  va="center", parse_math=False)  # fmt: skip
    _key(axes, list(bars or {}), size[1] - 0.15)
    return figure


def _colour(
    axes: Axes,
    marks: Sequence[tuple[int, int, str]],
    kinds: Sequence[str],
    places: Sequence[tuple[int, int]],
    middles: Sequence[float],
    *,
    named: bool,
) -> None:
    """Lays a colour behind each part, and writes its kind below it where it is to be `named`."""
    for begin, end, kind in marks:
        ink = INKS[kinds.index(kind) % len(INKS)]
        for row, left, right in _runs(places, begin, end):
            box = ((left * _LETTER, middles[row] - 0.11), (right - left) * _LETTER, 0.22)
            axes.add_patch(Rectangle(*box, color=ink, alpha=0.55, linewidth=0))
        if named:
            row, left = places[begin]
            axes.text(left * _LETTER, middles[row] + 0.18, kind, fontsize=7.5, va="center",
                      parse_math=False)  # fmt: skip


def _rise(
    axes: Axes,
    values: Mapping[Span, float],
    places: Sequence[tuple[int, int]],
    middles: Sequence[float],
    *,
    down: bool,
) -> None:
    """Draws a bar for each span, as wide as the span and as high as its number."""
    drawn = []
    for (begin, end), value in values.items():
        for row, left, right in _runs(places, begin, end) if value >= _FAINTEST else ():
            middle, sign = middles[row], 1 if down else -1
            x, wide = left * _LETTER, (right - left) * _LETTER - 0.02
            near, far = middle + 0.12 * sign, middle + (0.12 + _RISE * value) * sign
            drawn.append([(x, near), (x + wide, near), (x + wide, far), (x, far)])
    axes.add_collection(PolyCollection(drawn, color=COLOURS[int(down)], linewidth=0))


def _key(axes: Axes, names: Sequence[str], y: float) -> None:
    """Says what the bars are."""
    x = 0.0
    for number, name in enumerate(names):
        said = f"{'below' if number else 'above'} the text: {name}"
        axes.text(x, y, said, fontsize=10, va="center", color=COLOURS[number], parse_math=False)
        x += inches([said])


def _wide(sign: str) -> int:
    """Returns how many columns a sign takes."""
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Cf", "Cc"):
        return int(sign in "\t")
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _laid_out(text: str, columns: int) -> list[tuple[int, int]]:
    """Returns row and column of each character, and of the end; lines break between words."""
    places: list[tuple[int, int]] = []
    row, column, word = 0, 0, 0  # the last: where the word began, among the characters
    for number, sign in enumerate(text):
        if sign == "\n":
            places.append((row, column))
            row, column, word = row + 1, 0, number + 1
            continue
        wide = _wide(sign)
        if column + wide > columns and not sign.isspace():
            if word < number and places[word][1]:
                shift = places[word][1]
                places[word:] = [(row + 1, at - shift) for _, at in places[word:]]
                column -= shift
            else:  # it begins here, or does not fit on a line and is cut
                column = 0
            row += 1
        places.append((row, column))
        column += wide
        if sign.isspace():
            word = number + 1
    return [*places, (row, column)]


def _runs(
    places: Sequence[tuple[int, int]], begin: int, end: int
) -> Iterator[tuple[int, int, int]]:
    """Yields row, first column and the column after the last, of each line that a part is on."""
    at = begin
    while at < end:
        row, left = places[at]
        right = left
        while at < end and places[at][0] == row:
            after = places[at + 1]
            right = after[1] if after[0] == row else places[at][1] + 1
            at += 1
        if right > left:
            yield row, left, right


def _words(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yields what stands together on a line, and where: each is set at its own place."""
    word, start = "", 0
    for number, sign in enumerate(text):
        if word and (sign.isspace() or places[number][0] != places[start][0]):
            yield word, places[start]
            word = ""
        if not sign.isspace():
            start = start if word else number
            word += sign
    if word:
        yield word, places[start]
