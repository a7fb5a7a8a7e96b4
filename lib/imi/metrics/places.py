"""What lies near what: retrieval, neighbours, silhouettes, and errors of rebuilding."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn


def squared_error(rebuilt: Tensor, true: Tensor) -> float:
    """Returns the squared differences summed over each row (N, V), averaged over the rows."""
    return (rebuilt - true).square().sum(dim=1).mean().item()


def retrieval_precision(
    likeness: Tensor, topics: Tensor, depths: Iterable[int]
) -> dict[int, float]:
    """Asks with each document for the others; returns the share of its own topic at each depth.

    Args:
        likeness: of every document to every other, (N, N); a document is not found by itself.
        topics: numbers, (N).
        depths: how many documents are retrieved.

    Raises:
        ValueError: if a depth is below 1 or there are not so many other documents.
    """
    depths = list(depths)
    if not depths or min(depths) < 1 or max(depths) >= len(topics):
        raise ValueError(f"depths must be from 1 to {len(topics) - 1}, got {depths}")
    others = likeness.clone()
    others.fill_diagonal_(-math.inf)
    found = others.topk(max(depths), dim=1).indices  # (N, deepest)
    same = (topics[found] == topics[:, None]).float()
    return {depth: same[:, :depth].mean().item() for depth in depths}


def neighbour_accuracy(places: Tensor, topics: Tensor, *, neighbours: int = 10) -> float:
    """Guesses each point's topic by vote of its nearest others; returns the share that is right.

    Args:
        places: (N, D).
        topics: numbers, (N); of topics with equal votes the lowest number wins.

    Raises:
        ValueError: if there are not so many others.
    """
    if not 1 <= neighbours < len(topics):
        raise ValueError(f"neighbours must be from 1 to {len(topics) - 1}, got {neighbours}")
    apart = torch.cdist(places, places)
    apart.fill_diagonal_(math.inf)
    nearest = apart.topk(neighbours, dim=1, largest=False).indices
    votes = nn.functional.one_hot(topics[nearest]).sum(dim=1)
    return (votes.argmax(dim=1) == topics).float().mean().item()


def silhouette(places: Tensor, topics: Tensor) -> float:
    """Returns the mean of (b - a) / max(a, b): how much nearer one's own topic is than the next.

    a is the mean distance to one's own topic, b that to the nearest other topic (Rousseeuw, 1987);
    from -1 to 1.

    Raises:
        ValueError: if there are fewer than two topics.
    """
    if len(topics.unique()) < 2:
        raise ValueError("a silhouette needs at least two topics")
    member = nn.functional.one_hot(topics.unique(return_inverse=True)[1]).to(places)  # (N, topics)
    sums, sizes, own = torch.cdist(places, places) @ member, member.sum(dim=0), member.bool()
    a = sums[own] / (sizes.expand_as(sums)[own] - 1).clamp(min=1)
    b = (sums / sizes).masked_fill(own, math.inf).min(dim=1).values
    score = (b - a) / torch.maximum(a, b)
    return score[sizes.expand_as(sums)[own] > 1].sum().item() / len(topics)
