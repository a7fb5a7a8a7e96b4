"""Word pieces: nothing is lost, the longest piece wins, two runs find the same."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice

import pytest

from imi.data import phrasebook
from imi.data.pairs import tidy
from imi.text import Vocabulary
from imi.wordpiece import LONGEST, MARK, SPECIAL, WordPieces, runs

TEXT = [
    "The lower the slower, the newest the lowest.",
    "A slow widow knew a low window -- 3 new wide widths!",
    "Lower, slower: she's the slowest; (no-one) newer?",
    "私は本を読みました。彼は本を読みません！",
    "カメラを３台、トムに見せました。",
] * 3


def trained(**changes) -> WordPieces:
    return WordPieces.train(TEXT, **{"size": 130} | changes)


def by_hand(vocabulary: Vocabulary, word: str) -> list[str]:
    """Tries every prefix, the longest first."""
    if not word:
        return []
    known = [word[:n] for n in range(1, len(word) + 1) if word[:n] in vocabulary]
    piece = max(known, key=len, default="<unk>")
    return [piece, *by_hand(vocabulary, word[max(map(len, known), default=1) :])]


def test_a_text_is_cut_into_runs_that_say_where_the_spaces_were():
    assert runs("She's  no-one, at 12.") == [
        "▁She", "'", "s", "▁no", "-", "one", ",", "▁at", "▁", "1", "2", "."
    ] or runs("She's  no-one, at 12.") == [
        "▁She", "'", "s", "▁no", "-", "one", ",", "▁at", "▁1", "2", "."
    ]  # fmt: skip
    assert runs("彼女はカメラを2台。") == ["彼女", "は", "カメラ", "を", "2", "台", "。"]
    assert runs("") == runs("  ") == []


def test_pieces_joined_again_are_the_text():
    pieces = trained(min_count=1)
    for text in TEXT:
        assert pieces.join(pieces.split(text)) == text
        assert pieces.decode(pieces.encode(text)) == text


def test_ten_thousand_sentences_of_five_languages_come_back_as_they_were():
    told = list(islice(phrasebook.meanings("train", min_words=3, max_words=12), 2_000))
    texts = [tidy(meaning.say(each).text) for meaning in told for each in phrasebook.LANGUAGES]
    pieces = WordPieces.train(texts, size=2_000, min_count=1)
    assert len(texts) == 10_000
    assert not [text for text in texts if pieces.decode(pieces.encode(text)) != text]


def test_every_word_falls_into_its_longest_pieces_from_the_left():
    pieces = trained()
    for text in [*TEXT, "unknownest wolves 読書 Ω"]:
        wanted = [piece for word in runs(text) for piece in by_hand(pieces.vocabulary, word)]
        assert pieces.split(text) == wanted


def test_frequent_words_stay_whole_and_rare_ones_fall_apart():
    pieces = trained()
    assert "▁the" in pieces.split("the") and len(pieces.split("the")) == 1
    assert len(pieces.split("thew")) > 1
    assert pieces.split("Ω") == ["▁", "<unk>"] or "<unk>" in pieces.split("Ω")


def test_the_vocabulary_has_its_marks_and_is_ordered_by_count():
    vocabulary = trained().vocabulary
    assert vocabulary.words[:4] == SPECIAL == ("<unk>", "<pad>", "<s>", "</s>")
    assert len(vocabulary) <= 130
    counts = list(vocabulary.counts[4:])
    assert counts == sorted(counts, reverse=True)
    assert all(count or len(w) == 1 for w, count in list(zip(vocabulary.words, vocabulary.counts,
                                                             strict=True))[4:])  # fmt: skip
    seen = [piece for text in TEXT for piece in trained().split(text)]
    for word, count in zip(vocabulary.words[4:], counts, strict=True):
        assert seen.count(word) == count


def test_a_vocabulary_without_capitals_reads_in_lower_case():
    lower, mixed = trained(lowercase=True), trained()
    assert lower.lowercase and not mixed.lowercase
    assert lower.split("THE LOWER") == lower.split("the lower")
    again = WordPieces(Vocabulary(lower.vocabulary.words[1:]))  # as it is read from a file
    assert again.split("The NEWEST window.") == lower.split("The NEWEST window.")


def test_marks_are_left_out_of_text_and_a_typed_mark_does_no_harm():
    pieces = trained()
    assert WordPieces.join(["<s>", "▁a", "b", "</s>", "<pad>"]) == "ab"
    assert MARK not in pieces.decode(pieces.encode(f"the {MARK}lower"))


def test_a_word_without_end_is_cut():
    assert len(trained().split("w" * 10_000)) <= LONGEST


def test_two_processes_find_the_same_pieces():
    program = f"""
from imi.wordpiece import WordPieces
print(WordPieces.train({TEXT!r}, size=130).vocabulary.words)
"""
    told = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                       env={"PYTHONHASHSEED": seed, "PATH": ""}).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert told[0] == told[1] == f"{trained().vocabulary.words}\n"


def test_what_makes_no_sense_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="letters need a size of"):
        trained(size=20)
    with pytest.raises(ValueError, match="0 letters"):
        WordPieces.train([], size=20)
    with pytest.raises(ValueError, match="begins with <unk> <pad> <s> </s>"):
        WordPieces(Vocabulary("abc"))
