"""n-gram models: counts, equations by hand, brute force, and nltk's Kneser-Ney."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from imi.counts import Counts, unseen_share
from imi.models.ngrams import AddOne, DeletedInterpolation, KneserNey
from imi.text import ngrams

VOCAB = 7


def stream(length: int, *, seed: int = 3, vocab: int = VOCAB) -> np.ndarray:
    """A text with structure: the next id depends on the last."""
    likely = np.random.default_rng(1).dirichlet(np.full(vocab, 0.3), size=vocab)
    rng = np.random.default_rng(seed)
    ids = [0]
    for _ in range(length - 1):
        ids.append(int(rng.choice(vocab, p=likely[ids[-1]])))
    return np.array(ids)


def fitted(kind, *, order: int, ids=None, vocab: int = VOCAB, **options):
    ids = stream(301) if ids is None else ids
    extra = {"held_out": stream(151, seed=5)} if kind is DeletedInterpolation else {}
    return kind(order=order, vocab_size=vocab, **options).fit(ids, **extra)


def test_counts_are_those_of_a_counter():
    ids = stream(113)
    counts = Counts(ids, order=4, vocab_size=VOCAB)
    for n, table in enumerate(counts.tables, start=1):
        wanted = Counter(ngrams(ids.tolist(), n))
        runs = np.array(list(wanted))
        assert len(table.keys) == len(wanted)
        assert table.counts[counts.number(runs)].tolist() == list(wanted.values())
        suffixes = counts.number(runs[:, 1:])
        assert (table.suffixes[counts.number(runs)] == suffixes).all()


def test_an_unseen_run_has_no_number():
    counts = Counts(np.array([0, 1, 2, 0, 1]), order=2, vocab_size=5)
    assert counts.number(np.array([[0, 1], [1, 0], [4, 0]])).tolist()[1:] == [-1, -1]


def test_the_unseen_share_is_counted_by_hand():
    train, held_out = np.array([0, 1, 2, 0, 1]), np.array([0, 1, 0, 1, 2])
    assert unseen_share(train, held_out, n=1, vocab_size=3) == 0
    assert unseen_share(train, held_out, n=2, vocab_size=3) == pytest.approx(1 / 4)
    assert unseen_share(train, held_out, n=3, vocab_size=3) == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", [AddOne, DeletedInterpolation, KneserNey])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_sum_to_one_after_seen_and_unseen_contexts(kind, order):
    model = fitted(kind, order=order, vocab=11)  # ids 7 to 10 never occur
    for context in (stream(order - 1 or 1)[: order - 1], np.full(order - 1, 9)):
        chances = model.distribution(context)
        assert chances.shape == (11,)
        assert (chances > 0).all()
        assert chances.sum() == pytest.approx(1, abs=1e-12)


def test_add_one_is_its_formula():
    model = fitted(AddOne, order=2, ids=np.array([0, 1, 0, 1, 0, 2]), vocab=5)
    chances = model.distribution([0])
    assert chances == pytest.approx(np.array([1, 3, 2, 1, 1]) / (3 + 5))


def kneser_ney_by_hand(ids, discount: float, vocab: int):
    """Interpolated Kneser-Ney of order 3 with one discount, written as in the paper."""
    tri, bi = set(ngrams(ids, 3)), set(ngrams(ids, 2))
    seen = Counter(ngrams(ids, 3))

    def lower(table, word, context):
        counts = Counter(run[1:] for run in table if run[1:-1] == context)
        total, types = sum(counts.values()), len(counts)
        kept = max(counts[(*context, word)] - discount, 0) / total if total else 0.0
        rest = discount * types / total if total else 1.0
        return kept, rest

    def probability(word, context):
        kept1, rest1 = lower(bi, word, ())
        unigram = kept1 + rest1 / vocab
        kept2, rest2 = lower(tri, word, context[1:])
        bigram = kept2 + rest2 * unigram
        total = sum(c for run, c in seen.items() if run[:2] == context)
        types = sum(run[:2] == context for run in seen)
        if not total:
            return bigram
        return max(seen[(*context, word)] - discount, 0) / total + discount * types / total * bigram

    return probability


def test_kneser_ney_is_the_equation_by_hand():
    ids = stream(97, seed=11).tolist()
    by_hand = kneser_ney_by_hand(ids, 0.6, 9)
    model = fitted(KneserNey, order=3, ids=np.array(ids), vocab=9, discount=0.6)
    for context in ((ids[3], ids[4]), (0, 6), (6, 6), (8, 8)):
        wanted = [by_hand(word, context) for word in range(9)]
        assert model.distribution(context) == pytest.approx(wanted, abs=1e-12)


def test_the_discounts_are_those_of_chen_and_goodman():
    seen = np.repeat([1, 2, 3, 4], [40, 20, 12, 9])
    model = KneserNey(order=2, vocab_size=9)
    share = 40 / (40 + 2 * 20)
    wanted = [0, 1 - 2 * share * 20 / 40, 2 - 3 * share * 12 / 20, 3 - 4 * share * 9 / 12]
    assert model._discounts(seen) == pytest.approx(wanted)
    single = KneserNey(order=2, vocab_size=9, discount="single")
    assert single._discounts(seen) == pytest.approx([0, share, share, share])


def test_kneser_ney_gives_nltks_perplexity():
    lm = pytest.importorskip("nltk.lm", reason="nltk is only in the extra `bench`")
    from nltk.util import everygrams

    ids = stream(211, vocab=5)
    ids = np.concatenate([ids, ids[:3]])  # a ring: every run has a left neighbour
    words = [str(number) for number in ids]
    theirs = lm.KneserNeyInterpolated(3, discount=0.75)
    theirs.fit([list(everygrams(words, max_len=3))], vocabulary_text=words)
    held_out = stream(47, seed=9, vocab=5)
    runs = list(ngrams([str(number) for number in held_out], 3))
    ours = KneserNey(order=3, vocab_size=5, discount=0.75, uniform=False).fit(ids)
    assert ours.perplexity(held_out) == pytest.approx(theirs.perplexity(runs), rel=1e-6)


def test_deleted_interpolation_finds_the_best_weights():
    model = fitted(DeletedInterpolation, order=2, ids=stream(2003))
    held_out = stream(151, seed=5)
    best = model.perplexity(held_out)
    learned, changed = model._weights.copy(), []
    for part in range(3):
        model._weights = 0.7 * learned
        model._weights[:, part] += 0.3
        changed.append(model.perplexity(held_out))
    assert min(changed) > 0.9999 * best  # where the weight was all but 1 already
    assert max(changed) > 1.05 * best


def test_more_context_helps_where_there_is_structure():
    held_out = stream(997, seed=4)
    one, two = (fitted(KneserNey, order=n, ids=stream(3001)).perplexity(held_out) for n in (1, 2))
    assert two < 0.8 * one


@pytest.mark.parametrize("discount", ["best", 0, 1.5, None])
def test_a_discount_that_is_none_is_refused(discount):
    with pytest.raises(ValueError, match="discount must be modified, single or in"):
        KneserNey(order=2, vocab_size=5, discount=discount)


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="n must be at least 1"):
        AddOne(order=0, vocab_size=5)
    with pytest.raises(ValueError, match="word ids must be from 0 to 4"):
        Counts(np.array([0, 5]), order=1, vocab_size=5)
    with pytest.raises(ValueError, match="n must be from 1 to the text's 2 words, got 3"):
        Counts(np.array([0, 1]), order=3, vocab_size=5)
    with pytest.raises(ValueError, match="2 words a row"):
        fitted(AddOne, order=3).probability(np.zeros((4, 3), dtype=int), np.zeros(4, dtype=int))


def test_a_shortened_model_is_the_one_of_that_order():
    ids = np.random.default_rng(7).integers(0, 11, 700)
    longest = KneserNey(order=5, vocab_size=11).fit(ids)
    for order in (1, 3, 5):
        runs = np.lib.stride_tricks.sliding_window_view(ids[:97], order)
        fresh = KneserNey(order=order, vocab_size=11).fit(ids)
        wanted = fresh.probability(runs[:, :-1], runs[:, -1])
        found = longest.shortened(order).probability(runs[:, :-1], runs[:, -1])
        np.testing.assert_array_equal(found, wanted)
    with pytest.raises(ValueError, match="from 1 to 5, got 6"):
        longest.shortened(6)


def test_all_chances_at_once_are_the_chances_one_by_one():
    rng = np.random.default_rng(8)
    ids, contexts = rng.integers(0, 7, 400), rng.integers(0, 7, (13, 3))
    model = KneserNey(order=4, vocab_size=7).fit(ids)
    found = model.chances(contexts)
    np.testing.assert_allclose(found, [model.distribution(row) for row in contexts])
    np.testing.assert_allclose(found.sum(axis=1), 1)
    logits, state = None, None
    for column in contexts.T:
        logits, state = model.step(torch.from_numpy(column), state)
    np.testing.assert_allclose(logits.exp().numpy(), found)
    assert np.array_equal(state, contexts)
