"""Fine-tuning BERT: batches of a task's examples, their loss, and a tuned net's answers.

Source: Devlin et al., "BERT" (2019), section 4 and appendix A.3.
Lecture: notebooks/12_bert_finetuning_2019.ipynb
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from imi.batches import padded, to_device
from imi.bertpieces import BertPieces
from imi.models.bert_heads import FineTuned
from imi.models.low_rank import LowRank
from imi.task_shapes import Batch, Encoded, Shape

POOL = 16  # batches whose examples are sorted by length together


def batch_of(shape: Shape, examples: Sequence[Encoded], pad: int) -> Batch:
    """Puts examples into tensors, filled up to the longest row."""
    rows = [row for example in examples for row in example.rows]
    ids, lengths = padded([row.ids for row in rows], pad)
    segments, _ = padded([row.segments for row in rows], 0)
    choices = len(examples[0].rows)
    if choices > 1:
        ids, lengths, segments = (x.unflatten(0, (-1, choices)) for x in (ids, lengths, segments))
    targets = shape.targets([example.target for example in examples])
    return Batch(ids, lengths, segments, targets)


def batches(
    shape: Shape, examples: Sequence[Encoded], *, size: int, pad: int, seed: int, start: int = 0
) -> Iterator[Batch]:
    """Yields batches for ever, every example once an epoch; rows of a batch are about as long.

    Args:
        size: examples of a batch.
        start: the number of batches to pass over, so that a stopped run can go on.

    Raises:
        ValueError: if there are no examples.
    """
    if not examples:
        raise ValueError("there are no examples to learn from")
    lengths = torch.tensor([max(len(row.ids) for row in each.rows) for each in examples])
    epoch, skip = divmod(start, -(-len(examples) // size))
    while True:
        generator = torch.Generator().manual_seed(seed + epoch)
        mixed = torch.randperm(len(examples), generator=generator)
        pools = [pool[lengths[pool].argsort(stable=True)] for pool in mixed.split(POOL * size)]
        cut = [chosen for pool in pools for chosen in pool.split(size)]
        for number in torch.randperm(len(cut), generator=generator).tolist()[skip:]:
            yield batch_of(shape, [examples[i] for i in cut[number].tolist()], pad)
        epoch, skip = epoch + 1, 0


class TaskLoss:
    """The loss of a shape, as `training.train` asks for it."""

    def __init__(self, shape: Shape):
        self.shape = shape

    def __call__(self, model: nn.Module, batch: Batch) -> tuple[Tensor, int]:
        """Returns the sum of the loss of a batch, and over how many answers."""
        return self.shape.loss(model(batch.ids, batch.lengths, batch.segments), batch)


def changed(bert: nn.Module, change: LowRank) -> FineTuned:
    """Returns a copy of a published BERT that was tuned, ready to be asked.

    Raises:
        ValueError: if it is not the net that was tuned.
    """
    tuned = FineTuned(change.added_to(bert), change.config.outputs, reads=change.config.reads)
    tuned.head.load_state_dict(change.head.state_dict())
    return tuned.eval()


@torch.no_grad()
def answers(
    model: nn.Module, shape: Shape, pieces: BertPieces, examples: Sequence[Any], *, longest: int,
    size: int = 32,
) -> list[Any]:  # fmt: skip
    """Asks a fine-tuned net about examples; returns what `shape.answer` makes of each.

    Args:
        longest: places of a row.
        size: parts that are read at once; those of about one length together.
    """
    parts = [shape.encode(pieces, example, longest) for example in examples]
    flat = [part for each in parts for part in each]
    order = sorted(range(len(flat)), key=lambda n: max(len(row.ids) for row in flat[n].rows))
    scores: list[Tensor] = [torch.empty(0)] * len(flat)
    device = next(model.parameters()).device
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        made = to_device(batch_of(shape, [flat[n] for n in chosen], pieces.pad_id), device)
        for n, score in zip(chosen, model(*made[:3]).float().cpu(), strict=True):
            scores[n] = score
    found = iter(scores)
    return [
        shape.answer(example, each, [next(found) for _ in each])
        for example, each in zip(examples, parts, strict=True)
    ]
