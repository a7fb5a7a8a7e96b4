"""One model, many languages: tags, what is never shown, odd input."""

from __future__ import annotations

import pytest
import torch

from imi.data.pairs import key
from imi.recipes import multilingual as lecture
from imi.recipes import multilingual_captions as captions
from imi.recipes import multilingual_claims
from imi.text import Vocabulary
from imi.wordpiece import SPECIAL, WordPieces, tag, untagged

SAID = ["the cat sleeps", "the dog sleeps", "猫が寝ています", "犬が寝ています", "고양이가 자요"] * 3
PLAIN = WordPieces.train(SAID, size=70)
PIECES = PLAIN.with_tags(("en", "ja"))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(lecture, "COUNTS", {"train": 90, "valid": 7, "test": 11})
    monkeypatch.setattr(lecture, "PIECES", 600)


def test_a_tag_is_one_piece_behind_the_marks_and_the_rest_is_cut_as_before():
    assert PIECES.vocabulary.words[:6] == (*SPECIAL, "<2en>", "<2ja>")
    for text in SAID:
        assert PIECES.split(f"<2ja> {text}") == ["<2ja>", *PLAIN.split(text)]
        assert PIECES.split(text) == PLAIN.split(text)
    counts = dict(zip(PIECES.vocabulary.words, PIECES.vocabulary.counts, strict=True))
    for word, count in zip(PLAIN.vocabulary.words, PLAIN.vocabulary.counts, strict=True):
        assert counts[word] == count
    with pytest.raises(ValueError, match="each word once"):
        PIECES.with_tags(["ja"])
    assert WordPieces(Vocabulary(PLAIN.vocabulary.words[1:])).with_tags("xy").vocabulary.counts is (
        None
    )


@pytest.mark.parametrize("text", ["<2ja>", " <2ja>  ", ""])
def test_a_tag_without_a_sentence_is_nothing(text):
    assert PIECES.encode(text) == []


@pytest.mark.parametrize("text", ["<2ko> the cat", "the <2ja> cat", "<2JA> the cat", "<2> cat"])
def test_what_is_no_known_tag_before_the_sentence_is_text(text):
    assert "<2ja>" not in PIECES.split(text) and PIECES.split(text)


def test_only_the_first_tag_asks_for_a_language():
    assert PIECES.split("<2ja> <2en> the cat")[0] == "<2ja>"
    assert "<2en>" not in PIECES.split("<2ja> <2en> the cat")


def languages_of(pairs, meanings):
    """Returns, for each pair, the direction and the number of its meaning."""
    known = {}
    for number, meaning in enumerate(meanings):
        for direction in (*lecture.MODEL_2, *lecture.ZERO_SHOT):
            known.setdefault(lecture.said(meaning, direction), []).append((direction, number))
    return [known[pair][0] for pair in pairs]


def test_japanese_and_korean_never_meet_in_training(small):
    train = lecture.statements("train")
    for plan in (lecture.Plan(lecture.MODEL_1, 1), lecture.PLANS["multilingual_2"]):
        found = languages_of(lecture.sentences(plan).train, train)
        assert {direction for direction, _ in found} == set(plan.directions)
        spoken = {}
        for direction, number in found:
            spoken.setdefault(number, set()).update(direction)
        assert not [one for one in spoken.values() if {"ja", "ko"} <= one]
        assert all(tag(direction[1]) in ("<2en>", "<2ja>", "<2ko>") for direction, _ in found)
    direct = lecture.Plan(lecture.MODEL_2, 1, direct=5)
    found = languages_of(lecture.sentences(direct).train, train)
    assert sum(direction in lecture.ZERO_SHOT for direction, _ in found) <= 10
    assert set(lecture.ZERO_SHOT) <= {direction for direction, _ in found}


def test_copies_are_of_one_language_that_the_meaning_is_told_in_anyway(small):
    train = lecture.statements("train")
    for name in ("multilingual_1_copies", "multilingual_2_copies"):
        ways = lecture.PLANS[name].directions
        found = lecture.copies(train, ways)
        assert abs(len(found) - len(train)) <= 2  # two languages of every second meaning
        told = {side for pair in lecture.shared(train, ways) for side in map(untagged, pair)}
        for pair in found:
            assert untagged(pair.source) == pair.target and pair.target in told
        with_copies = lecture.sentences(lecture.PLANS[name]).train
        assert set(map(tag, lecture.LANGUAGES)) == {p.source.split()[0] for p in with_copies}
        plain = lecture.sentences(lecture.Plan(ways, 1)).train
        assert len(with_copies) > len(plain)
        assert not any(untagged(p.source) == p.target for p in plain)


def test_all_nets_together_fit_their_limit():

    size = 0
    for plan in lecture.PLANS.values():
        with torch.device("meta"):
            model = lecture.rnnsearch(**lecture.SIZES)(lecture.PIECES + 7, lecture.PIECES)
        size += 2 * sum(weights.numel() for weights in model.parameters())  # bytes, in halves
        assert plan.steps <= 4_500
    assert size <= 25e6


