"""How a character net is fitted and what it then writes: the same way in every recipe."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from imi import checkpoints
from imi import device as devices
from imi.checkpoints import Checkpoint
from imi.data.source_code import Text
from imi.data.sources import DataError
from imi.decoding import Sampler, continued
from imi.recipes import Request
from imi.recipes.diary import Fit, state_file
from imi.recurrent import CarriedLoss, log_probs, streams
from imi.text import Characters
from imi.training import linear_decay, train

SAMPLE = 20_000  # characters of held-out text that a test measures again
ROWS = 16  # streams in which held-out text is read
SNAPSHOTS = (100, 200, 400, 800, 1_600)  # steps after which a text is kept; and the last one
SNAPSHOT_LENGTH, SNAPSHOT_TEMPERATURE = 400, 0.7
VALIDATED = 60_000  # characters of held-out text that are read while training


@dataclass(frozen=True)
class Settings:
    """How to train; the seed is the paper's year."""

    steps: int
    batch_size: int = 32
    window: int = 64
    learning_rate: float = 3e-3
    warmup: int = 100
    clip_norm: float = 1.0
    forget: float = 0.02
    seed: int = 2015


def bits_per_character(model: nn.Module, ids: Tensor, *, rows: int = ROWS) -> float:
    """Returns how many bits the net needs for a character of a text, on average."""
    return -log_probs(model, ids, rows=rows).double().mean().item() / math.log(2)


def write(
    model: nn.Module, beginnings: Iterable[str], length: int, *, temperature: float, seed: int
) -> list[str]:
    """Lets a net go on from beginnings of one length, each by `length` characters.

    Raises:
        ValueError: if the beginnings differ in length, are empty, or hold an unknown character.
    """
    rows = [Characters.encode(beginning) for beginning in beginnings]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("beginnings that are gone on from together must be of one length")
    # An n-gram model, which writes too, has no weights and stays on the CPU.
    device = next(model.parameters()).device if isinstance(model, nn.Module) else None
    choose, prompt = Sampler(temperature=temperature, seed=seed), torch.tensor(rows, device=device)
    chosen = islice(continued(model.step, prompt, choose), length)
    return [Characters.decode(row) for row in torch.stack(list(chosen), dim=1).tolist()]


def fit(request: Request, name: str, text: Text, model: nn.Module, settings: Settings) -> Fit:
    """Trains a net, or goes on with a stopped run; keeps the weights best on held-out text.

    A run that goes on begins with an empty state, so its curve differs a little from one in a
    single piece.
    """
    devices.seed_everything(settings.seed)
    model.to(request.device)
    state = state_file(request, name, model.config, settings, text.data)
    result = Fit(model, settings, settings.steps, state)
    written = result.more.setdefault("snapshots", [])  # (step, what the net wrote then)
    validated = text.held_out_ids[:VALIDATED]
    steps = train(
        model,
        lambda start: streams(
            text.train_ids,
            batch_size=settings.batch_size,
            window=settings.window,
            seed=settings.seed,
            start=start,
        ),
        CarriedLoss(forget=settings.forget),
        torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True),
        steps=settings.steps,
        schedule=linear_decay(settings.steps, warmup=settings.warmup),
        clip_norm=settings.clip_norm,
        validate=lambda model: -log_probs(model, validated, rows=ROWS).mean().item(),
        validate_every=max(1, settings.steps // 12),
        state=state,
        save_every=200,
        minutes=request.minutes,
    )
    for step in result.follow(steps):
        if step.number in (*SNAPSHOTS, settings.steps):
            written.append([step.number, _snapshot(model)])
    return result


def _snapshot(model: nn.Module) -> str:
    """Lets the net write while it is being trained."""
    training = model.training
    model.eval()
    about = {"temperature": SNAPSHOT_TEMPERATURE, "seed": 2015}
    written = write(model, ["\n"], SNAPSHOT_LENGTH, **about)[0]
    model.train(training)
    return written


def ship(request: Request, name: str, text: Text, result: Fit, **metrics: float) -> dict[str, Any]:
    """Writes a fitted net and its card; returns the card."""
    found = {
        "bits_per_character": bits_per_character(result.model, text.held_out_ids),
        "held_out_characters": len(text.held_out_ids),
        "sample": bits_per_character(result.model, text.held_out_ids[:SAMPLE]),
        **metrics,
    }
    return checkpoints.save(
        request.out / "checkpoints" / name,
        result.model,
        recipe=name,
        data=text.data,
        **result.about(request),
        **result.more,
        metrics={metric: round(value, 4) for metric, value in found.items()},
    )


def same_text(shipped: Checkpoint, text: Text) -> Text:
    """Returns the text, if it is the one that the checkpoint was trained on.

    Raises:
        DataError: if it is another, such as the library of another version of Python.
    """
    if text.data != shipped.card["data"]:
        raise DataError(
            f"the net learned from {', '.join(shipped.card['data'])}; here is another text: "
            f"{', '.join(text.data)}"
        )
    return text


def sample(shipped: Checkpoint, text: Text) -> dict[str, float]:
    """Measures the card's bits a character on the first held-out characters again."""
    ids = same_text(shipped, text).held_out_ids[:SAMPLE]
    return {"sample": bits_per_character(shipped.model, ids)}
