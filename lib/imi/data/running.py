"""Running text: documents as the sentences they are made of, in their order.

A model that shall tell whether one sentence follows another needs documents, not a heap of
sentences. Where a source has none, as everyday sentences and lists of events, each sentence is a
document of its own: it can be read, and nothing follows it.
"""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from imi.data import corpora, prose, sources

PARTS = 40  # one of so many documents is kept for validation, and one for the test
LEAST_WORDS = 3  # of a sentence

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</?(?:p|br)\b[^>]*>")  # ends a paragraph
_VERSE = re.compile(r"(?<!\S)\d+\.\s+")
_TWICE = re.compile(r"([;?!]) \1")  # how the Brown corpus writes these marks


@dataclass(frozen=True)
class Document:
    """Sentences that follow each other, and the name of the source they come from."""

    source: str
    sentences: tuple[str, ...]


class Split(NamedTuple):
    """Documents to learn from, to choose by and to judge by."""

    train: list[Document]
    valid: list[Document]
    test: list[Document]


def _paragraph(text: str) -> tuple[str, ...]:
    plain = _TAG.sub(" ", html.unescape(_BREAK.sub("\n", text)))
    return tuple(part for part in prose.sentences(plain) if len(part.split()) >= LEAST_WORDS)


def _leads() -> Iterator[tuple[str, ...]]:
    return (_paragraph(article.text) for article in corpora.wikipedia_leads())


def _brown() -> Iterator[tuple[str, ...]]:
    for text in " ".join(corpora.brown()).split(corpora.DOCUMENT):
        plain = text.replace("``", '"').replace("''", '"').replace(corpora.PARAGRAPH, "\n")
        yield _paragraph(_TWICE.sub(r"\1", plain))


def _chapters() -> Iterator[tuple[str, ...]]:
    """Yields the chapters of the bible, each from a verse 1 on; its sentences are verses."""
    verses: list[str] = []
    bible = sources.path("king-james-bible").read_text(encoding="utf-8").split('"""')[1]
    for line in bible.replace("[", "").replace("]", "").split("\n"):
        if line.startswith("1. ") and verses:
            yield tuple(verses)
            verses = []
        verses += [verse.strip() for verse in _VERSE.split(line) if verse.strip()]
    yield tuple(verses)


def _recipes() -> Iterator[tuple[str, ...]]:
    for recipe in json.loads(sources.path("recipes").read_text(encoding="utf-8")).values():
        yield tuple(part for step in recipe["steps"] or () for part in _paragraph(step))


def _factbook() -> Iterator[tuple[str, ...]]:
    """Yields what is told of countries in several sentences; the tables of figures are left out."""
    for text in prose.texts(sources.path("factbook")):
        found = _paragraph(text)
        if len(found) > 2 and ". " in text:
            yield found


def _tales() -> Iterator[tuple[str, ...]]:
    for table in prose.texts(sources.path("stories")):
        for row in table.split("\n")[3:]:
            columns = row.split("\t")
            if (
                len(columns) > 3
            ):  # those of the brothers Grimm; the other pages have lost their marks
                yield _paragraph(columns[3])


def _everyday() -> Iterator[tuple[str, ...]]:
    return ((sentence,) for sentence in corpora.tatoeba_english())


def _events() -> Iterator[tuple[str, ...]]:
    """Yields what happened on the days of the year; births and deaths are mere lists of names."""
    for day in prose.texts(sources.path("days-in-history")):
        for line in day.split("\n"):
            year, mark, event = line.partition(" - ")
            if mark and year.isdigit() and event.rstrip().endswith("."):
                yield (f"{year} - {event.strip()}",)


_READ: dict[str, Callable[[], Iterator[tuple[str, ...]]]] = {
    "wikipedia-leads": _leads,
    "king-james-bible": _chapters,
    "recipes": _recipes,
    "factbook": _factbook,
    "stories": _tales,
    "brown": _brown,
    "tatoeba": _everyday,
    "days-in-history": _events,
}
SOURCES = tuple(_READ)


def documents(names: Sequence[str] = SOURCES) -> list[Document]:
    """Reads the documents of the named sources, each once, in their order.

    Raises:
        DataError: if a source is neither in the cache nor to be had.
        ValueError: if a source is none of `SOURCES`.
    """
    unknown = [name for name in names if name not in _READ]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not read as documents; {', '.join(SOURCES)} are")
    read = (Document(name, found) for name in names for found in _READ[name]() if found)
    return list({document.sentences: document for document in read}.values())


def split(found: Sequence[Document]) -> Split:
    """Shares out documents by a checksum of their text: one of 40 to each of valid and test."""
    parts = Split([], [], [])
    for document in found:
        number = zlib.crc32("\n".join(document.sentences).encode()) % PARTS
        parts[{0: 2, 1: 1}.get(number, 0)].append(document)
    return parts
