"""Perplexity, mixtures, likeness of words."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from imi import metrics
from imi.models.nplm import NPLM, NPLMConfig
from imi.vectors import WordVectors


def test_log_probs_are_those_of_the_softmax_whatever_the_batch():
    torch.manual_seed(1)
    model = NPLM(NPLMConfig(vocab_size=11, context_size=2, embedding_dim=3, hidden_dim=5)).eval()
    contexts, targets = torch.randint(11, (23, 2)), torch.randint(11, (23,))
    wanted = model(contexts).softmax(dim=1)[range(23), targets].log()
    for size in (1, 7, 50):
        found = metrics.token_log_probs(model, contexts, targets, batch_size=size)
        torch.testing.assert_close(found, wanted)


def test_perplexity_is_the_number_of_equally_likely_words():
    assert metrics.perplexity(np.log(np.full(7, 1 / 13))) == pytest.approx(13)
    assert metrics.perplexity(torch.tensor([0.5, 0.125]).log()) == pytest.approx(4)
    with pytest.raises(ValueError, match="at least one"):
        metrics.perplexity(np.array([]))


def test_a_mixture_is_the_weighted_mean_of_chances():
    first, second = np.array([0.5, 0.1]), np.array([0.25, 0.7])
    mixed = metrics.mix(np.log(first), np.log(second), 0.2)
    assert np.exp(mixed) == pytest.approx(0.2 * first + 0.8 * second)
    for weight in (0.0, 1.0, -2):
        with pytest.raises(ValueError, match="between 0 and 1"):
            metrics.mix(first, second, weight)


def test_the_best_weight_is_found():
    rng = np.random.default_rng(3)
    first, second = np.log(rng.beta(1, 5, (2, 4001)) + 1e-6)
    weight = metrics.mixture_weight(first, second)
    grid = np.linspace(0.01, 0.99, 99)
    best = min(grid, key=lambda w: metrics.perplexity(metrics.mix(first, second, w)))
    assert weight == pytest.approx(best, abs=0.01)


def test_likeness_is_compared_with_people_by_rank():
    vectors = WordVectors(["a", "b", "c"], np.array([[1.0, 0], [2.0, 0.2], [0, 3.0]]))
    pairs = [("a", "b", 9.0), ("b", "c", 4.0), ("a", "c", 1.0), ("a", "z", 5.0)]
    found = metrics.word_similarity(vectors.likeness, pairs)
    assert found == metrics.Similarity(pytest.approx(1.0), 3, 4)
    with pytest.raises(ValueError, match="only 1 of 1 pairs are known"):
        metrics.word_similarity(vectors.likeness, pairs[:1])


def labelled(rows: int = 61, width: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2006)
    topics = torch.randint(4, (rows,), generator=generator)
    return torch.randn(rows, width, generator=generator) + topics[:, None], topics


def test_retrieval_precision_by_hand():
    likeness = torch.tensor([[9.0, 3, 2, 1], [3, 9.0, 1, 2], [1, 2, 9.0, 3], [2, 3, 1, 9.0]])
    topics = torch.tensor([0, 0, 1, 1])
    found = metrics.retrieval_precision(likeness, topics, [1, 3])
    # first found: 1 (own), 0 (own), 3 (own), 1 (other); all three others: one is one's own
    assert found == {1: pytest.approx(3 / 4), 3: pytest.approx(1 / 3)}
    with pytest.raises(ValueError, match=r"depths must be from 1 to 3, got \[4\]"):
        metrics.retrieval_precision(likeness, topics, [4])


def test_neighbour_accuracy_and_silhouette_agree_with_scikit_learn():
    from sklearn.metrics import silhouette_score
    from sklearn.neighbors import KNeighborsClassifier

    places, topics = labelled()
    theirs = []
    for row in range(len(topics)):
        others = [n for n in range(len(topics)) if n != row]
        voter = KNeighborsClassifier(7).fit(places[others].numpy(), topics[others].numpy())
        theirs.append(voter.predict(places[row : row + 1].numpy())[0] == topics[row].item())
    ours = metrics.neighbour_accuracy(places, topics, neighbours=7)
    assert ours == pytest.approx(sum(theirs) / len(theirs))
    assert metrics.silhouette(places, topics) == pytest.approx(
        silhouette_score(places.numpy(), topics.numpy()), abs=1e-5
    )
    with pytest.raises(ValueError, match="neighbours must be from 1 to 60"):
        metrics.neighbour_accuracy(places, topics, neighbours=61)
    with pytest.raises(ValueError, match="at least two topics"):
        metrics.silhouette(places, torch.zeros(61, dtype=torch.long))


def test_squared_error_sums_over_an_image_and_averages_over_images():
    true, rebuilt = torch.zeros(2, 3), torch.tensor([[1.0, 2, 0], [0, 0, 3]])
    assert metrics.squared_error(rebuilt, true) == 7.0


def test_analogies_are_counted_by_section_and_only_where_all_words_are_known():
    grid = {"a": (0, 1), "A": (1, 1), "b": (0, 2), "B": (1, 2), "c": (0, 9), "C": (1, 9)}
    shifted = {word: (x, y, 0.3 * y - x) for word, (x, y) in grid.items()}
    vectors = WordVectors(list(shifted), np.array(list(shifted.values()), dtype=float))
    right, wrong, unknown = ("a", "A", "b", "B"), ("a", "A", "b", "c"), ("a", "A", "b", "zz")
    asked = {"capital": [right, wrong, unknown], "gram1": [right], "gram2": [unknown]}
    found = metrics.analogies(vectors, asked)
    assert found["capital"].covered == 2 and found["capital"].questions == 3
    assert found["gram2"] == metrics.Analogies(0, 0, 1) and found["gram2"].accuracy == 0
    answer = vectors.analogy("a", "A", "b", count=1)[0][0]
    assert found["gram1"].correct == (answer == "B")
    assert found["capital"].correct == (answer == "B") + (answer == "c")
    whole = metrics.total(found)
    assert whole == metrics.total(found, "semantic") + metrics.total(found, "syntactic")
    assert (whole.covered, whole.questions) == (3, 5)


# The examples of sacrebleu's own documentation (README, "Using SacreBLEU from Python").
SYSTEM = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
REFERENCE = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
SECOND = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]


def test_bleu_is_what_sacrebleu_publishes_for_its_example():
    found = metrics.bleu(SYSTEM, REFERENCE, SECOND)
    assert found.value == pytest.approx(48.530827009929865, abs=1e-9)
    assert found.signature.startswith("nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert str(found).startswith("48.53 (nrefs:2|") and str(found).endswith(", 3 sentences)")


def test_bleu_and_chrf_are_sacrebleus():
    import sacrebleu

    found = metrics.bleu(SYSTEM, REFERENCE)
    assert found.value == sacrebleu.corpus_bleu(SYSTEM, [REFERENCE]).score
    assert metrics.chrf(SYSTEM, REFERENCE).value == sacrebleu.corpus_chrf(SYSTEM, [REFERENCE]).score
    assert metrics.chrf(SYSTEM, REFERENCE).signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6")


def test_bleu_is_papinenis_formula_by_hand():
    """One sentence, all four precisions above zero, no smoothing at work."""
    ours, theirs = "the cat sat on the mat today", "the cat sat on the mat yesterday at noon"
    # matches of runs of 1 to 4 words: 6 of 7, 5 of 6, 4 of 5, 3 of 4; 7 words against 9
    by_hand = 100 * math.exp(1 - 9 / 7) * (6 / 7 * 5 / 6 * 4 / 5 * 3 / 4) ** 0.25
    assert metrics.bleu([ours], [theirs]).value == pytest.approx(by_hand)
    assert metrics.bleu([theirs], [theirs]).value == pytest.approx(100)


def test_japanese_is_compared_by_its_signs():
    same = ["私は本を読みました。"]
    assert metrics.bleu(same, same, tokenize="char").value == pytest.approx(100)
    near = metrics.bleu(["私は本を読みます。"], same, tokenize="char")
    assert 50 < near.value < 100 and "tok:char" in near.signature


def test_bleu_by_length_judges_each_range_alone():
    lengths, edges = [3, 12, 5], [1, 6, 11, 30]
    found = metrics.score_by_length(SYSTEM, REFERENCE, lengths, edges)
    assert list(found) == [(1, 5), (11, 29)]
    assert found[11, 29].value == metrics.bleu(SYSTEM[1:2], REFERENCE[1:2]).value
    assert found[1, 5] == metrics.bleu(SYSTEM[::2], REFERENCE[::2])
    with pytest.raises(ValueError, match=r"the edges of lengths must rise, got \[5, 1\]"):
        metrics.score_by_length(SYSTEM, REFERENCE, lengths, [5, 1])


def test_the_alignment_error_rate_is_och_and_neys():
    sure, possible = {(0, 0), (1, 2)}, {(0, 0), (1, 2), (2, 1), (3, 3)}
    found = {(0, 0), (2, 1), (5, 5)}
    # |A & S| = 1, |A & P| = 2, |A| + |S| = 5
    assert metrics.alignment_error(found, sure, possible) == pytest.approx(1 - 3 / 5)
    assert metrics.alignment_error(found, sure) == pytest.approx(1 - 2 / 5)
    assert metrics.alignment_error(sure, sure) == 0.0
    assert metrics.alignment_error(set(), sure) == 1.0
    with pytest.raises(ValueError, match="needs links to compare"):
        metrics.alignment_error(set(), set())


def test_what_cannot_be_judged_is_refused_in_a_sentence():
    for ours, theirs in (([], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError, match="each translation needs a reference"):
            metrics.bleu(ours, theirs)
