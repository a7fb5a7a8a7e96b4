"""Which of {to, two, too} stood in the gap: examples, features, learners, the curve."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from imi import measurements
from imi.data import confusion as data
from imi.data import prose
from imi.models import confusion as models
from imi.recipes import confusion_curve as curve

TO = ("to", "two", "too")


def random_problem(*, examples=83, features=29, classes=3, seed=5):
    """Sparse 0/1 features (N, F) that tell something about labels (N,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=examples)
    likely = rng.random((classes, features))
    dense = (rng.random((examples, features)) < 0.5 * likely[labels]).astype(np.float32)
    dense[:2, 0] = dense[:2, -1] = 1  # every matrix has its first and last column in use
    return sparse.csr_matrix(dense), labels


def example_of(sentence: str, members=TO) -> data.Examples:
    return data.examples([data.tokens(sentence)], members)


def test_each_member_in_a_sentence_is_one_example_with_the_words_around_it():
    found = example_of("I went TO the shop to buy two eggs.")
    assert found.labels.tolist() == [0, 0, 1]
    w = data.WINDOW
    left, right = found.contexts[1][:w], found.contexts[1][w:]
    assert left == (*[data.EDGE] * (w - 5), "i", "went", "to", "the", "shop")
    assert right[:4] == ("buy", "two", "eggs", ".")
    assert right[4:] == (data.EDGE,) * (w - 4)


def test_case_curly_apostrophes_and_numbers_are_made_alike():
    assert data.tokens("They’re 1,500 in Rome") == ["they're", data.NUMBER, "in", "rome"]


def test_a_typed_gap_gives_the_same_context_as_the_sentence_itself():
    whole = example_of("For breakfast I ate two eggs.").contexts[0]
    assert data.typed_context("For breakfast I ate ___ eggs.") == whole
    assert data.typed_context("For breakfast I ate _____ eggs.") == whole


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "no text"),
        ("  \n", "no text"),
        ("I ate two eggs.", "it has 0"),
        ("I ___ ___ eggs.", "it has 2"),
        ("___", "no word beside"),
        ("___ !", "no word beside"),
    ],
)
def test_a_sentence_without_one_usable_gap_is_refused_in_one_sentence(typed, says):
    with pytest.raises(ValueError, match=says):
        data.typed_context(typed)


def test_any_text_with_a_gap_is_read_even_emoji_and_ten_thousand_words():
    assert len(data.typed_context("意味 😀 ___ 😀")) == 2 * data.WINDOW
    assert len(data.typed_context("word " * 10_000 + "___ end")) == 2 * data.WINDOW


def made_up_sentences(count: int) -> list[str]:
    rng = np.random.default_rng(7)
    nouns, words = [f"noun{i}" for i in range(37)], [f"w{i}" for i in range(53)]
    return [
        f"{rng.choice(words)} {rng.choice(words)} {rng.choice(TO)} {rng.choice(nouns)}"
        for _ in range(count)
    ]


def test_no_context_is_in_two_parts_of_a_split_and_repeats_are_dropped():
    texts = made_up_sentences(1_301)
    parts = data.split([*texts, *(t.upper() + "!" for t in texts)], TO)
    contexts = [
        {tuple(w for w in c if w[0].isalnum()) for c in part.contexts}
        for part in (parts.train, parts.valid, parts.test)
    ]
    for first, second in itertools.combinations(contexts, 2):
        assert first and second and not first & second
    assert len(parts.train) + len(parts.valid) + len(parts.test) <= 1_301
    assert 0.05 < len(parts.test) / 1_301 < 0.15


def test_a_sentence_stays_in_its_part_whichever_member_stands_in_it():
    for start in range(41):
        names = [
            {
                name
                for name, part in vars(data.split([f"n{start} {word} go"], TO)).items()
                if len(part)
            }
            for word in TO
        ]
        assert names[0] == names[1] == names[2]


def test_majority_accuracy_is_the_share_of_the_commonest_member():
    examples = data.Examples(TO, [("x",)] * 7, np.array([0, 2, 2, 1, 2, 0, 2]))
    assert examples.majority_accuracy() == pytest.approx(4 / 7)


def test_samples_of_one_seed_are_nested_and_too_large_ones_are_refused():
    examples = data.Examples(TO, [(str(i),) for i in range(31)], np.arange(31) % 3)
    small, large = examples.sample(5), examples.sample(17)
    assert small.contexts == large.contexts[:5]
    assert len(set(large.contexts)) == 17
    for size in (0, 32):
        with pytest.raises(ValueError, match="from 1 to 31"):
            examples.sample(size)


