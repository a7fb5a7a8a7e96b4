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


def pairs_of_lengths() -> tuple[list[list[int]], list[list[int]]]:
    generator = torch.Generator().manual_seed(5)
    sizes = torch.randint(1, 9, (2, 61), generator=generator).tolist()
    return tuple([[10 + n] * size for n, size in enumerate(side)] for side in sizes)


def bucketed(**changes):
    about = {"tokens": 40, "pad": 1, "marks": (2, 3), "seed": 4} | changes
    return batches.bucketed(*pairs_of_lengths(), **about)


def test_a_batch_of_pairs_has_marks_filling_and_a_mask():
    batch = batches.pair_batch([[5, 6, 7], [8]], [[9], [4, 5]], pad=1, marks=(2, 3))
    assert batch.source.tolist() == [[5, 6, 7], [8, 1, 1]] and batch.lengths.tolist() == [3, 1]
    assert batch.inputs.tolist() == [[2, 9, 1], [2, 4, 5]]
    assert batch.targets.tolist() == [[9, 3, 1], [4, 5, 3]]
    assert batch.kept.tolist() == [[True, True, False], [True, True, True]]


def test_every_pair_comes_once_an_epoch_with_its_own_translation():
    sources, targets = pairs_of_lengths()
    per_epoch = len(batches.by_length(sources, targets, tokens=40))
    seen = []
    for _, batch in zip(range(per_epoch), bucketed(), strict=False):
        assert batch.targets.numel() <= 40
        for row in range(len(batch.source)):
            number = int(batch.source[row, 0]) - 10
            seen.append(number)
            size = len(targets[number])
            assert batch.source[row, : batch.lengths[row]].tolist() == sources[number]
            assert batch.targets[row][batch.kept[row]].tolist() == [*targets[number], 3]
            assert batch.inputs[row, : size + 1].tolist() == [2, *targets[number]]
    assert sorted(seen) == list(range(61))


def test_pairs_of_one_length_stand_together():
    sources, targets = pairs_of_lengths()
    made = [batch for _, batch in zip(range(9), bucketed(), strict=False)]
    filled = sum(batch.targets.numel() - int(batch.kept.sum()) for batch in made)
    rows = [[*row, 0] for row in targets]
    unsorted = sum(batches.padded(rows[n : n + 8], 0)[0].numel() for n in range(0, 61, 8))
    assert filled < 0.2 * (unsorted - sum(map(len, rows))) + 40
    assert all(
        sorted(len(sources[i]) for i in cut) == [len(sources[i]) for i in cut]
        for cut in batches.by_length(sources, targets, tokens=40)
    )


def test_batches_of_pairs_can_be_gone_on_with_and_are_mixed_anew():
    sources, targets = pairs_of_lengths()
    per_epoch = len(batches.by_length(sources, targets, tokens=40))
    whole = [batch for _, batch in zip(range(2 * per_epoch + 3), bucketed(), strict=False)]
    late = bucketed(start=per_epoch + 2)
    for batch in whole[per_epoch + 2 :]:
        assert torch.equal(batch.source, next(late).source)
    epochs = [[b.source[0, 0].item() for b in whole[k : k + per_epoch]] for k in (0, per_epoch)]
    assert epochs[0] != epochs[1]
    with pytest.raises(ValueError, match="there are no pairs"):
        next(batches.bucketed([], [], tokens=9, pad=1, marks=(2, 3), seed=1))
