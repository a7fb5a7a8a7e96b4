"""The recurrent net of Mikolov, Yih, Zweig (2013) on Wikipedia leads and everyday sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from imi import checkpoints, metrics, processes
from imi import device as devices
from imi.data import prose, sources
from imi.data.corpora import Corpus
from imi.models.rnnlm import RNNLM, RNNLMConfig
from imi.recipes import Recipe, Request
from imi.recipes.diary import Fit, state_file
from imi.recipes.language_model import SAMPLE, optimizer_for
from imi.text import UNKNOWN, Vocabulary
from imi.training import linear_decay, train
from imi.vectors import WordVectors

NAME = "rnnlm_2013"
VOCAB_SIZE = 10_000
HIDDEN_DIM = 100
VALID = 40_000  # words of validation text that are scored after every epoch
PIECE = 512  # words of held-out text that are scored at once


@dataclass(frozen=True)
class Settings:
    """How to train; the seed is the paper's year."""

    epochs: int = 10
    batch_size: int = 32  # texts that are read side by side
    span: int = 20  # words that an error is sent back through
    samples: int = 512  # words drawn for each batch's softmax
    learning_rate: float = 3e-3
    weight_decay: float = 0.01  # of AdamW
    warmup: int = 200
    seed: int = 2013


SETTINGS = Settings()


def corpus() -> Corpus:
    """Reads the text: lower case, the 10,000 commonest words, one mark between two sentences."""
    read = prose.english_corpus(vocab_size=VOCAB_SIZE)
    parts = (one_mark(ids, read.boundary) for ids in (read.train, read.valid, read.test))
    return Corpus(read.vocabulary, *parts, boundary=read.boundary)


def one_mark(ids: Sequence[int], boundary: int) -> Tensor:
    """Leaves one boundary of every run of them: a net that remembers needs no gap."""
    stream = torch.as_tensor(ids, dtype=torch.long)
    kept = stream != boundary
    kept[1:] |= stream[:-1] != boundary
    kept[:1] = True
    return stream[kept]


def word_vectors(model: RNNLM, vocabulary: Vocabulary) -> WordVectors:
    """Returns the columns of U as the vectors of the words, the marks left out."""
    words, rows = proper_words(vocabulary)
    return WordVectors(words, model.embedding.weight.detach().cpu()[rows])


def proper_words(vocabulary: Vocabulary) -> tuple[list[str], list[int]]:
    """Returns the words of a vocabulary and their ids, without unknown word and boundary."""
    rows = [i for i, word in enumerate(vocabulary.words) if word not in (UNKNOWN, prose.BOUNDARY)]
    return [vocabulary.words[i] for i in rows], rows


