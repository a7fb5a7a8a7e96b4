"""Merges by hand: as counted on paper, and as `tokenizers` finds them."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import pytest

from imi.merges import joined, merges, neighbours
from imi.wordpiece import runs

TEN = {"▁low": 5, "▁lower": 2, "▁newest": 6, "▁widest": 3}  # of Sennrich et al., section 3.2
TEXT = [
    "The lower the slower, the newest the lowest.",
    "A slow widow knew a low window -- 3 new wide widths!",
    "私は本を読みました。彼は本を読みません！",
    "나는 책을 읽었습니다. 그는 책을 읽지 않습니다.",
] * 3


def test_neighbours_are_counted_as_often_as_their_words_are_seen():
    seen = neighbours({"▁low": "▁low", "▁lower": ("▁", "low", "e", "r")}, {"▁low": 5, "▁lower": 2})
    assert seen == {("▁", "l"): 5, ("l", "o"): 5, ("o", "w"): 5, ("▁", "low"): 2,
                    ("low", "e"): 2, ("e", "r"): 2}  # fmt: skip


def test_pairs_are_joined_from_left_to_right():
    assert joined("aaab", ("a", "a")) == ("aa", "a", "b")
    assert joined("aaaa", ("a", "a")) == ("aa", "aa")
    assert joined("abcab", ("a", "b")) == ("ab", "c", "ab")
    assert joined("", ("a", "b")) == () and joined("a", ("a", "b")) == ("a",)


def test_the_first_merges_are_those_of_the_paper():
    first = list(islice(merges(TEN), 3))
    assert [("".join(step.pair), step.count) for step in first] == [
        ("es", 9),
        ("est", 9),
        ("lo", 7),
    ]
    assert first[1].cut["▁newest"] == ("▁", "n", "e", "w", "est")


def test_every_step_leaves_fewer_pieces_and_the_same_words():
    sizes = []
    for step in merges(TEN):
        assert all("".join(pieces) == word for word, pieces in step.cut.items())
        sizes.append(sum(TEN[word] * len(pieces) for word, pieces in step.cut.items()))
    assert all(before - after > 0 for before, after in pairwise(sizes))
    assert sizes[-1] == sum(TEN.values())  # in the end each word is one piece
    assert all(step.count >= 3 for step in merges(TEN, min_count=3))
    assert list(merges({})) == []


@pytest.mark.parametrize("steps", [1, 9, 23, 60])
def test_tokenizers_finds_the_same_pieces(steps):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    counts = Counter(run for sentence in TEXT for run in runs(sentence))
    mine = set("".join(counts)) | {"".join(s.pair) for s in islice(merges(counts), steps)}
    theirs = Tokenizer(models.WordPiece(unk_token="<unk>"))
    theirs.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    about = {"special_tokens": ["<unk>"], "continuing_subword_prefix": "", "show_progress": False}
    trainer = trainers.WordPieceTrainer(vocab_size=len(mine) + 1, min_frequency=1, **about)
    theirs.train_from_iterator([" ".join(runs(sentence)) for sentence in TEXT], trainer)
    assert set(theirs.get_vocab()) - {"<unk>"} == mine
