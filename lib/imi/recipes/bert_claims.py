"""BERT against its twins and against counting: hidden pieces, blanks, next sentences."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from imi import checkpoints
from imi.bertpieces import BertPieces
from imi.masked_batches import PretrainingBatch
from imi.models.both_sided import BothSided
from imi.pretraining import answers
from imi.recipes import Recipe, bert_nets, bert_scores, bert_task
from imi.recipes.bert_task import Questions, Task

NAME = "bert_claims"
NETS = (bert_nets.NAME, bert_nets.BOTH, bert_nets.LEFT, bert_nets.RIGHT, bert_nets.NO_NSP)
COUNTED = 200_000  # asked places that counting is judged by, at most


def surroundings(batch: PretrainingBatch, pad: int) -> Tensor:
    """Returns two pieces to the left of each hidden place, it, and two to the right, (N, 5).

    They are what a net reads there, hidden pieces and all; beyond a row there is padding.
    """
    wide = torch.nn.functional.pad(batch.ids, (2, 2), value=pad)
    row, place = batch.chosen.nonzero(as_tuple=True)
    return torch.stack([wide[row, place + step] for step in range(5)], dim=1)


def by_counting(of: Task, asked: dict[str, list[PretrainingBatch]]) -> dict[str, float]:
    """Counts the training text; returns the share of hidden pieces that counting guesses.

    Figures are COUNTS/TEST: "commonest" is one guess for all, "left" a trigram, "both" an n-gram
    that sees two pieces to each side.
    """
    ids, figures = of.libraries["train"].ids.numpy(), {}
    size, pad = len(of.pieces.vocabulary), of.pieces.pad_id
    common = np.bincount(ids, minlength=size).argmax()
    runs = {test: torch.cat([surroundings(batch, pad) for batch in batches]).numpy()[:COUNTED]
            for test, batches in asked.items()}  # fmt: skip
    true = {test: torch.cat([batch.targets[batch.chosen] for batch in batches]).numpy()[:COUNTED]
            for test, batches in asked.items()}  # fmt: skip
    for sees in ("left", "both"):
        model = BothSided(vocab_size=size, sees=sees).fit(ids)
        for test in asked:
            right = model.guesses(runs[test]) == true[test]
            figures[f"{sees}/{test}"] = round(right.mean().item(), 4)
    for test, words in true.items():
        figures[f"commonest/{test}"] = round((words == common).mean().item(), 4)
        figures[f"places/{test}"] = len(words)
    return figures


def same_side(model: torch.nn.Module, asked: Questions) -> dict[str, float]:
    """Returns how often IsNext and NotNext are told, apart, and NotNext by where B comes from."""
    found, pairs = answers(model, asked.batches), asked.pairs
    near = pairs.source == pairs.other
    kinds = {"is_next": pairs.next == 0, "not_next_same_source": (pairs.next == 1) & near,
             "not_next_other_source": (pairs.next == 1) & ~near}  # fmt: skip
    figures = {}
    for kind, rows in kinds.items():
        each = found.of_rows(torch.from_numpy(rows)).figures()
        figures |= {kind: round(each["next_accuracy"], 4), f"{kind}_pairs": each["pairs"]}
    return figures


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures all nets and what counting makes of the same questions, figures NET/FIGURE.

    Rows are what the net and counting got right, source by source.
    """
    of, figures, rows = None, {}, []
    for name in NETS:
        shipped = checkpoints.load(name)
        if of is None or of.pieces.vocabulary.words != shipped.vocabulary.words:
            of = bert_task.read(BertPieces(shipped.vocabulary), parts=["train", "test"])
            asked = bert_task.questions(of, "test", longest=bert_task.TEST_LONGEST)
            blanks = bert_task.in_parts(bert_task.blanks(of))
            figures |= by_counting(of, {"masked": asked.batches, "blank": blanks})
        found, each = bert_scores.scores(shipped.model, of)
        found |= same_side(shipped.model, asked)
        found |= {"minutes": shipped.card["minutes"], "steps": shipped.card["steps"]}
        figures |= {f"{name}/{figure}": value for figure, value in found.items()}
        rows += [{"net": name, "source": source, **about} for source, about in each.items()]
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(NAME, "BERT against its twins and against counting", measure_all, minutes=8),
)
