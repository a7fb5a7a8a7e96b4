"""The tasks of lecture 12: their data, the shape of the question, and the score that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from imi import metrics
from imi.data import choices, questions, tasks
from imi.data.questions import Question
from imi.data.tasks import Split
from imi.spans import Found
from imi.task_shapes import Choices, Classes, Number, Shape, Spans, Tags

Scores = dict[str, float]


def by_label(guesses: Sequence[int], examples: Sequence[Any]) -> Scores:
    """Scores classes or choices by their accuracy."""
    return {"accuracy": metrics.accuracy(guesses, [example.label for example in examples])}


def by_acceptability(guesses: Sequence[int], examples: Sequence[Any]) -> Scores:
    """Scores classes by Matthews' correlation, for one class is much commoner."""
    true = [example.label for example in examples]
    return {"matthews": metrics.matthews(guesses, true)} | by_label(guesses, examples)


def by_likeness(guesses: Sequence[float], examples: Sequence[Any]) -> Scores:
    """Scores numbers by both correlations; the paper's table 1 has the one of ranks."""
    true = [example.label for example in examples]
    return {"spearman": metrics.spearman(guesses, true), "pearson": metrics.pearson(guesses, true)}


def by_span(
    guesses: Sequence[Any], examples: Sequence[Any], *, may_be_none: bool = False
) -> Scores:
    """Scores answers by the official measures of SQuAD.

    Args:
        may_be_none: whether "no answer" is an answer: where [CLS] scores more than every span.
    """
    texts = ["" if may_be_none and found.score <= 0 else found.text for found in guesses]
    true = [[text for _, text in example.answers] for example in examples]
    pairs = list(zip(texts, true, strict=True))
    return {"f1": sum(metrics.span_f1(*pair) for pair in pairs) / len(pairs),
            "exact": sum(metrics.exact_match(*pair) for pair in pairs) / len(pairs)}  # fmt: skip


def by_entity(guesses: Sequence[list[str]], examples: Sequence[Any]) -> Scores:
    """Scores tags by the entities that they mark."""
    found = metrics.entity_f1(guesses, [list(example.tags) for example in examples])
    return {"f1": found.f1, "precision": found.precision, "recall": found.recall}


def always_the_same(examples: Sequence[Any]) -> list[Any]:
    """Answers all questions alike: the commonest label, no name at all, or "no answer"."""
    if isinstance(examples[0], Question):
        return [Found("", 0, 0, 0.0)] * len(examples)
    if isinstance(examples[0], tasks.Tagged):
        return [["O"] * len(example.words) for example in examples]
    (label, _), *_ = Counter(example.label for example in examples).most_common(1)
    return [label] * len(examples)


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        about: in a few words.
        sources: of its data.
        read: reads its folds; one, but where a test would be too small.
        shape: how BERT is asked.
        score: of guesses and examples, the one that counts first.
        epochs: the paper takes 2 to 4; few examples need more.
        size: examples of a batch; few examples are learned in small ones.
        longest: places of a row.
    """

    about: str
    sources: tuple[str, ...]
    read: Callable[[], list[Split]]
    shape: Shape
    score: Callable[..., Scores]
    epochs: int = 3
    size: int = 32
    longest: int = 128


def _answerable() -> list[Split]:
    return questions.xquad_folds(questions.xquad())


def _perhaps_answerable() -> list[Split]:
    split = questions.xquad_folds(questions.xquad())[0]
    return [Split(*(questions.with_unanswerable(part, seed=2019) for part in split))]


def _by_span_or_none(guesses: Sequence[Any], examples: Sequence[Any]) -> Scores:
    return by_span(guesses, examples, may_be_none=True)


TASKS: dict[str, Task] = {
    "sst2": Task(
        "a sentence of a film review: praise or blame?",
        ("sst2-train", "sst2-dev"),
        lambda: [tasks.sst2()],
        Classes("blame", "praise"),
        by_label,
        epochs=4,
    ),
    "reviews": Task(
        "a snippet of a film review: praise or blame?",
        ("movie-ratings",),
        lambda: [tasks.movie_ratings()],
        Classes("blame", "praise"),
        by_label,
        epochs=2,
    ),
    "cola": Task(
        "a sentence: would a linguist accept it?",
        ("cola-train", "cola-dev", "cola-dev-out"),
        lambda: [tasks.cola()],
        Classes("not acceptable", "acceptable"),
        by_acceptability,
        epochs=8,
    ),
    "stsb": Task(
        "two sentences: how much alike, from 0 to 5?",
        ("stsb-en-train", "stsb-en-dev"),
        lambda: [tasks.stsb()],
        Number(5.0),
        by_likeness,
        epochs=4,
    ),
    "sick": Task(
        "two sentences: does B follow from A?",
        ("sick-train", "sick-trial", "sick-test"),
        lambda: [tasks.sick()],
        Classes(*tasks.SICK_LABELS),
        by_label,
        epochs=4,
    ),
    "rte": Task(
        "a text and a sentence: does B follow from A?",
        ("rte",),
        lambda: [tasks.rte()],
        Classes("entailment", "not entailment"),
        by_label,
        epochs=4,
    ),
    "qnli": Task(
        "a question and a sentence: is the answer in it?",
        ("xquad-en",),
        lambda: [questions.qnli()],
        Classes("entailment", "not entailment"),
        by_label,
        epochs=4,
    ),
    "squad": Task(
        "a question and a passage: where is the answer?",
        ("xquad-en",),
        _answerable,
        Spans(),
        by_span,
        epochs=4,
        size=16,
        longest=256,
    ),
    "squad2": Task(
        "the same, and the passage may not answer",
        ("xquad-en",),
        _perhaps_answerable,
        Spans(),
        _by_span_or_none,
        size=16,
        longest=256,
    ),
    "copa": Task(
        "because or so: which of two goes on?",
        ("copa",),
        lambda: [choices.copa()],
        Choices(),
        by_label,
        epochs=6,
    ),
    "continuations": Task(
        "which of four sentences comes next?",
        ("wikipedia-leads",),
        lambda: [choices.continuations()],
        Choices(),
        by_label,
        epochs=2,
    ),
    "ner": Task(
        "words: names of people, places, organisations?",
        ("wikigold",),
        lambda: [tasks.wikigold()],
        Tags(*tasks.TAGS),
        by_entity,
        epochs=8,
    ),
}
