"""How a language model over a fixed window of words is fitted: the same way in every recipe."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from imi import device as devices
from imi import metrics
from imi.batches import shuffled, windows
from imi.checkpoints import Checkpoint
from imi.data.corpora import Corpus
from imi.models.nplm import NPLM, NPLMConfig
from imi.recipes import Request
from imi.recipes.diary import Fit, state_file
from imi.training import linear_decay, next_token_loss, train

SAMPLE = 5_000  # words of test text that a test measures again


@dataclass(frozen=True)
class Settings:
    """How to train; the seed is the paper's year."""

    epochs: int = 6
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.1  # of AdamW; on matrices, not on biases, as in the paper
    warmup: int = 100
    seed: int = 2003


def examples(
    ids: Tensor | list[int], context_size: int, *, boundary: int | None = None
) -> tuple[Tensor, Tensor]:
    """Cuts a text into contexts (N, C) and next words (N,).

    Args:
        boundary: the id that fills the gap between two sentences, if there is one; as a next word
            it is kept only once a sentence, as its end.
    """
    contexts, targets = windows(ids, context_size)
    if boundary is None:
        return contexts, targets
    kept = (targets != boundary) | (contexts[:, -1] != boundary)
    return contexts[kept], targets[kept]


def new_model(config: NPLMConfig, targets: Tensor, *, seed: int) -> NPLM:
    """Makes an NPLM whose biases b already know how common each word is as a next word."""
    devices.seed_everything(seed)
    model = NPLM(config)
    counts = torch.bincount(targets, minlength=config.vocab_size) + 0.5
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


def held_out_perplexity(
    model: NPLM, ids: Tensor | list[int], *, boundary: int | None = None, words: int | None = None
) -> float:
    """Returns the perplexity of a text, or of its first `words` predicted words."""
    contexts, targets = examples(ids, model.config.context_size, boundary=boundary)
    return metrics.perplexity(metrics.token_log_probs(model, contexts[:words], targets[:words]))


def sample_perplexity(shipped: Checkpoint, corpus: Corpus) -> dict[str, float]:
    """Measures the perplexity of a checkpoint on the first words of the test text again.

    Raises:
        ValueError: if the checkpoint was made for another vocabulary.
    """
    if corpus.vocabulary.words != shipped.vocabulary.words:
        raise ValueError("the text and the checkpoint number their words differently")
    about = {"boundary": corpus.boundary, "words": SAMPLE}
    return {"sample": held_out_perplexity(shipped.model, corpus.test, **about)}


def fit(request: Request, name: str, corpus: Corpus, config: NPLMConfig, settings: Settings) -> Fit:
    """Trains one NPLM, or goes on with a stopped run; keeps the epoch best on validation text."""
    contexts, targets = examples(corpus.train, config.context_size, boundary=corpus.boundary)
    valid = examples(corpus.valid, config.context_size, boundary=corpus.boundary)
    model = new_model(config, targets, seed=settings.seed).to(request.device)
    per_epoch = -(-len(targets) // settings.batch_size)
    state = state_file(request, name, config, settings)
    result = Fit(model, settings, settings.epochs * per_epoch, state)

    def batches(start: int):
        return shuffled(
            contexts, targets, batch_size=settings.batch_size, seed=settings.seed, start=start
        )

    steps = train(
        model,
        batches,
        next_token_loss,
        optimizer_for(model, settings),
        steps=result.steps,
        schedule=linear_decay(result.steps, warmup=settings.warmup),
        validate=lambda model: -metrics.token_log_probs(model, *valid).mean().item(),
        validate_every=per_epoch,
        state=state,
        minutes=request.minutes,
    )
    result.complete(steps)
    return result