def spans(ids: Tensor, settings: Settings, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields words (B, T) and next words (B, T) for ever; each row goes on where it ended.

    The text is cut into `batch_size` parts that are read side by side.
    """
    length = len(ids) // settings.batch_size
    rows = ids[: length * settings.batch_size].view(settings.batch_size, length)
    per_epoch = (length - 1) // settings.span
    if per_epoch < 1:
        raise ValueError(f"{len(ids)} words are too few for {settings.batch_size} parts")
    while True:
        begin = start % per_epoch * settings.span
        part = rows[:, begin : begin + settings.span + 1]
        yield part[:, :-1], part[:, 1:]
        start += 1


class SampledLoss:
    """Cross-entropy of the next words (nats) from a part of the vocabulary, the state carried on.

    The softmax divides by the sum of e^score over all words. Words that come next somewhere in the
    batch stand in it as they are; the others are estimated from `samples` words drawn with chance
    q, each weighted by 1 / (samples q): importance sampling (Bengio & Senecal 2003). Errors are
    sent back within one batch: truncated back-propagation through time.

    Args:
        chances: q, how often each word is drawn (V,).
        state: s (B, H) after the batch before, to go on from.
    """

    def __init__(self, chances: Tensor, *, samples: int, state: Tensor | None = None):
        self.chances, self.samples, self.state = chances, samples, state

    def __call__(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
        """Returns the sum over the batch, and the number of predicted words."""
        words, targets = batch
        here, places = targets.unique(return_inverse=True)
        drawn = torch.multinomial(self.chances, self.samples, replacement=True)
        drawn = drawn[~torch.isin(drawn, here)]
        log_weights = -(self.samples * self.chances[drawn]).log()
        logits, states = model(words, self.state, asked=torch.cat([here, drawn]))
        self.state = states[:, -1].detach()
        scores = logits.float() + torch.cat([torch.zeros_like(here), log_weights])
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), places.flatten(), reduction="sum")
        return loss, targets.numel()


def new_model(config: RNNLMConfig, ids: Tensor, *, seed: int) -> RNNLM:
    """Makes an RNNLM that begins with each word's frequency.

    All of s is 0.5 while the net knows nothing, so rows of V with the sum 2 log p say log p.
    """
    devices.seed_everything(seed)
    model = RNNLM(config)
    counts = torch.bincount(ids, minlength=config.vocab_size) + 0.5
    with torch.no_grad():
        model.output.weight += ((counts / counts.sum()).log() * 2 / config.hidden_dim)[:, None]
    return model


def log_probs(model: RNNLM, ids: Tensor) -> Tensor:
    """Returns the log-probability (nats) of every word of a text but the first, in float32."""
    device, state, found = next(model.parameters()).device, None, []
    with torch.no_grad():
        for words, targets in zip(ids[:-1].split(PIECE), ids[1:].split(PIECE), strict=True):
            logits, states = model(words[None].to(device), state)
            state = states[:, -1]
            found.append(
                -nn.functional.cross_entropy(logits[0], targets.to(device), reduction="none").cpu()
            )
    return torch.cat(found)


def fit(request: Request, name: str, text: Corpus, config: RNNLMConfig, settings: Settings) -> Fit:
    """Trains one net, or goes on with a stopped run; keeps the epoch best on validation text."""
    model = new_model(config, text.train, seed=settings.seed).to(request.device)
    per_epoch = (len(text.train) // settings.batch_size - 1) // settings.span
    kept = state_file(request, name, config, settings)
    result = Fit(model, settings, settings.epochs * per_epoch, kept)
    chances = torch.bincount(text.train, minlength=config.vocab_size).clamp(min=1).sqrt()
    chances = (chances / chances.sum()).to(request.device)
    loss = SampledLoss(chances, samples=settings.samples)
    state = result.more.get("state", [])
    if processes.rank_and_size()[1] == 1 and len(state) == settings.batch_size:
        loss.state = torch.tensor(state, device=request.device)  # else from zero again
    steps = train(
        model,
        lambda start: spans(text.train, settings, start),
        loss,
        optimizer_for(model, settings),
        steps=result.steps,
        schedule=linear_decay(result.steps, warmup=settings.warmup),
        clip_norm=1.0,
        validate=lambda model: -log_probs(model, text.valid[:VALID]).mean().item(),
        validate_every=per_epoch,
        state=kept,
        minutes=request.minutes,
    )
    result.complete(steps)
    if loss.state is not None:
        result.more["state"] = loss.state.tolist()
        result.keep()
    return result


def run(request: Request) -> bool:
    """Trains the net whose word vectors the lecture compares with counting."""
    text = corpus()
    config = RNNLMConfig(len(text.vocabulary), HIDDEN_DIM)
    result = fit(request, NAME, text, config, SETTINGS)
    if result.finished:
        found = log_probs(result.model, text.test)
        checkpoints.save(
            request.out / "checkpoints" / NAME,
            result.model,
            vocabulary=text.vocabulary,
            recipe=NAME,
            data={name: sources.sources()[name].sha256 for name in prose.CORE},
            **result.about(request),
            metrics={
                "test": round(metrics.perplexity(found), 2),
                "sample": round(metrics.perplexity(found[:SAMPLE]), 2),
            },
        )
    return result.finished


def sample(shipped: checkpoints.Checkpoint) -> dict[str, float]:
    """Measures the card's perplexity of the first words of the test text again.

    Raises:
        ValueError: if the checkpoint was made for another vocabulary.
    """
    text = corpus()
    if text.vocabulary.words != shipped.vocabulary.words:
        raise ValueError("the text and the checkpoint number their words differently")
    found = log_probs(shipped.model, text.test[: SAMPLE + 1])
    return {"sample": metrics.perplexity(found)}


RECIPES = (
    Recipe(NAME, "recurrent net on Wikipedia leads and everyday English", run, 10, sample=sample),
)
