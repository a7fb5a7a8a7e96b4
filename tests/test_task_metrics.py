"""Classes, correlations, entities and answers: equal to the libraries that others measure with."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
import torch

from imi import metrics

EMPTY_AND_UNEQUAL = [([], []), ([1], [1, 0]), ([1, 0], [1]), ([[1, 0]], [[1, 0]])]


def rows(classes: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Guesses and truths of odd sizes, among them one class alone on a side or on both."""
    rng = np.random.default_rng(2019)
    found = [(rng.integers(classes, size=n), rng.integers(classes, size=n)) for n in range(1, 60)]
    right = rng.integers(classes, size=1001)
    found += [(np.where(rng.random(1001) < 0.3, rng.integers(classes, size=1001), right), right)]
    alone = [np.full(7, k) for k in range(2)]
    return [*found, (right, right), *((a, b) for a in alone for b in (*alone, right[:7]))]


@pytest.mark.parametrize("classes", [2, 5])
def test_classes_are_judged_as_scikit_learn_does(classes):
    from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

    for guessed, true in rows(classes):
        assert metrics.accuracy(guessed, true) == pytest.approx(accuracy_score(true, guessed))
        theirs = f1_score(true == 1, guessed == 1, zero_division=0)
        assert metrics.f1(guessed, true) == pytest.approx(theirs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of one class alone
            theirs = matthews_corrcoef(true, guessed)
        assert metrics.matthews(guessed.tolist(), torch.tensor(true)) == pytest.approx(theirs)


def test_classes_are_counted_by_hand():
    guessed, true = [1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0]
    assert metrics.accuracy(guessed, true) == pytest.approx(5 / 7)
    assert metrics.f1(guessed, true) == pytest.approx(2 / 3)  # precision and recall alike
    wanted = (2 * 3 - 1 * 1) / (3 * 3 * 4 * 4) ** 0.5
    assert metrics.matthews(guessed, true) == pytest.approx(wanted)
    assert metrics.matthews([1, 0] * 40_000, [1, 0] * 40_000) == 1.0  # products beyond 64 bits
    assert metrics.f1([0, 0], [0, 0]) == metrics.matthews([0, 1], [1, 1]) == 0.0
    assert metrics.accuracy(["entails", "neutral"], ["entails", "contradicts"]) == 0.5


def test_correlations_are_scipys():
    from scipy.stats import pearsonr, spearmanr

    rng = np.random.default_rng(2019)
    for n in range(3, 70):
        x = rng.normal(size=n)
        for y in (rng.normal(size=n), 3 - x, x**3, x + 0.1 * rng.normal(size=n), rng.poisson(3, n)):
            if len(set(y)) > 1:
                assert metrics.pearson(x, y) == pytest.approx(pearsonr(x, y).statistic, abs=1e-12)
                theirs = spearmanr(x, y).statistic
                assert metrics.spearman(x.tolist(), y) == pytest.approx(theirs, abs=1e-12)
    assert metrics.pearson([1, 2, 4], [3, 5, 9]) == pytest.approx(1)
    assert metrics.spearman([1, 2, 3, 4], [1, 100, 101, 50]) == pytest.approx(0.4)


def test_what_is_constant_agrees_with_nothing():
    for agree in (metrics.pearson, metrics.spearman):
        assert agree([0.1] * 3, [1, 2, 3]) == agree([1, 2, 3], [0.1] * 3) == agree([5], [5]) == 0


@pytest.mark.parametrize(
    "judge",
    [metrics.accuracy, metrics.f1, metrics.matthews, metrics.pearson, metrics.spearman],
)
def test_rows_that_cannot_be_compared_are_refused(judge):
    for guessed, true in EMPTY_AND_UNEQUAL:
        with pytest.raises(ValueError, match="two rows of the same length"):
            judge(guessed, true)


TAGGED = [
    "O O O",
    "B-PER I-PER O B-LOC",
    "I-PER I-PER O I-LOC",  # an I- after nothing
    "B-PER I-LOC I-LOC I-PER",  # an I- after another kind
    "B-PER B-PER I-PER B-PER",  # neighbours of the same kind
    "O B-LOC B-ORG I-ORG I-LOC",
    "B-A-B I-A-B I-A B-A",  # a kind with a hyphen
    "B-O I-O O B-B I-B B-I I-I",
    "B-PER",
    "I-PER",
    "",
]


def tagged(rng: random.Random, size: int) -> list[str]:
    return rng.choices(["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "I-A-B"], k=size)


def test_entities_are_those_of_seqeval():
    from seqeval.metrics.sequence_labeling import get_entities

    rng = random.Random(2019)
    for tags in [*(text.split() for text in TAGGED), *(tagged(rng, n % 13) for n in range(2000))]:
        theirs = {(kind, first, last + 1) for kind, first, last in get_entities(tags)}
        assert metrics.entities(tags) == theirs, tags


def test_entities_by_hand():
    assert metrics.entities("I-PER I-PER O I-LOC".split()) == {("PER", 0, 2), ("LOC", 3, 4)}
    assert metrics.entities("B-PER B-PER I-PER".split()) == {("PER", 0, 1), ("PER", 1, 3)}
    assert metrics.entities("B-PER I-LOC I-PER".split()) == {
        ("PER", 0, 1), ("LOC", 1, 2), ("PER", 2, 3)
    }  # fmt: skip
    assert metrics.entities([]) == set()
    for tag in ("PER", "B", "I-", "E-PER", "b-PER", "O-PER", ""):
        with pytest.raises(ValueError, match="a tag is O, or a kind after B- or I-, not "):
            metrics.entities(["O", tag])


def test_entities_are_scored_as_seqeval_does():
    from seqeval.metrics import f1_score, precision_score, recall_score

    rng, seen = random.Random(2019), set()
    for n in range(300):
        lengths = [rng.randrange(9) for _ in range(n % 7)] + [1]
        guessed, true = ([tagged(rng, size) for size in lengths] for _ in range(2))
        guessed = [t if rng.random() < 0.5 else g for g, t in zip(guessed, true, strict=True)]
        ours = metrics.entity_f1(guessed, true)
        theirs = [
            s(true, guessed, zero_division=0) for s in (precision_score, recall_score, f1_score)
        ]
        assert list(ours) == pytest.approx(theirs)
        seen.add(tuple(ours))
    assert len(seen) > 100 and (0.0, 0.0, 0.0) in seen and (1.0, 1.0, 1.0) in seen


def test_an_entity_is_right_if_its_kind_and_both_ends_are():
    true = ["B-PER I-PER O B-LOC O".split(), ["B-ORG"], ["O"]]
    guessed = ["B-PER I-PER O B-ORG O".split(), ["B-ORG"], ["B-PER"]]
    assert metrics.entity_f1(guessed, true) == (2 / 4, 2 / 3, pytest.approx(4 / 7))
    assert metrics.entity_f1([["O"]], [["O"]]) == metrics.EntityScore(0.0, 0.0, 0.0)
    # the same place of another sentence is another place
    assert metrics.entity_f1([["B-PER"], ["O"]], [["O"], ["B-PER"]]).f1 == 0
    for guessed, true in (([], []), ([["O"]], [["O", "O"]]), ([["O"]], [["O"], ["O"]])):
        with pytest.raises(ValueError, match="a guessed tag for each of their words"):
            metrics.entity_f1(guessed, true)


# A guess, the answers, and what SQuAD's official script 2.0 says: exact match, F1.
ANSWERED = [
    ("Denver Broncos", ["Denver Broncos"], 1, 1),
    ("The Denver Broncos!", ["denver  broncos"], 1, 1),
    ("Broncos", ["Denver Broncos", "The Broncos"], 1, 1),
    ("the big Denver team", ["Denver Broncos", "Denver"], 0, 0.5),
    ("in Denver", ["Santa Clara"], 0, 0),
    ("to to be", ["to be or not to be"], 0, 2 / 3),  # words that come twice
    ("to to to", ["to be"], 0, 0.4),
    ("be to", ["to be"], 0, 1),  # the order counts for the exact match alone
    ("U.S.", ["US"], 1, 1),
    ("well-known", ["well known"], 0, 0),  # the hyphen goes, and no space comes
    ("theatre", ["atre"], 0, 0),  # an article is a word of its own
    ("a-the", ["athe"], 1, 1),
    ("an\tapple\u00a0pie\n", ["Apple pie"], 1, 1),
    ("“Denver”", ["Denver"], 0, 0),  # only punctuation of ASCII goes
    ("1–0", ["1-0"], 0, 0),
    ("日本", ["日本"], 1, 1),
    ("STRASSE", ["straße"], 0, 0),
    ("İstanbul", ["i̇stanbul"], 1, 1),
    ("", [], 1, 1),
    ("the", [], 1, 1),  # nothing is left of it
    ("...", [""], 1, 1),
    ("Denver", [], 0, 0),
    ("", ["Denver"], 0, 0),
    ("", ["the"], 1, 1),  # an answer of articles alone is none
    ("", ["the", "Denver"], 0, 0),
    ("a", ["Denver", "a"], 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("guess", "answers", "exact", "shared"), ANSWERED)
def test_answers_are_judged_as_the_official_script_does(guess, answers, exact, shared):
    assert metrics.exact_match(guess, answers) == exact
    assert metrics.span_f1(guess, answers) == pytest.approx(shared)


def answered(rng: random.Random) -> tuple[str, list[str]]:
    words = [
        "the",
        "A",
        "an",
        "Denver",
        "denver.",
        "to",
        "be",
        "to",
        "-",
        "“x”",
        "1–0",
        "é",
        "the-",
    ]

    def text() -> str:
        return rng.choice([" ", "  ", "\t"]).join(rng.choices(words, k=rng.randrange(6)))

    return text(), [text() for _ in range(rng.randrange(4))]


def test_the_shared_words_are_those_crossed_out_one_by_one():
    rng = random.Random(2019)
    for _ in range(500):
        ours, theirs = (rng.choices("to be or not".split(), k=rng.randint(1, 7)) for _ in range(2))
        left = list(theirs)
        for word in ours:
            if word in left:
                left.remove(word)
        shared = len(theirs) - len(left)
        found = metrics.span_f1(" The ".join(ours), [", ".join(theirs), "denver"])
        assert found == pytest.approx(2 * shared / (len(ours) + len(theirs)))


def test_answers_are_judged_as_transformers_does_where_it_has_the_script():
    official = pytest.importorskip(
        "transformers.data.metrics.squad_metrics", reason="transformers 5 has no squad_metrics"
    )
    rng = random.Random(2019)
    cases = [*(case[:2] for case in ANSWERED), *(answered(rng) for _ in range(2000))]
    for guess, answers in cases:
        true = [answer for answer in answers if official.normalize_answer(answer)] or [""]
        exact = max(official.compute_exact(answer, guess) for answer in true)
        shared = max(official.compute_f1(answer, guess) for answer in true)
        assert metrics.exact_match(guess, answers) == exact, (guess, answers)
        assert metrics.span_f1(guess, answers) == pytest.approx(shared), (guess, answers)


def test_one_text_is_no_list_of_answers():
    for judge in (metrics.exact_match, metrics.span_f1):
        with pytest.raises(ValueError, match="answers are a list of texts"):
            judge("Denver", "Denver")
