"""Examples to endless batches, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

Batch = TypeVar("Batch")


def windows(ids: Sequence[int] | Tensor, context_size: int) -> tuple[Tensor, Tensor]:
    """Cuts a stream of word ids into contexts (N, C) and the word that follows each (N,).

    Raises:
        ValueError: if the stream is too short to hold one context and its next word.
    """
    stream = torch.as_tensor(ids, dtype=torch.long)
    if len(stream) <= context_size:
        raise ValueError(
            f"a stream of {len(stream)} words holds no context of {context_size} and a next word"
        )
    return stream[:-1].unfold(0, context_size, 1), stream[context_size:]


def shuffled(
    *columns: Tensor, batch_size: int, seed: int, start: int = 0
) -> Iterator[tuple[Tensor, ...]]:
    """Yields batches for ever, every example once an epoch, in an order that the seed fixes.

    Args:
        columns: tensors with one row an example.
        start: the number of batches to pass over, so that a stopped run can go on.

    Raises:
        ValueError: if the columns differ in length, are empty or the batch size is below 1.
    """
    rows = len(columns[0])
    if rows == 0 or any(len(column) != rows for column in columns):
        raise ValueError(f"columns must be of one length, got {[len(c) for c in columns]}")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    per_epoch = -(-rows // batch_size)
    epoch, skip = divmod(start, per_epoch)
    while True:
        generator = torch.Generator().manual_seed(seed + epoch)
        order = torch.randperm(rows, generator=generator)
        for chosen in order.split(batch_size)[skip:]:
            yield tuple(column[chosen] for column in columns)
        epoch, skip = epoch + 1, 0


def each_tensor(batch: Batch, change: Callable[[Tensor], Tensor]) -> Batch:
    """Applies `change` to every tensor of a batch.

    A batch is a tensor or a (named) tuple, list or dict of batches; anything else is passed on.
    """
    if isinstance(batch, Tensor):
        return change(batch)
    if isinstance(batch, dict):
        return {key: each_tensor(value, change) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(each_tensor(value, change) for value in batch))
    if isinstance(batch, (tuple, list)):
        return type(batch)(each_tensor(value, change) for value in batch)
    return batch


def share(batch: Batch, rank: int, world_size: int) -> Batch:
    """Returns the rows of a batch that process `rank` of `world_size` works on."""
    return each_tensor(batch, lambda tensor: tensor[rank::world_size])


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Moves every tensor of a batch to `device`."""
    return each_tensor(batch, lambda tensor: tensor.to(device, non_blocking=True))
