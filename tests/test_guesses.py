"""Guesses side by side: a column for each who was asked."""

from __future__ import annotations

import pytest

from imi import plots


def bar_lengths(axes) -> list[float]:
    """Returns how far the bars of a column reach, the first on top."""
    (bars,) = axes.collections
    return [path.get_extents().x1 for path in bars.get_paths()]


def test_each_column_has_its_words_and_bars_as_long_as_their_chances():
    columns = {"left": [("store", 0.5), ("$x$", 0.25)],
               "both": [("<b>", 0.75), ("猫", 0.125), ("##s", 0.0)]}  # fmt: skip
    figure = plots.guesses(columns, title="$ the man went")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["left", "both"]
    for axes, guessed in zip(figure.axes, columns.values(), strict=True):
        assert [text.get_text() for text in axes.texts] == [word for word, _ in guessed]
        assert bar_lengths(axes) == pytest.approx([chance for _, chance in guessed])
        assert axes.get_xlim() == (0, 1)
    one, other = (axes.get_position() for axes in figure.axes)
    assert one.x1 < other.x0 and one.y1 == pytest.approx(other.y1)
    inks = [tuple(axes.collections[0].get_facecolor()[0]) for axes in figure.axes]
    assert inks[0] != inks[1]
    drawn = plots.svg(figure)
    assert "猫" in drawn and "&lt;b&gt;" in drawn and "$ the man went" in drawn


def test_columns_without_guesses_are_refused():
    with pytest.raises(ValueError, match="no guesses to draw"):
        plots.guesses({}, title="")
    with pytest.raises(ValueError, match="a column of guesses needs columns of one length"):
        plots.guesses({"left": [("a", 0.5)], "both": []}, title="")
    with pytest.raises(ValueError, match="finite"):
        plots.guesses({"left": [("a", float("nan"))]}, title="")
