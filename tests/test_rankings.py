"""Rankings side by side and a line of years: what is drawn, and what is refused."""

from __future__ import annotations

import pytest
from matplotlib.patches import Rectangle

from imi import plots
from imi.plots import Milestone

COLUMNS = {"strings": [("Elevator", 1.0), ("Lift (soaring) and much more to be said of it", 0.5)],
           "meanings": [("昇降機" * 9, 0.25)], "nobody": []}  # fmt: skip


def test_every_find_lies_on_a_bar_as_long_as_its_score():
    figure = plots.rankings(COLUMNS, title="$ found", width=2.0, marked={"Elevator"})
    bars = [part for part in figure.axes[0].patches if isinstance(part, Rectangle)]
    assert [bar.get_width() for bar in bars] == [2.0, 1.0, 0.5]
    texts = {text.get_text(): text for text in figure.axes[0].texts}
    assert texts["Elevator"].get_fontweight() == "bold"
    assert {"strings", "meanings", "nobody", "nothing"} <= set(texts)
    cut = [text for text in texts if text.endswith("…")]
    assert [len(text) for text in cut] == [22, 11]  # signs of Japanese are twice as wide
    assert "Elevator" in plots.svg(figure)


def test_columns_take_the_colours_that_are_given_one_after_the_other():
    figure = plots.rankings(COLUMNS, title="", colours=("#ff0000", "#0000ff"))
    bars = [part.get_facecolor()[:3] for part in figure.axes[0].patches]
    assert bars == [(1, 0, 0), (1, 0, 0), (0, 0, 1)]


def test_a_ranking_of_nobody_or_of_no_number_is_refused():
    with pytest.raises(ValueError, match="nobody"):
        plots.rankings({}, title="")
    with pytest.raises(ValueError, match="above 0, got 0"):
        plots.rankings(COLUMNS, title="", most=0)
    with pytest.raises(ValueError, match="needs finite numbers"):
        plots.rankings({"strings": [("Elevator", float("nan"))]}, title="")


def test_milestones_stand_at_their_years_and_follow_their_links():
    steps = [Milestone(2003, "NPLM", "language", "01.ipynb"), Milestone(2013, "Word2Vec", "words"),
             Milestone(2019, "BERT", "language", "11.ipynb")]  # fmt: skip
    figure = plots.timeline(steps, title="from 2003")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o" and line.get_url()]
    assert [(dot.get_xdata()[0], dot.get_url()) for dot in dots] == [
        (2003, "01.ipynb"), (2019, "11.ipynb"),
    ]  # fmt: skip
    assert dots[0].get_color() == dots[1].get_color()
    drawn = plots.svg(figure)
    assert 'href="11.ipynb"' in drawn and "2013  Word2Vec" in drawn
    with pytest.raises(ValueError, match="no milestones"):
        plots.timeline([], title="")
