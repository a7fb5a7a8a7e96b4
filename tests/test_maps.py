"""Words on a map: no label covers a point or another label, and the chosen ones are there."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from imi import plots


def drawn(words, places, **options):
    """Returns the axes of a map, and the box of each label in pixels, by its word."""
    axes = plots.word_map(words, places, title="t", **options).axes[0]
    renderer = FigureCanvasAgg(axes.figure).get_renderer()
    return axes, {text.get_text(): text.get_window_extent(renderer) for text in axes.texts}


@pytest.mark.parametrize(("count", "spread"), [(3, 1.0), (37, 1.0), (61, 0.02)])
def test_no_label_covers_a_point_or_another_label(count, spread):
    rng = np.random.default_rng(5)
    places = rng.standard_normal((count, 2)) * (3.0, 0.1)
    places[: count // 2] *= spread  # half of them in a heap
    words = [f"word{number}" * (1 + number % 2) for number in range(count)]
    axes, boxes = drawn(words, places, highlight=words[-2:])
    assert 3 <= len(boxes) <= count and set(words[-2:]) <= set(boxes)
    points = axes.transData.transform(places)
    for word, box in boxes.items():
        assert not any(box.contains(*point) for point in points), word
        assert box.count_overlaps([other for name, other in boxes.items() if name != word]) == 0


def test_neighbours_are_both_named_on_the_sides_that_are_free():
    places = np.array([[0.0, 0.0], [0.03, 0.0], [1.0, 1.0]])
    axes, boxes = drawn(["dog", "cat", "tuesday"], places)
    dog, cat, _ = axes.transData.transform(places)
    assert boxes["cat"].x0 > cat[0] and boxes["dog"].x1 < dog[0]


def test_highlighted_words_come_first_and_bold():
    places = np.zeros((13, 2))  # all at one place, which has eight sides
    words = [f"w{number}" for number in range(13)]
    axes, boxes = drawn(words, places, highlight=["w12", "w11"])
    assert {"w11", "w12"} <= set(boxes) and len(boxes) < 13
    assert {t.get_text() for t in axes.texts if t.get_fontweight() == "bold"} == {"w11", "w12"}


def test_courses_join_their_steps_and_each_step_has_its_place():
    rng = np.random.default_rng(6)
    courses = [
        (kind, rng.standard_normal((length, 2)), [f"{kind}{n}" for n in range(length)])
        for kind, length in (("ja", 4), ("ko", 7), ("ja", 1))
    ]
    figure = plots.paths(courses, title="$t")
    axes = figure.axes[0]
    lines = [line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata())]
    for (_, places, _), line in zip(courses, lines[::2], strict=True):
        np.testing.assert_array_equal(line.get_xydata(), places)
    for (_, places, _), ring in zip(courses, lines[1::2], strict=True):
        np.testing.assert_array_equal(ring.get_xydata(), places[:1])
    assert lines[0].get_color() == lines[4].get_color() != lines[2].get_color()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["ja", "ko"]
    assert "ko3" in plots.svg(figure)


def test_no_course_is_refused():
    with pytest.raises(ValueError, match="no course"):
        plots.paths([], title="t")
    with pytest.raises(ValueError, match="one length"):
        plots.paths([("ja", np.zeros((2, 2)), ["a"])], title="t")
