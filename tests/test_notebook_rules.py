"""Every lecture keeps the rules; every rule sees what breaks it."""

from __future__ import annotations

import copy
import json

import pytest

import notebook_rules as rules


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", rules.LECTURES, ids=lambda path: path.stem)
def test_the_lecture_keeps_the_rule(path, rule):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert list(rule(notebook)) == []


def cell(text: str, kind: str = "markdown", **extra) -> dict:
    metadata = {"slideshow": {"slide_type": "slide"}, **extra.pop("metadata", {})}
    return {"cell_type": kind, "source": [text], "metadata": metadata, **extra}


def code(text: str, count: int, **extra) -> dict:
    return cell(text, "code", **{"execution_count": count, "outputs": [], **extra})


GOOD = {
    "metadata": {},
    "cells": [
        cell("# Title (2003)\n[Binder](https://mybinder.org) [Colab](https://colab.google)"),
        code("TRAIN_LIVE = False", 1, metadata={"tags": ["parameters"]}),
        cell("## Explore\nWhat will happen?"),
        code("explore(draw)", 2),
        cell("## Claims"),
        cell("## How near are two meanings?"),
        cell("## Exercises"),
        code("exercise(a, check_a)\nexercise(b, check_b)\nexercise(c, check_c)", 3),
        cell("## Summary"),
    ],
}


def test_a_good_notebook_breaks_no_rule():
    assert [found for rule in rules.RULES for found in rule(GOOD)] == []


def output(text: str) -> list[dict]:
    return [{"output_type": "stream", "text": text}]


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (rules.cells_are_short, lambda n: n["cells"].append(cell("word " * 151))),
        (rules.cells_are_short, lambda n: n["cells"].append(code("x\n" * 25, 4))),
        (rules.prose_stands_between_code, lambda n: n["cells"].extend([code("x", 4)] * 3)),
        (rules.it_begins_and_ends_as_lectures_do, lambda n: n["cells"].pop(0)),
        (rules.it_begins_and_ends_as_lectures_do, lambda n: n["cells"].pop(1)),
        (rules.it_begins_and_ends_as_lectures_do, lambda n: n["cells"].pop()),
        (rules.widgets_and_exercises_are_counted, lambda n: n["cells"].pop(7)),
        (rules.widgets_and_exercises_are_counted, lambda n: n["cells"].pop(2)),
        (
            rules.widgets_and_exercises_are_counted,
            lambda n: n["cells"][3].update(source=["explore(draw)\n" * 6]),
        ),
        (rules.slides_are_marked, lambda n: n["cells"][2]["metadata"].clear()),
        (rules.outputs_are_from_one_clean_run, lambda n: n["cells"].append(code("x", 9))),
        (rules.outputs_are_from_one_clean_run, lambda n: n["metadata"].update(widgets={})),
        (
            rules.outputs_are_from_one_clean_run,
            lambda n: n["cells"][3].update(outputs=output("FutureWarning: x")),
        ),
        (
            rules.outputs_are_from_one_clean_run,
            lambda n: n["cells"][3].update(outputs=output("see /home/me/x")),
        ),
    ],
)
def test_a_broken_rule_is_seen(rule, change):
    notebook = copy.deepcopy(GOOD)
    change(notebook)
    assert list(rule(notebook))
