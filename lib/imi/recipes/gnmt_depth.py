"""Plain stacks against residual ones, 2, 4 and 8 layers deep: who still learns, and why.

The nets translate short sentences of the phrasebook, English to Japanese, and differ in nothing
else. Meanwhile gradients are measured layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import torch
from torch import nn

from imi import device as devices
from imi import measurements, metrics, training
from imi.batches import PairBatch, to_device
from imi.data import phrasebook as book
from imi.data.pairs import Split
from imi.models.gnmt import GNMT
from imi.recipes import Recipe, Request, phrasebook
from imi.recipes.translation import Settings, gnmt, training_batches
from imi.recipes.translation_task import Task, held_out

NAME = "gnmt_depth"
LENGTHS = {"min_words": 3, "max_words": 12}  # of the English sentence
COUNTS = {"train": 20_000, "valid": 300}
PIECES = 900  # of each language
SIZES = {"embedding_dim": 128, "hidden_dim": 128, "alignment_dim": 128}
DEPTHS = (2, 4, 8)
KINDS = {"plain": False, "residual": True}
SETTINGS = Settings(1_200, seed=2016, tokens=1_000, learning_rate=1e-3, warmup=100,
                    smoothing=0.0, validations=12)  # fmt: skip


def task() -> Task:
    """Returns short sentences of the phrasebook; there is no test, only what is held out."""
    said = [[phrasebook.said(meaning) for meaning in
             islice(book.meanings(part, **LENGTHS), count)]
            for part, count in COUNTS.items()]  # fmt: skip
    return Task.of(Split(*said, []), size=PIECES, data=(), tokenize=phrasebook.TOKENIZE)


def nets() -> list[tuple[int, str]]:
    """Lists depth and kind of all nets; of 2 layers a plain net and a residual one are the same."""
    return [(depth, kind) for depth in DEPTHS for kind in KINDS if depth > 2 or kind == "plain"]


def made(depth: int, kind: str, given: Task, *, sizes: dict[str, int], seed: int) -> nn.Module:
    """Makes a net that has learned nothing; the same seed gives the same weights."""
    devices.seed_everything(seed)
    make = gnmt(**sizes, layers=depth, residual=KINDS[kind])
    return make(len(given.source.vocabulary), len(given.target.vocabulary))


def gradients(model: GNMT, batch: PairBatch) -> dict[str, float]:
    """Measures, for each LSTM layer, the root of the mean square of its weights' gradients.

    The loss is in nats per piece; the gradients that the model holds are thrown away.
    """
    model.zero_grad(set_to_none=True)
    with torch.enable_grad():
        total, count = training.PairLoss()(model, batch)
        (total / count).backward()
    found = {}
    for name, layer in model.lstms().items():
        slopes = torch.cat([weights.grad.flatten() for weights in layer.parameters()])
        found[name] = slopes.float().square().mean().sqrt().item()
    model.zero_grad(set_to_none=True)
    return found


def fitted(
    model: GNMT, given: Task, settings: Settings
) -> tuple[list[dict[str, Any]], dict[str, list[float]]]:
    """Trains a net; returns its curve and its layers' gradients.

    Gradients are those before the first update and those after each validation.
    """
    valid = held_out(*given.ids(given.pairs.valid))
    batch = to_device(valid[len(valid) // 2], next(model.parameters()).device)
    slopes: dict[str, list[float]] = {name: [] for name in model.lstms()}

    def note() -> None:
        for name, value in gradients(model, batch).items():
            slopes[name].append(value)

    note()
    curve = [{"step": 0, "validation": metrics.pair_loss(model, valid)}]
    for step in training.train(
        model,
        training_batches(given, settings),
        training.PairLoss(settings.smoothing),
        torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True),
        steps=settings.steps,
        schedule=training.linear_decay(settings.steps, warmup=settings.warmup),
        clip_norm=settings.clip_norm,
        validate=lambda net: metrics.pair_loss(net, valid),
        validate_every=max(1, settings.steps // settings.validations),
    ):
        if step.validation is not None:
            curve.append({"step": step.number, "loss": step.loss, "validation": step.validation})
            note()
    return curve, slopes


def measure_all(
    given: Task, *, depths: Sequence[tuple[int, str]], sizes: dict[str, int], settings: Settings,
    device: torch.device,
) -> tuple[dict[str, float], list[dict[str, Any]]]:  # fmt: skip
    """Trains all nets; returns figures KIND_DEPTH/FIGURE and a row for each net."""
    figures, rows = {}, []
    for depth, kind in depths:
        model = made(depth, kind, given, sizes=sizes, seed=settings.seed)
        curve, slopes = fitted(model.to(device), given, settings)
        name = f"{kind}_{depth}"
        figures[f"{name}/validation"] = round(min(point["validation"] for point in curve), 4)
        figures[f"{name}/bottom_gradient"] = slopes["encoder 1"][0]
        figures[f"{name}/top_gradient"] = slopes[f"decoder {depth}"][0]
        rows.append({"net": name, "layers": depth, "kind": kind, "curve": curve,
                     "gradients": slopes})  # fmt: skip
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the gradients before the first update again; the trained nets are not kept."""
    given, figures = task(), {}
    valid = held_out(*given.ids(given.pairs.valid))
    for depth, kind in nets():
        model = made(depth, kind, given, sizes=SIZES, seed=SETTINGS.seed)
        slopes = gradients(model, valid[len(valid) // 2])
        figures[f"{kind}_{depth}/bottom_gradient"] = slopes["encoder 1"]
        figures[f"{kind}_{depth}/top_gradient"] = slopes[f"decoder {depth}"]
    return figures


def run(request: Request) -> bool:
    """Trains the nets and writes `measurements/gnmt_depth.json`."""
    measurements.take(
        request.out / "measurements",
        NAME,
        lambda: measure_all(task(), depths=nets(), sizes=SIZES, settings=SETTINGS,
                            device=request.device),
        settings=vars(SETTINGS) | SIZES | {"pieces": PIECES, "pairs": COUNTS["train"]},
    )  # fmt: skip
    return True


RECIPES = (Recipe(NAME, "plain and residual stacks of 2, 4 and 8 layers", run, minutes=35),)
