"""Five learners that choose among a few words by the sparse features of the context.

Source: Banko & Brill, "Scaling to Very Very Large Corpora for Natural Language Disambiguation",
    ACL 2001, section 3: naive Bayes, winnow, perceptron, and a simple memory-based learner.
Lecture: 01_nplm_2003
Shapes: features (N, F) sparse, of 0 and 1; labels (N,); scores (N, K), the highest is chosen.
Differs: logistic regression is ours; the perceptron is averaged; several classes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class Learner:
    """What every learner can do: `fit`, then `scores` and `predict`."""

    def fit(self, features, labels: np.ndarray, *, classes: int, groups=None) -> Learner:
        """Learns from examples; `groups` (F,) says which slot a feature is a value of.

        Raises:
            ValueError: if labels do not fit the examples.
        """
        if features.shape[0] != len(labels) or not len(labels):
            raise ValueError(f"{features.shape[0]} examples cannot have {len(labels)} labels")
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(f"labels must be from 0 to {classes - 1}, got {set(labels.tolist())}")
        self._fit(features.tocsr(), np.asarray(labels), classes, groups)
        return self

    def predict(self, features) -> np.ndarray:
        """Returns the class of the highest score of each example, (N,)."""
        return self.scores(features).argmax(axis=1)

    def _fit(self, features, labels: np.ndarray, classes: int, groups) -> None:
        raise NotImplementedError

    def scores(self, features) -> np.ndarray:
        """Returns one score for each example and class, (N, K)."""
        raise NotImplementedError


def _counts(features, labels: np.ndarray, classes: int) -> np.ndarray:
    """Counts how often each feature was seen with each class, (F, K)."""
    return np.asarray(features.T @ np.eye(classes, dtype=np.float64)[labels])


@dataclass
class NaiveBayes(Learner):
    """Multinomial naive Bayes: log P(k) + sum of log P(feature | k) over the features there are.

    Attributes:
        smoothing: added to each count of a feature with a class.
    """

    smoothing: float = 0.1

    def _fit(self, features, labels, classes, groups) -> None:
        counts = _counts(features, labels, classes)
        seen = counts.sum(axis=1, keepdims=True) > 0
        smoothed = np.where(seen, counts + self.smoothing, 0.0)
        with np.errstate(divide="ignore"):
            self._weights = np.where(seen, np.log(smoothed) - np.log(smoothed.sum(axis=0)), 0.0)
            self._prior = np.log(np.bincount(labels, minlength=classes) / len(labels))

    def scores(self, features) -> np.ndarray:
        """Returns log P(class, features), (N, K); features never seen are passed over."""
        return features @ self._weights + self._prior


def _with_bias(features):
    """Appends a feature that every example has."""
    from scipy import sparse

    ones = np.ones((features.shape[0], 1), dtype=features.dtype)
    return sparse.hstack([features, ones], format="csr")


def _learn_from_mistakes(
    features, labels, classes: int, link: Callable[[np.ndarray], np.ndarray], *, epochs, seed
) -> np.ndarray:
    """Returns mistake-driven weights (F + 1, K), averaged over all steps.

    At a mistake `steps` of the example's features rise by 1 for the right class and fall by 1 for
    the chosen one; the weights are `link(steps)`. The average is had from one more table, the
    changes times when they happened: w - changes / T (Daume, 2006, section 3.3.4).
    """
    rng, features = np.random.default_rng(seed), _with_bias(features)
    bounds, columns = features.indptr.tolist(), features.indices
    steps, weights, changes = np.zeros((3, features.shape[1], classes))
    time = 0
    for _ in range(epochs):
        for row in rng.permutation(len(labels)).tolist():
            present = columns[bounds[row] : bounds[row + 1]]
            chosen, label = int(weights[present].sum(axis=0).argmax()), int(labels[row])
            if chosen != label:
                for changed, sign in ((label, 1.0), (chosen, -1.0)):
                    steps[present, changed] += sign
                    new = link(steps[present, changed])
                    changes[present, changed] += time * (new - weights[present, changed])
                    weights[present, changed] = new
            time += 1
    return weights - changes / time


@dataclass
class Perceptron(Learner):
    """Averaged perceptron: at a mistake, the right class's weights rise and the chosen one's fall.

    Rosenblatt (1958); the mean of the weights over time votes, after Freund & Schapire (1999).
    """

    epochs: int = 10
    seed: int = 2001

    def _fit(self, features, labels, classes, groups) -> None:
        self._weights = _learn_from_mistakes(
            features, labels, classes, self._link, epochs=self.epochs, seed=self.seed
        )

    def _link(self, steps: np.ndarray) -> np.ndarray:
        return steps

    def scores(self, features) -> np.ndarray:
        """Returns the weighted sums, (N, K)."""
        return features @ self._weights[:-1] + self._weights[-1]


@dataclass
class Winnow(Perceptron):
    """Balanced Winnow: like the perceptron, but weights are multiplied instead of added to.

    Littlestone (1988): each feature has a weight for, w+, and one against, w-, both 1 at first; a
    promotion multiplies w+ and divides w- by e^rate. After u promotions net w+ - w- is
    2 sinh(u rate), which is how it is computed here. Averaged over time as the perceptron is.
    """

    rate: float = 0.1

    def _link(self, steps: np.ndarray) -> np.ndarray:
        return 2 * np.sinh(self.rate * steps)


@dataclass
class LogisticRegression(Learner):
    """Softmax of weighted sums; cross-entropy plus `penalty` / 2 |W|^2, minimised by L-BFGS.

    Attributes:
        penalty: on the sum over all examples, not on the mean; the bias is free.
    """

    penalty: float = 0.3
    iterations: int = 60

    def _fit(self, features, labels, classes, groups) -> None:
        from scipy.optimize import minimize

        features = _with_bias(features)
        target, shape = np.eye(classes)[labels], (features.shape[1], classes)
        transposed = features.T.tocsr()

        def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
            weights = flat.reshape(shape)
            log_chances = log_softmax(features @ weights)
            shrink = self.penalty * weights
            shrink[-1] = 0.0
            loss = -(log_chances * target).sum() + 0.5 * (shrink * weights).sum()
            return loss, (transposed @ (np.exp(log_chances) - target) + shrink).ravel()

        options = {"maxiter": self.iterations}
        found = minimize(
            loss_and_gradient, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options
        )
        self._weights = found.x.reshape(shape)

    def scores(self, features) -> np.ndarray:
        """Returns log P(class | features), (N, K)."""
        return log_softmax(features @ self._weights[:-1] + self._weights[-1])


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Turns scores (N, K) into log-chances whose exponentials sum to 1."""
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def slot_gains(features, labels, classes: int, groups: np.ndarray) -> np.ndarray:
    """Returns how many bits each slot tells about the class of an example that was not counted.

    Information gain (Quinlan, 1986) as in IB1-IG (Daelemans & van den Bosch, 1992), but each
    example's own count is taken off: else a slot of rare values seems to tell everything.
    """
    counts = _counts(features, labels, classes)
    prior = np.bincount(labels, minlength=classes) / len(labels)
    others = counts.sum(axis=1, keepdims=True) - 1  # with the same value, (F, 1)
    chances = np.maximum((counts - 1 + 2 * prior) / np.maximum(others + 2, 1), 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(counts > 0, counts * (np.log2(chances) - np.log2(prior)), 0.0).sum(axis=1)
    slotted = groups >= 0
    totals = np.bincount(groups[slotted], weights=bits[slotted], minlength=1)
    return np.maximum(totals / len(labels), 0.0)


@dataclass
class MemoryBased(Learner):
    """Keeps every example; those most alike vote: weighted overlap, as in IB1-IG.

    Likeness is the share of the slots' weights (`slot_gains`) in slots that hold the same value.
    Every stored example votes with e^(sharpness * likeness), TiMBL's exponential decay, k = all.
    Features of a negative group are in no slot and are passed over.
    """

    sharpness: float = 80.0
    block: int = 256  # rows that are compared at a time

    def _fit(self, features, labels, classes, groups) -> None:
        if groups is None:
            raise ValueError("a memory-based learner needs `groups`: the slot of each feature")
        gains = slot_gains(features, labels, classes, groups)
        self.weights = gains / gains.sum() if gains.sum() > 0 else gains
        self._kept = np.flatnonzero(groups >= 0)
        self._columns = self.weights[groups[self._kept]].astype(np.float32)
        self._memory = features[:, self._kept].astype(np.float32).T.tocsr()
        self._votes = np.eye(classes, dtype=np.float32)[labels]

    def scores(self, features) -> np.ndarray:
        """Returns the log of the share of the votes, (N, K)."""
        weighted = features[:, self._kept].astype(np.float32).multiply(self._columns).tocsr()
        starts = range(0, max(weighted.shape[0], 1), self.block)
        return np.concatenate([self._scores(weighted[s : s + self.block]) for s in starts])

    def _scores(self, weighted) -> np.ndarray:
        likeness = (weighted @ self._memory).toarray()  # (block, stored)
        likeness -= likeness.max(axis=1, keepdims=True)
        votes = np.exp(self.sharpness * likeness) @ self._votes
        return np.log(np.maximum(votes / votes.sum(axis=1, keepdims=True), 1e-12))


LEARNERS: dict[str, Callable[[], Learner]] = {
    "naive Bayes": NaiveBayes,
    "perceptron": Perceptron,
    "Winnow": Winnow,
    "logistic regression": LogisticRegression,
    "memory-based": MemoryBased,
}
