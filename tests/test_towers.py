"""The drawing of two towers: every layer, bow and look is there, and nonsense is refused."""

from __future__ import annotations

import pytest
from matplotlib.text import Annotation

from imi import plots


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def arrows(figure, style: str | None = None) -> int:
    found = [one.arrow_patch for one in figure.axes[0].texts if isinstance(one, Annotation)]
    return sum(style is None or one.get_linestyle() in (style, "dashed") for one in found)


def test_every_layer_bow_and_look_is_drawn():
    figure = plots.towers(
        ["a", "b", "c"], ["d", "e"], title="$towers", added=[2, 3], asking=[1], told=[1, 2],
        both_ways=[1], read="X", written="Y", next_word="y",
    )  # fmt: skip
    assert {"a", "b", "c", "d", "e", "X", "Y", "y", "attention", "⇄"} <= set(texts(figure))
    assert texts(figure).count("+") == 3  # two bows at the left; the right tower has no layer 3
    between, up, bows = 1 + 1 + 2, 3 + 2 + 1, 3
    assert arrows(figure) == between + up + bows and arrows(figure, "--") == 1
    assert plots.png(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"encoder": []}, "at least one layer each"),
        ({"told": [3]}, r"told must hold numbers from 1 to 2, got \[3\]"),
        ({"added": [0]}, "added must hold numbers from 1 to 2"),
        ({"both_ways": [2]}, "both_ways must hold numbers from 1 to 1"),
    ],
)
def test_a_layer_that_is_not_there_is_refused(about, message):
    with pytest.raises(ValueError, match=message):
        plots.towers(**{"encoder": ["a"], "decoder": ["b", "c"], "title": "t"} | about)
