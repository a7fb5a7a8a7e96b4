"""Both tasks of BERT's pre-training: their loss, and how well a model does them.

Source: Devlin et al. (2019), section 3.1 and appendix A.2.
Lecture: notebooks/11_bert_2019.ipynb
Shapes: B rows, S places, N places whose piece was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imi.masked_batches import PretrainingBatch
from imi.sentence_pairs import UNASKED

Model = nn.Module  # called as (ids, lengths, segments, chosen=...), gives .words and .next


@dataclass
class PretrainingLoss:
    """Masked LM over the hidden pieces alone, plus next sentence prediction over the pairs.

    "The training loss is the sum of the mean masked LM likelihood and the mean next sentence
    prediction likelihood" (appendix A.2).

    Attributes:
        with_next: False leaves next sentence prediction out.
        seen: of each batch since they were last taken, both means; nats per piece and per pair.
    """

    with_next: bool = True
    seen: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, model: Model, batch: PretrainingBatch) -> tuple[Tensor, int]:
        """Returns the sum of both means times the hidden pieces, and the number of these."""
        scores = model(batch.ids, batch.lengths, batch.segments, chosen=batch.chosen)
        words = nn.functional.cross_entropy(scores.words.float(), batch.targets[batch.chosen])
        asked = batch.next != UNASKED
        follows = scores.next.float().sum() * 0  # a batch without pairs
        if asked.any():
            follows = nn.functional.cross_entropy(scores.next[asked].float(), batch.next[asked])
        self.seen.append((words.item(), follows.item()))
        count = int(batch.chosen.sum())
        # Times 0 and not left out: each parameter has a gradient, as several processes need it.
        return (words + follows * self.with_next) * count, count

    def take(self) -> tuple[float, float]:
        """Returns the mean of both since this was last asked for."""
        means = torch.tensor(self.seen).mean(dim=0).tolist()
        self.seen.clear()
        return means[0], means[1]


class Answers(NamedTuple):
    """What a model said of each hidden piece and each pair.

    Attributes:
        nats: the loss of each hidden piece (N,).
        right: whether the likeliest piece was the true one, bool (N,).
        row: the number of the row that holds it (N,).
        next_nats: the loss of each row; 0 where nobody asked (B,).
        next_right: whether the likelier answer was true, bool (B,).
        asked: whether anybody asked, bool (B,).
    """

    nats: Tensor
    right: Tensor
    row: Tensor
    next_nats: Tensor
    next_right: Tensor
    asked: Tensor

    def figures(self) -> dict[str, float]:
        """Returns means, in nats and shares, and how many they are of; of no pairs they are 0."""
        pairs = int(self.asked.sum())
        return {
            "masked_loss": self.nats.mean().item(),
            "masked_accuracy": self.right.float().mean().item(),
            "masked_places": len(self.nats),
            "next_loss": (self.next_nats.sum() / max(pairs, 1)).item(),
            "next_accuracy": self.next_right[self.asked].sum().item() / max(pairs, 1),
            "pairs": pairs,
        }

    def of_rows(self, chosen: Tensor) -> Answers:
        """Returns those of some rows, bool (B,)."""
        kept = chosen[self.row]
        return Answers(*(part[kept] for part in self[:3]), *(part[chosen] for part in self[3:]))


@torch.no_grad()
def answers(model: Model, batches: Iterable[PretrainingBatch]) -> Answers:
    """Asks a model for every hidden piece and every pair of some batches, row after row.

    Raises:
        ValueError: if there are no batches.
    """
    found, rows = [], 0
    device = next(model.parameters()).device
    for batch in batches:
        about = (batch.ids, batch.lengths, batch.segments)
        scores = model(*(part.to(device) for part in about), chosen=batch.chosen.to(device))
        words, follows = scores.words.float().cpu(), scores.next.float().cpu()
        targets, asked = batch.targets[batch.chosen], batch.next != UNASKED
        found.append(Answers(
            nn.functional.cross_entropy(words, targets, reduction="none"),
            words.argmax(dim=1) == targets,
            rows + batch.chosen.nonzero()[:, 0],
            nn.functional.cross_entropy(follows, batch.next, reduction="none"),
            follows.argmax(dim=1) == batch.next,
            asked,
        ))  # fmt: skip
        rows += len(batch.ids)
    if not found:
        raise ValueError("there is nothing to ask a model")
    return Answers(*map(torch.cat, zip(*found, strict=True)))
