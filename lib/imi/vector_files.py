"""Word vectors on disk, in the layouts that other tools read and write.

"text" and "binary" are those of the word2vec tool in C (Mikolov et al. 2013), "gensim" is what
gensim's `KeyedVectors.load` reads. In the first two a line `N D` tells the number of words and the
size of a vector; then each word stands before its D numbers, which are float32, little-endian, in
the binary layout. Words are UTF-8 and hold no white space, since a space ends them.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from imi.vectors import WordVectors

LAYOUTS = ("text", "binary", "gensim")
HEADER_BYTES = 64  # more than a first line "N D" ever has
_SPACES = " \t\n\r\v\f"  # what ends a word in C


def write(vectors: WordVectors, path: Path | str, *, layout: str = "binary") -> None:
    """Writes word vectors; the file has its name only once it is whole.

    Raises:
        ValueError: if the layout is none of `LAYOUTS`, or a word is empty, holds white space or
            cannot be UTF-8.
        ImportError: if the layout is "gensim" and gensim is not installed.
    """
    _check_layout(layout)
    names = [_encoded(word) for word in vectors.words]
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        if layout == "gensim":
            _keyed(vectors).save(str(part), sep_limit=vectors.vectors.nbytes + 1)  # in one file
        else:
            with part.open("wb") as file:
                file.write(b"%d %d\n" % vectors.vectors.shape)
                file.writelines(_records(names, vectors.vectors, binary=layout == "binary"))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path | str, *, layout: str = "binary", limit: int | None = None) -> WordVectors:
    """Reads word vectors, or the first `limit` of them.

    The "gensim" layout is a pickle, which can run code: read it from people you trust only.

    Raises:
        ValueError: if the layout is none of `LAYOUTS` or the file is not of it, is cut off, holds a
            word twice, or holds numbers of another count than it says; names the place.
        FileNotFoundError: if there is no such file.
        ImportError: if the layout is "gensim" and gensim is not installed.
    """
    _check_layout(layout)
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    path = Path(path)
    if layout == "gensim":
        return _read_keyed(path, limit)
    with path.open("rb") as file:
        count, dim = _header(file.readline(HEADER_BYTES), path, binary=layout == "binary")
        wanted = min(count, limit or count)
        whole = wanted == count
        if layout == "binary":
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                pairs = _binary_pairs(content, file.tell(), wanted, dim, path, whole=whole)
                return _collected(pairs, wanted, dim, path)
        return _collected(_text_pairs(file, wanted, dim, path, whole=whole), wanted, dim, path)


def _check_layout(layout: str) -> None:
    if layout not in LAYOUTS:
        raise ValueError(f"there is no layout {layout!r}; there are: {', '.join(LAYOUTS)}")


def _encoded(word: str) -> bytes:
    if not word or any(space in word for space in _SPACES):
        raise ValueError(f"the word {word!r} is empty or holds a space, so no tool could read it")
    try:
        return word.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"the word {word!r} cannot be written as UTF-8") from error


def _records(names: list[bytes], rows: np.ndarray, *, binary: bool) -> Iterator[bytes]:
    """Yields what the C tool writes for each word; nine digits tell any float32 exactly."""
    numbers = "%.9g" + " %.9g" * (rows.shape[1] - 1)
    for name, row in zip(names, rows, strict=True):
        told = row.astype("<f4").tobytes() if binary else (numbers % tuple(row.tolist())).encode()
        yield b"%b %b\n" % (name, told)


def _header(line: bytes, path: Path, *, binary: bool) -> tuple[int, int]:
    """Reads the number of words and of dimensions, and whether the file can hold so many."""
    try:
        count, dim = (int(part) for part in line.decode("ascii").split())
        sound = count > 0 and dim > 0 and line.endswith(b"\n")
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"{path}, line 1: expected 'words dimensions', such as '300 50'")
    least = count * (2 + (4 if binary else 2) * dim)  # a letter, a space, the numbers
    if path.stat().st_size < least:
        raise ValueError(
            f"{path} is cut off: {count:,} words of {dim} numbers take at least {least:,} bytes, "
            f"it has {path.stat().st_size:,}"
        )
    return count, dim


def _text_pairs(
    file: Iterable[bytes], count: int, dim: int, path: Path, *, whole: bool
) -> Iterator[tuple[str, np.ndarray]]:
    number = 1
    for number, line in enumerate(file, start=2):
        if number > count + 1:
            if whole and line.strip():
                raise ValueError(f"{path}, line {number}: the first line says {count:,} words")
            break
        name, *told = line.rstrip(b" \r\n").split(b" ")
        place = f"{path}, line {number}"
        word = _decoded(name, place)
        try:
            row = np.array([float(part) for part in told], dtype=np.float32)
        except ValueError as error:
            raise ValueError(f"{place}: what follows {word!r} is not all numbers") from error
        if len(row) != dim:
            raise ValueError(f"{place}: {word!r} has {len(row)} numbers, not {dim}")
        yield word, row
    if number < count + 1:
        raise ValueError(f"{path} is cut off: it ends after {number - 1:,} of {count:,} words")


def _binary_pairs(
    content: mmap.mmap, at: int, count: int, dim: int, path: Path, *, whole: bool
) -> Iterator[tuple[str, np.ndarray]]:
    for number in range(1, count + 1):
        if content[at : at + 1] == b"\n":  # the C tool ends each vector so, gensim does not
            at += 1
        space = content.find(b" ", at)
        end = space + 1 + 4 * dim
        if space < 0 or end > len(content):
            raise ValueError(f"{path} is cut off: it ends in word {number:,} of {count:,}")
        word = _decoded(content[at:space], f"{path}, word {number:,}")
        yield word, np.frombuffer(content[space + 1 : end], dtype="<f4")
        at = end
    if whole and content[at:].strip(b"\n"):
        raise ValueError(f"{path} goes on after its {count:,} words of {dim} numbers")


def _decoded(name: bytes, place: str) -> str:
    try:
        word = name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{place}: the word {name[:40]!r} is not UTF-8") from error
    if not word:
        raise ValueError(f"{place}: there is no word before the numbers")
    return word


def _collected(
    pairs: Iterable[tuple[str, np.ndarray]], count: int, dim: int, path: Path
) -> WordVectors:
    rows, words = np.empty((count, dim), dtype=np.float32), {}
    for number, (word, row) in enumerate(pairs):
        if word in words:
            raise ValueError(f"{path}: the word {word!r} comes twice, as word {number + 1:,} too")
        words[word], rows[number] = None, row
    return WordVectors(tuple(words), rows)


def _keyed_vectors() -> type:
    try:
        from gensim.models import KeyedVectors
    except ImportError as error:
        raise ImportError("the layout 'gensim' needs gensim: pip install gensim") from error
    return KeyedVectors


def _keyed(vectors: WordVectors):
    keyed = _keyed_vectors()(vectors.vectors.shape[1])
    keyed.add_vectors(list(vectors.words), vectors.vectors)
    return keyed


def _read_keyed(path: Path, limit: int | None) -> WordVectors:
    keyed_vectors = _keyed_vectors()
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        keyed = keyed_vectors.load(str(path))
        return WordVectors(keyed.index_to_key[:limit], keyed.vectors[:limit])
    except Exception as error:  # a broken pickle can fail in any way
        raise ValueError(f"{path} is cut off or holds no KeyedVectors of gensim") from error
