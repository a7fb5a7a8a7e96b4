"""Banko & Brill (2001), figures 1 and 2: accuracy over the number of examples, and disagreement.

Each learner meets each confusion set at nine sizes, a quarter of a decade apart, up to all the
examples of seven sources; small sizes are drawn several times. The settings of the learners were
chosen on the validation examples; the test examples are only counted here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from imi import measurements
from imi.data import prose
from imi.data.confusion import CONFUSION_SETS, Examples, Features, Split, split, typed_context
from imi.data.sources import DataError
from imi.models.confusion import LEARNERS, Learner, log_softmax
from imi.recipes import Recipe, Request

SIZES = (1_000, 1_778, 3_162, 5_623, 10_000, 17_783, 31_623, 56_234)  # and all
CHECKED_SIZES = (1_000, 10_000)
SOURCES = (*prose.CORE, *prose.MORE)
SEED = 2001


class Choice(NamedTuple):
    """What one learner would write into the gap.

    Attributes:
        chances: for each member; the softmax of the scores, which only the logistic regression
            was trained to make a probability.
    """

    learner: str
    word: str
    chances: dict[str, float]


class Panel:
    """Several learners of one confusion set, fitted on the same examples.

    Args:
        names: of the learners; all by default.

    Raises:
        ValueError: if a learner's name is not known.
    """

    def __init__(self, examples: Examples, *, names: tuple[str, ...] = tuple(LEARNERS)):
        unknown = [name for name in names if name not in LEARNERS]
        if unknown:
            raise ValueError(f"no learner {unknown[0]!r}; there are: {', '.join(LEARNERS)}")
        self.members, self.features = examples.members, Features(examples.contexts)
        matrix = self.features.encode(examples.contexts)
        about = {"classes": len(self.members), "groups": self.features.groups}
        self.learners: dict[str, Learner] = {
            name: LEARNERS[name]().fit(matrix, examples.labels, **about) for name in names
        }

    def predictions(self, examples: Examples) -> dict[str, np.ndarray]:
        """Returns each learner's choices (N,) for the examples."""
        matrix = self.features.encode(examples.contexts)
        return {name: learner.predict(matrix) for name, learner in self.learners.items()}

    def accuracies(self, examples: Examples) -> dict[str, float]:
        """Returns the share of the examples that each learner gets right."""
        made = self.predictions(examples)
        return {name: float((chosen == examples.labels).mean()) for name, chosen in made.items()}


def disambiguate(sentence: str, panel: Panel) -> list[Choice]:
    """Returns what each learner would write into the gap `___` of a sentence.

    Raises:
        ValueError: if the sentence has no gap, several, or no word beside it.
    """
    matrix = panel.features.encode([typed_context(sentence)])
    choices = []
    for name, learner in panel.learners.items():
        chances = np.exp(log_softmax(learner.scores(matrix)))[0].tolist()
        by_word = dict(zip(panel.members, chances, strict=True))
        choices.append(Choice(name, max(by_word, key=by_word.__getitem__), by_word))
    return choices


def straightness(sizes, accuracies) -> tuple[float, float]:
    """Fits accuracy = a + b log10(size); returns b (per tenfold of data) and R squared.

    Raises:
        ValueError: if there are fewer than three points.
    """
    if len(sizes) < 3:
        raise ValueError(f"a straight line needs at least three points, got {len(sizes)}")
    logs, values = np.log10(sizes), np.asarray(accuracies, dtype=float)
    slope, start = np.polyfit(logs, values, 1)
    residual = ((values - start - slope * logs) ** 2).sum()
    total = ((values - values.mean()) ** 2).sum()
    return float(slope), float(1 - residual / total) if total else 0.0


