"""Word vectors on disk: round trips, gensim and the C tool's layout, and files that are broken."""

from __future__ import annotations

import struct
import sys

import numpy as np
import pytest

from imi import vector_files
from imi.vectors import WordVectors

WORDS = [
    "the",
    "naïve",
    "猫",
    "😀",
    "e\u0301",
    "no\xa0break",
    "line\u2028end",
    "0.5",
    "-",
    "\ufeffbom",
]


def vectors(dim: int = 7) -> WordVectors:
    rows = np.random.default_rng(2).normal(size=(len(WORDS), dim)).astype(np.float32)
    rows[:3, 0] = [1e-38, -3.4e18, 1 / 3]
    return WordVectors(WORDS, rows)


def same(first, second: WordVectors) -> bool:
    return first.words == second.words and first.vectors.tobytes() == second.vectors.tobytes()


@pytest.mark.parametrize("layout", vector_files.LAYOUTS)
@pytest.mark.parametrize("dim", [1, 7])
def test_what_was_written_is_read_bit_for_bit(tmp_path, layout, dim):
    if layout == "gensim":
        pytest.importorskip("gensim")
    path = tmp_path / "vectors"
    for words in (vectors(dim), vectors(dim)):  # a second time over the first
        vector_files.write(words, path, layout=layout)
    assert same(vector_files.read(path, layout=layout), vectors(dim))
    few = vector_files.read(path, layout=layout, limit=3)
    assert few.words == tuple(WORDS[:3]) and (few.vectors == vectors(dim).vectors[:3]).all()
    assert len(vector_files.read(path, layout=layout, limit=99).words) == len(WORDS)
    assert [p.name for p in tmp_path.iterdir()] == ["vectors"]


def test_the_bytes_are_those_of_the_tool_in_c(tmp_path):
    two = WordVectors(["a", "猫"], np.array([[1, -0.5, 0.1], [2, 3e-5, 4]], dtype=np.float32))
    vector_files.write(two, tmp_path / "b")
    numbers = [struct.pack("<3f", *row) for row in two.vectors]
    wanted = b"2 3\na " + numbers[0] + b"\n" + "猫 ".encode() + numbers[1] + b"\n"
    assert (tmp_path / "b").read_bytes() == wanted
    vector_files.write(two, tmp_path / "t", layout="text")
    assert (tmp_path / "t").read_text("utf-8").splitlines()[:2] == ["2 3", "a 1 -0.5 0.100000001"]


@pytest.mark.parametrize("binary", [True, False])
def test_gensim_reads_ours_and_we_read_gensims(tmp_path, binary):
    keyed_vectors = pytest.importorskip("gensim.models").KeyedVectors
    layout = "binary" if binary else "text"
    vector_files.write(vectors(), tmp_path / "ours", layout=layout)
    theirs = keyed_vectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert theirs.index_to_key == WORDS and (theirs.vectors == vectors().vectors).all()
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    assert same(vector_files.read(tmp_path / "theirs", layout=layout), vectors())


def test_gensims_own_layout_is_loaded_by_gensim_and_its_files_by_us(tmp_path):
    keyed_vectors = pytest.importorskip("gensim.models").KeyedVectors
    vector_files.write(vectors(), tmp_path / "ours.kv", layout="gensim")
    theirs = keyed_vectors.load(str(tmp_path / "ours.kv"))
    assert theirs.index_to_key == WORDS and (theirs["猫"] == vectors()["猫"]).all()
    mine = dict(vectors().neighbours("猫", count=3))
    assert dict(theirs.most_similar("猫", topn=3)) == pytest.approx(mine, abs=1e-5)
    theirs.save(str(tmp_path / "large.kv"), sep_limit=1)  # the numbers in a file of their own
    assert (tmp_path / "large.kv.vectors.npy").exists()
    assert same(vector_files.read(tmp_path / "large.kv", layout="gensim"), vectors())


@pytest.mark.parametrize("word", ["New York", "", "a\tb", "a\n", "half \ud800"])
@pytest.mark.parametrize("layout", vector_files.LAYOUTS)
def test_a_word_that_could_not_be_read_again_is_refused_and_nothing_is_written(
    tmp_path, word, layout
):
    with pytest.raises(ValueError, match="holds a space|cannot be written as UTF-8"):
        vector_files.write(WordVectors([word], np.ones((1, 2))), tmp_path / "v", layout=layout)
    surrogate = WordVectors(["\ud800"], np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"'\\ud800' cannot be written as UTF-8"):
        vector_files.write(surrogate, tmp_path / "v", layout=layout)
    assert not list(tmp_path.iterdir())


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, monkeypatch):
    vector_files.write(vectors(), tmp_path / "v")
    before = (tmp_path / "v").read_bytes()

    def broken(*_, **__):
        yield b"the "
        raise OSError("the disk is full")

    monkeypatch.setattr(vector_files, "_records", broken)
    with pytest.raises(OSError, match="the disk is full"):
        vector_files.write(vectors(3), tmp_path / "v")
    assert (tmp_path / "v").read_bytes() == before and len(list(tmp_path.iterdir())) == 1


