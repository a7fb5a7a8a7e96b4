"""BERT fine-tuned: every task of lecture 12, from a published net, our own, and from nothing.

All weights learn, as in the paper (appendix A.3: batches of 16 or 32, rates from 2e-5 to 5e-5, 2 to
4 epochs). Small nets bear and need higher rates: the fewer numbers, the higher.
A net is far larger than what changes in it: of the published one the low-rank change is shipped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from imi import checkpoints, hugging_face, measurements
from imi import device as devices
from imi.bertpieces import BertPieces
from imi.checkpoints import Checkpoint
from imi.data import sources
from imi.data.tasks import Split
from imi.finetuning import TaskLoss, answers, batches, changed
from imi.models.bert import Bert
from imi.models.bert_heads import FineTuned
from imi.models.low_rank import LowRank
from imi.recipes import Recipe, Request, bert_nets
from imi.recipes.bert_tasks import TASKS, Task
from imi.recipes.diary import one_by_one, state_file
from imi.schedules import linear_decay
from imi.task_shapes import Encoded
from imi.training import Step, train

NAME = "bert_finetune"
PUBLISHED, NOTHING = "minilm", "nothing"
RATES = {PUBLISHED: 1e-4, bert_nets.NAME: 3e-4, NOTHING: 3e-4,
         bert_nets.BOTH: 5e-4, bert_nets.LEFT: 5e-4}  # fmt: skip
TWINS = bert_nets.BOTH, bert_nets.LEFT  # asked where table 5 finds most and least between them
NETS: dict[str, tuple[str, ...]] = {
    name: (PUBLISHED, bert_nets.NAME, NOTHING, *(TWINS if name in ("squad", "sst2") else ()))
    for name in TASKS
}
# What the widgets of the lecture ask, and how much room each may take; others would only cost room.
# Of tags of names, rank 8 loses 8 points of F1, 16 loses 5, 32 loses 2; of classes 16 loses less.
SHIPPED = {"reviews": 16, "sick": 16, "stsb": 16, "squad2": 16, "continuations": 16, "ner": 32}
UNCHANGED = ("words.weight",)  # the word vectors: the largest matrix, and it changes least
FOLDS = {PUBLISHED: None, NOTHING: 1}  # of a task that has some: all, so many, or else two
SAMPLE = 60  # at most, of the test that a test asks again


@dataclass(frozen=True)
class Settings:
    """How to fine-tune; comments give the paper's numbers (appendix A.3)."""

    epochs: int  # 2 to 4
    learning_rate: float  # 2e-5 to 5e-5
    longest: int = 128
    size: int = 32  # 16 or 32
    warmup: float = 0.1
    decay: float = 0.01
    clip_norm: float = 1.0
    top: int | None = None  # layers that learn; None: all weights
    seed: int = 2019


def start(net: str) -> tuple[Bert, BertPieces]:
    """Returns a net to tune, and its pieces; from nothing it is as large as the published one."""
    if net in (PUBLISHED, NOTHING):
        published = hugging_face.load(PUBLISHED)
        model = Bert(published.model.config) if net == NOTHING else published.model
        return model, published.pieces
    shipped = checkpoints.load(net)
    return shipped.model.bert, BertPieces(shipped.vocabulary)


def settings_of(task: Task, net: str, longest: int, **changed: Any) -> Settings:
    """Returns how a net is tuned for a task."""
    rows = min(task.longest, longest)
    usual = {"epochs": task.epochs, "size": task.size, "longest": rows,
             "learning_rate": RATES[net]}  # fmt: skip
    return Settings(**(usual | changed))


def encoded(task: Task, pieces: BertPieces, examples: Sequence[Any], longest: int) -> list[Encoded]:
    """Lays examples out in rows."""
    return [part for example in examples for part in task.shape.encode(pieces, example, longest)]


