"""The same training in batches of windows, in plain PyTorch: for a GPU, and to read.

Lecture: 04_word2vec_2013
Shapes: B windows, C = 2 window context places, M = 1 + k targets.
Differs: from the papers and from `trainer`: Adam instead of gradient descent, thousands of windows
    a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from imi.data.passages import Passages
from imi.models.word2vec import Word2Vec, Word2VecConfig, binary_loss
from imi.training import Step, linear_decay, train
from imi.word2vec.sampling import WHOLE, AliasTable, keep_chances, noise
from imi.word2vec.trainer import Settings

LEARNING_RATE = 3e-3  # of Adam


class Windows(NamedTuple):
    """A batch of windows; `present` is True where there is a context word.

    Attributes:
        contexts: (B, C). present: (B, C). targets: the word first, then its noise, (B, M).
    """

    contexts: Tensor
    present: Tensor
    targets: Tensor


def windows(passages: Passages, settings: Settings, *, batch_size: int) -> Iterator[Windows]:
    """Yields windows for ever, every kept word once an epoch, in an order that the seed fixes."""
    counts = np.bincount(passages.ids, minlength=len(passages.vocabulary))
    keep, table = keep_chances(counts, settings.sample), noise(counts)
    owner = np.repeat(np.arange(len(passages.starts) - 1), np.diff(passages.starts))
    reach = settings.window
    offsets = np.array([place for place in range(-reach, reach + 1) if place])
    rng = np.random.default_rng(settings.seed)
    while True:
        kept = np.flatnonzero(rng.random(len(passages.ids)) < keep[passages.ids])
        words, passage = passages.ids[kept], owner[kept]
        for centre in np.array_split(rng.permutation(len(words)), -(-len(words) // batch_size)):
            places = centre[:, None] + offsets
            inside = (places >= 0) & (places < len(words))
            places = places.clip(0, len(words) - 1)
            own_reach = rng.integers(1, reach + 1, (len(centre), 1))
            present = inside & (np.abs(offsets) <= own_reach)
            present &= passage[places] == passage[centre][:, None]
            some = present.any(axis=1)
            word = words[centre[some]]
            drawn = _noise(table, (len(word), settings.negatives), rng)
            columns = (words[places[some]], present[some], np.column_stack([word, drawn]))
            yield Windows(*map(torch.from_numpy, columns))


def _noise(table: AliasTable, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    columns = rng.integers(len(table.keep), size=shape)
    own = rng.random(shape) * WHOLE <= table.keep[columns]
    return np.where(own, columns, table.alias[columns]).astype(np.int32)


def window_loss(model: Word2Vec, batch: Windows) -> tuple[Tensor, int]:
    """Sums the loss of negative sampling over a batch, in nats; returns it with its pairs.

    A noise word that is the word itself counts for nothing.
    """
    scores = model(batch.contexts, batch.targets, batch.present)  # (B, C or 1, M)
    labels = torch.zeros(scores.shape[-1], device=scores.device)
    labels[0] = 1.0
    counted = batch.targets != batch.targets[:, :1]
    counted[:, 0] = True
    losses = binary_loss(scores.float(), labels) * counted[:, None]
    if model.config.cbow:
        return losses.sum(), len(scores)
    return (losses * batch.present[..., None]).sum(), int(batch.present.sum())


def learn(
    passages: Passages, settings: Settings, device: torch.device, *, batch_size: int = 8_192
) -> tuple[Word2Vec, Iterator[Step]]:
    """Makes a model on `device` and the steps that train it; nothing has run yet.

    Raises:
        ValueError: if the settings ask for the tree, which only the compiled loops walk.
    """
    if not settings.negatives:
        raise ValueError("in batches there is negative sampling alone: give negatives of 1 or more")
    torch.manual_seed(settings.seed)
    size = len(passages.vocabulary)
    model = Word2Vec(Word2VecConfig(size, settings.dim, cbow=settings.cbow, output_size=size))
    model.to(device)
    counts = np.bincount(passages.ids, minlength=size)
    kept = (keep_chances(counts, settings.sample) * counts).sum()
    steps = max(1, round(settings.epochs * kept / batch_size))
    adam = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    batches = windows(passages, settings, batch_size=batch_size)
    return model, train(
        model, batches, window_loss, adam, steps=steps, schedule=linear_decay(steps)
    )
