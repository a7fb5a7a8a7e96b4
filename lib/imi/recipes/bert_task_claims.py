"""What reading beforehand buys: all tasks of lecture 12 side by side.

The nets were tuned by the recipes of the tasks; here their figures meet, with what the same answer
to every question gets, and with what is left when only the low-rank change of a net is kept.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from imi import checkpoints, hugging_face, measurements
from imi.data.sources import DataError
from imi.finetuning import changed
from imi.recipes import Recipe, bert_nets
from imi.recipes.bert_finetune import NAME as TUNED
from imi.recipes.bert_finetune import NOTHING, PUBLISHED, SHIPPED, asked
from imi.recipes.bert_tasks import TASKS, Scores, always_the_same

NAME = "bert_task_claims"
NETS = (NOTHING, bert_nets.NAME, PUBLISHED)
KEPT, ALWAYS = "kept", "always"


def without_a_net(name: str) -> Scores:
    """Returns what the same answer to every question of a task gets, over all folds."""
    task = TASKS[name]
    folds = [(task.score(always_the_same(split.test), split.test), len(split.test))
             for split in task.read()]  # fmt: skip
    total = sum(count for _, count in folds)
    return {score: round(sum(each[score] * count for each, count in folds) / total, 4)
            for score in folds[0][0]}  # fmt: skip


def of_kept_change(name: str) -> Scores:
    """Returns what the shipped low-rank change of a task gets, on the test of its first fold."""
    shipped, published = checkpoints.load(f"{TUNED}_{name}"), hugging_face.load(PUBLISHED)
    net = changed(published.model, shipped.model)
    longest = shipped.card["settings"]["longest"]
    return asked(net, TASKS[name], published.pieces, TASKS[name].read()[0].test, longest)


def asked_again(name: str) -> dict[str, Scores]:
    """Measures again what needs no training of a task.

    Raises:
        DataError: if its data is neither in the cache nor to be had.
    """
    kept = {KEPT: of_kept_change(name)} if name in SHIPPED else {}
    return {ALWAYS: without_a_net(name), **kept}


def named(name: str, found: dict[str, Scores]) -> dict[str, float]:
    """Returns scores as figures TASK/NET/SCORE."""
    return {f"{name}/{net}/{score}": value for net, scores in found.items()
            for score, value in scores.items()}  # fmt: skip


def measure() -> dict[str, float]:
    """Measures the figures of `asked_again` of the tasks whose data is here."""
    figures: dict[str, float] = {}
    for name in TASKS:
        with suppress(DataError):  # it stands as it was recorded
            figures |= named(name, asked_again(name))
    return figures


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Gathers the figures of all tasks; a row for each, by the score that counts first."""
    figures: dict[str, float] = {}
    rows = []
    for name, task in TASKS.items():
        again, recorded = asked_again(name), measurements.load(f"{TUNED}_{name}")
        figures |= named(name, again)
        figures |= {f"{name}/{key}": value for key, value in recorded["figures"].items()}
        score = next(iter(again[ALWAYS]))
        found = {net: figures[f"{name}/{net}/{score}"] for net in (ALWAYS, *NETS)}
        rows.append({"task": name, "about": task.about, "score": score, **found,
                     "learned": recorded["rows"][0]["learned"],
                     "asked": recorded["figures"]["asked"]})  # fmt: skip
    gains = [row[PUBLISHED] - row[NOTHING] for row in rows]
    figures |= {
        "tasks": len(rows),
        "tasks_won": sum(gain > 0 for gain in gains),
        "tasks_our_bert_won": sum(row[bert_nets.NAME] > row[NOTHING] for row in rows),
        "tasks_served": sum(row[PUBLISHED] > row[ALWAYS] for row in rows),
        "tasks_nothing_served": sum(row[NOTHING] > row[ALWAYS] for row in rows),
        "mean_gain": round(sum(gains) / len(gains), 4),
    }
    return figures, rows


RECIPES = (
    Recipe.measuring(NAME, "what reading beforehand buys on twelve tasks", measure_all, minutes=6),
)
