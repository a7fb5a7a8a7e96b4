"""Widgets, plots and the verdicts of exercises: set a value, read the figure."""

from __future__ import annotations

import time
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from ipywidgets import Dropdown, IntSlider, Text

from imi import plots
from imi.data.sources import DataError
from imi.exercises import exercise, nplm_2003
from imi.training import Step
from imi.widgets import explore, source, table, watch

PNG = b"\x89PNG"


def bars(n: int = 3):
    return plots.bars(list("abcdefgh")[:n], list(range(n)), title="t", x_title="x", highlight="b")


def test_the_figure_follows_the_slider():
    explorer = explore(bars, n=IntSlider(value=2, min=1, max=8))
    before = explorer.picture
    assert before.startswith(PNG)
    explorer.controls["n"].value = 7
    assert explorer.picture.startswith(PNG) and explorer.picture != before


def test_a_bad_value_becomes_one_sentence_and_the_picture_stays():
    def draw(word):
        if word == "<b>":
            raise ValueError("no <b> here")
        if word == "lost":
            raise DataError("it is lost")
        return bars(), f"read {word}"

    explorer = explore(draw, word=Text("dog"))
    before = explorer.picture
    explorer.controls["word"].value = "<b>"
    assert (explorer.message, explorer.picture) == ("no <b> here", before)
    shown = explorer.box.children[1].value
    assert "no &lt;b&gt; here" in shown and "<b>" not in shown
    explorer.controls["word"].value = "lost"
    assert explorer.message == "it is lost"
    explorer.controls["word"].value = "cat"
    assert explorer.message == "read cat"


def hover_map(word: str = "dog", shift: int = 0):
    places = np.arange(14.0).reshape(7, 2) + shift
    names, groups = ["cat", "dog", "<b>", "猫", "$x$", "red", "two"], list("babbacc")
    chosen = {word: places[names.index(word)]} if word in names else {}
    return plots.HoverMap(names, places, "t", groups=groups, notes=["<i>"] * 7, chosen=chosen), word


def test_a_click_on_a_map_sets_the_control_and_the_map_follows():
    explorer = explore(hover_map, click="word", word=Text("dog"), shift=IntSlider(value=0))
    assert explorer.picture.startswith(PNG)
    groups = {trace.name: list(trace.x) for trace in explorer.map.data[:-1]}
    assert groups == {"a": [2, 8], "b": [0, 4, 6], "c": [10, 12]}
    assert list(explorer.map.data[-1].text) == ["dog"] and explorer.map.data[-1].x[0] == 2
    explorer.map.data[0]._dispatch_on_click(SimpleNamespace(point_inds=[1]), None)
    assert explorer.controls["word"].value == "$x$" and explorer.map.data[-1].x[0] == 8
    explorer.controls["shift"].value = 100
    assert list(explorer.map.data[0].x) == [102, 108] and explorer.message == "$x$"
    hints = explorer.map.data[1].hovertext
    assert hints[1] == "<b>&lt;b></b><br>&lt;i>"  # what somebody wrote is shown, not obeyed


def test_a_map_can_be_coloured_otherwise_and_its_points_are_still_clicked():
    def draw(colours, word):
        drawn, _ = hover_map()
        groups = {"three": list("babbacc"), "each": list("abcdefg")}[colours]
        legend = colours == "three"
        return plots.HoverMap(
            drawn.names, drawn.places, colours, groups=groups, legend=legend
        ), word

    explorer = explore(
        draw, click="word", colours=Dropdown(options=["three", "each"]), word=Text("-")
    )
    assert [len(trace.x) for trace in explorer.map.data[:-1]] == [2, 3, 2]
    explorer.controls["colours"].value = "each"
    shown = explorer.map.data[:-1]
    assert sum(len(trace.x) for trace in shown) == 7 and not any(t.showlegend for t in shown)
    looks = {(trace.marker.symbol, colour) for trace in shown for colour in trace.marker.color}
    assert len(looks) == 7  # no two of seven groups look alike
    red = next(trace for trace in shown if 10 in trace.x)
    red._dispatch_on_click(SimpleNamespace(point_inds=[list(red.x).index(10)]), None)
    assert explorer.message == "red"
    explorer.controls["colours"].value = "three"
    assert [trace.name for trace in explorer.map.data] == ["a", "b", "c", "chosen"]
    explorer.map.data[1]._dispatch_on_click(SimpleNamespace(point_inds=[1]), None)
    assert explorer.message == "<b>"


