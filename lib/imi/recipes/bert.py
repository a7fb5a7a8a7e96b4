"""BERT and its twins are pre-trained, on real English, in two phases, and shipped."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import nn

from imi import checkpoints
from imi import device as devices
from imi.bertpieces import BertPieces
from imi.checkpoints import Checkpoint
from imi.data import sources
from imi.masked_batches import PretrainingBatch
from imi.masking import Rates
from imi.pretraining import PretrainingLoss, answers
from imi.recipes import Recipe, Request, bert_nets, bert_scores, bert_task
from imi.recipes.bert_nets import Settings
from imi.recipes.bert_task import Task
from imi.recipes.diary import Fit, facts, state_file
from imi.schedules import linear_decay
from imi.training import Step, train

HELD = 16  # batches of held-out documents, about 500 pairs of short rows


def optimizer_for(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Makes AdamW, with weight decay on matrices only."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": settings.decay},
              {"params": others, "weight_decay": 0.0}]  # fmt: skip
    rates = {"lr": settings.learning_rate, "betas": settings.betas}
    return torch.optim.AdamW(groups, **rates, fused=True)


def training_batches(of: Task, settings: Settings, start: int = 0) -> Iterator[PretrainingBatch]:
    """Yields the batches of a training from a given step on: short rows first, long ones last."""
    about = {"tokens": settings.tokens, "within": settings.within}
    rates = Rates(settings.hidden)
    first = of.reader(longest=settings.short, seed=settings.seed, rates=rates, **about)
    last = of.reader(longest=settings.longest, seed=settings.seed + 1, **about)
    short = round(settings.steps * (1 - settings.long_share))
    if start < short:
        yield from islice(first.batches(start), short - start)
    yield from last.batches(max(0, start - short))


def pretrain(
    model: nn.Module, of: Task, settings: Settings, loss: PretrainingLoss | None = None,
    **options: Any,
) -> Iterator[Step]:  # fmt: skip
    """Pre-trains a model; nothing runs until a step is asked for.

    Args:
        options: of `training.train`.
    """
    return train(
        model,
        partial(training_batches, of, settings),
        loss or PretrainingLoss(settings.with_next),
        optimizer_for(model, settings),
        steps=settings.steps,
        schedule=linear_decay(
            settings.steps, warmup=max(1, round(settings.warmup * settings.steps))
        ),
        clip_norm=settings.clip_norm,
        **options,
    )


def fit(request: Request, name: str, of: Task, model: nn.Module, settings: Settings) -> Fit:
    """Pre-trains a model for one phase, or goes on; keeps the weights best on validation.

    The curves of both tasks are kept: rows of the step, the training's mean losses since the row
    before (masked pieces, next sentences), then losses and accuracies on held-out documents.
    """
    model.to(request.device)
    size = len(of.libraries["train"].ids)
    result = Fit(model, settings, settings.steps,
                 state_file(request, name, model.config, settings, of.names, size))  # fmt: skip
    curves = result.more.setdefault("curves", [])
    held = bert_task.questions(of, "valid", longest=settings.held_longest, batches=HELD).batches
    loss, found = PretrainingLoss(settings.with_next), {}

    def validate(model: nn.Module) -> float:
        with devices.autocast(request.device):
            found.update(answers(model, held).figures())
        return found["masked_loss"] + found["next_loss"] * settings.with_next

    about = {"validate": validate, "validate_every": max(1, settings.steps // settings.validations),
             "state": result.state, "save_every": 500, "minutes": request.minutes}  # fmt: skip
    for step in result.follow(pretrain(model, of, settings, loss, **about)):
        if step.validation is not None:
            kept = ("masked_loss", "masked_accuracy", "next_loss", "next_accuracy")
            row = (*loss.take(), *(found[each] for each in kept))
            curves.append([step.number, *(round(value, 4) for value in row)])
    return result


def told(fits: Sequence[Fit], request: Request) -> dict[str, Any]:
    """Returns what a card says of phases that followed each other, as of one training."""
    steps = sum(fit.steps for fit in fits)
    about = facts(fits[0].settings, steps, sum(fit.seconds for fit in fits), request)
    about |= {"settings": [asdict(fit.settings) for fit in fits], "curve": [], "curves": []}
    before = 0
    for fit in fits:
        for name, rows in (("curve", fit.curve), ("curves", fit.more["curves"])):
            about[name] += [[before + number, *row] for number, *row in rows]
        before += fit.steps
    return about


def ship(request: Request, name: str, of: Task, fits: Sequence[Fit]) -> dict[str, Any]:
    """Writes a pre-trained model and its card; returns the card.

    It is judged with its weights as they are stored, in half precision.
    """
    model = fits[-1].model
    for weights in model.parameters():
        weights.data = weights.data.half().float()
    metrics, by_source = bert_scores.scores(model, of)
    return checkpoints.save(
        request.out / "checkpoints" / name,
        model,
        vocabulary=of.pieces.vocabulary,
        recipe=name,
        data={each: sources.source(each).sha256 for each in of.names},
        **told(fits, request),
        metrics={**metrics, **bert_scores.sample_scores(model, of)},
        by_source=by_source,
    )


def run(request: Request, name: str) -> bool:
    """Pre-trains one of the nets, phase after phase, and ships it."""
    began, (sizes, phases) = time.perf_counter(), bert_nets.MODELS[name]
    of = bert_task.read()
    model, fits = bert_nets.new_model(of, sizes, phases[0]), []
    for number, settings in enumerate(phases):
        if number and settings.waves:
            bert_nets.teach_far_places(model, phases[number - 1].short)
        left = request.minutes and request.minutes - (time.perf_counter() - began) / 60
        fits.append(fit(replace(request, minutes=left), f"{name}-{number}", of, model, settings))
        if not fits[-1].finished:
            return False
    ship(request, name, of, fits)
    return True


def sample(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first rows of the test again."""
    of = bert_task.read(BertPieces(shipped.vocabulary), parts=["test"])
    return bert_scores.sample_scores(shipped.model, of)


_ABOUT = {bert_nets.NAME: ("BERT of 4 layers, real English", 95),
          bert_nets.BOTH: ("smaller BERT, sees both sides", 22),
          bert_nets.LEFT: ("its twin that sees the left alone", 22),
          bert_nets.RIGHT: ("its twin that sees the right alone", 22),
          bert_nets.NO_NSP: ("its twin without next sentence prediction", 22)}  # fmt: skip
RECIPES = tuple(
    Recipe(name, about, partial(run, name=name), minutes=minutes, sample=sample)
    for name, (about, minutes) in _ABOUT.items()
)