def complementarity(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Returns the share of the first learner's mistakes that the second did not make.

    Comp(A, B) = 1 - |mistakes of both| / |mistakes of A| (Brill & Wu 1998, in section 4 of the
    paper); not a number if the first made none.
    """
    wrong = first != labels
    return float(1 - ((second != labels) & wrong).sum() / wrong.sum()) if wrong.any() else np.nan


def measure() -> dict[str, float]:
    """Measures every figure again, in two minutes; those of the core alone without more sources."""
    core = _core_figures()
    try:
        rows, lines, _ = _curves()
    except DataError:
        return core
    return {**_figures(rows, lines), **core}


def _core_figures() -> dict[str, float]:
    """Measures accuracies at two sizes, on the core sources; keys are `set/learner/size`."""
    found: dict[str, float] = {}
    members = CONFUSION_SETS[0]
    parts = split(prose.english(), members)
    for size in CHECKED_SIZES:
        panel = Panel(parts.train.sample(size, seed=SEED))
        for name, accuracy in panel.accuracies(parts.test).items():
            found[f"{members[0]}/{name}/{size}"] = round(accuracy, 4)
    small, large = ([found[f"to/{name}/{size}"] for name in LEARNERS] for size in CHECKED_SIZES)
    found["core_smallest_gain"] = round(min(b - a for a, b in zip(small, large, strict=True)), 4)
    return found


def _figures(rows: list[dict[str, Any]], lines: list[dict[str, Any]]) -> dict[str, float]:
    """Returns what the ledger quotes: of all sets, and of {to, two, too} at its two ends."""
    own = [row for row in rows if row["set"] == rows[0]["set"]]
    least, most = own[: len(LEARNERS)], own[-len(LEARNERS) :]
    figures = {
        "lowest_gain_per_tenfold": min(line["per_tenfold"] for line in lines),
        "sets_and_learners": len(lines),
        "rising_every_tenfold": sum(line["rises_every_tenfold"] for line in lines),
        "lowest_r_squared": min(line["r_squared"] for line in lines),
        "median_r_squared": round(float(np.median([line["r_squared"] for line in lines])), 4),
        "best_with_least": max(row["accuracy"] for row in least),
        "worst_with_most": min(row["accuracy"] for row in most),
    }
    for name, part in (("least", least), ("most", most)):
        shares = [share for row in part for share in row["complementarity"].values()]
        figures[f"complementarity_with_{name}"] = round(float(np.mean(shares)), 4)
    return figures


def _curve(parts: Split) -> Iterator[dict[str, Any]]:
    """Yields a row for each size and learner of one confusion set."""
    everything = len(parts.train)
    # A last size that is all but "all" would only repeat it.
    for size in (*(s for s in SIZES if s < 0.9 * everything), everything):
        draws = 1 if size == everything or size > 20_000 else 5 if size <= 4_000 else 3
        began = time.perf_counter()
        samples = (parts.train.sample(size, seed=SEED + draw) for draw in range(draws))
        panels = [Panel(sample).predictions(parts.test) for sample in samples]
        seconds = round((time.perf_counter() - began) / draws, 2)
        for name in LEARNERS:
            right = [float((made[name] == parts.test.labels).mean()) for made in panels]
            yield {
                "set": "/".join(parts.test.members),
                "learner": name,
                "size": size,
                "draws": draws,
                "accuracy": round(float(np.mean(right)), 5),
                "spread": round(float(np.std(right, ddof=1)), 5) if draws > 1 else None,
                "complementarity": _complementarity(parts.test.labels, panels, name),
                "seconds_all_learners": seconds,
            }


def _complementarity(labels: np.ndarray, panels: list[dict], name: str) -> dict[str, float]:
    """Returns the share of the learner's mistakes that each other learner did not make."""
    return {
        other: round(
            float(np.mean([complementarity(labels, p[name], p[other]) for p in panels])), 4
        )
        for other in LEARNERS
        if other != name
    }


def _lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fits the straight line of each set and learner."""
    found = []
    for name, learner in dict.fromkeys((row["set"], row["learner"]) for row in rows):
        own = [row for row in rows if (row["set"], row["learner"]) == (name, learner)]
        values = [row["accuracy"] for row in own]
        slope, r_squared = straightness([row["size"] for row in own], values)
        by_size = {row["size"]: row["accuracy"] for row in own}
        tenfold = [by_size[m] - by_size[n] for n in by_size for m in by_size if 9.5 < m / n < 10.5]
        line = {
            "set": name,
            "learner": learner,
            "per_tenfold": round(slope, 5),
            "r_squared": round(r_squared, 4),
            "rises_every_tenfold": min(tenfold) > 0,
            "rises_every_step": bool((np.diff(values) > 0).all()),
        }
        found.append(line)
    return found


def _curves() -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Measures the curves of all sets; returns rows, lines, and the sets' sizes."""
    texts, rows, about = prose.english(SOURCES), [], []
    for members in CONFUSION_SETS:
        parts = split(texts, members)
        rows += list(_curve(parts))
        sizes = {name: len(part) for name, part in vars(parts).items()}
        majority = round(parts.test.majority_accuracy(), 5)
        about.append({"set": "/".join(members), **sizes, "majority": majority})
    return rows, _lines(rows), about


def run(request: Request) -> bool:
    """Measures the whole curve and writes `measurements/confusion_curve.json`."""
    began = time.perf_counter()
    rows, lines, about = _curves()
    measurements.save(
        request.out / "measurements",
        "confusion_curve",
        rows=rows,
        lines=lines,
        sets=about,
        figures={**_figures(rows, lines), **_core_figures()},
        data=list(SOURCES),
        seconds=round(time.perf_counter() - began),
    )
    return True


RECIPES = (
    Recipe(
        "confusion_curve",
        "accuracy of five learners on three confusion sets over the number of examples",
        run,
        minutes=5,
    ),
)