def test_without_plotlys_widget_a_still_map_follows(monkeypatch):
    def missing(_):
        raise ImportError("no anywidget")

    monkeypatch.setattr(plots.HoverMap, "live", missing)
    explorer = explore(hover_map, word=Text("dog"), shift=IntSlider(value=0))
    before = explorer.picture
    explorer.controls["word"].value = "cat"
    assert explorer.map is None and explorer.picture != before


def test_an_image_is_shown_only_once_there_is_a_picture():
    number = IntSlider(value=1, min=1, max=5)
    figure = plots.bars(["a"], [1.0], title="t", x_title="x")
    explorer = explore(lambda number: figure if number > 2 else "a text", number=number)
    image = explorer.box.children[-1]
    assert image.layout.display == "none" and explorer.picture == b""
    number.value = 3
    assert image.layout.display is None and image.value == explorer.picture != b""


def test_every_display_holds_a_picture_for_readers_without_a_kernel():
    bundle = explore(bars, n=IntSlider(value=2, min=1, max=8))._repr_mimebundle_()
    assert bundle["image/png"].startswith(PNG)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert explore(lambda n: "text", n=IntSlider())._repr_mimebundle_()["text/plain"] == "text"


def test_watching_takes_a_tenth_of_the_time_at_most(monkeypatch):
    drawn = []

    def slow_curve(history, title):
        drawn.append(len(history))
        time.sleep(0.03)

    monkeypatch.setattr("imi.widgets._curve", slow_curve)
    monkeypatch.setattr("imi.widgets._FRAMES_A_SECOND", 1000)

    def steps():
        for number in range(1, 201):
            time.sleep(0.005)
            yield Step(number, 1.0, 0.1, 0.0)

    began = time.perf_counter()
    watch(steps(), title="t")
    assert 3 <= len(drawn) <= 2 + (time.perf_counter() - began) / (10 * 0.03)


def test_watch_returns_every_step_and_survives_an_interrupt(capsys):
    def steps(stop):
        for number in range(1, 6):
            if number == stop:
                raise KeyboardInterrupt
            yield Step(number, 5.0 / number, 0.1, 0.0, 2.0 if number == 3 else None)

    assert [step.number for step in watch(steps(9), title="t")] == [1, 2, 3, 4, 5]
    assert [step.number for step in watch(steps(4), title="t")] == [1, 2, 3]
    assert "stopped after 3 updates" in capsys.readouterr().out


def test_a_table_escapes_what_it_shows():
    shown = table([("<script>", 3)], ("a & b", "c")).data
    assert "&lt;script&gt;" in shown and "<script>" not in shown and "a &amp; b" in shown


def test_source_shows_the_code(capsys):
    source(plots.png)
    assert "def png" in capsys.readouterr().out


@pytest.mark.parametrize(
    "figure",
    [
        lambda: plots.lines({"a": ([1, 2], [3, 4]), "b": ([1], [2])}, title="t", x_title="x",
                            y_title="y", log_x=True, log_y=True, mark=2),
        lambda: plots.lines({"$a": ([1, 2, 3], [3, 4, 9])}, title="t", x_title="x", y_title="y",
                            log_y=True, mark=2.5, broken=True, named=["$x", "猫", "z"]),
        lambda: plots.space({"a": (3, 1, 0), "b": (1, 2, 5)}, ["x", "y", "z"], title="t"),
        lambda: plots.angle((1, 2), (-3, 0.5), title="t"),
        lambda: plots.offsets(["猫", "$x$", "dog"], np.eye(3, 2), [(0, 1), (0, 2)], title="t",
                              marked=1),
        lambda: plots.network([["a", "b"], ["c"]], titles=["in", "out"], title="t"),
        lambda: plots.curve([(1, 5.0), (2, 4.0)], [(2, 4.5)], title="t"),
        lambda: plots.curve([], title="nothing yet"),
        lambda: plots.word_map(["猫", "$x$", "dog"], np.eye(3, 2), title="t",
                               groups=["a", "b", "a"], highlight=["dog"]),
        lambda: plots.heatmap(np.eye(3, 5), list("abc"), list("vwxyz"), title="t", unit="u"),
        lambda: plots.bars(["猫", "$x^", ""], [0.1, -0.2, 0.3], title="50 %", x_title="x"),
    ],
)  # fmt: skip
def test_every_figure_draws_without_a_warning(figure):
    assert plots.png(figure()).startswith(PNG)