def test_no_sentence_of_a_test_is_in_training_in_any_language(small):
    held = {key(str(meaning.say(language)))
            for split in ("valid", "test") for meaning in lecture.statements(split)
            for language in lecture.LANGUAGES}  # fmt: skip
    made = lecture.sentences(lecture.PLANS["multilingual_2_direct"])
    assert not held & {key(untagged(side)) for pair in made.train for side in pair}
    assert len(made.test) == 4 * 11 and len(made.valid) == 4 * 7
    inside = lecture.statements("test")[0]  # and what is put in by hand is found
    leaked = [lecture.said(inside, ("ja", "ko")), lecture.said(inside, ("en", "ja"))]
    assert lecture._without(leaked, {key(str(inside.say("ko"))), key(str(inside.say("en")))}) == []
    assert lecture._without(leaked, held | {key("猫")}) == []


def test_a_test_meaning_that_slips_into_the_draws_is_left_out(small, monkeypatch):
    draw = lecture.statements
    slipped = draw("test")[:3]
    monkeypatch.setattr(
        lecture, "statements", lambda split: draw(split) + slipped * (split == "train")
    )
    held = {str(meaning.say(language)) for meaning in slipped for language in lecture.LANGUAGES}
    for plan in lecture.PLANS.values():
        train = lecture.sentences(plan).train
        assert train and not held & {untagged(side) for pair in train for side in pair}


def test_a_task_reads_the_tag_as_one_piece_and_writes_none(small):
    task = lecture.task_of(lecture.sentences(lecture.PLANS["multilingual_2"]))
    sources, targets = task.ids(task.pairs.train)
    for pair, source in zip(task.pairs.train, sources, strict=True):
        assert pair.source.startswith(task.source.vocabulary.words[source[0]])
        assert not {4, 5, 6} & set(source[1:])
    assert not any(word.startswith("<2") for word in task.target.vocabulary.words) and all(targets)


class Parrot:
    """Says what it was asked, and notes it."""

    def __init__(self):
        self.asked = []

    def texts(self, sentences, **_):
        self.asked += sentences
        return [untagged(said) for said in sentences]


def test_a_bridge_asks_for_english_first_and_every_direction_is_measured(small, monkeypatch):
    first, second = Parrot(), Parrot()
    found = multilingual_claims.bridged(first, second, ["<2ko> 猫"], "ko")
    assert (first.asked, second.asked, found) == (["<2en> 猫"], ["<2ko> 猫"], ["猫"])
    monkeypatch.setattr(multilingual_claims.Translator, "load", lambda name: Parrot())
    rows = multilingual_claims.of_the_phrasebook()
    figures = {(row["net"], row["way"]): row["bleu"] for row in rows}
    assert len(figures) == 4 * 6 + 3 + 6 + 1 == len(rows)
    assert figures["copied", "ja-ko"] == figures["bridge", "ja-ko"] < 20
    assert figures["chance", "ja-ko"] < 60
    assert all(row["pairs"] == 11 and "tok:char" in row["signature"] for row in rows)


CAPTIONS = [
    captions.Caption(
        f"Ein Hund Nummer {n} läuft.", f"A dog number {n} runs.", f"Un chien {n} court."
    )
    for n in range(40)
]


def test_captions_join_german_and_french_through_english_alone(monkeypatch):
    parts = {"train": CAPTIONS[:30], "valid": CAPTIONS[30:35], "test2016": CAPTIONS[34:]}
    monkeypatch.setattr(captions, "captions", parts.get)
    monkeypatch.setattr(captions, "PIECES", 60)
    many = captions.sentences(captions.PLANS[captions.MANY])
    told = {}
    for pair in many.train:
        number = next(word for word in pair.target.split() if word.strip(".").isdigit())
        told.setdefault(number, set()).update((pair.source.split()[1], pair.target.split()[0]))
    assert len(told) == 30 and all(len(heads) == 2 and "A" in heads for heads in told.values())
    direct = captions.sentences(captions.PLANS[captions.DIRECT])
    assert {pair.source.split()[0] for pair in direct.train} == {"<2de>", "<2fr>"}
    assert len(direct.train) == 2 * 30  # the one caption that is held out, too, is in no part
    assert captions.task(captions.MANY).source.split("<2fr> Ein Hund")[0] == "<2fr>"


def test_captions_are_scored_with_bridge_copy_and_chance(monkeypatch):
    monkeypatch.setattr(captions, "captions", lambda part: CAPTIONS[:9])
    monkeypatch.setattr(multilingual_claims.Translator, "load", lambda name: Parrot())
    rows = multilingual_claims.of_captions()
    figures = {(row["net"], row["way"]): row["bleu"] for row in rows}
    assert len(figures) == 6 + 2 + 6 == len(rows)
    assert figures["copied", "de-fr"] == figures[captions.MANY, "de-fr"]
    assert figures["chance", "fr-de"] > figures["copied", "fr-de"]
