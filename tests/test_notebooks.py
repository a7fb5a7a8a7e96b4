"""Every lecture runs from a clean kernel, within its time and memory, and says what it said.

Cells tagged `nbval-check-output` must print again what is stored. nbclient runs the notebooks and
not nbval, because the time and the memory of each are wanted too.
"""

from __future__ import annotations

import re

import nbformat
import pytest

import notebook_runs
from notebook_rules import LECTURES
from notebook_runs import SLACK

SECONDS, CELL_SECONDS, FIRST_PICTURE, PEAK_MB, SIZE_MB = 90, 45, 10, 1200, 1.0


def printed(cell) -> str:
    """Returns a cell's text, without what changes from run to run: addresses of objects."""
    parts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.get("outputs", [])
        if output.get("name") != "stderr"
    ]
    return re.sub(r"0x[0-9a-f]+", "0x", "".join(parts)).strip()


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_the_lecture_runs_within_its_time_and_memory(path, record_property):
    stored = nbformat.read(path, as_version=4)
    done = notebook_runs.run(path)
    size = path.stat().st_size / 1e6
    record_property(
        "lecture",
        f"{path.stem:24} {done.seconds:5.1f} s of {SECONDS} ({done.cpu_seconds:.0f} s of CPU), "
        f"first picture {done.first_picture:4.1f} s of {FIRST_PICTURE}, "
        f"slowest cell {done.slowest_cell:4.1f} s of {CELL_SECONDS}, "
        f"{done.peak_mb:5.0f} MB of {PEAK_MB}, stored {size:.2f} MB of {SIZE_MB}",
    )
    for before, after in zip(stored.cells, done.notebook.cells, strict=True):
        if "nbval-check-output" in before.metadata.get("tags", []):
            assert printed(after) == printed(before)
    assert done.seconds < SECONDS * SLACK
    assert done.first_picture < FIRST_PICTURE * SLACK
    assert done.slowest_cell < CELL_SECONDS * SLACK
    assert done.peak_mb < PEAK_MB
    assert size <= SIZE_MB


def test_a_cell_that_fails_is_an_error(tmp_path):
    path = tmp_path / "bad.ipynb"
    cells = [nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        notebook_runs.run(path)


def test_cleaning_takes_out_widgets_and_times():
    output = nbformat.v4.new_output(
        "display_data",
        data={"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "x"},
    )
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "2"}}
    bar = nbformat.v4.new_output("display_data", data={**view, "text/plain": "  0%|   | 0/9"})
    cell = nbformat.v4.new_code_cell("x", outputs=[bar, output], metadata={"execution": {"a": "1"}})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"a": 1}})
    notebook_runs.clean(notebook)
    assert notebook.metadata == {"language_info": {"name": "python"}}
    assert notebook.cells[0].metadata == {}
    assert list(notebook.cells[0].outputs[0].data) == ["text/plain"]


def test_what_a_run_cost_fills_the_last_columns_of_a_lecture(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for name, metadata in (("a", {"imi": {"seconds": 75, "megabytes": 640}}), ("b", {})):
        notebook = nbformat.v4.new_notebook(metadata=metadata)
        nbformat.write(notebook, tmp_path / "notebooks" / f"{name}.ipynb")
    rows = "| | Lecture | Min | MB |\n|---|---|---|---|\n| 1 | [a](notebooks/a.ipynb) | {} |\n{}"
    other = "| 2 | [b](notebooks/b.ipynb) | x | | |"
    found = notebook_runs.with_costs(rows.format("x | | ", other), tmp_path)
    assert found == rows.format("x | 1.2 min | 640 MB", other)
    assert notebook_runs.with_costs(found, tmp_path) == found
