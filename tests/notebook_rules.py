"""The rules of a lecture that a program can check; each returns the places that break it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

# A learner's own notebooks may lie beside the lectures, and Jupyter's copies below them.
LECTURES = sorted(
    path
    for path in (Path(__file__).parents[1] / "notebooks").glob("**/[0-9][0-9]_*.ipynb")
    if path.parent.name != ".ipynb_checkpoints"
)
PROSE_WORDS, CODE_LINES, EXPLORERS, EXERCISES = 150, 25, 5, 3
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}


def source(cell) -> str:
    """Returns a cell's text."""
    return "".join(cell["source"])


def code(notebook) -> list:
    """Returns the code cells."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def prose(notebook) -> list:
    """Returns the prose cells."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def cells_are_short(notebook) -> Iterator[str]:
    """At most 150 words of prose and 25 lines of code a cell."""
    for cell in prose(notebook):
        if "no-word-limit" in cell["metadata"].get("tags", []):
            continue
        words = len(source(cell).split())
        if words > PROSE_WORDS:
            yield f"{words} words: {source(cell)[:50]!r}"
    for cell in code(notebook):
        lines = source(cell).count("\n") + 1
        if lines > CODE_LINES:
            yield f"{lines} lines: {source(cell)[:50]!r}"


def prose_stands_between_code(notebook) -> Iterator[str]:
    """At most two code cells in a row."""
    row = 0
    for cell in notebook["cells"]:
        row = row + 1 if cell["cell_type"] == "code" else 0
        if row > 2:
            yield f"{row} code cells in a row: {source(cell)[:50]!r}"


def it_begins_and_ends_as_lectures_do(notebook) -> Iterator[str]:
    """Title, badges, switches; the fixed sections; ledger, meaning test, exercises, summary."""
    first, cells = source(notebook["cells"][0]), code(notebook)
    if not first.startswith("# ") or "mybinder.org" not in first or "colab" not in first:
        yield "the first cell must hold the title and the badges of Binder and Colab"
    if not any("parameters" in cell["metadata"].get("tags", []) for cell in cells[:3]):
        yield "one of the first three code cells must be tagged `parameters`"
    headings = re.findall(r"^## (.+)$", "\n".join(map(source, prose(notebook))), re.MULTILINE)
    for wanted in ("Explore", "Claims", "How near are two meanings?", "Exercises", "Summary"):
        if not any(wanted in heading for heading in headings):
            yield f"there is no section {wanted!r}"


def widgets_and_exercises_are_counted(notebook) -> Iterator[str]:
    """At most five explorers, each after a question; at least three exercises."""
    calls = "\n".join(map(source, code(notebook)))
    explorers = len(re.findall(r"\bexplore\(", calls))
    if explorers > EXPLORERS:
        yield f"{explorers} explorers, and {EXPLORERS} are the most that a reader follows"
    if len(re.findall(r"^exercise\(", calls, re.MULTILINE)) < EXERCISES:
        yield f"there must be at least {EXERCISES} exercises"
    before = ""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "explore(" in source(cell) and "?" not in before:
            yield f"no question stands before {source(cell)[:50]!r}"
        before = source(cell) if cell["cell_type"] == "markdown" else before


def slides_are_marked(notebook) -> Iterator[str]:
    """Every cell says what it is on a slide."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("slideshow", {}).get("slide_type") not in SLIDES:
            yield f"no slide type: {source(cell)[:50]!r}"


def outputs_are_from_one_clean_run(notebook) -> Iterator[str]:
    """Cells are numbered 1, 2, 3 ...; no error, warning, path of a machine or widget state."""
    counts = [cell.get("execution_count") for cell in code(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield "the outputs are not from one clean run from top to bottom"
    if "widgets" in notebook["metadata"]:
        yield "widget state is stored"
    for cell in code(notebook):
        for output in cell.get("outputs", []):
            shown = json.dumps(
                {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
                | {"text": output.get("text", "")},
                ensure_ascii=False,
            )
            if output["output_type"] == "error" or "Traceback" in shown or "Warning:" in shown:
                yield f"an error or a warning is stored: {source(cell)[:50]!r}"
            if re.search(r"/(home|root|tmp|usr|Users|work)/\w", shown):
                yield f"a path of a machine is stored: {source(cell)[:50]!r}"


RULES = (
    cells_are_short,
    prose_stands_between_code,
    it_begins_and_ends_as_lectures_do,
    widgets_and_exercises_are_counted,
    slides_are_marked,
    outputs_are_from_one_clean_run,
)