def tune(
    model: FineTuned, task: Task, pieces: BertPieces, examples: Sequence[Any], settings: Settings,
    **options: Any,
) -> Iterator[Step]:  # fmt: skip
    """Fine-tunes a net; nothing runs until a step is asked for.

    Args:
        options: of `training.train`.
    """
    rows = encoded(task, pieces, examples, settings.longest)
    about = {"size": settings.size, "pad": pieces.pad_id, "seed": settings.seed}
    steps = settings.epochs * -(-len(rows) // settings.size)
    model.train_top(settings.top)
    weights = [p for p in model.parameters() if p.requires_grad]
    rates = {"lr": settings.learning_rate, "weight_decay": settings.decay}
    return train(
        model,
        lambda start: batches(task.shape, rows, start=start, **about),
        TaskLoss(task.shape),
        torch.optim.AdamW(weights, **rates, fused=True),
        steps=steps,
        schedule=linear_decay(steps, warmup=max(1, round(settings.warmup * steps))),
        clip_norm=settings.clip_norm,
        **options,
    )


def asked(
    model: nn.Module, task: Task, pieces: BertPieces, examples: Sequence[Any], longest: int
) -> dict[str, float]:
    """Returns the scores of a tuned net on examples."""
    model.eval()
    guesses = answers(model, task.shape, pieces, examples, longest=longest)
    return {name: round(value, 4) for name, value in task.score(guesses, examples).items()}


def fit(
    request: Request, name: str, net: str, number: int, split: Split
) -> tuple[FineTuned, dict[str, Any]]:
    """Tunes a net on one fold of a task; returns it and its row: scores, examples, minutes."""
    task, began = TASKS[name], time.perf_counter()
    model, pieces = start(net)
    settings = settings_of(task, net, model.config.longest)
    devices.seed_everything(settings.seed + number)
    tuned = FineTuned(model, task.shape.outputs, reads=task.shape.reads).to(request.device)
    steps = 0
    for step in tune(tuned, task, pieces, split.train, settings):
        steps = step.number
    minutes = round((time.perf_counter() - began) / 60, 1)
    scores = asked(tuned, task, pieces, split.test, settings.longest)
    about = {"task": name, "net": net, "fold": number, "learned": len(split.train),
             "asked": len(split.test), "steps": steps, "minutes": minutes}  # fmt: skip
    return tuned, about | {"settings": asdict(settings)} | scores


def sampled(examples: Sequence[Any]) -> Sequence[Any]:
    """Returns some of the examples, from all over them: a file may be sorted by its labels."""
    return examples[:: -(-len(examples) // SAMPLE)]


def ship(request: Request, name: str, tuned: FineTuned, row: dict[str, Any], split: Split) -> None:
    """Writes what tuning changed in the published net, with the scores of just that."""
    task, published = TASKS[name], hugging_face.load(PUBLISHED)
    about = {"of": PUBLISHED, "rank": SHIPPED[name], "skip": UNCHANGED}
    change = LowRank.between(published.model.state_dict(), tuned, **about)
    for weights in change.parameters():
        weights.data = weights.data.half().float()
    longest = row["settings"]["longest"]
    shown = changed(published.model, change)
    again = asked(shown, task, published.pieces, split.test, longest)
    few = asked(shown, task, published.pieces, sampled(split.test), longest)
    checkpoints.save(
        request.out / "checkpoints" / f"{NAME}_{name}",
        change,
        recipe=f"{NAME}_{name}",
        data={each: sources.source(each).sha256 for each in (PUBLISHED, *task.sources)},
        settings=row["settings"],
        seed=row["settings"]["seed"],
        steps=row["steps"],
        minutes=row["minutes"],
        device=f"{request.device.type}, {torch.get_num_threads()} threads",
        metrics=again | {f"sample_{score}": value for score, value in few.items()}
        | {f"full_{score}": row[score] for score in again} | {"asked": row["asked"]},
    )  # fmt: skip


def figures(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Returns the mean of each net's scores over its folds, as NET/SCORE."""
    found: dict[str, float] = {}
    for net in dict.fromkeys(row["net"] for row in rows):
        folds = [row for row in rows if row["net"] == net]
        for score in (name for name, value in folds[0].items() if isinstance(value, float)):
            found[f"{net}/{score}"] = round(sum(row[score] for row in folds) / len(folds), 4)
    return found | {"asked": sum(row["asked"] for row in rows if row["net"] == rows[0]["net"])}


def run(request: Request, name: str) -> bool:
    """Tunes all nets for a task, one after the other; writes the measurement of the task.

    It stops between two of them.
    """
    folds = TASKS[name].read()
    wanted = [(net, number) for net in NETS[name]
              for number, _ in enumerate(folds[: FOLDS.get(net, 2)])]  # fmt: skip

    def measure(each: tuple[str, int]) -> dict[str, Any]:
        net, number = each
        tuned, row = fit(request, name, net, number, folds[number])
        if name in SHIPPED and each == (PUBLISHED, 0):
            ship(request, name, tuned, row, folds[number])
        return row

    about = [settings_of(TASKS[name], net, TASKS[name].longest) for net in NETS[name]]
    state = state_file(request, f"{NAME}_{name}", about, wanted)
    rows = one_by_one(state, wanted, measure, request.minutes)
    if rows is None:
        return False
    measurements.save(
        request.out / "measurements", f"{NAME}_{name}", rows=rows, figures=figures(rows)
    )
    return True


def sample(shipped: Checkpoint, name: str) -> dict[str, float]:
    """Measures the card's figures of the first examples of the test again."""
    task, published = TASKS[name], hugging_face.load(PUBLISHED)
    longest = shipped.card["settings"]["longest"]
    few = sampled(task.read()[0].test)
    found = asked(changed(published.model, shipped.model), task, published.pieces, few, longest)
    return {f"sample_{score}": value for score, value in found.items()}


RECIPES = tuple(
    Recipe(f"{NAME}_{name}", f"BERT fine-tuned: {task.about}", partial(run, name=name), minutes=30,
           sample=partial(sample, name=name) if name in SHIPPED else None)
    for name, task in TASKS.items()
)  # fmt: skip
