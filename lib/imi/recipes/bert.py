"""BERT, pre-trained on real English, and its smaller twins that lack one thing each.

What makes a masked language model learn quickly where the budget is minutes, not days:
- It predicts few pieces, so that each batch teaches little; there are thousands of small batches
  and not hundreds of large ones, at the high rate that a small net bears.
- 30 % of the pieces are hidden and not 15 %, until the last tenth of the updates: each text asks
  twice as many questions, and a small net has not the updates to be choosy (Wettig et al., "Should
  You Mask 15% in Masked Language Modeling?", EACL 2023).
- The vectors of words begin as lecture 04 counts them from neighbours, and not as noise. From noise
  the net guesses common words for a thousand updates, before it finds that neighbours matter.
- Nothing is computed in vain: rows are full, and only the chosen places are scored.
- 6,000 pieces: scoring costs as much as three layers, and rare pieces would never be learned.
- No dropout: each text is read two or three times, hidden elsewhere each time, and nothing is
  learned by heart that soon.
- The biases of the scores begin at how often pieces are, which nobody has to learn then.
- The vectors of positions begin as the waves of lecture 10 and not as noise, as loud as that would
  be: the same distance looks alike everywhere from the first update on. They are learned all the
  same.
- Next sentences are told by manner first (a verse does not follow a recipe), by matter later. A
  quarter of the foreign texts come from the same source, so that matter pays; more would hide the
  easy lesson, without which the hard one never begins.
As in appendix A.2, most updates read short rows and the last tenth long ones. The twins are nets of
half the width, with the same data, updates, seed and schedule: they differ in one thing each. A
snapshot of the big one would not do for that comparison, since its rate has not fallen by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import nn

from imi import checkpoints
from imi import device as devices
from imi.bertpieces import BertPieces
from imi.blocks import sinusoids
from imi.checkpoints import Checkpoint
from imi.data import sources
from imi.masked_batches import PretrainingBatch
from imi.masking import Rates
from imi.models.bert import BertConfig, BertForPretraining
from imi.pretraining import PretrainingLoss, answers
from imi.recipes import Recipe, Request, bert_scores, bert_task
from imi.recipes.bert_task import Task
from imi.recipes.diary import Fit, state_file
from imi.schedules import linear_decay
from imi.training import Step, train

NAME = "bert"
BOTH, LEFT, RIGHT, NO_NSP = (f"bert_ablation_{one}" for one in ("both", "left", "right", "no_nsp"))


@dataclass(frozen=True)
class Settings:
    """How to pre-train; comments give the paper's numbers (appendix A.2). The seed is its year.

    Attributes:
        tokens: places of a batch.
        short: places of a row at first.
        longest: places of a row in the last updates.
        long_share: how many of all updates these are.
        within: the share of NotNext texts that come from the same source.
        hidden: the share of pieces that the short rows hide; the long ones hide 15 %.
        counted: whether words begin as counts of neighbours have it, or at random as in the paper.
        waves: whether positions begin as waves, or at random as in the paper.
    """

    steps: int  # 1,000,000
    seed: int = 2019
    tokens: int = 2_048  # 128,000
    short: int = 64  # 128
    longest: int = 128  # 512
    long_share: float = 0.1  # 0.1
    learning_rate: float = 1e-3  # 1e-4
    warmup: float = 0.04  # 0.01 of all updates
    decay: float = 0.01  # 0.01
    betas: tuple[float, float] = (0.9, 0.98)  # 0.9, 0.999
    clip_norm: float = 1.0
    within: float = 0.25  # 0
    hidden: float = 0.3  # 0.15
    with_next: bool = True
    counted: bool = True
    waves: bool = True
    validations: int = 20


HELD = 16  # batches of held-out documents, about 500 pairs
BIG = {"dim": 256, "heads": 4, "layers": 4, "hidden_dim": 1_024, "dropout": 0.0}
SMALL = {"dim": 128, "heads": 4, "layers": 4, "hidden_dim": 512, "dropout": 0.0}
LIVE = {"dim": 128, "heads": 4, "layers": 2, "hidden_dim": 512, "dropout": 0.0}
LIVE_SETTINGS = Settings(600, long_share=0.0, learning_rate=2e-3, validations=6)
ALL, FEWER = Settings(8_500), Settings(5_400, learning_rate=1.5e-3)
MODELS: dict[str, tuple[dict[str, Any], Settings]] = {
    NAME: (BIG, ALL),
    BOTH: (SMALL, FEWER),
    LEFT: ({**SMALL, "sees": "left"}, FEWER),
    RIGHT: ({**SMALL, "sees": "right"}, FEWER),
    NO_NSP: (SMALL, replace(FEWER, with_next=False)),
}


def new_model(of: Task, sizes: dict[str, Any], settings: Settings) -> BertForPretraining:
    """Makes a BERT that knows how common each piece is, and maybe what stands near it."""
    devices.seed_everything(settings.seed)
    size = len(of.pieces.vocabulary)
    model = BertForPretraining(BertConfig(size, **sizes))
    counts = of.libraries["train"].ids.bincount(minlength=size) + 0.5
    places = model.bert.places.weight
    with torch.no_grad():
        model.bias.copy_((counts / counts.sum()).log())
        if settings.counted:
            words = model.bert.words.weight
            vectors = torch.from_numpy(bert_task.counted_vectors(of, words.shape[1]))
            words.copy_(vectors * words.std() / vectors.std())
        if settings.waves:
            waves = sinusoids(*places.shape)
            waves = waves - waves.mean(dim=0)  # what all have in common says nothing of a place
            places.copy_(waves * places.std() / waves.std())
    return model


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
    """Pre-trains a model, or goes on with a stopped run; keeps the weights best on validation.

    The curves of both tasks are kept: rows of the step, the training's mean losses since the row
    before (masked pieces, next sentences), then losses and accuracies on held-out documents.
    """
    model.to(request.device)
    size = len(of.libraries["train"].ids)
    result = Fit(model, settings, settings.steps,
                 state_file(request, name, model.config, settings, of.names, size))  # fmt: skip
    curves = result.more.setdefault("curves", [])
    held = bert_task.questions(of, "valid", longest=settings.short, batches=HELD).batches
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


def ship(request: Request, name: str, of: Task, result: Fit) -> dict[str, Any]:
    """Writes a pre-trained model and its card; returns the card.

    It is judged with its weights as they are stored, in half precision.
    """
    for weights in result.model.parameters():
        weights.data = weights.data.half().float()
    metrics, by_source = bert_scores.scores(result.model, of)
    return checkpoints.save(
        request.out / "checkpoints" / name,
        result.model,
        vocabulary=of.pieces.vocabulary,
        recipe=name,
        data={each: sources.source(each).sha256 for each in of.names},
        **result.about(request),
        **result.more,
        metrics={**metrics, **bert_scores.sample_scores(result.model, of)},
        by_source=by_source,
    )


def run(request: Request, name: str) -> bool:
    """Pre-trains one of `MODELS` and ships it."""
    sizes, settings = MODELS[name]
    of = bert_task.read()
    result = fit(request, name, of, new_model(of, sizes, settings), settings)
    if result.finished:
        ship(request, name, of, result)
    return result.finished


def sample(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figures of the first rows of the test again."""
    of = bert_task.read(BertPieces(shipped.vocabulary), parts=["test"])
    return bert_scores.sample_scores(shipped.model, of)


_ABOUT = {NAME: ("BERT of 4 layers, real English", 65),
          BOTH: ("smaller BERT, sees both sides", 16),
          LEFT: ("its twin that sees the left alone", 16),
          RIGHT: ("its twin that sees the right alone", 16),
          NO_NSP: ("its twin without next sentence prediction", 16)}  # fmt: skip
RECIPES = tuple(
    Recipe(name, about, partial(run, name=name), minutes=minutes, sample=sample)
    for name, (about, minutes) in _ABOUT.items()
)