TEXT = "3 2\na 1 2\nb 3 4\nc 5 6\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"line 1: expected 'words dimensions'"),
        ("the 1 2\n", r"line 1: expected 'words dimensions'"),
        ("0 2\n", r"line 1: expected"),
        ("-3 2\na 1 2\n", r"line 1: expected"),
        ("3 2", r"line 1: expected"),
        ("999999999999 300\na 1\n", r"is cut off: 999,999,999,999 words of 300 numbers take"),
        (TEXT[:-6], r"is cut off"),
        ("3 2\na 1.25 2\nb 3.25 4.25\n", r"is cut off: it ends after 2 of 3 words"),
        (TEXT.replace(" 4", "  4"), r"line 3: what follows 'b' is not all numbers"),
        (TEXT.replace(" 4", " x"), r"line 3: what follows 'b' is not all numbers"),
        (TEXT.replace(" 4", ""), r"line 3: 'b' has 1 numbers, not 2"),
        (TEXT.replace("5 6", "5 6 7"), r"line 4: 'c' has 3 numbers, not 2"),
        (TEXT.replace("c", "a"), r"the word 'a' comes twice, as word 3 too"),
        (TEXT + "d 7 8\n", r"line 5: the first line says 3 words"),
        (TEXT.replace("b ", " "), r"line 3: there is no word before the numbers"),
    ],
)
def test_a_broken_text_file_is_named_with_its_line(tmp_path, content, message):
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ValueError, match=message) as told:
        vector_files.read(tmp_path / "v.txt", layout="text")
    assert "v.txt" in str(told.value) and "\n" not in str(told.value)


def binary(words=("a", "b", "c"), header=b"3 2\n", end=b"\n") -> bytes:
    return header + b"".join(
        name.encode("latin-1") + b" " + struct.pack("<2f", 1, 2) + end for name in words
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"line 1: expected 'words dimensions'"),
        (bytes(range(128, 250)), r"line 1: expected 'words dimensions'"),
        (binary(header=b"3 9000000\n"), r"is cut off: 3 words of 9,?000,?000 numbers take"),
        (binary(words=("a", "long" * 9)), r"is cut off: it ends in word 3 of 3"),
        (binary(words=("long" * 9, "b", "c"))[:-3], r"is cut off: it ends in word 3 of 3"),
        (binary() + b"d", r"goes on after its 3 words of 2 numbers"),
        (binary(header=b"3 1\n"), r"goes on after|comes twice|is not UTF-8|is cut off"),
        (binary(words=("a", "\xff\xfe", "c")), r"word 2: the word b'\\xff\\xfe' is not UTF-8"),
        (binary(words=("a", "b", "a")), r"the word 'a' comes twice, as word 3 too"),
        (binary(words=("a", "", "c")), r"word 2: there is no word before the numbers"),
    ],
)
def test_a_broken_binary_file_is_named_with_its_word(tmp_path, content, message):
    (tmp_path / "v.bin").write_bytes(content)
    with pytest.raises(ValueError, match=message) as told:
        vector_files.read(tmp_path / "v.bin")
    assert "v.bin" in str(told.value) and "\n" not in str(told.value)


def test_what_one_of_the_tools_writes_otherwise_is_read_too(tmp_path):
    (tmp_path / "gensim").write_bytes(binary(end=b""))  # vectors that touch the next word
    assert vector_files.read(tmp_path / "gensim").words == ("a", "b", "c")
    (tmp_path / "c").write_text(TEXT.replace("\n", " \n"))  # a space behind each number
    assert vector_files.read(tmp_path / "c", layout="text").vectors[2].tolist() == [5, 6]


@pytest.mark.parametrize("content", [b"", b"junk", b"\x80\x04\x95\x0a"])
def test_what_gensim_cannot_load_is_said_in_a_sentence(tmp_path, content):
    pytest.importorskip("gensim")
    (tmp_path / "v.kv").write_bytes(content)
    with pytest.raises(ValueError, match=r"v\.kv is cut off or holds no KeyedVectors"):
        vector_files.read(tmp_path / "v.kv", layout="gensim")


def test_wrong_wishes_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="no layout 'json'; there are: text, binary, gensim"):
        vector_files.write(vectors(), tmp_path / "v", layout="json")
    with pytest.raises(ValueError, match="limit must be at least 1, got 0"):
        vector_files.read(tmp_path / "v", limit=0)
    for layout in vector_files.LAYOUTS:
        with pytest.raises(FileNotFoundError):
            vector_files.read(tmp_path / "v", layout=layout)
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ImportError, match="needs gensim: pip install gensim"):
        vector_files.write(vectors(), tmp_path / "v", layout="gensim")
    assert not list(tmp_path.iterdir())
