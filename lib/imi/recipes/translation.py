"""How a translator is fitted and judged: the same way in every recipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from imi import checkpoints, metrics, text
from imi import device as devices
from imi.batches import PairBatch, bucketed
from imi.checkpoints import Checkpoint
from imi.data import sources
from imi.data.pairs import Pair, Split
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.models.gnmt import GNMT, GNMTConfig
from imi.models.seq2seq import Seq2Seq, Seq2SeqConfig
from imi.recipes import Request
from imi.recipes.diary import Fit, state_file
from imi.recipes.translation_task import Task, as_learned, held_out
from imi.training import PairLoss, linear_decay, train
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


def training_batches(task: Task, settings: Settings):
    """Returns a function that starts the batches of a training at a given step."""
    sides = task.ids(task.pairs.train)

    def batches(start: int) -> Iterator[PairBatch]:
        about = {"tokens": settings.tokens, "seed": settings.seed, "start": start}
        return bucketed(*sides, pad=text.PAD_ID, marks=MARKS, **about)

    return batches


def fit(request: Request, name: str, task: Task, model: nn.Module, settings: Settings) -> Fit:
    """Trains a translator, or goes on with a stopped run; keeps the weights best on validation."""
    model.to(request.device)
    state = state_file(request, name, model.config, settings, task.data, len(task.pairs.train))
    result = Fit(model, settings, settings.steps, state)
    valid = held_out(*task.ids(task.pairs.valid))
    steps = train(
        model,
        training_batches(task, settings),
        PairLoss(settings.smoothing),
        torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True),
        steps=settings.steps,
        schedule=linear_decay(settings.steps, warmup=settings.warmup),
        clip_norm=settings.clip_norm,
        validate=lambda model: metrics.pair_loss(model, valid),
        validate_every=max(1, settings.steps // settings.validations),
        state=state,
        save_every=500,
        minutes=request.minutes,
    )
    result.complete(steps)
    return result


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
