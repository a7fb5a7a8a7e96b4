"""Searches: what a string, words and short vectors find, and how a search is judged."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from imi import search
from imi.models.short_vectors import ShortVectors, ShortVectorsConfig
from imi.recipes import lead_vectors, second_sentences
from imi.recipes.search_claims import rank
from imi.recipes.second_sentences import Question

TEXTS = ["cat sat mat", "dog cat cat", "dog ran", "", "mat mat mat sun"]


@pytest.fixture
def index():
    return search.WordIndex(TEXTS, str.split)


def test_a_string_is_found_whatever_its_capitals_and_only_as_it_stands():
    texts = ["The Moon landing", "a moonlit night", "land of the moon"]
    assert search.holding(texts, "MOON").tolist() == [1, 1, 1]
    assert search.holding(texts, "moon l").tolist() == [1, 0, 0]


def test_shared_words_are_counted_once():
    assert search.shared_words("a b b c".split(), "b c d".split()) == 2 / 4
    assert search.shared_words([], []) == 0


def test_tfidf_is_the_cosine_of_log_counts_by_rarity(index):
    found = index.tfidf("mat cat cat zebra")
    counts = index.counts.toarray()
    rarity = np.log(len(TEXTS) / (counts > 0).sum(axis=0))
    asked = np.zeros(len(index.ids))
    asked[index.ids["mat"]], asked[index.ids["cat"]] = math.log(2), math.log(3)
    rows, one = np.log1p(counts) * rarity, asked * rarity
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(one)
    np.testing.assert_allclose(found, rows @ one / np.maximum(lengths, 1e-12), atol=1e-6)
    assert found[3] == 0 and found[2] == 0
    assert not index.tfidf("zebra").any() and not index.tfidf("").any()


def test_a_text_is_most_like_itself(index):
    found = [index.tfidf(text) for text in TEXTS]
    assert [int(scores.argmax()) for scores, text in zip(found, TEXTS, strict=True) if text] == [
        0, 1, 2, 4,
    ]  # fmt: skip
    assert found[1][1] == pytest.approx(1) and not found[3].any()


def test_bm25_is_the_formula_worked_out_by_hand(index):
    # "cat" is in 2 of 5 texts; the second text has 3 words, the mean text 12 / 5, cat twice.
    rarity = math.log(1 + (5 - 2 + 0.5) / (2 + 0.5))
    worth = rarity * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / (12 / 5)))
    found = index.bm25("cat")
    assert found[1] == pytest.approx(worth, rel=1e-5)
    assert found[1] > found[0] > 0 and not found[2:].any()
    np.testing.assert_allclose(index.bm25("cat dog"), found + index.bm25("dog"), rtol=1e-5)


def test_an_index_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no text holds a word"):
        search.WordIndex(["", ""], str.split)


def test_the_best_come_first_and_equals_in_their_order():
    scores = np.array([0.2, 0.9, 0.9, 0.5])
    assert search.best(scores, 3) == [1, 2, 3]
    with pytest.raises(ValueError, match="at least one"):
        search.best(scores, 0)


def test_equals_share_the_chance_of_being_found():
    scores = np.array([3.0, 1.0, 1.0, 1.0, 0.0])
    assert search.chance_found(scores, 0, 1) == 1
    assert search.chance_found(scores, 2, 1) == 0
    assert search.chance_found(scores, 2, 2) == pytest.approx(1 / 3)
    assert search.chance_found(scores, 4, 4) == 0 and search.chance_found(scores, 4, 5) == 1
    assert search.chance_found(np.zeros(5), 3, 1) == pytest.approx(1 / 5)
    assert rank(scores, 2) == 3 and rank(scores, 0) == 1 and rank(np.zeros(5), 3) == 3
    with pytest.raises(ValueError, match="scores that are numbers"):
        search.chance_found(np.array([np.nan, 1.0]), 0, 1)


def test_a_question_keeps_no_word_of_the_title():
    said = second_sentences.without("Hives of bees, like the honey bee's, need bee-keepers.", "Bee")
    assert said == "Hives of like the honey need bee-keepers."
    assert (
        second_sentences.without("It has cities (and a city hall).", "City")
        == "It has (and a hall)."
    )
    assert second_sentences.without("Nothing goes.", "") == "Nothing goes."


def test_the_same_questions_are_drawn_with_the_words_of_the_title(monkeypatch):
    opening = ("It was.", "Bees of kind {} make honey, wax, combs, larvae and noise.")
    told = tuple((opening[0], opening[1].format(n)) for n in range(7)), ("Bee",) * 7
    monkeypatch.setattr(second_sentences, "leads", lambda: told[::-1])
    asked, named = second_sentences.questions(3), second_sentences.questions(3, named=True)
    assert [each.article for each in asked] == [each.article for each in named]
    assert all(each.text == told[0][each.article][1] for each in named)
    assert not any("Bees" in each.text for each in asked)


def test_the_search_test_averages_over_questions():
    asked = [Question("a", 0), Question("b", 1)]
    scores = {"a": np.array([1.0, 0.0, 0.0]), "b": np.array([1.0, 0.0, 0.0])}
    shares = second_sentences.found(scores.__getitem__, asked)
    assert shares == {1: 0.5, 10: 1.0, 100: 1.0}


def vectors(count=31, dim=7):
    made = torch.randn(count, dim, generator=torch.Generator().manual_seed(2001))
    return torch.nn.functional.normalize(made, dim=1)


def test_short_vectors_with_all_numbers_lose_nothing_and_fewer_lose_something():
    known, asked = vectors(), vectors(5)
    whole = lead_vectors.shortened(known, 7)
    torch.testing.assert_close(whole(asked), asked @ known.T, atol=2e-3, rtol=0)
    errors = [(lead_vectors.shortened(known, kept)(known) - known @ known.T).square().mean()
              for kept in (2, 4, 6)]  # fmt: skip
    assert errors[0] > errors[1] > errors[2] > 1e-6
    assert lead_vectors.same_neighbours(whole, known, 3) > 0.9
    with pytest.raises(ValueError, match="have 7 numbers, a question 5"):
        whole(torch.zeros(2, 5))


def test_what_cannot_be_kept_is_refused():
    with pytest.raises(ValueError, match="of 7 numbers 9 cannot be kept"):
        ShortVectorsConfig(vectors=31, dim=7, kept=9)
    with pytest.raises(ValueError, match="kept must be at least 1"):
        ShortVectors(ShortVectorsConfig(vectors=31, dim=7, kept=0))


def test_questions_are_refound_by_their_vectors():
    known = vectors()
    names = {f"question {n}": n for n in (3, 8, 21)}
    asked = [Question(*pair) for pair in names.items()]
    shares = lead_vectors.refound(
        lambda x: x @ known.T, lambda texts: known[[names[t] for t in texts]], asked
    )
    assert shares[1] == 1
