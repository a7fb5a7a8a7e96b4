"""The drawing of two towers: every layer, bow and look is there, and nonsense is refused."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation

from imi import plots


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def arrows(figure, style: str | None = None) -> int:
    found = [one.arrow_patch for one in figure.axes[0].texts if isinstance(one, Annotation)]
    return sum(style is None or one.get_linestyle() in (style, "dashed") for one in found)


def place(figure, text: str) -> tuple[float, float]:
    (found,) = (one for one in figure.axes[0].texts if one.get_text() == text)
    return found.get_position()


def test_every_layer_bow_and_look_is_drawn():
    figure = plots.towers(
        ["a", "b", "c"], ["d", "e"], title="$towers", added=[2, 3], asking=[1], told=[1, 2],
        both_ways=[1], read="X", written="Y", next_word="y",
    )  # fmt: skip
    assert {"a", "b", "c", "d", "e", "X", "Y", "y", "attention", "⇄"} <= set(texts(figure))
    assert texts(figure).count("+") == 3  # two bows at the left; the right tower has no layer 3
    between, up = 1 + 1 + 2, 3 + 2 + 1 + 1  # the sum of the left tower leaves it above
    assert arrows(figure) == between + up and arrows(figure, "--") == 1
    assert plots.png(figure).startswith(b"\x89PNG")


def box(figure, name: str):
    """Returns the place that a named box takes, in the units of the drawing."""
    axes = figure.axes[0]
    FigureCanvasAgg(figure).draw()  # only what was drawn has a size
    (found,) = (text.get_bbox_patch() for text in axes.texts if text.get_text() == name)
    return found.get_window_extent().transformed(axes.transData.inverted())


def test_a_bow_goes_around_its_layer_to_the_plus_above_it():
    names = ["a very long name of a layer", "d"]
    figure = plots.towers(names[:1], names[1:], title="t", added=[1])
    axes, pluses = figure.axes[0], [t for t in figure.axes[0].texts if t.get_text() == "+"]
    ways = [patch.get_path() for patch in axes.patches]
    curves = [way.to_polygons(closed_only=False)[0] for way in ways]
    assert len(curves) == len(pluses) == 2  # one in each tower
    for curve, plus, name, outside in zip(curves, pluses, names, (-1, 1), strict=True):
        (x, y), layer = place(figure, name), box(figure, name)
        assert plus.get_position() == (x, y + 0.5)
        far = (outside * (curve[:, 0] - x)).max()
        assert layer.width / 2 + 0.05 < far < layer.width / 2 + 0.5
        assert y - 0.5 < curve[:, 1].min() < layer.y0 and curve[:, 1].max() > layer.y1


@pytest.mark.parametrize("name", ["GRU", "LSTM 8", "a very long name of a layer"])
def test_arrows_touch_boxes_whether_names_are_short_or_long(name):
    about = {"asking": [1], "told": [1], "both_ways": [1]}
    figure = plots.towers([name], ["d"], title="t", **about)
    layer, attention, last = (box(figure, one) for one in (name, "attention", "d"))
    drawn = [one for one in figure.axes[0].texts if isinstance(one, Annotation)]
    ends = [(one.get_position()[0], one.xy[0]) for one in drawn]
    across = [(start, end) for start, end in ends if start != end]
    (read, look), (given, told), (asked, _) = across
    for edge, end in ((layer.x1, read), (attention.x0, look), (attention.x1, given),
                      (last.x0, told), (last.x0, asked)):  # fmt: skip
        assert abs(edge - end) < 0.12
    assert place(figure, "⇄")[0] < layer.x0 - 0.1


def test_what_leaves_a_tower_with_a_sum_on_top_leaves_from_the_sum():
    for added, height in (([], 2.0), ([1], 2.0), ([2], 2.5)):
        figure = plots.towers(["a", "b"], ["d", "e"], title="t", added=added)
        drawn = [one for one in figure.axes[0].texts if isinstance(one, Annotation)]
        (start,) = (one.get_position() for one in drawn if 2 < one.xy[0] < 3)
        assert start[1] == height and start[0] > 0.5


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
