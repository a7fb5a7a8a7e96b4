"""CBOW and skip-gram: the readable mathematics of word2vec.

Source: Mikolov, Chen, Corrado, Dean, "Efficient Estimation of Word Representations in Vector Space"
    (2013), sections 3.1 and 3.2; Mikolov, Sutskever, Chen, Corrado, Dean, "Distributed
    Representations of Words and Phrases and their Compositionality" (2013), section 2.
Lecture: notebooks/04_word2vec_2013.ipynb
Shapes: B windows, C context words of each, M targets (the word and its noise, or the inner nodes of
    the tree on the way to it), D width of a vector, V vocabulary.
Differs: all words of a window share the noise words. `imi.word2vec` computes the same, compiled.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from imi.sizes import check_at_least_one


@dataclass(frozen=True)
class Word2VecConfig:
    """Sizes of word vectors; the comments give the paper's symbols."""

    vocab_size: int  # W
    dim: int = 100  # D
    cbow: bool = False  # else skip-gram
    output_size: int = 0  # rows of v'; 0 keeps only the vectors v, as a checkpoint does

    def __post_init__(self):
        check_at_least_one(self, "vocab_size", "dim")
        if self.output_size < 0:
            raise ValueError(f"output_size must be 0 or more, got {self.output_size}")


class Word2Vec(nn.Module):
    """Scores targets by the dot product v'_target . v_context, or v'_target . mean of v."""

    def __init__(self, config: Word2VecConfig):
        super().__init__()
        self.config = config
        self.input = nn.Embedding(config.vocab_size, config.dim)  # v
        nn.init.uniform_(self.input.weight, -0.5 / config.dim, 0.5 / config.dim)
        self.output = (
            nn.Embedding(config.output_size, config.dim) if config.output_size else None
        )  # v'
        if self.output is not None:
            nn.init.zeros_(self.output.weight)

    def forward(self, contexts: Tensor, targets: Tensor, present: Tensor | None = None) -> Tensor:
        """Maps context words (B, C) and targets (B, M) to scores.

        Args:
            present: True where there is a context word, (B, C); all by default.

        Returns:
            (B, C, M) for skip-gram, a row for each context word; (B, 1, M) for CBOW.

        Raises:
            ValueError: if the model was made without output vectors.
        """
        if self.output is None:
            raise ValueError("these are the vectors alone: make the model with output_size")
        v = self.input(contexts)  # (B, C, D)
        if self.config.cbow:
            weights = torch.ones_like(v[..., :1]) if present is None else present[..., None].to(v)
            v = (v * weights).sum(dim=1, keepdim=True) / weights.sum(dim=1, keepdim=True)
        return v @ self.output(targets).transpose(1, 2)


def binary_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Returns -log sigmoid of each score with label 1, and of minus each with label 0, in nats.

    Over the word and its noise this is negative sampling, equation (4), to be minimised; over the
    nodes on the way to the word, with label 1 for the first child, hierarchical softmax, (3).
    """
    return nn.functional.softplus(scores) - labels * scores


def softmax_loss(scores: Tensor, word: Tensor) -> Tensor:
    """Returns -log p(word | context), equation (2), in nats: scores (..., V), word ids (...)."""
    return nn.functional.cross_entropy(
        scores.flatten(0, -2), word.flatten(), reduction="none"
    ).view(word.shape)


def tree_log_probs(v: Tensor, nodes: Tensor, paths: Tensor, turns: Tensor, lengths: Tensor):
    """Returns log p(w | context) of every word under hierarchical softmax, equation (3), (V,).

    Args:
        v: of one context, (D,).
        nodes: vectors v' of the inner nodes, (V - 1, D).
        paths: inner nodes on the way to each word, (V, L); `turns`: 1 for the first child, (V, L);
            `lengths`: how many of them count, (V,).
    """
    scores = nodes @ v
    steps = nn.functional.logsigmoid((2 * turns - 1) * scores[paths])  # (V, L)
    return steps.masked_fill(torch.arange(paths.shape[1]) >= lengths[:, None], 0).sum(dim=1)