def test_features_say_which_word_stood_at_which_place():
    train = data.examples(
        [data.tokens(s) for s in ("I ate two big eggs", "go to bed", "me too .")], TO
    )
    features = data.Features(train.contexts)
    matrix = features.encode(train.contexts)
    assert set(matrix.data.tolist()) == {1.0}
    for row in range(3):  # one value of every slot, in slot order
        groups = features.groups[matrix[row].indices]
        assert sorted(groups[groups >= 0]) == list(range(len(data.SLOTS)))
    same = features.encode([data.typed_context("they ate ___ small apples for lunch")])
    shared = same.multiply(matrix[0]).tocsr().indices
    slots = {data.SLOTS[g] for g in features.groups[shared] if g >= 0}
    assert slots == {(-1,), (-1, "ending"), (-3,)}  # "ate", and the edge three words before
    same = features.encode([data.typed_context("a b c d ___ big x y z")])
    shared = same.multiply(matrix[0]).tocsr().indices
    slots = {data.SLOTS[g] for g in features.groups[shared] if g >= 0}
    assert slots == {(1,), (1, "ending")}


def test_a_word_nearby_twice_counts_once_and_an_unknown_one_not_at_all():
    features = data.Features([data.typed_context("very very ___ late")])
    twice = features.encode([data.typed_context("very very ___ late")])
    bag = [c for c in twice.indices if features.groups[c] == data.BAG]
    assert len(bag) == 2
    assert set(twice.data.tolist()) == {1.0}
    unknown = features.encode([data.typed_context("a b c d e f g h ___ i j k l m n o p")])
    assert unknown.nnz == 0


def test_features_need_a_context():
    with pytest.raises(ValueError, match="at least one context"):
        data.Features([])


def test_naive_bayes_agrees_with_scikit_learn():
    from sklearn.naive_bayes import MultinomialNB

    features, labels = random_problem()
    ours = models.NaiveBayes(smoothing=0.3).fit(features, labels, classes=3)
    theirs = MultinomialNB(alpha=0.3).fit(features, labels)
    log_chances = models.log_softmax(ours.scores(features))
    assert np.allclose(log_chances, theirs.predict_log_proba(features), atol=1e-9)


def test_naive_bayes_passes_over_a_feature_it_never_saw():
    features, labels = random_problem()
    model = models.NaiveBayes().fit(
        sparse.hstack([features, sparse.csr_matrix((83, 1))]).tocsr(), labels, classes=3
    )
    with_new = sparse.hstack([features, sparse.csr_matrix(np.ones((83, 1)))]).tocsr()
    narrow = models.NaiveBayes().fit(features, labels, classes=3)
    assert np.allclose(model.scores(with_new), narrow.scores(features))


def test_logistic_regression_agrees_with_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    features, labels = random_problem()
    ours = models.LogisticRegression(penalty=0.7, iterations=500)
    theirs = LogisticRegression(C=1 / 0.7, max_iter=5_000, tol=1e-8).fit(features, labels)
    scores = ours.fit(features, labels, classes=3).scores(features)
    assert np.allclose(np.exp(scores), theirs.predict_proba(features), atol=2e-3)


def slow_weights(features, labels, *, classes, epochs, seed, link):
    """The mean over all steps of every weight, kept by a plain loop over a dense table."""
    dense = np.hstack([features.toarray(), np.ones((len(labels), 1))])
    up = np.zeros((dense.shape[1], classes))
    total, seen = np.zeros_like(up), 0
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        for row in rng.permutation(len(labels)):
            chosen = int((dense[row] @ link(up)).argmax())
            if chosen != labels[row]:
                up[:, labels[row]] += dense[row]
                up[:, chosen] -= dense[row]
            total += link(up)
            seen += 1
    return total / seen


@pytest.mark.parametrize(
    ("learner", "link"),
    [
        (models.Perceptron(epochs=3, seed=11), lambda up: up),
        (
            models.Winnow(epochs=3, seed=11, rate=0.2),
            lambda up: np.exp(0.2) ** up - np.exp(0.2) ** -up,  # w+ - w-
        ),
    ],
)
def test_averaged_mistake_driven_weights_equal_a_slow_loop_by_hand(learner, link):
    features, labels = random_problem(examples=67, features=23)
    learner.fit(features, labels, classes=3)
    slow = slow_weights(features, labels, classes=3, epochs=3, seed=11, link=link)
    assert np.allclose(learner.scores(features), features @ slow[:-1] + slow[-1], atol=1e-9)


def test_the_memory_based_learner_agrees_with_brute_force():
    rng = np.random.default_rng(3)
    values = rng.integers(4, size=(61, 5))  # 5 slots of 4 values each
    labels = (values[:, 0] + (rng.random(61) < 0.2)) % 3
    features = sparse.csr_matrix(np.eye(4, dtype=np.float32)[values].reshape(61, 20))
    groups = np.repeat(np.arange(5), 4)
    learner = models.MemoryBased(sharpness=6.0, block=7)
    learner.fit(features[:48], labels[:48], classes=3, groups=groups)
    for row, scores in zip(range(48, 61), learner.scores(features[48:]), strict=True):
        votes = np.zeros(3)
        for stored in range(48):
            likeness = sum(learner.weights[values[row] == values[stored]])
            votes[labels[stored]] += np.exp(6.0 * likeness)
        assert np.allclose(np.exp(scores), votes / votes.sum(), rtol=1e-4)


