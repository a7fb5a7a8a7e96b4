"""Words, vocabularies, windows and batches."""

from __future__ import annotations

from collections import namedtuple

import pytest
import torch

from imi import batches
from imi.text import UNKNOWN, Vocabulary, ngrams, words


def test_words_numbers_and_marks_come_apart():
    assert words("Don't pay 1,234.5 (U.S) well-known 猫が!") == [
        "Don't", "pay", "1,234.5", "(", "U.S", ")", "well-known", "猫が", "!",
    ]  # fmt: skip
    assert words("") == words("  \n") == []


def test_ngrams_are_all_runs():
    assert list(ngrams("abcd", 3)) == [("a", "b", "c"), ("b", "c", "d")]
    assert list(ngrams("ab", 3)) == []
    with pytest.raises(ValueError, match="n must be at least 1"):
        ngrams("abc", 0)


def test_a_vocabulary_keeps_common_words_in_a_fixed_order():
    vocabulary = Vocabulary.from_tokens("b a b c a d b".split(), min_count=2)
    assert vocabulary.words == (UNKNOWN, "b", "a")
    assert vocabulary.counts == (2, 3, 2)
    assert vocabulary.encode(["a", "z", "b"]) == [2, 0, 1]
    assert vocabulary.decode([1, 0]) == ["b", UNKNOWN]
    assert "a" in vocabulary and "d" not in vocabulary
    assert len(Vocabulary.from_tokens("b a c".split(), max_size=3)) == 3


def test_unknown_words_of_the_text_are_counted_as_unknown():
    assert Vocabulary.from_tokens([UNKNOWN, "a", "a"]).counts == (1, 2)


def test_a_word_twice_is_refused():
    with pytest.raises(ValueError, match="each word once"):
        Vocabulary(["a", "a"])
    with pytest.raises(ValueError, match="need as many counts"):
        Vocabulary(["a", "b"], [1, 2])


def test_windows_are_each_context_with_its_next_word():
    contexts, targets = batches.windows([5, 6, 7, 8, 9], 3)
    assert contexts.tolist() == [[5, 6, 7], [6, 7, 8]]
    assert targets.tolist() == [8, 9]
    with pytest.raises(ValueError, match="a stream of 3 words holds no context of 3"):
        batches.windows([1, 2, 3], 3)


def test_an_epoch_holds_every_example_once():
    rows = torch.arange(17)
    source = batches.shuffled(rows, rows * 10, batch_size=5, seed=1)
    epoch = [next(source) for _ in range(4)]
    assert [len(a) for a, _ in epoch] == [5, 5, 5, 2]
    assert sorted(torch.cat([a for a, _ in epoch]).tolist()) == list(range(17))
    assert all(torch.equal(a * 10, b) for a, b in epoch)
    second = torch.cat([next(source)[0] for _ in range(4)])
    assert not torch.equal(second, torch.cat([a for a, _ in epoch]))


@pytest.mark.parametrize("start", [1, 4, 6])
def test_batches_can_start_anywhere(start):
    rows = torch.arange(17)
    whole = batches.shuffled(rows, batch_size=5, seed=1)
    later = batches.shuffled(rows, batch_size=5, seed=1, start=start)
    for _ in range(start):
        next(whole)
    for _ in range(7):
        assert torch.equal(next(whole)[0], next(later)[0])


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="columns must be of one length"):
        next(batches.shuffled(torch.zeros(3), torch.zeros(4), batch_size=2, seed=1))
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        next(batches.shuffled(torch.zeros(3), batch_size=0, seed=1))


def test_shares_make_up_the_batch_whatever_its_shape():
    Pair = namedtuple("Pair", "ids mask")
    batch = {"x": [torch.arange(7), Pair(torch.arange(7), torch.ones(7))], "name": "b"}
    first, second = (batches.share(batch, rank, 2) for rank in (0, 1))
    assert first["x"][0].tolist() == [0, 2, 4, 6] and second["x"][1].ids.tolist() == [1, 3, 5]
    assert isinstance(first["x"][1], Pair) and first["name"] == "b"
    moved = batches.to_device(batch, torch.device("cpu"))
    assert torch.equal(moved["x"][0], torch.arange(7))
