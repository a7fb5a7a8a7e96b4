"""BERT's word pieces: the longest from the left, letters known twice, offsets, the blank."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from imi.bertpieces import LONGEST, SPECIAL, BertPieces
from imi.text import Vocabulary

TEXT = [
    "The lower the slower, the newest the lowest.",
    "A slow widow knew a low window -- 3 new wide widths at 20°C!",
    "Lower, slower: she's the slowest; (no-one) newer?",
    "Crème brûlée für 5 €, naïve café.",
] * 3


def trained(**changes) -> BertPieces:
    return BertPieces.train(TEXT, **{"size": 100} | changes)


def by_hand(vocabulary: Vocabulary, word: str) -> list[str]:
    """Tries every prefix, the longest first; one piece that is not known spoils the word."""
    left, found = word, []
    while left:
        mark = "##" if found else ""
        known = [n for n in range(len(left), 0, -1) if mark + left[:n] in vocabulary]
        if not known:
            return ["[UNK]"]
        found.append(mark + left[: known[0]])
        left = left[known[0] :]
    return found


def test_every_word_falls_into_its_longest_pieces_from_the_left():
    pieces = trained()
    words = ["the", "lower", ",", "unknownest", "wolves", "windows", "20°c", "naive", "Ωmega", "b5"]
    wanted = [piece for word in words for piece in by_hand(pieces.vocabulary, word)]
    assert pieces.split("the Lower, UNKNOWNEST wolves\twindows 20°C naïve Ωmega b5") == wanted
    assert "[UNK]" in wanted and any(piece.startswith("##") for piece in wanted)


def test_the_vocabulary_is_counted_ordered_and_within_its_size():
    pieces = trained(size=80)
    words, counts = pieces.vocabulary.words, pieces.vocabulary.counts
    assert words[:5] == SPECIAL and len(words) == 80 < len(trained(size=200).vocabulary)
    assert list(counts[5:]) == sorted(counts[5:], reverse=True)
    seen = [piece for text in TEXT for piece in pieces.split(text)]
    assert [seen.count(word) for word in words] == list(counts)
    assert all(n or len(w.removeprefix("##")) == 1 for w, n in list(zip(words, counts))[5:])  # noqa: B905
    assert (pieces.unknown_id, pieces.pad_id) == (0, 1)  # as in all vocabularies here


def test_a_letter_that_is_known_is_known_everywhere_in_a_word():
    pieces = trained()
    assert "[UNK]" not in pieces.split("twkb bkwt 0wo3 °w w° !!-?")
    few = trained(letters=20)
    assert "[UNK]" in few.split("20°C") and few.split("the") == ["the"]


def test_accents_capitals_and_spaces_go_and_the_rest_comes_back():
    pieces = trained()
    assert pieces.decode(pieces.encode("The  LOWER crème\nbrûlée.")) == "the lower creme brulee."
    marked = [pieces.cls_id, *pieces.encode("a [MASK] low"), pieces.sep_id, pieces.pad_id]
    assert pieces.decode(marked) == "a [MASK] low"
    assert pieces.encode("") == pieces.encode(" \n") == []


def test_the_blank_is_one_piece_and_other_marks_are_signs():
    pieces = BertPieces([*SPECIAL, *"[]clsmak", *("##" + letter for letter in "clsmak")])
    for blank in ("[MASK]", "[mask]"):
        assert pieces.split(f"a{blank} a") == ["a", "[MASK]", "a"]
    assert pieces.split("[CLS]") == ["[", "c", "##l", "##s", "]"]
    assert not {pieces.cls_id, pieces.sep_id, pieces.pad_id} & set(pieces.encode("[SEP] [PAD]"))


def test_offsets_are_places_of_the_text_itself():
    pieces = trained()
    text = "🙂 Crème   BRÛLÉE, [MASK] windowless\u0301 ΩΩ"
    ids, places = pieces.offsets(text)
    assert ids == pieces.encode(text) and len(ids) == len(places)
    told = [text[begin:end] for begin, end in places]
    assert told[0] == "🙂" and told[-1] == "ΩΩ" and "[MASK]" in told and "," in told
    for number, part in zip(ids, told, strict=True):
        piece = pieces.vocabulary.words[number].removeprefix("##")
        assert piece in (pieces._cut.normalizer.normalize_str(part), "[UNK]", "[MASK]")
    assert all(a[1] <= b[0] for a, b in pairwise(places))


def test_many_texts_are_cut_as_one_is():
    pieces = trained()
    texts = [*TEXT * 400, "", "[MASK]"]
    assert list(pieces.encode_all(iter(texts))) == [pieces.encode(text) for text in texts]


def test_a_word_without_end_is_unknown():
    pieces = trained()
    assert pieces.split("w" * 100_000) == ["[UNK]"]
    assert pieces.split("w" * LONGEST) != ["[UNK]"] == pieces.split("w" * (LONGEST + 1))


def test_marks_may_stand_anywhere():
    words = ["[PAD]", "a", "##b", "[SEP]", "[UNK]", "[CLS]", "[MASK]"]
    pieces = BertPieces(words)
    assert (pieces.pad_id, pieces.unknown_id, pieces.mask_id) == (0, 4, 6)
    assert pieces.encode("abb x [MASK]") == [1, 2, 2, 4, 6]
    assert pieces.vocabulary.words == tuple(words)


def test_two_processes_find_the_same_pieces():
    program = f"""
from imi.bertpieces import BertPieces
print(BertPieces.train({TEXT!r}, size=100).vocabulary.words)
"""
    told = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True,
                       env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"})
        for seed in ("1", "2")
    ]  # fmt: skip
    one, two = (done.stdout.decode("utf-8").rstrip() for done in told)
    assert one == two == f"{trained().vocabulary.words}"


def test_what_makes_no_sense_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="letters need a size of"):
        trained(size=20)
    with pytest.raises(ValueError, match="0 letters need a size of"):
        BertPieces.train([], size=20)
    with pytest.raises(ValueError, match=r"lacks \[CLS\] \[MASK\]"):
        BertPieces(["[PAD]", "[UNK]", "[SEP]", "a"])
    with pytest.raises(ValueError, match="each word once"):
        BertPieces([*SPECIAL, "a", "a"])
