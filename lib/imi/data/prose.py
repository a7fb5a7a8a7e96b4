"""English sentences of every kind at hand: encyclopaedia, everyday talk, scripture, recipes."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from imi.data import corpora, sources

CORE = ("wikipedia-leads", "tatoeba")
MORE = ("king-james-bible", "recipes", "factbook", "days-in-history", "brown")

_SENTENCE_END = re.compile(r"(?<=[.!?;])[\"'”’)]*\s+|\n+")
_NOT_PROSE = re.compile(r"<[^>]*>|[\[\]`]|''|(?<!\S)\d+\.(?=\s)")  # tags, verse numbers, quotes


def sentences(prose: str) -> list[str]:
    """Cuts running text into sentences, at their final marks and at line ends."""
    return [part.strip() for part in _SENTENCE_END.split(prose) if part.strip()]


def english(names: Sequence[str] = CORE) -> list[str]:
    """Reads the sentences of the named sources, in that order.

    Raises:
        DataError: if one is neither in the cache nor to be had.
    """
    return [sentence for name in names for sentence in _read(name)]


def _read(name: str) -> list[str]:
    if name == "tatoeba":
        return corpora.tatoeba_english()
    if name == "wikipedia-leads":
        return [part for article in corpora.wikipedia_leads() for part in sentences(article.text)]
    if name == "brown":
        joined = " ".join(corpora.brown()).replace(corpora.PARAGRAPH, "\n")
        return sentences(_NOT_PROSE.sub(" ", joined))
    return [
        part
        for prose in _texts(sources.path(name))
        for part in sentences(_NOT_PROSE.sub(" ", html.unescape(prose)))
    ]


def _texts(path: Path) -> Iterator[str]:
    """Yields the texts in a file, an archive or a folder; of JSON every string."""
    if path.is_dir():
        for member in sorted(path.rglob("*")):
            if member.is_file():
                yield from _texts(member)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                yield from _contents(name, archive.read(name).decode("utf-8"))
    else:
        yield from _contents(path.name, path.read_text(encoding="utf-8"))


def _contents(name: str, content: str) -> Iterator[str]:
    if name.endswith(".json"):
        yield from _strings(json.loads(content))
    else:
        yield content


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
