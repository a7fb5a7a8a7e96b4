"""How a language model over a fixed window of words is fitted: the same way in every recipe."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from imi import device as devices
from imi import metrics
from imi.batches import shuffled, windows
from imi.data.corpora import Corpus
from imi.models.nplm import NPLM, NPLMConfig
from imi.recipes import Request
from imi.training import linear_decay, next_token_loss, train


@dataclass(frozen=True)
class Settings:
    """How to train; the seed is the paper's year."""

    epochs: int = 8
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.1  # of AdamW; on matrices, not on biases, as in the paper
    warmup: int = 100
    seed: int = 2003


@dataclass
class Fit:
    """A fitted model and what its training showed.

    Attributes:
        curve: (step, training loss, validation loss) where the latter was measured; nats a word.
        seconds: of training in this call.
    """

    model: NPLM
    steps: int
    seconds: float = 0.0
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    finished: bool = False


def new_model(config: NPLMConfig, corpus: Corpus, *, seed: int) -> NPLM:
    """Makes an NPLM whose biases b already know how common each word is."""
    devices.seed_everything(seed)
    model = NPLM(config)
    counts = torch.bincount(torch.tensor(corpus.train), minlength=config.vocab_size) + 0.5
    with torch.no_grad():
        model.output.bias.copy_((counts / counts.sum()).log())
    return model


def optimizer_for(model: NPLM, settings: Settings) -> torch.optim.Optimizer:
    """Makes the optimizer: AdamW, with weight decay on matrices only."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def held_out_loss(model: NPLM, ids: Tensor | list[int]) -> float:
    """Returns nats per word of `ids`."""
    contexts, targets = windows(ids, model.config.context_size)
    return -metrics.token_log_probs(model, contexts, targets).mean().item()


def fit(request: Request, name: str, corpus: Corpus, config: NPLMConfig, settings: Settings) -> Fit:
    """Trains one NPLM, or goes on with a stopped run; keeps the epoch best on validation text."""
    model = new_model(config, corpus, seed=settings.seed).to(request.device)
    contexts, targets = windows(corpus.train, config.context_size)
    per_epoch = -(-len(targets) // settings.batch_size)
    result = Fit(model, steps=settings.epochs * per_epoch)

    def batches(start: int):
        return shuffled(
            contexts, targets, batch_size=settings.batch_size, seed=settings.seed, start=start
        )

    for step in train(
        model,
        batches,
        next_token_loss,
        optimizer_for(model, settings),
        steps=result.steps,
        schedule=linear_decay(result.steps, warmup=settings.warmup),
        validate=lambda model: held_out_loss(model, corpus.valid),
        validate_every=per_epoch,
        state=request.state / f"{name}.pt",
        minutes=request.minutes,
    ):
        result.seconds, last = step.seconds, step.number
        result.finished = last == result.steps
        if step.validation is not None:
            result.curve.append((step.number, step.loss, step.validation))
    return result