def test_the_colours_of_heat_maps_with_the_same_limits_mean_the_same():
    def drawn(matrix, **about):
        about = {"title": "t", "unit": "u", **about}
        axes = plots.heatmap(np.array(matrix), list("ab"), list("vw"), **about).axes[0]
        shown, inks = axes.images[0], [text.get_color() for text in axes.texts]
        return shown.to_rgba(shown.get_array()), shown.get_clim(), inks

    own, clim, inks = drawn([[-3.0, 0.5], [0.0, 1.0]])
    assert clim == (-3.0, 1.0) and inks == ["white", "black", "black", "black"]
    first, clim, inks = drawn([[-3.0, 0.5], [0.0, 1.0]], limits=(-4, 4))
    assert clim == (-4, 4) and inks == ["white", "black", "white", "black"]
    second, _, _ = drawn([[0.5, 4.0], [-3.0, 0.2]], limits=(-4, 4))
    assert (first[0, 1] == second[0, 0]).all() and (first[0, 0] == second[1, 0]).all()
    assert (own[0, 1] != first[0, 1]).any()


def test_a_line_that_is_broken_goes_through_all_its_points_but_not_past_the_mark():
    def points(**about):
        lines = {"a": ([1, 2, 3, 4], [5, 6, 7, 8])}
        axes = plots.lines(lines, title="t", x_title="x", y_title="y", **about).axes[0]
        return axes.lines[0].get_xydata(), [t.get_text() for t in axes.get_xticklabels()]

    whole, _ = points(mark=2.5)
    assert whole.tolist() == [[1, 5], [2, 6], [3, 7], [4, 8]]
    parted, ticks = points(mark=2.5, broken=True, named=["E1", "E2", "D1", "D2"])
    assert np.isnan(parted[2, 1]) and ticks == ["E1", "E2", "D1", "D2"]
    assert np.delete(parted, 2, axis=0).tolist() == whole.tolist()


def test_numbers_that_cannot_be_drawn_are_named():
    with pytest.raises(ValueError, match="columns of one length"):
        plots.bars(["a"], [1.0, 2.0], title="t", x_title="x")
    with pytest.raises(ValueError, match="columns of one length"):
        plots.bars([], [], title="t", x_title="x")
    with pytest.raises(ValueError, match="finite"):
        plots.lines({"a": ([1], [float("nan")])}, title="t", x_title="x", y_title="y")


def wrong_perplexity(chances):
    return 1 / (sum(chances) / len(chances))


def wrong_scores(x, H, d, U, b, W=None):
    return b + U @ torch.tanh(d + H @ x)


def unwritten(*_):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("solution", "check", "mistake", "hint"),
    [
        (nplm_2003.solution_perplexity, nplm_2003.check_perplexity, wrong_perplexity, "logarithms"),
        (nplm_2003.solution_scores, nplm_2003.check_scores, wrong_scores, "add Wx"),
        (nplm_2003.solution_weight, nplm_2003.check_weight, lambda a, b: 0.99, "is possible"),
    ],
)
def test_solutions_pass_and_typical_mistakes_get_a_hint(solution, check, mistake, hint, capsys):
    exercise(solution, check)
    assert "✓" in capsys.readouterr().out
    exercise(mistake, check)
    out = capsys.readouterr().out
    assert "✗" in out and hint in out
    exercise(unwritten, check)
    assert "not written yet" in capsys.readouterr().out
    exercise(lambda *_: {}["x"], check)
    assert "raised KeyError" in capsys.readouterr().out


