"""Marked texts: every part on its own colour, where it stands, on as many lines as it needs."""

from __future__ import annotations

import pytest
from matplotlib.collections import PolyCollection

from imi import plots
from imi.plots.marks import _laid_out, _runs, _words

KINDS = ["LOC", "PER"]


def test_a_part_lies_on_a_colour_that_is_as_wide_as_it():
    text = "<b>Jim</b> saw $Paris$ and 日本"
    marks = [(3, 6, "PER"), (16, 21, "LOC"), (27, 29, "LOC")]
    figure = plots.marked(text, marks, title="$ <i>names", kinds=KINDS)
    boxes = figure.axes[0].patches
    letter = boxes[0].get_width() / 3
    assert [box.get_width() / letter for box in boxes] == pytest.approx([3, 5, 4])
    assert boxes[1].get_x() / letter == pytest.approx(16)
    inks = [tuple(box.get_facecolor()) for box in boxes]
    assert inks[0] != inks[1] == inks[2]
    drawn = plots.svg(figure)
    for shown in ("&lt;b&gt;Jim&lt;/b&gt;", "$Paris$", "日本", "$ &lt;i&gt;names", "PER"):
        assert shown in drawn


def test_lines_break_between_words_and_long_words_are_cut():
    places = _laid_out("ab cde\nfghijklmno", 5)
    assert places[:6] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert places[7:] == [(2 + n // 5, n % 5) for n in range(10)] + [(3, 5)]
    assert list(_runs(places, 1, 6)) == [(0, 1, 3), (1, 0, 3)]
    found = list(_words("ab cde\nfghijklmno", places))
    assert found == [("ab", (0, 0)), ("cde", (1, 0)), ("fghij", (2, 0)), ("klmno", (3, 0))]


def test_accents_take_no_room_and_a_part_may_end_with_the_text():
    places = _laid_out("e\u0301a", 9)
    assert places == [(0, 0), (0, 1), (0, 1), (0, 2)]
    assert list(_runs(places, 0, 2)) == [(0, 0, 1)]
    assert list(_runs(places, 0, 3)) == [(0, 0, 2)]


def test_bars_rise_above_and_hang_below_as_high_as_their_numbers():
    bars = {"begins": {(0, 2): 1.0, (3, 5): 0.5, (6, 8): 0.001}, "ends": {(3, 5): 0.25}}
    figure = plots.marked("ab cd ef", [(3, 5, "PER")], title="t", kinds=KINDS, bars=bars)
    above, below = (part for part in figure.axes[0].collections if isinstance(part, PolyCollection))
    heights = [path.get_extents().height for path in (*above.get_paths(), *below.get_paths())]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 0.5, 0.25])
    assert above.get_paths()[0].get_extents().y1 < below.get_paths()[0].get_extents().y0
    assert "above the text: begins" in plots.svg(figure)


def test_what_cannot_be_drawn_is_refused():
    for bad, message in ((" \n", "no text to draw"), ("long " * 2_000, "lines; 60 are drawn")):
        with pytest.raises(ValueError, match=message):
            plots.marked(bad, [], title="", kinds=KINDS)
    with pytest.raises(ValueError, match="between 0 and its 3 characters"):
        plots.marked("abc", [(2, 4, "PER")], title="", kinds=KINDS)
