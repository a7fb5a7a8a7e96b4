"""The tree that a search grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, GREY, Drawing, checked, inches

_HEIGHT, _GAP = 0.36, 0.35  # inches: of a leaf, between two columns


def search_tree(
    parents: Sequence[int],
    words: Sequence[str],
    values: Sequence[float],
    best: Sequence[int],
    *,
    title: str,
    root: str = "<s>",
) -> Figure:
    """Draws the tree of a search from left to right, each word with its number beneath it.

    Args:
        parents: of each node, the number of the one before it, -1 at the beginning.
        values: log P of all words up to each, in nats.
        best: the nodes of the hypothesis that won, drawn in another colour and bold.
    """
    checked("a search tree", words, values)
    depths, rows = _laid_out(parents)
    columns = [[root], *([] for _ in range(max(depths)))]
    for word, depth in zip(words, depths, strict=True):
        columns[depth].append(word)
    widths = [max(0.62, inches(column)) for column in columns]
    starts = np.concatenate([[0], np.cumsum(np.array(widths) + _GAP)])
    leaves = max(rows[:-1]) + 1
    size = (starts[-1] + 0.3, _HEIGHT * 1.35 * leaves + 0.75)
    figure = Drawing(figsize=size, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1 - 0.5 / size[1]))
    axes.set(xlim=(-0.15, size[0] - 0.15), ylim=(leaves - 0.2, -0.6))
    axes.set_axis_off()
    axes.set_title(title, fontsize=14, loc="left", parse_math=False, x=0.15 / size[0])
    axes.text(0, rows[-1], root, fontsize=11, va="center", parse_math=False)
    won = set(best)
    for number, (parent, word, value) in enumerate(zip(parents, words, values, strict=True)):
        x, y, own = starts[depths[number]], rows[number], number in won
        joint = starts[depths[number] - 1] + widths[depths[number] - 1]
        before = starts[depths[number] - 1] + inches([words[parent] if parent >= 0 else root])
        colour, y_before = COLOURS[1] if own else GREY, rows[parent]
        axes.plot([min(before, joint), joint, x - 0.05], [y_before, y_before, y], color=colour,
                  linewidth=2.4 if own else 1)  # fmt: skip
        look = {"va": "center", "parse_math": False, "color": "black" if own else GREY}
        axes.text(x, y - 0.13, word, fontsize=11, fontweight="bold" if own else "normal", **look)
        axes.text(x, y + 0.25, f"{value:.1f}", fontsize=9, **look)
    return figure


def _laid_out(parents: Sequence[int]) -> tuple[list[int], list[float]]:
    """Returns each node's depth and row: leaves one below another, parents at their middle.

    The root, whose number is -1, has the last row of the list.
    """
    children: list[list[int]] = [[] for _ in range(len(parents) + 1)]
    depths = [0] * len(parents)
    for number, parent in enumerate(parents):  # a parent always stands before its children
        children[parent].append(number)
        depths[number] = 1 + (depths[parent] if parent >= 0 else 0)
    rows, free = [0.0] * (len(parents) + 1), 0
    for number in _after_children(children):
        if children[number]:
            rows[number] = sum(rows[child] for child in children[number]) / len(children[number])
        else:
            rows[number], free = float(free), free + 1
    return depths, rows


def _after_children(children: Sequence[Sequence[int]]) -> list[int]:
    """Lists all nodes, each after its children, from the root, which is the last of the list."""
    order, waiting = [], [len(children) - 1]
    while waiting:
        number = waiting.pop()
        order.append(number)
        waiting += children[number]
    return order[::-1]
