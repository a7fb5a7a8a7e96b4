"""Exercises of lecture 05: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from imi.exercises import seq2seq_2014 as tasks
from imi.text import ngrams

NAMES = ("log_prob", "turned", "precision", "beam")


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_passes_its_check(name):
    getattr(tasks, f"check_{name}")(getattr(tasks, f"solution_{name}"))


def unclipped(candidate, reference, n):
    theirs = set(ngrams(reference, n))
    ours = list(ngrams(candidate, n))
    return sum(run in theirs for run in ours) / max(1, len(ours))


def recall(candidate, reference, n):
    ours, theirs = Counter(ngrams(candidate, n)), Counter(ngrams(reference, n))
    return sum((ours & theirs).values()) / max(1, sum(theirs.values()))


def greedily(next_log_probs, beams, end, longest):
    return tasks.solution_beam(next_log_probs, 1, end, longest)


def each_beam_alone(next_log_probs, beams, end, longest):
    """Starts with the best words, then goes greedily on from each: no beam of all together."""
    first = next_log_probs([])
    found = []
    for word in sorted(range(len(first)), key=lambda word: -first[word])[:beams]:
        score, words = first[word], [word]
        while words[-1] != end and len(words) < longest:
            scores = next_log_probs(words)
            best = max(range(len(scores)), key=scores.__getitem__)
            score, words = score + scores[best], [*words, best]
        found.append((score, words))
    words = max(found)[1]
    return words[:-1] if words[-1] == end else words


@pytest.mark.parametrize(
    ("check", "mistake", "hint"),
    [
        (tasks.check_log_prob, lambda y, t: -tasks.solution_log_prob(y, t), "that is the loss"),
        (tasks.check_log_prob, lambda y, t: math.exp(tasks.solution_log_prob(y, t)), "p itself"),
        (tasks.check_log_prob, lambda y, t: tasks.solution_log_prob(y, t) / len(t), "the mean"),
        (tasks.check_log_prob, lambda y, t: sum(float(y[i, w]) for i, w in enumerate(t)),
         "log_softmax"),
        (tasks.check_turned, lambda ids, pad: ids[::-1], "begin with filling"),
        (tasks.check_turned, lambda ids, pad: [w for w in ids if w != pad][::-1], "must become"),
        (tasks.check_turned, lambda ids, pad: list(ids), "must become"),
        (tasks.check_precision, unclipped, "no more than two may count"),
        (tasks.check_precision, recall, "n = "),
        (tasks.check_beam, greedily, "still go the greedy way"),
        (tasks.check_beam, each_beam_alone, "keep the best"),
        (tasks.check_beam, lambda *about: [*tasks.solution_beam(*about), 0], "leave the end mark"),
    ],
)  # fmt: skip
def test_a_typical_mistake_gets_a_hint(check, mistake, hint):
    with pytest.raises(AssertionError, match=hint):
        check(mistake)
