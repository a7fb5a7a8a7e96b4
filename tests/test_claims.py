"""The ledger: read, evaluated, compared, rendered; every recorded direction is what it says."""

from __future__ import annotations

import dataclasses
import shutil

import pytest

from imi import claims, markdown, measurements
from imi.data.sources import DataError

CLAIM = claims.Claim(
    id="c", lecture="l", paper="p", where="w", statement="s|t", measurement="nplm_brown",
    ours={"n5": "mlp5", "n3": "mlp7"}, direction="n5 < n3", unit="u", scale="x", holds=True,
)  # fmt: skip


@pytest.mark.parametrize("claim", claims.ledger(), ids=lambda claim: claim.id)
def test_every_recorded_direction_is_what_the_ledger_says(claim):
    assert claims.evaluate(claim.direction, claim.figures()) == claim.holds
    assert claim.scale and (claim.holds or claim.why)
    assert set(claim.paper_numbers) <= set(claim.ours)


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [("a < b", True), ("a / b > 0.4 and a == 1", True), ("0.9 < a + b * 2 - 4 <= 1", True),
     ("a >= b", False), ("a < b < 2", False)],
)  # fmt: skip
def test_a_direction_is_a_comparison_of_figures(direction, wanted):
    assert claims.evaluate(direction, {"a": 1.0, "b": 2.0}) is wanted


@pytest.mark.parametrize("direction", ["__import__('os')", "a.b", "c < 1", "'x' < 'y'", "a if b"])
def test_anything_else_is_refused(direction):
    with pytest.raises((ValueError, SyntaxError)):
        claims.evaluate(direction, {"a": 1.0, "b": 2.0})


def outcome(measured, **changes) -> claims.Result:
    return claims._compare(dataclasses.replace(CLAIM, **changes), measured)


def test_figures_measured_again_must_be_near_and_say_the_same():
    recorded = CLAIM.figures()
    same = {"mlp5": recorded["n5"] * 1.001, "mlp7": recorded["n3"]}
    assert outcome(same).problem == ""
    assert "n5 is" in outcome({**same, "mlp5": recorded["n5"] * 1.5}).problem
    assert "`n5 < n3` is True now" in outcome(same, holds=False).problem
    assert str(outcome(same)).startswith("ok  ")
    missing = outcome(DataError("no data"))
    assert missing.skipped and missing.problem == "no data"


def test_a_figure_that_was_not_measured_again_is_not_called_so():
    partly = outcome({"mlp5": CLAIM.figures()["n5"]})
    assert partly.problem == "" and partly.recorded == ("n3",)
    assert str(partly).startswith("recorded ") and "not measured again: n3" in str(partly)
    assert set(partly.figures) == {"n5"}
    nothing = outcome({})
    assert str(nothing).split() == ["recorded", "c", *"not measured again: n5, n3".split()]


def test_a_check_reports_failure_by_its_exit_status(monkeypatch, capsys):
    monkeypatch.setattr(claims, "ledger", lambda lecture=None: [CLAIM])
    monkeypatch.setattr(claims, "_measure", lambda name: {"mlp5": 9.0, "mlp7": 5.0})
    assert claims.main(["--check"]) == 1
    assert "FAILED" in capsys.readouterr().out
    monkeypatch.setattr(claims, "_measure", lambda name: DataError("no data"))
    assert claims.main(["--check"]) == 0
    assert "skipped" in capsys.readouterr().out


def test_the_ledger_is_rendered_with_both_numbers(capsys):
    assert claims.main(["--lecture", "01_nplm_2003"]) == 0
    shown = capsys.readouterr().out
    assert "MLP10 mixed 252" in shown and "does not hold here" in shown
    lines = claims.markdown([CLAIM]).splitlines()
    assert lines[0] == "## l" and len(lines) == 5
    assert "s/t" in lines[4] and "no figure given" in lines[4]


def test_the_claims_of_each_lecture_are_counted():
    others = [dataclasses.replace(CLAIM, lecture="k", holds=holds) for holds in (False, True)]
    told, _, _, _, first, second = claims.tally([CLAIM, *others, others[0]]).splitlines()
    assert told == "4 claims were measured: 2 held here, 2 did not."
    assert first == "| [k](docs/ledger.md#k) | 3 | 1 | 2 |"
    assert second == "| [l](docs/ledger.md#l) | 1 | 1 | 0 |"


def test_the_command_writes_the_ledger_and_what_the_readme_says_of_it(tmp_path, monkeypatch):
    recorded = tmp_path / "data" / "measurements"
    recorded.mkdir(parents=True)
    shutil.copy(claims.places.data_dir() / "measurements" / "nplm_brown.json", recorded)
    (tmp_path / "docs").mkdir()
    readme, page = tmp_path / "README.md", tmp_path / "docs" / "ledger.md"
    readme.write_text("a\n<!-- results -->\n<!-- /results -->\nb\n")
    page.write_text("<!-- ledger -->\nold\n<!-- /ledger -->\n")
    monkeypatch.setattr(claims.places, "data_dir", lambda: tmp_path / "data")
    monkeypatch.setattr(claims, "ledger", lambda: [CLAIM])
    assert claims.main(["--docs"]) == 0
    monkeypatch.undo()
    assert markdown.between(readme, "results") == claims.tally([CLAIM])
    assert markdown.between(page, "ledger") == claims.markdown([CLAIM])


def test_a_figure_that_was_never_measured_is_named():
    with pytest.raises(ValueError, match="the measurement nplm_brown lacks"):
        dataclasses.replace(CLAIM, ours={"a": "no such"}).figures()
    with pytest.raises(ValueError, match=r"nothing was measured as 'x'; run `python -m imi.train"):
        measurements.load("x")
