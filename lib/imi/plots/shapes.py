"""Products of matrices, each matrix as a rectangle of its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from imi.plots.canvas import COLOURS, GREY, Drawing

_LARGEST, _LEAST = 1.2, 0.07  # inches: of the longest side of all, and of the shortest
_COLUMNS = (0.35, 3.3, 6.2)  # inches: where the three matrices of a product begin


class Matrix(NamedTuple):
    """A matrix to draw: its name, how many rows it has, and how many columns."""

    name: str
    rows: int
    columns: int

    def __str__(self) -> str:
        return f"{self.name} ({self.rows} × {self.columns})"


class Product(NamedTuple):
    """Two matrices that are multiplied, and what the result is called.

    Attributes:
        turned: whether the second one is transposed first.
    """

    left: Matrix
    right: Matrix
    result: str
    turned: bool = False

    def made(self) -> Matrix:
        """Returns the result.

        Raises:
            ValueError: if a row of the one is not as long as a column of the other.
        """
        name, rows, columns = self.right
        if self.turned:
            rows, columns = columns, rows
        if self.left.columns != rows:
            side = "columns" if self.turned else "rows"
            raise ValueError(
                f"{self.left} cannot be multiplied with {self.right}"
                f"{' transposed' if self.turned else ''}: the {self.left.columns} columns of "
                f"{self.left.name} meet {rows} {side} of {name}; they must be as many"
            )
        return Matrix(self.result, self.left.rows, columns)


def products(rows: Sequence[Product], *, title: str) -> Figure:
    """Draws products of matrices, one below the other, all matrices on one scale.

    A side too short to be seen is drawn a little longer.

    Raises:
        ValueError: if there is none, or the sizes of one do not fit.
    """
    if not rows:
        raise ValueError("there is no product to draw")
    triples = [(product.left, _seen(product), product.made()) for product in rows]
    scale = _LARGEST / max(max(matrix[1:]) for triple in triples for matrix in triple)
    highs = [max(max(_LEAST, scale * matrix.rows) for matrix in triple) for triple in triples]
    size = (8.4, 0.7 + sum(highs) + 0.62 * len(rows))
    figure = Drawing(figsize=size, facecolor="white")
    figure.text(0.15 / size[0], 1 - 0.32 / size[1], title, fontsize=14, parse_math=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, size[0]), ylim=(size[1], 0))
    axes.set_axis_off()
    top = 0.6
    for triple, high in zip(triples, highs, strict=True):
        for number, (matrix, left) in enumerate(zip(triple, _COLUMNS, strict=True)):
            _matrix(axes, matrix, left, top, high, scale, COLOURS[(5, 4, 2)[number]])
        for sign, place in (("·", _COLUMNS[1]), ("=", _COLUMNS[2])):
            axes.text(place - 0.25, top + 0.3 + high / 2, sign, ha="center", va="center",
                      fontsize=17, color=GREY)  # fmt: skip
        top += high + 0.62
    return figure


def _seen(product: Product) -> Matrix:
    """Returns the second matrix as it stands in the product."""
    name, rows, columns = product.right
    return Matrix(f"{name}ᵀ", columns, rows) if product.turned else product.right


def _matrix(
    axes: Axes, matrix: Matrix, left: float, top: float, high: float, scale: float, colour: str
) -> None:
    wide, tall = (max(_LEAST, scale * count) for count in (matrix.columns, matrix.rows))
    corner = (left, top + 0.3 + (high - tall) / 2)
    axes.text(left, corner[1] - 0.12, str(matrix), fontsize=11.5, va="center", parse_math=False)
    axes.add_patch(Rectangle(corner, wide, tall, facecolor=colour, alpha=0.6, edgecolor="black"))
