"""How a translator is fitted and judged: the same way in every recipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn

from imi import checkpoints, metrics, text
from imi import device as devices
from imi.averaging import Snapshots
from imi.batches import PairBatch, bucketed
from imi.checkpoints import Checkpoint
from imi.data import sources
from imi.data.pairs import Pair, Split
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.models.gnmt import GNMT, GNMTConfig
from imi.models.seq2seq import Seq2Seq, Seq2SeqConfig
from imi.models.transformer import Transformer, TransformerConfig
from imi.recipes import Request
from imi.recipes.diary import Fit, state_file
from imi.recipes.translation_task import Task, as_learned, held_out
from imi.schedules import Schedule, inverse_root, linear_decay
from imi.training import PairLoss, train
from imi.translation import MARKS, Translator

SAMPLE = 100  # pairs of the test that a test translates again
BEAMS = 5
Make = Callable[[int, int], nn.Module]  # for vocabularies of so many pieces


def seq2seq(**sizes: Any) -> Make:
    """Returns what makes models without attention of these sizes."""
    return lambda source, target: Seq2Seq(Seq2SeqConfig(source, target, **sizes))


def rnnsearch(**sizes: Any) -> Make:
    """Returns what makes models with attention of these sizes."""
    return lambda source, target: RNNsearch(RNNsearchConfig(source, target, **sizes))


def gnmt(**sizes: Any) -> Make:
    """Returns what makes deep stacks with attention, as Google's, of these sizes."""
    return lambda source, target: GNMT(GNMTConfig(source, target, **sizes))


def transformer(**sizes: Any) -> Make:
    """Returns what makes Transformers of these sizes."""
    return lambda source, target: Transformer(TransformerConfig(source, target, **sizes))


@dataclass(frozen=True)
class Settings:
    """How to train; the seed is the paper's year."""

    steps: int
    seed: int
    tokens: int = 1_500  # places of a batch's targets
    learning_rate: float = 1e-3
    warmup: int = 400
    clip_norm: float = 1.0
    smoothing: float = 0.1
    validations: int = 25
    averaged: ClassVar[int] = 0  # of how many last validations the mean of the weights is tried

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Returns the rule by which weights change."""
        return torch.optim.Adam(model.parameters(), lr=self.learning_rate, fused=True)

    def schedule(self, model: nn.Module) -> Schedule:
        """Returns the learning rate over the updates, as a factor."""
        return linear_decay(self.steps, warmup=self.warmup)


@dataclass(frozen=True)
class PaperSettings(Settings):
    """How a Transformer is trained: sections 5.3, 5.4 and 6.1 of Vaswani et al. (2017).

    Attributes:
        learning_rate: times the rate of eq. (3).
        averaged: the mean of the weights at so many last validations is tried.
        rising: whether the rate rises first, as in the paper, or starts at its top.
        straight: the rate then falls straight to 0 at the last update, as for the other
            translators, not with the root of the updates; `learning_rate` is its top.
    """

    learning_rate: float = 1.0
    averaged: int = 5
    rising: bool = True
    straight: bool = False

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Returns Adam with the paper's numbers."""
        about = {"lr": self.learning_rate, "betas": (0.9, 0.98), "eps": 1e-9}
        return torch.optim.Adam(model.parameters(), **about, fused=True)

    def schedule(self, model: nn.Module) -> Schedule:
        """Returns eq. (3), or the straight fall."""
        if self.straight:
            return super().schedule(model)
        return inverse_root(model.config.dim, warmup=self.warmup, rising=self.rising)


def training_batches(task: Task, settings: Settings):
    """Returns a function that starts the batches of a training at a given step."""
    sides = task.ids(task.pairs.train)

    def batches(start: int) -> Iterator[PairBatch]:
        about = {"tokens": settings.tokens, "seed": settings.seed, "start": start}
        return bucketed(*sides, pad=text.PAD_ID, marks=MARKS, **about)

    return batches


