"""Sentence pairs: read, tidied, and cut so that no part knows a sentence of another."""

from __future__ import annotations

import random

import pytest

from imi.data import pairs, sources
from imi.data.pairs import Pair

needs_multi30k = pytest.mark.skipif(
    not sources.available("multi30k-train-de"), reason="Multi30k is not here; set IMI_MIRROR"
)


def keys(part: list[Pair], side: int) -> set[str]:
    return {pairs.key(pair[side]) for pair in part}


def many() -> list[Pair]:
    """Pairs of 60 sentences and 80 translations, drawn so that some hang together."""
    chance = random.Random(7)
    drawn = {Pair(f"word{chance.randrange(600)} x", f"wort{chance.randrange(800)}")
             for _ in range(500)}  # fmt: skip
    return sorted(drawn)


def test_a_sentence_is_brought_to_one_form():
    assert pairs.tidy("  今日は６月１８日、\u3000ＡＢ\tだ！ ") == "今日は6月18日、 AB だ！"
    assert pairs.tidy("I don’t “know” it .") == 'I don\'t "know" it .'
    assert pairs.tidy("Cafe\u0301") == "Café"


def test_spelling_does_not_make_a_sentence_another():
    assert pairs.key("Don't go, Tom!") == pairs.key("DONT GO TOM") != pairs.key("Don't go, Tim!")
    assert pairs.key("!?") == "!?"  # nothing else is left to tell by


def test_cleaning_keeps_each_pair_once_and_drops_what_has_no_other_side():
    rows = [Pair("Hi.", "やあ。"), Pair("Hi. ", "やあ。"), Pair("Hi.", "-"), Pair("", "やあ。"),
            Pair("No", "x" * 40), Pair("y" * 201, "z" * 201),
            Pair("Hi.", "こんにちは。")]  # fmt: skip
    assert pairs.cleaned(rows) == [Pair("Hi.", "やあ。"), Pair("Hi.", "こんにちは。")]


def test_groups_hang_together_through_either_side():
    chain = [Pair("a", "1"), Pair("b", "1"), Pair("b", "2"), Pair("c", "3"), Pair("3", "c")]
    assert sorted(map(len, pairs.groups(chain))) == [1, 1, 3]
    found = pairs.groups(many())
    assert sum(map(len, found)) == len(many())
    for side in (0, 1):
        seen = [keys(group, side) for group in found]
        assert sum(map(len, seen)) == len(set().union(*seen))  # no sentence is in two groups


def test_no_part_has_a_sentence_of_another():
    found = pairs.split(many(), valid=37, test=53)
    assert (len(found.valid), len(found.test)) == (37, 53)
    parts = (found.train, found.valid, found.test)
    for first in range(3):
        for second in range(first):
            for side in (0, 1):
                assert not keys(parts[first], side) & keys(parts[second], side)
    for part in parts[1:]:
        assert len({pairs.key(pair.source) for pair in part}) == len(part)
    assert set(found.train) | set(found.valid) | set(found.test) <= set(many())


def test_the_split_does_not_depend_on_the_order_of_the_pairs():
    turned = pairs.split(many()[::-1], valid=37, test=53)
    straight = pairs.split(many(), valid=37, test=53)
    assert keys(turned.test, 0) == keys(straight.test, 0)


def test_too_few_pairs_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="3 pairs do not give 9 for the test part"):
        pairs.split([Pair("a", "1"), Pair("b", "2"), Pair("c", "3")], valid=1, test=9)


def test_pairs_that_share_a_side_are_left_out():
    train, other = [Pair("A b.", "1"), Pair("c", "Two"), Pair("d", "4")], [Pair("a B", "two!")]
    assert pairs.without(train, other) == [Pair("d", "4")]


@pytest.mark.parametrize("languages", [("en", "ja"), ("de", "fr"), ("ja", "es")])
def test_tatoeba_has_pairs_in_every_two_languages(languages):
    if not sources.available("tatoeba"):
        pytest.skip("Tatoeba is not here")
    found = pairs.tatoeba(*languages)
    assert len(found) > 8_000 and len(found) == len(set(found))
    assert all(p.source and p.target and "\t" not in p.source + p.target for p in found)
    if "ja" in languages:
        side = languages.index("ja")
        assert sum(bool(pairs._JAPANESE.search(p[side])) for p in found) > 0.98 * len(found)


@needs_multi30k
def test_multi30k_has_its_three_parts_line_by_line():
    sizes = {part: len(pairs.multi30k(part)) for part in pairs.MULTI30K}
    assert sizes == {"train": 29_000, "valid": 1_014, "test2016": 1_000}
    first = pairs.multi30k("test2016")[0]
    assert first.source == "Ein Mann mit einem orangefarbenen Hut, der etwas anstarrt."
    assert first.target == "A man in an orange hat starring at something."
    assert pairs.multi30k("valid", "en", "de")[3].source.startswith("Two men setting up a blue")


@pytest.mark.skipif(not sources.available("tanaka-test-en"), reason="Tanaka is not here")
def test_tanaka_has_its_parts():
    assert len(pairs.tanaka("valid")) == len(pairs.tanaka("test")) == 500
    assert pairs.tanaka("train")[1] == (
        "many animals have been destroyed by men .",
        "多く の 動物 が 人間 に よ っ て 滅ぼ さ れ た 。",
    )


def test_what_there_is_not_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="two of ja, en, de, fr, es are needed, got 'en' and 'ko'"):
        pairs.tatoeba("en", "ko")
    with pytest.raises(ValueError, match="got 'de' and 'de'"):
        pairs.multi30k("train", "de", "de")
    with pytest.raises(ValueError, match="multi30k has the parts train, valid, test2016, not 'te"):
        pairs.multi30k("test")
