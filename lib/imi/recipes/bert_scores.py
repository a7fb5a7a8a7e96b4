"""How a pre-trained BERT is judged: on documents that it never saw, source by source."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from imi.pretraining import Answers, answers
from imi.recipes import bert_task
from imi.recipes.bert_task import Questions, Task

SAMPLE = 6  # batches of the test that a test asks again
ROUNDS = 2  # test documents are cut and masked so many times


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: value if isinstance(value, int) else round(value, 4)
            for name, value in figures.items()}  # fmt: skip


def by_source(found: Answers, asked: Questions, names: tuple[str, ...]) -> dict[str, Any]:
    """Returns the figures of each source's rows; those of pairs go by their first text."""
    figures = {}
    for number, name in enumerate(names):
        rows = torch.from_numpy(asked.pairs.source == number)
        if rows.any():
            each = found.of_rows(rows).figures()
            kept = ("masked_accuracy", "masked_places") + ("next_accuracy", "pairs") * (
                each["pairs"] > 0
            )
            figures[name] = _rounded({figure: each[figure] for figure in kept})
    return figures


def scores(model: nn.Module, of: Task) -> tuple[dict[str, float], dict[str, Any]]:
    """Returns the figures of the whole test, and those of each source.

    `next_accuracy` is of the paper's pairs, whose foreign texts come from anywhere;
    `next_within` is of pairs whose foreign texts come from the same source;
    `blank_accuracy` is of single sentences with one piece hidden in the middle.
    """
    asked = bert_task.questions(of, "test", longest=bert_task.TEST_LONGEST, rounds=ROUNDS)
    found = answers(model, asked.batches)
    near = bert_task.questions(
        of, "test", longest=bert_task.TEST_LONGEST, rounds=ROUNDS, within=1.0
    )
    within = answers(model, near.batches).figures()
    blank = answers(model, bert_task.in_parts(bert_task.blanks(of))).figures()
    figures = {
        **found.figures(),
        "next_within": within["next_accuracy"],
        "pairs_within": within["pairs"],
        "blank_accuracy": blank["masked_accuracy"],
        "blanks": blank["masked_places"],
    }
    return _rounded(figures), by_source(found, asked, of.names)


def sample_scores(model: nn.Module, of: Task) -> dict[str, float]:
    """Measures what a test measures again, on the first rows of the test."""
    asked = bert_task.questions(of, "test", longest=bert_task.TEST_LONGEST, batches=SAMPLE)
    found = answers(model, asked.batches).figures()
    kept = ("masked_loss", "masked_accuracy", "next_accuracy")
    return {f"sample_{figure}": round(found[figure], 4) for figure in kept}
