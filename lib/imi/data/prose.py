"""English sentences of every kind at hand: encyclopaedia, everyday talk, scripture, recipes."""

from __future__ import annotations

import html
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from imi import text
from imi.data import corpora, sources

CORE = ("wikipedia-leads", "tatoeba")
BOUNDARY = "<s>"  # fills the gap between two sentences
GAP = 8  # marks between two sentences: no context reaches beyond them
MORE = ("king-james-bible", "recipes", "factbook", "days-in-history", "brown")

_SENTENCE_END = re.compile(r"(?<=[.!?;])[\"'”’)]*\s+|\n+")
# A sentence has not ended after an initial or an abbreviation, nor where no final mark stands.
_GOES_ON = re.compile(r"(?:\b(?:[A-Za-z]|Mr|Mrs|Dr|St|Rev|Vol|No|al|cf)\.|[^\s.!?\"'”’)])\s*$")
_NOT_PROSE = re.compile(r"<[^>]*>|[\[\]`]|''|(?<!\S)\d+\.(?=\s)")  # tags, verse numbers, quotes


def sentences(prose: str) -> list[str]:
    """Cuts running text into sentences, at their final marks and at line ends."""
    return [part.strip() for part in _SENTENCE_END.split(prose) if part.strip()]


def sentence_spans(passage: str) -> list[tuple[int, int]]:
    """Returns where whole sentences begin and end, in characters; initials do not end them."""
    starts: list[int] = []
    place = 0
    for part in sentences(passage):
        place = passage.index(part, place)
        goes_on = part[0].islower() or _GOES_ON.search(passage[:place])
        if not starts or not goes_on:
            starts.append(place)
        place += len(part)
    ends = [*starts[1:], len(passage)] if starts else []
    return [(s, s + len(passage[s:e].rstrip())) for s, e in zip(starts, ends, strict=True)]


def whole_sentences(passage: str) -> list[str]:
    """Cuts a passage into whole sentences: `sentences`, but not after John F. or a semicolon."""
    return [passage[begin:end] for begin, end in sentence_spans(passage)]


def english_corpus(
    *, vocab_size: int, names: Sequence[str] = CORE, words: int | None = None
) -> corpora.Corpus:
    """Reads lower-case sentences as one stream of ids, with a gap of marks before each.

    Whole articles, and single everyday sentences, are shuffled by a checksum, which also sends one
    of twenty to the test text and one to the validation text; what comes twice is used once.

    Args:
        words: how many of the training words to keep; all by default.

    Raises:
        DataError: if a source is neither in the cache nor to be had.
    """
    by_checksum = {zlib.crc32(document.encode()): document for document in _documents(names)}
    parts: dict[str, list[str]] = {"test": [], "valid": [], "train": []}
    for _, document in sorted(by_checksum.items()):
        part = parts[part_of(document)]
        for sentence in sentences(document):
            part += [BOUNDARY] * GAP + text.words(sentence)
    train = parts["train"][:words]
    vocabulary = text.Vocabulary.from_tokens(train, max_size=vocab_size)
    streams = {"train": train, "valid": parts["valid"], "test": parts["test"]}
    ids = {name: vocabulary.encode([*part, BOUNDARY]) for name, part in streams.items()}
    return corpora.Corpus(vocabulary, **ids, boundary=vocabulary[BOUNDARY])


def part_of(document: str) -> str:
    """Tells what a lower-case document is for, by its checksum: "train", "valid" or "test"."""
    return {0: "test", 1: "valid"}.get(zlib.crc32(document.encode()) % 20, "train")


def _documents(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name == "wikipedia-leads":
            yield from (article.text.lower() for article in corpora.wikipedia_leads())
        else:
            yield from (sentence.lower() for sentence in _read(name))


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
        for prose in texts(sources.path(name))
        for part in sentences(_NOT_PROSE.sub(" ", html.unescape(prose)))
    ]


def texts(path: Path) -> Iterator[str]:
    """Yields the texts in a file, an archive or a folder; of JSON every string."""
    if path.is_dir():
        for member in sorted(path.rglob("*")):
            if member.is_file():
                yield from texts(member)
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
