"""Texts that character nets learn from: C, Python, LaTeX, Shakespeare, encyclopaedia.

Every text is brought to the 96 `Characters` first, so that a net and a compressor read the same.
"""

from __future__ import annotations

import hashlib
import io
import sysconfig
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from imi.data import corpora, sources
from imi.text import Characters, plain

CHAPTERS = tuple(
    "algebra more-algebra schemes sets categories topology sheaves cohomology modules divisors "
    "morphisms stacks algebraic spaces homology simplicial injectives varieties".split()
)  # fmt: skip
PACKAGES = tuple(
    "asyncio collections concurrent ctypes curses dbm email html http idlelib importlib json "
    "logging multiprocessing re sqlite3 tkinter unittest urllib wsgiref xml xmlrpc zoneinfo".split()
)  # fmt: skip
HELD_OUT = 20  # one file of so many is kept aside; of a chapter, this part at its end


@dataclass(frozen=True)
class Text:
    """A text in two parts, and where it is from.

    Attributes:
        data: sha256 by name, for a model's card.
    """

    name: str
    train: str
    held_out: str
    data: dict[str, str]

    @cached_property
    def train_ids(self) -> Tensor:
        """The characters to learn from, (N,)."""
        return torch.tensor(Characters.encode(self.train))

    @cached_property
    def held_out_ids(self) -> Tensor:
        """The characters kept aside, (N,)."""
        return torch.tensor(Characters.encode(self.held_out))


def c_source() -> Text:
    """Reads libuv, whole files; one of twenty, by the checksum of its name, is kept aside.

    Raises:
        DataError: if it is neither in the cache nor to be had.
    """
    with zipfile.ZipFile(sources.path("libuv")) as archive:
        files = {name: archive.read(name).decode("utf-8") for name in sorted(archive.namelist())}
    return _split_files("c", files, {"libuv": sources.source("libuv").sha256})


def python_source() -> Text:
    """Reads the standard library of the running Python, without tests, whole files as in C.

    It differs between versions of Python; `data` names the version.

    Raises:
        DataError: if this Python came without its library's source.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    modules = [path for path in root.glob("*.py") if not path.name.startswith("_sysconfigdata")]
    inner = [path for name in PACKAGES for path in (root / name).rglob("*.py")]
    files = {}
    for path in sorted(modules + inner):
        name = path.relative_to(root).as_posix()
        if not {"test", "tests", "idle_test"} & set(path.relative_to(root).parts):
            files[name] = _decoded(path.read_bytes())
    if not files:
        raise sources.DataError("this Python has no source of its standard library to read")
    digest = hashlib.sha256("".join(files.values()).encode()).hexdigest()
    version = sysconfig.get_python_version()
    return _split_files("python", files, {f"standard library of Python {version}": digest})


def _decoded(content: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding)


def _split_files(name: str, files: dict[str, str], data: dict[str, str]) -> Text:
    parts: dict[bool, list[str]] = {True: [], False: []}
    for path, content in files.items():
        parts[zlib.crc32(path.encode()) % HELD_OUT == 0].append(plain(content))
    return Text(name, "\n".join(parts[False]), "\n".join(parts[True]), data)


def latex() -> Text:
    """Reads 18 chapters of the Stacks Project; the last twentieth of each is kept aside.

    Raises:
        DataError: if one is neither in the cache nor to be had.
    """
    names = [f"stacks-{chapter}" for chapter in CHAPTERS]
    chapters = [plain(sources.path(name).read_text(encoding="utf-8")) for name in names]
    return _split_ends("latex", chapters, names, HELD_OUT)


def shakespeare() -> Text:
    """Reads the million characters of the essay; the last tenth is kept aside, as is usual.

    Raises:
        DataError: if it is neither in the cache nor to be had.
    """
    play = plain(sources.path("tiny-shakespeare").read_text(encoding="utf-8"))
    return _split_ends("shakespeare", [play], ["tiny-shakespeare"], 10)


def _split_ends(name: str, texts: list[str], names: Iterable[str], part: int) -> Text:
    cuts = [len(text) * (part - 1) // part for text in texts]
    pairs = list(zip(texts, cuts, strict=True))
    data = {source: sources.source(source).sha256 for source in names}
    train, held_out = (
        "\n".join(pieces)
        for pieces in ((t[:cut] for t, cut in pairs), (t[cut:] for t, cut in pairs))
    )
    return Text(name, train, held_out, data)


def encyclopaedia() -> Text:
    """Reads the openings of Wikipedia articles; one of twenty, by its checksum, is kept aside.

    Raises:
        DataError: if they are neither in the cache nor to be had.
    """
    name = "wikipedia-leads"
    articles = {article.title: article.text + "\n" for article in corpora.wikipedia_leads()}
    return _split_files("encyclopaedia", articles, {name: sources.source(name).sha256})


TEXTS: dict[str, Callable[[], Text]] = {
    "c": c_source,
    "python": python_source,
    "latex": latex,
    "shakespeare": shakespeare,
    "encyclopaedia": encyclopaedia,
}
