"""Examples to endless batches, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

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


class PairBatch(NamedTuple):
    """Sentences and translations as ids, each row filled up to the longest.

    Attributes:
        source: the sentences (B, S).
        lengths: how many words each has (B,).
        inputs: what the decoder reads, the begin mark first (B, T).
        targets: what it should write after each, the end mark last (B, T).
        kept: True where `targets` is a word and no filling (B, T).
    """

    source: Tensor
    lengths: Tensor
    inputs: Tensor
    targets: Tensor
    kept: Tensor


def padded(rows: Sequence[Sequence[int]], fill: int) -> tuple[Tensor, Tensor]:
    """Puts rows of ids into one tensor (B, longest); returns it with their lengths (B,)."""
    lengths = torch.tensor([len(row) for row in rows])
    longest = max(map(len, rows), default=0)
    filled = [[*row, *[fill] * (longest - len(row))] for row in rows]
    return torch.tensor(filled, dtype=torch.long).view(len(rows), longest), lengths


def pair_batch(
    sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, pad: int, marks: tuple
) -> PairBatch:
    """Makes one batch of sentences and translations.

    Args:
        marks: the ids of begin and end.
    """
    begin, end = marks
    source, lengths = padded(sources, pad)
    inputs, _ = padded([[begin, *row] for row in targets], pad)
    wanted, sizes = padded([[*row, end] for row in targets], pad)
    kept = torch.arange(wanted.shape[1]) < sizes[:, None]
    return PairBatch(source, lengths, inputs, wanted, kept)


def by_length(sources: Sequence, targets: Sequence, *, tokens: int) -> list[list[int]]:
    """Sorts pairs by both lengths and cuts them into batches of at most `tokens` target places.

    Returns the numbers of the pairs in each batch; one pair that is longer is a batch of its own.
    """
    cut: list[list[int]] = []
    sizes = [(len(source), len(target)) for source, target in zip(sources, targets, strict=True)]
    longest = 0
    for number in sorted(range(len(sizes)), key=sizes.__getitem__):
        longest = max(longest, sizes[number][1] + 1)
        if not cut or longest * (len(cut[-1]) + 1) > tokens:
            cut.append([])
            longest = sizes[number][1] + 1
        cut[-1].append(number)
    return cut


def bucketed(
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    *,
    tokens: int,
    pad: int,
    marks: tuple[int, int],
    seed: int,
    start: int = 0,
) -> Iterator[PairBatch]:
    """Yields batches of pairs of about one length for ever, every pair once an epoch.

    Pairs of equal lengths are shuffled among each other, then whole batches are.

    Args:
        tokens: how many places a batch's targets have at most, filling included.
        marks: the ids of begin and end.
        start: the number of batches to pass over, so that a stopped run can go on.

    Raises:
        ValueError: if there are no pairs.
    """
    if not sources:
        raise ValueError("there are no pairs to make batches of")
    epoch, skip = divmod(start, len(by_length(sources, targets, tokens=tokens)))
    while True:
        generator = torch.Generator().manual_seed(seed + epoch)
        mixed = torch.randperm(len(sources), generator=generator).tolist()
        cut = by_length([sources[i] for i in mixed], [targets[i] for i in mixed], tokens=tokens)
        for chosen in torch.randperm(len(cut), generator=generator).tolist()[skip:]:
            rows = [mixed[number] for number in cut[chosen]]
            yield pair_batch(
                [sources[i] for i in rows], [targets[i] for i in rows], pad=pad, marks=marks
            )
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


def num_rows(batch: Batch) -> int:
    """Counts the rows of a batch: those of its first tensor."""
    if isinstance(batch, Tensor):
        return len(batch)
    parts = batch.values() if isinstance(batch, dict) else batch
    return next(num_rows(part) for part in parts if isinstance(part, (Tensor, dict, tuple, list)))


def share(batch: Batch, rank: int, world_size: int) -> Batch:
    """Returns the rows of a batch that process `rank` of `world_size` works on."""
    return each_tensor(batch, lambda tensor: tensor[rank::world_size])


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Moves every tensor of a batch to `device`."""
    return each_tensor(batch, lambda tensor: tensor.to(device, non_blocking=True))
