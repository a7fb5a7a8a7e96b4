"""How good a model is: perplexity, agreement with people about words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from imi.vectors import WordVectors


def token_log_probs(
    model: nn.Module, contexts: Tensor, targets: Tensor, *, batch_size: int = 1024
) -> Tensor:
    """Returns the log-probability (nats) of each target word (N,) after its context (N, C).

    Always in float32, whatever the model was trained in.
    """
    device = next(model.parameters()).device
    found = torch.empty(len(targets))  # made once: many small results would pin the large logits
    with torch.no_grad():
        for start in range(0, len(targets), batch_size):
            rows = slice(start, start + batch_size)
            logits, wanted = model(contexts[rows].to(device)).float(), targets[rows].to(device)
            found[rows] = -nn.functional.cross_entropy(logits, wanted, reduction="none").cpu()
    return found


def perplexity(log_probs: Tensor | np.ndarray) -> float:
    """Returns exp of the mean negative log-probability: the model's average number of choices.

    Raises:
        ValueError: if there is nothing to average.
    """
    if len(log_probs) == 0:
        raise ValueError("perplexity needs at least one predicted word")
    return math.exp(-float(np.mean(np.asarray(log_probs, dtype=np.float64))))


def mix(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """Returns log(weight * exp(first) + (1 - weight) * exp(second)), for log-probabilities."""
    if not 0.0 < weight < 1.0:
        raise ValueError(f"the weight of a mixture must lie between 0 and 1, got {weight}")
    return np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second)


def mixture_weight(first: np.ndarray, second: np.ndarray, *, rounds: int = 50) -> float:
    """Finds the weight of `first` under which the mixture makes held-out text most probable.

    Expectation-maximisation: the weight becomes the mean chance that a word came from `first`.
    """
    weight = 0.5
    for _ in range(rounds):
        share = np.exp(np.log(weight) + first - mix(first, second, weight))
        weight = float(np.clip(share.mean(), 1e-6, 1 - 1e-6))
    return weight


@dataclass(frozen=True)
class Similarity:
    """How well a measure of likeness agrees with people.

    Attributes:
        spearman: rank correlation, from -1 to 1.
        covered: pairs that both words of were known.
        pairs: pairs in the test.
    """

    spearman: float
    covered: int
    pairs: int


def word_similarity(
    likeness: Callable[[str, str], float | None], pairs: Iterable[tuple[str, str, float]]
) -> Similarity:
    """Compares `likeness` of two words with human scores by Spearman's rank correlation.

    Args:
        likeness: returns None where it does not know a word.

    Raises:
        ValueError: if fewer than three pairs are known.
    """
    from scipy.stats import spearmanr

    pairs = list(pairs)
    ours, human = [], []
    for first, second, score in pairs:
        value = likeness(first, second)
        if value is not None:
            ours.append(value)
            human.append(score)
    if len(ours) < 3:
        raise ValueError(f"only {len(ours)} of {len(pairs)} pairs are known; 3 are needed")
    return Similarity(float(spearmanr(ours, human).statistic), len(ours), len(pairs))


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


@dataclass(frozen=True)
class Analogies:
    """How many questions "a is to b as c is to ...?" were answered by the right word.

    Attributes:
        correct: questions whose first answer was right.
        covered: questions that all four words of were known.
        questions: questions in the section.
    """

    correct: int
    covered: int
    questions: int

    @property
    def accuracy(self) -> float:
        """The share of the covered questions that were answered right; 0 if none was covered."""
        return self.correct / self.covered if self.covered else 0.0

    def __add__(self, other: Analogies) -> Analogies:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Analogies(*(mine + theirs for mine, theirs in pairs))


def analogies(
    vectors: WordVectors,
    questions: Mapping[str, Sequence[tuple[str, str, str, str]]],
    *,
    method: str = "add",
    exclude: bool = True,
) -> dict[str, Analogies]:
    """Answers each section's questions by the nearest word in the whole vocabulary.

    Args:
        method: "add" for 3CosAdd, "mul" for 3CosMul, as in `WordVectors.analogy_scores`.
        exclude: whether the three words of the question are refused as answers, as everybody does.
    """
    found = {}
    for section, asked in questions.items():
        known = [q for q in asked if all(word in vectors for word in q)]
        rows = np.array([[vectors.ids[word] for word in q] for q in known], dtype=int)
        correct = 0
        for chunk in np.array_split(rows, -(-len(rows) // 256) or 1):
            if len(chunk):
                scores = vectors.analogy_scores(chunk[:, :3], method=method, exclude=exclude)
                correct += int((scores.argmax(axis=1) == chunk[:, 3]).sum())
        found[section] = Analogies(correct, len(known), len(asked))
    return found


def total(sections: Mapping[str, Analogies], kind: str = "") -> Analogies:
    """Adds up sections: all of them, the "syntactic" or the "semantic" ones."""
    chosen = [
        result
        for name, result in sections.items()
        if not kind or name.startswith("gram") == (kind == "syntactic")
    ]
    return sum(chosen, Analogies(0, 0, 0))
