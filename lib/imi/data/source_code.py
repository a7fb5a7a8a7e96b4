"""Texts that character nets learn from: C, Python, LaTeX, Shakespeare, encyclopaedia.

Every text is brought to the 96 `Characters` first, so that a net and a compressor read the same.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import sysconfig
import tokenize
import zipfile
import zlib
from collections.abc import Callable
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
_LICENCE = re.compile(r"\A\s*/\*(?:(?!\*/).)*?copyright.*?\*/\s*", re.DOTALL | re.IGNORECASE)
HELD_OUT, HELD_OUT_C = 20, 12  # one file of so many is kept aside
HELD_OUT_CHAPTERS = ("stacks-injectives", "stacks-schemes")


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
    """Reads libuv, whole files; one of twelve, by the checksum of its name, is kept aside.

    The licence at the head of each file is left out: the same 20 lines, some 300 times. No test
    of libuv is kept aside, since they are near copies of one another.

    Raises:
        DataError: if it is neither in the cache nor to be had.
    """
    with zipfile.ZipFile(sources.path("libuv")) as archive:
        files = {
            name: _LICENCE.sub("", archive.read(name).decode("utf-8"))
            for name in sorted(archive.namelist())
        }
    data = {"libuv": sources.source("libuv").sha256}
    return _split_files("c", files, data, part=HELD_OUT_C)


def python_source() -> Text:
    """Reads the functions of the running Python's standard library; tests are left out.

    Methods stand at the margin like functions. Those of one file of twenty are kept aside. The
    library differs between versions of Python; `data` names the version.

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
            found = functions(_decoded(path.read_bytes()))
            files[name] = "".join(f"{function}\n\n" for function in found)
    if not any(files.values()):
        raise sources.DataError("this Python has no source of its standard library to read")
    digest = hashlib.sha256("".join(files.values()).encode()).hexdigest()
    version = sysconfig.get_python_version()
    return _split_files("python", files, {f"standard library of Python {version}": digest})


def functions(source: str) -> list[str]:
    """Returns the functions and methods of a Python module as Python itself would write them.

    One statement a line, four blanks an indent, no comments, no decorators, and without doc
    strings, which are prose.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef)):
            inner = (part for part in node.body if isinstance(part, _FUNCTIONS))
            found += [ast.unparse(_bare(function)) + "\n" for function in inner]
    return found


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _bare(function: ast.AST) -> ast.AST:
    """Takes away a function's decorators, and its doc string and those of what is inside it."""
    function.decorator_list = []  # in place: the tree is not used again
    for part in ast.walk(function):
        if isinstance(part, (*_FUNCTIONS, ast.ClassDef)) and ast.get_docstring(part) is not None:
            part.body = part.body[1:] or [ast.Pass()]
    return function


def _decoded(content: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding)


def is_aside(path: str, part: int = HELD_OUT) -> bool:
    """Tells whether a file or an article is kept aside: one of `part`, by its name's checksum."""
    return zlib.crc32(path.encode()) % part == 0 and "/test/" not in path


def _split_files(name: str, files: dict[str, str], data: dict[str, str], *, part=HELD_OUT) -> Text:
    parts: dict[bool, list[str]] = {True: [], False: []}
    for path, content in files.items():
        parts[is_aside(path, part)].append(plain(content))
    return Text(name, "\n".join(parts[False]), "\n".join(parts[True]), data)


def latex() -> Text:
    """Reads 18 chapters of the Stacks Project; two whole ones are kept aside.

    Raises:
        DataError: if one is neither in the cache nor to be had.
    """
    names = [f"stacks-{chapter}" for chapter in CHAPTERS]
    chapters = {name: plain(sources.path(name).read_text(encoding="utf-8")) for name in names}
    train = [text for name, text in chapters.items() if name not in HELD_OUT_CHAPTERS]
    held_out = [chapters[name] for name in HELD_OUT_CHAPTERS]
    data = {name: sources.source(name).sha256 for name in names}
    return Text("latex", "\n".join(train), "\n".join(held_out), data)


def shakespeare() -> Text:
    """Reads the million characters of the essay; the last tenth is kept aside, as is usual.

    Raises:
        DataError: if it is neither in the cache nor to be had.
    """
    name = "tiny-shakespeare"
    plays = plain(sources.path(name).read_text(encoding="utf-8"))
    cut = len(plays) * 9 // 10
    return Text("shakespeare", plays[:cut], plays[cut:], {name: sources.source(name).sha256})


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
