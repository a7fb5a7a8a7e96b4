"""Documents as counts, digits as numbers: by hand, and against a proven stemmer."""

from __future__ import annotations

import math

import pytest
import torch
from nltk.stem.snowball import SnowballStemmer

from imi.data import digits, documents
from imi.data.sources import DataError
from imi.text import Vocabulary


def test_stems_leave_out_what_carries_no_topic():
    found = documents.stems("The cats were walking on 12 rivers, and the Cat's river walked!")
    assert found == ["cat", "walk", "river", "cat", "river", "walk"]
    assert documents.stems("... 1984 a I") == []


def test_stems_are_those_of_nltks_snowball():
    theirs = SnowballStemmer("english")
    for word in "relativity generously skies dying nationalities communism arguing happily".split():
        assert documents.stem(word) == theirs.stem(word)


def test_counts_are_by_stem_and_unknown_ones_are_left_out():
    vocabulary = Vocabulary(["river", "cat", "walk"])
    counts = documents.count_stems([["cat", "cat", "dog"], [], ["walk", "river"]], vocabulary)
    assert counts.tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 1]]
    assert documents.typed("Cats walked by <b>zzyzx</b>", vocabulary).tolist() == [[0, 1, 1]]
    for nothing in ("", "   ", "😀 🐈", "猫が歩く", "dog " * 10_000):
        with pytest.raises(ValueError, match="none of these words is among the 3 commonest"):
            documents.typed(nothing, vocabulary)


def test_rarity_and_tfidf_by_hand():
    counts = torch.tensor([[2.0, 0, 1], [1, 0, 0], [3, 0, 0], [1, 1, 0]])
    rare = documents.rarity(counts)
    assert rare.tolist() == pytest.approx([math.log(4 / n) for n in (5, 2, 2)])
    weighted = documents.tfidf(counts, rare)[0].tolist()
    plain = [math.log(3) * math.log(4 / 5), 0.0, math.log(2) * math.log(2)]
    length = math.hypot(*plain)
    assert weighted == pytest.approx([value / length for value in plain])


def test_hiding_half_of_the_words_keeps_their_number_on_the_average():
    counts = torch.full((301, 17), 3.0)
    shown = documents.half_of_the_words(counts, torch.Generator().manual_seed(1))
    assert set(shown.unique().tolist()) == {0.0, 6.0}
    assert shown.mean().item() == pytest.approx(3.0, rel=0.05)


def test_the_split_of_wikipedia_keeps_whole_documents_aside():
    try:
        split = documents.wikipedia(size=500, every=7)
    except DataError as error:
        pytest.skip(str(error))
    assert not set(split.train.titles) & set(split.test.titles)
    assert len(split.vocabulary) == 501 and split.train.counts.shape == (len(split.train), 500)
    assert all(split.test.topics) and None in split.train.topics
    assert (
        split.train.counts.sum(dim=0).tolist()
        == sorted(split.train.counts.sum(dim=0).tolist(), reverse=True)
        or split.train.counts.sum(dim=0)[0] > split.train.counts.sum(dim=0)[-1]
    )
    row = split.test.titles.index(split.test.titles[5])
    assert torch.equal(
        split.test.counts[row], documents.typed(split.test.texts[row], split.vocabulary)[0]
    )


def test_mnist_is_split_evenly_and_held_out_digits_are_not_learned():
    try:
        learned, tested = digits.mnist()
    except DataError as error:
        pytest.skip(str(error))
    assert (len(learned), len(tested)) == (4_000, 1_000)
    assert tested.labels.bincount().tolist() == [100] * 10
    assert learned.images.min() == 0 and learned.images.max() == 1
    apart = torch.cdist(tested.images[::31], learned.images).min()
    assert apart > 0


def test_jittered_digits_move_a_little_and_the_same_way_for_the_same_seed():
    images = torch.zeros(5, 28, 28)
    images[:, 10:18, 12:16] = 1
    flat = images.view(5, -1)

    def moved(seed):
        return digits.jittered(flat, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(moved(1), moved(1)) and not torch.equal(moved(1), moved(2))
    assert (moved(3).sum(dim=1) / flat.sum(dim=1) - 1).abs().max() < 0.25
    y = torch.arange(28.0)
    for image in moved(3).view(5, 28, 28):
        centre = (image.sum(dim=1) @ y / image.sum()).item(), (image.sum(dim=0) @ y / image.sum())
        assert abs(centre[0] - 13.5) < 2 and abs(centre[1] - 13.5) < 2
    everything = digits.with_variants(flat, 3)
    assert len(everything) == 20 and torch.equal(everything[:5], flat)