@pytest.mark.parametrize(
    "figure",
    [
        lambda: plots.pictures({"a": np.zeros((3, 5, 7)), "猫": np.ones((3, 5, 7))}, title="$t^"),
        lambda: plots.pictures({"a": np.eye(5)[None] - 0.5}, title="t", signed=True),
        lambda: plots.side_by_side({"a": np.eye(5, 7), "$x^": np.zeros((5, 7))}),
        lambda: plots.map_pair({"a": np.eye(3, 2), "b": np.zeros((3, 2))}, "xyx", title="t"),
        lambda: plots.encoder_decoder(["猫", "$x^"], ["a"], title="$t^", steps=2),
        lambda: plots.search_tree([-1, -1, 0, 0], ["猫", "$x^", "a", "b"], [-1.0, -2, -3, -4],
                                  [0, 3], title="$t^"),
        lambda: plots.bits({"a": np.eye(4)[0], "b": np.eye(4)[1]}, title="t", like={"b": "a"}),
        lambda: plots.three_steps((13, 7, 5, 3), ("", "$x^", "error 3")),
    ],
)  # fmt: skip
def test_every_panel_draws_without_a_warning(figure):
    assert plots.png(figure()).startswith(PNG)


def test_a_decoder_reads_what_it_wrote_and_steps_to_come_are_pale():
    axes = plots.encoder_decoder(["A", "B"], ["x"], title="t", begin="<EOS>", steps=2).axes[0]
    boxes = [text for text in axes.texts if text.get_bbox_patch()]
    rows = {
        height: [t.get_text() for t in boxes if t.get_position()[1] == height] for height in (0, 2)
    }
    assert rows == {0: ["A", "B", "<EOS>", "x"], 2: ["x", "</s>"]}
    pale = {t.get_text() for t in boxes if t.get_alpha() < 0.5 and t.get_position()[1] == 0}
    assert pale == {"<EOS>", "x"}
    for said, steps in ((["A"], 9), ([], None)):
        with pytest.raises(ValueError, match="steps of which to show some"):
            plots.encoder_decoder(said, ["x"], title="t", steps=steps)


def test_a_search_tree_grows_to_the_right_and_its_leaves_stand_apart():
    parents, words = [-1, -1, 0, 0, 1, 3], list("abcdef")
    axes = plots.search_tree(parents, words, [-1.0] * 6, [0, 3, 5], title="t").axes[0]
    where = {text.get_text(): text for text in axes.texts}
    x = {word: where[word].get_position()[0] for word in words}
    assert x["a"] == x["b"] < x["c"] == x["d"] == x["e"] < x["f"]
    leaves = [where[word].get_position()[1] for word in "cfe"]
    assert sorted(leaves) == leaves and min(b - a for a, b in pairwise(leaves)) >= 1
    middle = (where["c"].get_position()[1] + where["d"].get_position()[1]) / 2
    assert where["a"].get_position()[1] == pytest.approx(middle)
    bold = {word for word in words if where[word].get_fontweight() == "bold"}
    assert bold == {"a", "d", "f"}
    with pytest.raises(ValueError, match="a search tree needs columns of one length"):
        plots.search_tree([], [], [], [], title="t")


def test_bits_that_differ_are_framed_and_counted():
    rows = {"a": np.array([1, 0, 1, 1, 0]), "b": np.array([1, 1, 1, 0, 0])}
    axes = plots.bits(rows, title="t", like={"b": "a"}).axes[0]
    framed = [patch for patch in axes.patches if not patch.get_fill()]
    assert sorted(round(patch.get_x()) for patch in framed) == [1, 3]
    assert [text.get_text() for text in axes.texts] == ["2 of 5 flipped"]


def test_a_net_is_drawn_unrolled_with_its_code_in_the_middle():
    axes = plots.three_steps((13, 7, 5, 3), ("a", "b", "c")).axes[0]
    shown = [text.get_text() for text in axes.texts]
    assert shown.count("3") == 3 and shown.count("13") == 5 and shown.count("7") == 6
    assert "↑ W1ᵀ" in shown and "↑ W3 + ε" in shown