def test_the_slot_that_tells_the_class_weighs_most_and_a_slot_of_rare_values_nothing():
    rng = np.random.default_rng(1)
    labels = rng.integers(2, size=90)
    telling = np.eye(2)[labels]
    rare = np.eye(90)  # every example has its own value
    noise = np.eye(2)[rng.integers(2, size=90)]
    features = sparse.csr_matrix(np.hstack([telling, rare, noise]))
    gains = models.slot_gains(features, labels, 2, np.repeat([0, 1, 2], [2, 90, 2]))
    assert gains[0] > 0.8
    assert gains[1] == pytest.approx(0)
    assert gains[2] < 0.05


@pytest.mark.parametrize("name", models.LEARNERS)
def test_every_learner_beats_the_majority_and_repeats_itself(name):
    features, labels = random_problem(examples=307, features=41)
    groups = np.arange(41)
    fits = [
        models.LEARNERS[name]().fit(features[:211], labels[:211], classes=3, groups=groups)
        for _ in range(2)
    ]
    made = fits[0].predict(features[211:])
    assert fits[0].scores(features[211:]).shape == (96, 3)
    assert (made == labels[211:]).mean() > np.bincount(labels[211:]).max() / 96 + 0.1
    assert np.array_equal(fits[0].scores(features[211:]), fits[1].scores(features[211:]))


@pytest.mark.parametrize("name", models.LEARNERS)
def test_labels_that_do_not_fit_are_refused(name):
    features, labels = random_problem()
    with pytest.raises(ValueError, match="83 examples cannot have 82"):
        models.LEARNERS[name]().fit(features, labels[:-1], classes=3, groups=np.arange(29))
    with pytest.raises(ValueError, match="from 0 to 1"):
        models.LEARNERS[name]().fit(features, labels, classes=2, groups=np.arange(29))


def test_complementarity_is_the_share_of_mistakes_that_the_other_did_not_make():
    labels = np.zeros(9, dtype=int)
    first, second = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0]), np.array([0, 1, 2, 0, 0, 0, 0, 2, 2])
    assert curve.complementarity(labels, first, second) == pytest.approx(2 / 4)
    assert np.isnan(curve.complementarity(labels, labels, second))


def test_straightness_finds_the_slope_per_tenfold():
    slope, r_squared = curve.straightness([10, 100, 1_000], [0.5, 0.6, 0.7])
    assert slope == pytest.approx(0.1) and r_squared == pytest.approx(1)
    assert curve.straightness([10, 100, 1_000], [0.5, 0.7, 0.6])[1] == pytest.approx(0.25)
    with pytest.raises(ValueError, match="three points"):
        curve.straightness([10, 100], [0.5, 0.6])


def test_a_panel_chooses_the_word_that_stood_in_such_contexts():
    lines = [f"{who} ate two {what}" for who in ("i", "she", "we") for what in ("eggs", "figs")]
    lines += [f"{who} want to {what}" for who in ("i", "she", "we") for what in ("go", "eat")]
    lines += [f"it is too {how}" for how in ("late", "hot", "big", "far", "old")]
    panel = curve.Panel(data.examples([data.tokens(line) for line in lines], TO))
    for typed, word in (("they ate ___ eggs", "two"), ("they want ___ eat", "to")):
        choices = curve.disambiguate(typed, panel)
        assert [choice.learner for choice in choices] == list(models.LEARNERS)
        assert {choice.word for choice in choices} == {word}
        assert all(sum(c.chances.values()) == pytest.approx(1, abs=1e-6) for c in choices)
    with pytest.raises(ValueError, match="one gap"):
        curve.disambiguate("they ate two eggs", panel)
    with pytest.raises(ValueError, match="no learner 'oracle'"):
        curve.Panel(data.examples([["too", "late"]], TO), names=("oracle",))


def test_prose_is_cut_at_final_marks_and_lines():
    assert prose.sentences('He said "go!" Then we left.\n\nWhy? ') == [
        'He said "go!',
        "Then we left.",
        "Why?",
    ]


def real_data() -> None:
    missing = [name for name in prose.CORE if not prose.sources.available(name)]
    if missing:
        pytest.skip(f"needs the data {', '.join(missing)}: python -m imi.data fetch --core")


def test_on_real_text_ten_times_the_data_help_every_learner_as_was_recorded():
    real_data()
    recorded = measurements.load("confusion_curve")["figures"]
    found = curve._core_figures()
    assert found == pytest.approx({key: recorded[key] for key in found}, abs=2e-3)
    for name in models.LEARNERS:
        assert found[f"to/{name}/10000"] > found[f"to/{name}/1000"] + 0.01
