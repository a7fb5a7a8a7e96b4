"""What fine-tuning changed in a net, in few numbers: the product of two thin matrices for each.

Source: Hu and others, "LoRA: Low-Rank Adaptation of Large Language Models" (2021), section 4.1:
    W = W_0 + B A; here it is taken from a net that was tuned in full, by its singular values.
Lecture: notebooks/12_bert_finetuning_2019.ipynb
Shapes: r rank; a matrix (M, N) changes by B (M, r) times A (r, N), a vector by a vector.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one


@dataclass(frozen=True)
class LowRankConfig:
    """Which net changes, and the sizes of what changes in it.

    Attributes:
        of: the name of the net.
        rank: r, of the changes of matrices.
        matrices: M and N of each, by name.
        vectors: the size of each, by name.
        outputs: of the layer on top (`models.bert_heads`).
        reads: what that layer reads.
        dim: how wide it is.
    """

    of: str
    rank: int
    matrices: dict[str, list[int]]
    vectors: dict[str, int]
    outputs: int
    reads: str
    dim: int

    def __post_init__(self):
        check_at_least_one(self, "rank", "outputs", "dim")


class LowRank(nn.Module):
    """The change of each weight, and the layer on top."""

    def __init__(self, config: LowRankConfig):
        super().__init__()
        self.config, r = config, config.rank
        self.B = nn.ParameterList(_zeros(M, min(r, M, N)) for M, N in config.matrices.values())
        self.A = nn.ParameterList(_zeros(min(r, M, N), N) for M, N in config.matrices.values())
        self.vectors = nn.ParameterList(_zeros(size) for size in config.vectors.values())
        self.head = nn.Linear(config.dim, config.outputs)

    @classmethod
    @torch.no_grad()
    def between(
        cls, before: dict[str, Tensor], after: nn.Module, *, of: str, rank: int, skip: tuple = ()
    ) -> LowRank:
        """Takes what a tuned net (`models.bert_heads.FineTuned`) differs in from what it was.

        Args:
            before: the weights of the BERT by name, before it was tuned.
            of: the name of that BERT.
            skip: names of weights whose change is dropped.
        """
        weights = after.bert.state_dict()
        changes = {name: (weights[name] - old).float() for name, old in before.items()
                   if name not in skip}  # fmt: skip
        flat = {name: change for name, change in changes.items() if change.ndim == 1}
        wide = {name: change for name, change in changes.items() if change.ndim == 2}
        made = cls(LowRankConfig(
            of, rank, {name: list(w.shape) for name, w in wide.items()},
            {name: len(w) for name, w in flat.items()},
            after.head.out_features, after.reads, after.head.in_features,
        ))  # fmt: skip
        for change, B, A in zip(wide.values(), made.B, made.A, strict=True):
            U, S, V = torch.svd_lowrank(change, q=min(rank + 8, *change.shape), niter=4)
            root = S[:rank].sqrt()  # shared out, so that half precision suits both
            B.copy_(U[:, :rank] * root)
            A.copy_((V[:, :rank] * root).T)
        for change, kept in zip(flat.values(), made.vectors, strict=True):
            kept.copy_(change)
        made.head.load_state_dict(after.head.state_dict())
        return made

    @torch.no_grad()
    def added_to(self, bert: nn.Module) -> nn.Module:
        """Returns a copy of a BERT with these changes.

        Raises:
            ValueError: if it has other weights than the net that was tuned.
        """
        tuned = copy.deepcopy(bert)
        weights = tuned.state_dict()
        names = (*self.config.matrices, *self.config.vectors)
        changes = (*(B @ A for B, A in zip(self.B, self.A, strict=True)), *self.vectors)
        for name, change in zip(names, changes, strict=True):
            if name not in weights or weights[name].shape != change.shape:
                raise ValueError(f"these changes are of {self.config.of}; this net has no {name}")
            weights[name] += change
        return tuned


def _zeros(*sizes: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(*sizes))
