"""Meaning by counting: counts by hand, weights by their formulas, the SVD by a dense one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

from imi.models import lsa

VOCABULARY = 13


def text(words: int = 211, passages: int = 17) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    ids = draw.integers(VOCABULARY, size=words).astype(np.int32)
    starts = np.sort(draw.integers(words + 1, size=passages - 1))
    return ids, np.concatenate([[0], starts, [words]])


def counted_slowly(ids, starts, window) -> np.ndarray:
    counts = np.zeros((VOCABULARY, VOCABULARY))
    for begin, end in pairwise(starts):
        for place in range(begin, end):
            for other in range(max(begin, place - window), min(end, place + window + 1)):
                if other != place:
                    counts[ids[place], ids[other]] += 1
    return counts


@pytest.mark.parametrize("window", [1, 3, 5, 400])
@pytest.mark.parametrize("buffer", [1 << 22, 37])
def test_neighbours_are_counted_as_a_slow_loop_counts_them(monkeypatch, window, buffer):
    monkeypatch.setattr(lsa, "BUFFER", buffer)
    ids, starts = text()
    found = lsa.cooccurrences(ids, starts, VOCABULARY, window)
    assert sparse.issparse(found) and found.dtype == np.float32
    assert (found.toarray() == counted_slowly(ids, starts, window)).all()


def test_words_of_two_passages_are_no_neighbours():
    ids = np.array([1, 2, 2, 5], dtype=np.int32)
    together = lsa.cooccurrences(ids, np.array([0, 2, 4]), VOCABULARY, 3).toarray()
    assert together[1, 2] == 1 and together[2, 5] == 1 and together[1, 5] == 0
    assert together[2, 2] == 0 and together.sum() == 4
    alone = lsa.cooccurrences(ids, np.array([0, 4]), VOCABULARY, 3).toarray()
    assert alone[1, 5] == 1 and alone[2, 2] == 2  # each of the two stands beside the other


def test_words_are_counted_by_passage_even_where_one_is_empty():
    ids = np.array([1, 2, 2, 5], dtype=np.int32)
    found = lsa.occurrences(ids, np.array([0, 3, 3, 4]), 7).toarray()
    wanted = np.zeros((7, 3))
    wanted[1, 0], wanted[2, 0], wanted[5, 2] = 1, 2, 1
    assert (found == wanted).all()


@pytest.mark.parametrize("smoothing", [1.0, 0.75])
def test_ppmi_is_its_formula(smoothing):
    counts = counted_slowly(*text(), 2)
    joint = counts / counts.sum()
    context = counts.sum(axis=0) ** smoothing
    with np.errstate(divide="ignore"):
        chance = joint.sum(axis=1)[:, None] * (context / context.sum())[None, :]
        wanted = np.maximum(0, np.log(joint / chance))
    found = lsa.ppmi(sparse.csr_matrix(counts), smoothing=smoothing)
    np.testing.assert_allclose(found.toarray(), wanted, atol=1e-6)
    assert found.nnz == (wanted > 0).sum()


def test_ppmi_takes_an_asymmetric_matrix_stored_zeros_and_words_never_seen():
    counts = np.array([[0.0, 4, 0], [0, 0, 0], [2, 2, 8]])
    stored = sparse.csr_matrix((np.array([4.0, 0]), ([0, 1], [1, 0])), shape=(3, 3))
    stored = stored + sparse.csr_matrix(counts - stored.toarray())
    found = lsa.ppmi(stored).toarray()
    assert found[0, 1] == pytest.approx(np.log((4 / 16) / (4 / 16 * 6 / 16)))
    assert found[2, 2] == pytest.approx(np.log((8 / 16) / (12 / 16 * 8 / 16)))
    assert found.astype(bool).sum() == 3  # with (2, 0); (2, 1) meets less often than by chance


def test_log_entropy_is_its_formula():
    counts = np.array([[3.0, 0, 0, 0], [2, 2, 2, 2], [1, 3, 0, 0]])
    found = lsa.log_entropy(sparse.csr_matrix(counts)).toarray()
    assert found[0, 0] == pytest.approx(np.log(4))  # all in one passage: full weight
    np.testing.assert_allclose(found[1], 0, atol=1e-6)  # everywhere alike: none
    evenness = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(4)
    np.testing.assert_allclose(found[2, :2], np.log([2, 4]) * (1 - evenness), rtol=1e-6)


@pytest.mark.parametrize("shape", [(31, 19), (19, 31), (23, 23)])
@pytest.mark.parametrize("power", [1.0, 0.5])
def test_the_truncated_svd_is_the_dense_one(shape, power):
    matrix = np.random.default_rng(5).normal(size=shape) * (np.arange(shape[1]) + 1)
    found = lsa.truncated_svd(sparse.csr_matrix(matrix), 7, power=power)
    left, strengths, _ = np.linalg.svd(matrix, full_matrices=False)
    wanted = left[:, :7] * strengths[:7] ** power
    wanted *= np.sign(wanted[np.abs(wanted).argmax(axis=0), np.arange(7)])
    np.testing.assert_allclose(found, wanted, rtol=2e-3, atol=2e-3 * np.abs(wanted).max())


def test_the_svd_does_not_depend_on_where_it_starts_and_a_seed_repeats_it():
    matrix = lsa.ppmi(lsa.cooccurrences(*text(), VOCABULARY, 4))
    first, again = (lsa.truncated_svd(matrix, 5, seed=1) for _ in range(2))
    assert (first == again).all()
    np.testing.assert_allclose(lsa.truncated_svd(matrix, 5, seed=2), first, atol=1e-3)


def test_what_cannot_be_counted_is_refused_in_a_sentence():
    ids, starts = text()
    for changes, message in (
        ({"window": 0}, "window must be at least 1, got 0"),
        ({"vocab_size": 5}, "word ids must be from 0 to 4"),
        ({"starts": starts[:-1]}, "starts must climb from 0 to the text's 211 words"),
        ({"starts": starts[::-1]}, "starts must climb"),
        ({"starts": []}, "starts must climb"),
    ):
        asked = {"ids": ids, "starts": starts, "vocab_size": VOCABULARY, "window": 2, **changes}
        with pytest.raises(ValueError, match=message):
            lsa.cooccurrences(**asked)
    counts = lsa.cooccurrences(ids, starts, VOCABULARY, 2)
    with pytest.raises(ValueError, match="counts must not be negative"):
        lsa.ppmi(-counts)
    with pytest.raises(ValueError, match="smoothing must be above 0, got 0"):
        lsa.ppmi(counts, smoothing=0)
    with pytest.raises(ValueError, match="dim must be from 1 to 12, got 13"):
        lsa.truncated_svd(counts, 13)
    with pytest.raises(ValueError, match="at least two passages are needed, got 1"):
        lsa.log_entropy(counts[:, :1])


def test_an_empty_text_has_no_neighbours():
    found = lsa.cooccurrences(np.array([], dtype=np.int32), np.array([0]), 3, 2)
    assert found.shape == (3, 3) and found.nnz == 0 and lsa.ppmi(found).nnz == 0
