"""The word vectors that ship: skip-gram with negative sampling.

All of it learns from package-tier text alone: encyclopaedia, everyday sentences, newsgroups, news,
scripture, countries, history, recipes, tales.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch

from imi import checkpoints, device, metrics
from imi.data import passages, sources, word_tests
from imi.metrics import Analogies
from imi.models.word2vec import Word2Vec, Word2VecConfig
from imi.recipes import Recipe, Request
from imi.recipes.meaning import human_scores
from imi.vectors import WordVectors
from imi.word2vec import batched
from imi.word2vec.trainer import Settings, Trainer

NAME = "word2vec_2013"
SETTINGS = Settings(window=10, negatives=10, sample=1e-4, learning_rate=0.05, epochs=20)


def meaning(vectors: WordVectors) -> dict[str, Any]:
    """Scores vectors by the Google analogies (3CosAdd) and by people's judgements of pairs."""
    sections = metrics.analogies(vectors, word_tests.analogies())
    whole = metrics.total(sections)
    found: dict[str, Any] = {"google": _share(whole), "google_covered": whole.covered}
    for kind in ("semantic", "syntactic"):
        found[kind] = _share(metrics.total(sections, kind))
    return found | human_scores(vectors.likeness)


def _share(result: Analogies) -> float:
    return round(result.accuracy, 4)


def of_checkpoint(shipped: checkpoints.Checkpoint) -> WordVectors:
    """Returns a checkpoint's vectors, without the unknown word's."""
    return WordVectors(shipped.vocabulary.words[1:], shipped.model.input.weight.detach()[1:])


def sample(shipped: checkpoints.Checkpoint) -> dict[str, float]:
    """Measures the card's scores again."""
    return meaning(of_checkpoint(shipped))


def run(request: Request) -> bool:
    """Trains the vectors that ship, on all text, and writes their checkpoint."""
    text = passages.read(passages.ALL)
    if request.device.type == "cpu":
        trainer = Trainer(text, SETTINGS)
        steps = list(trainer.steps())
        weights = torch.from_numpy(trainer.inputs[:, : SETTINGS.dim])
    else:
        trained, learning = batched.learn(text, SETTINGS, request.device)
        steps, weights = list(learning), trained.input.weight.detach().cpu()
    seconds = steps[-1].seconds
    model = Word2Vec(Word2VecConfig(len(text.vocabulary), SETTINGS.dim))
    with torch.no_grad():
        model.input.weight.copy_(weights)
        model.input.weight[0] = 0  # of the unknown word, which was never trained
    vectors = WordVectors(text.vocabulary.words[1:], model.input.weight.detach()[1:])
    every = max(1, len(steps) // 50)
    checkpoints.save(
        request.out / "checkpoints" / NAME,
        model,
        vocabulary=text.vocabulary,
        recipe=NAME,
        data={name: sources.sources()[name].sha256 for name in passages.ALL},
        words=len(text.ids),
        settings=asdict(SETTINGS),
        seed=SETTINGS.seed,
        steps=len(steps),
        minutes=round(seconds / 60, 1),
        words_per_second=round(SETTINGS.epochs * len(text.ids) / seconds),
        device=f"{request.device.type}, {device.cores()} threads",
        curve=[[step.number, round(step.loss, 4)] for step in steps[::every]],
        metrics=meaning(vectors),
    )
    return True


RECIPES = (
    Recipe(NAME, "skip-gram vectors of 100 numbers, 30,000 words", run, minutes=6, sample=sample),
)
