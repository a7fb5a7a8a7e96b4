"""Benchmarks: what a row says, and that one table holds what all of them measured."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest
import report
import runner
from report import Row

FOLDER = Path(__file__).parent / "benchmarks"


@pytest.mark.parametrize(
    ("row", "ratio", "met"),
    [
        (Row("speed", "words/s", 300, "peer", 200, target=1.5), 1.5, True),
        (Row("speed", "words/s", 290, "peer", 200, target=1.5), 1.45, False),
        (Row("time", "s", 2.0, "peer", 5.0, fewer=True, target=2.6), 2.5, False),
        (Row("time", "s", 2.0, "peer", 5.0, fewer=True, target=2.5), 2.5, True),
        (Row("paired", "texts/s", 3.0, "peer", 2.0, times=0.9, target=1.0), 0.9, False),
        (Row("alone", "words/s", 7.0, target=6.0), None, True),
        (Row("alone", "share", 7.0, fewer=True, target=6.0), None, False),
        (Row("no target", "words/s", 1.0, "peer", 9.0), 1 / 9, True),
        (Row("none", problem="peer is not installed"), None, True),
        (Row("none", problem="it broke", failed=True), None, False),
    ],
)
def test_a_row_knows_its_ratio_and_whether_the_target_is_met(row, ratio, met):
    assert row.ratio == (None if ratio is None else pytest.approx(ratio))
    assert row.met == met


def test_a_row_is_shown_with_what_stands_beside_it():
    fast, alone, missing = (
        Row("t", "s", 0.01234, "peer", 24.6, fewer=True, target=20),
        Row("a", "share", 0.5, fewer=True, target=0.4),
        Row("m", problem="peer is not installed"),
    )
    assert fast.cells() == ("t", "s", "0.0123", "24.6 (peer)", "1,994", "at least 20", "yes")
    assert alone.cells() == ("a", "share", "0.5", "", "", "at most 0.4", "**no**")
    assert missing.cells() == ("m", "", "", "skipped: peer is not installed", "", "", "")


def test_what_is_missing_is_a_row_beside_those_that_could_be_measured():
    def lacking(size):
        yield Row("first", "s", size)
        import no_such_peer  # noqa: F401

    def skipped(size):
        raise report.Skipped("the text is not here")
        yield

    first, second = report.measured(lacking, "name", 3.0)
    assert first == Row("first", "s", 3.0) and second.what == "name"
    assert second.problem == "no_such_peer is not installed" and second.met
    assert report.measured(skipped, "name", 1)[0].problem == "the text is not here"

    def broken(size):
        import imi.no_such_module

        yield imi

    with pytest.raises(ModuleNotFoundError):
        report.measured(broken, "name", 1)


def test_a_readme_without_the_marks_is_known_before_the_work(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="no place between <!-- bench -->"):
        runner.main(tmp_path, ["--readme"], readme=readme)


GOOD = """
import report
report.main(lambda size: [report.Row(f"of {size}", "s", 1.0, "peer", 3.0, fewer=True, target=2.0)],
            7, "things")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    where = (str(FOLDER), str(FOLDER.parents[1] / "lib"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(where))
    made = tmp_path / "benchmarks"
    made.mkdir()
    (made / "good.py").write_text(GOOD)
    (made / "__main__.py").write_text("raise SystemExit('no benchmark')")
    return made


def test_one_table_holds_all_and_goes_into_the_readme(folder, tmp_path, capfd):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n")
    (folder / "missing.py").write_text(
        "import report\ndef rows(size):\n    import no_such_peer\n    yield\n"
        "report.main(rows, 1, '')\n"
    )
    assert runner.main(folder, ["--readme"], readme=readme) == 0
    shown = readme.read_text()
    assert shown.startswith("a\n<!-- bench -->\n") and shown.endswith("<!-- /bench -->\nb\n")
    assert runner.machine() in shown and "old" not in shown
    lines = [line for line in shown.splitlines() if line.startswith("| ")][2:]
    assert lines == [
        "| of 7 | s | 1 | 3 (peer) | 3 | at least 2 | yes |",
        "| missing |  |  | skipped: no_such_peer is not installed |  |  |  |",
    ]
    assert shown.split("bench -->\n")[1].split("\n<!--")[0] in capfd.readouterr().out


def test_a_missed_target_and_a_benchmark_that_breaks_end_with_1_and_the_others_go_on(folder, capfd):
    (folder / "broken.py").write_text("raise RuntimeError('it is broken')")
    (folder / "slow.py").write_text(GOOD.replace("target=2.0", "target=9.0"))
    assert runner.main(folder, ["good"]) == 0
    assert runner.main(folder, ["slow"]) == 1
    capfd.readouterr()
    assert runner.main(folder, ["broken", "good"]) == 1
    said = capfd.readouterr().out
    assert "failed: RuntimeError: it is broken" in said and "of 7" in said
    with pytest.raises(SystemExit):
        runner.main(folder, ["fast"])


@pytest.mark.parametrize("name", runner.names(FOLDER))
def test_every_benchmark_tells_its_rows_in_the_one_way(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [ast.unparse(call.func) for call in calls]
    assert "rows" in functions and named.count("report.main") == 1
    assert "print" not in named and "sys.exit" not in named