def fit(request: Request, name: str, task: Task, model: nn.Module, settings: Settings) -> Fit:
    """Trains a translator, or goes on with a stopped run; keeps the weights best on validation.

    These may be the mean of the last ones, if the settings ask for it.
    """
    model.to(request.device)
    state = state_file(request, name, model.config, settings, task.data, len(task.pairs.train))
    result = Fit(model, settings, settings.steps, state)
    valid = held_out(*task.ids(task.pairs.valid))
    steps = train(
        model,
        training_batches(task, settings),
        PairLoss(settings.smoothing),
        settings.optimizer(model),
        steps=settings.steps,
        schedule=settings.schedule(model),
        clip_norm=settings.clip_norm,
        validate=lambda model: metrics.pair_loss(model, valid),
        validate_every=max(1, settings.steps // settings.validations),
        state=state,
        save_every=500,
        minutes=request.minutes,
    )
    snapshots = Snapshots(state, settings.averaged)
    for step in result.follow(steps):
        if step.validation is not None:
            snapshots.take(step.number, model)
    if result.finished and settings.averaged:
        result.more["mean_of_weights"] = try_mean(model, snapshots, valid)
    return result


def try_mean(model: nn.Module, snapshots: Snapshots, valid: Sequence[PairBatch]) -> dict[str, Any]:
    """Gives a model the mean of its last weights, if its loss on validation is no higher then.

    Returns what a card says of it; losses are in nats per piece.
    """
    own = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    best = metrics.pair_loss(model, valid)
    model.load_state_dict(snapshots.mean())
    mean = metrics.pair_loss(model, valid)
    if mean > best:
        model.load_state_dict(own)
    return {"updates": snapshots.steps, "validation": round(mean, 4),
            "best_single": round(best, 4), "taken": mean <= best}  # fmt: skip


def scores(
    translator: Translator, pairs: Sequence[Pair], *, tokenize: str, beams: int = BEAMS
) -> dict[str, metrics.Score]:
    """Translates pairs and returns BLEU and chrF against the targets as they were written."""
    found = translator.texts([pair.source for pair in pairs], beams=beams)
    wanted = [pair.target for pair in pairs]
    return {"bleu": metrics.bleu(found, wanted, tokenize=tokenize),
            "chrf": metrics.chrf(found, wanted)}  # fmt: skip


def piece_perplexity(translator: Translator, pairs: Sequence[Pair]) -> float:
    """Returns e to the mean loss of a piece of the targets, begun as the model learned it."""
    target = translator.target
    begun = [Pair(pair.source, as_learned(target, pair.target)) for pair in pairs]
    ids = Task(Split([], [], []), translator.source, target, ()).ids(begun)
    return math.exp(metrics.pair_loss(translator.model, held_out(*ids)))


def sample_scores(translator: Translator, pairs: Sequence[Pair], *, tokenize: str) -> dict:
    """Measures what a test measures again, on the first pairs of a test."""
    first = list(pairs[:SAMPLE])
    return {
        "sample_perplexity": round(piece_perplexity(translator, first), 4),
        "sample_bleu": round(scores(translator, first, tokenize=tokenize)["bleu"].value, 4),
    }


def ship(request: Request, name: str, task: Task, result: Fit) -> dict[str, Any]:
    """Writes a fitted translator and its card; returns the card.

    It is judged with its weights as they are stored, in half precision.
    """
    model, test = result.model, task.pairs.test
    for weights in model.parameters():
        weights.data = weights.data.half().float()
    translator, about = Translator(model, task.source, task.target), {"tokenize": task.tokenize}
    best, greedy = scores(translator, test, **about), scores(translator, test, beams=1, **about)
    return checkpoints.save(
        request.out / "checkpoints" / name,
        model,
        vocabularies={"source": task.source.vocabulary, "target": task.target.vocabulary},
        recipe=name,
        data={each: sources.source(each).sha256 for each in task.data},
        **result.about(request),
        **result.more,
        signatures={metric: score.signature for metric, score in best.items()},
        metrics={
            **{metric: round(score.value, 2) for metric, score in best.items()},
            "greedy_bleu": round(greedy["bleu"].value, 2),
            "beams": BEAMS,
            "test_pairs": len(test),
            "perplexity": round(piece_perplexity(translator, test), 3),
            **sample_scores(translator, test, **about),
        },
    )


def sample(shipped: Checkpoint, pairs: Sequence[Pair], *, tokenize: str) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    return sample_scores(Translator.load(shipped), pairs, tokenize=tokenize)


def run(request: Request, name: str, task: Task, make: Make, settings: Settings) -> bool:
    """Makes a model of the task's vocabularies, fits it and ships it."""
    devices.seed_everything(settings.seed)
    model = make(len(task.source.vocabulary), len(task.target.vocabulary))
    result = fit(request, name, task, model, settings)
    if result.finished:
        ship(request, name, task, result)
    return result.finished
