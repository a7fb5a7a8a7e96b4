"""Plots of lecture 10: matrices of the right size, looks as lines, the plan of a model."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from imi import plots
from imi.plots import Matrix, Product


def test_a_product_has_the_rows_of_the_one_and_the_columns_of_the_other():
    made = Product(Matrix("Q", 5, 8), Matrix("W", 8, 3), "Q W").made()
    assert made == Matrix("Q W", 5, 3) and str(made) == "Q W (5 × 3)"
    turned = Product(Matrix("Q", 5, 8), Matrix("K", 7, 8), "Q Kᵀ", turned=True)
    assert turned.made() == Matrix("Q Kᵀ", 5, 7)
    with pytest.raises(ValueError, match=r"Q \(5 × 8\) cannot be multiplied with K \(7 × 8\): "
                       "the 8 columns of Q meet 7 rows of K; they must be as many"):  # fmt: skip
        turned._replace(turned=False).made()
    with pytest.raises(ValueError, match="transposed: the 8 columns of Q meet 3 columns of W"):
        Product(Matrix("Q", 5, 8), Matrix("W", 8, 3), "", turned=True).made()


def test_matrices_are_drawn_on_one_scale():
    rows = [Product(Matrix("Q", 40, 80), Matrix("W", 80, 20), "q"),
            Product(Matrix("q", 40, 20), Matrix("k", 60, 20), "scores", turned=True)]  # fmt: skip
    figure = plots.products(rows, title="$ sizes")
    drawn = [part for part in figure.axes[0].patches if isinstance(part, Rectangle)]
    sizes = [(40, 80), (80, 20), (40, 20), (40, 20), (20, 60), (40, 60)]
    scale = drawn[0].get_width() / 80
    for part, (high, wide) in zip(drawn, sizes, strict=True):
        assert part.get_width() == pytest.approx(scale * wide)
        assert part.get_height() == pytest.approx(scale * high)
    assert {"kᵀ (20 × 60)", "scores (40 × 60)"} <= {
        text.get_text() for text in figure.axes[0].texts
    }
    assert plots.png(figure).startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="no product to draw"):
        plots.products([], title="")


def test_looks_are_lines_as_thick_as_their_weights():
    weights = {"head 1": np.array([[1.0, 0.0, 0.0], [0.25, 0.7, 0.05]]),
               "head 2": np.full((2, 3), 1 / 3)}  # fmt: skip
    figure = plots.looks(weights, ["猫", "$x$"], ["a", "<b>", "c"], title="t")
    lines = [part for part in figure.axes[0].collections if isinstance(part, LineCollection)]
    assert [len(part.get_segments()) for part in lines] == [4, 6]
    thick = lines[0].get_linewidths()
    assert thick[0] == max(thick) and thick[3] == min(thick)
    drawn = plots.svg(figure)
    assert "猫" in drawn and "head 2" in drawn and "&lt;b&gt;" in drawn
    for bad in ({}, {"head 1": np.ones((3, 2))}):
        with pytest.raises(ValueError, match="each head needs 2 by 3 weights"):
            plots.looks(bad, ["a", "b"], ["a", "b", "c"], title="")
    with pytest.raises(ValueError, match="room for 1 to 40 words"):
        plots.looks({"h": np.ones((41, 1))}, ["a"] * 41, ["b"], title="")


def test_a_plan_shows_its_parts_and_the_chosen_one_stands_out():
    about = {"added": ["look", "think"], "joined": "ask"}
    figure = plots.plan(
        ["read", "look"], ["write", "ask", "think"], title="t", chosen="ask", **about
    )
    shown = [text for text in figure.axes[0].texts if text.get_text()]
    names = {text.get_text() for text in shown}
    assert {"read", "look", "write", "ask", "think"} <= names
    inks = {text.get_text(): text.get_bbox_patch().get_facecolor()[:3] for text in shown
            if text.get_bbox_patch()}  # fmt: skip
    assert inks["ask"] not in (inks["write"], inks["read"]) and inks["write"] == inks["think"]
    with pytest.raises(ValueError, match="dream: the parts are read, look"):
        plots.plan(["read"], ["look"], title="", chosen="dream")
