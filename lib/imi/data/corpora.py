"""Running text: encyclopaedia articles, the Brown corpus, everyday sentences."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imi import text
from imi.data import sources

PARAGRAPH = "<p>"
DOCUMENT = "<text>"
_TOPICS = {"Uncategorized": None}


@dataclass(frozen=True)
class Article:
    """The opening paragraphs of an encyclopaedia article."""

    title: str
    text: str
    topic: str | None


def wikipedia_leads() -> list[Article]:
    """Reads the openings of 10,033 Wikipedia articles in alphabetical order of their titles.

    Raises:
        DataError: if the articles are neither in the cache nor to be had.
    """
    entries = json.loads(sources.path("wikipedia-leads").read_text(encoding="utf-8"))
    return [
        Article(entry["title"], entry["extract"], _TOPICS.get(entry["topic"], entry["topic"]))
        for _, entry in sorted(entries.items())
    ]


def tatoeba_english() -> list[str]:
    """Reads about 200,000 everyday English sentences, each once, in the order of the collection.

    Raises:
        DataError: if the sentences are neither in the cache nor to be had.
    """
    lines = sources.path("tatoeba").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return list(dict.fromkeys(row[2] for row in rows if len(row) > 2 and row[2]))


def brown() -> list[str]:
    """Reads the Brown corpus as one stream of words, case kept, in the order of its 500 texts.

    As in Bengio et al. (2003), section 4.1, marks separate texts (`<text>`) and paragraphs (`<p>`).

    Raises:
        DataError: if the corpus is neither in the cache nor to be had.
    """
    with zipfile.ZipFile(sources.path("brown")) as archive:
        members = sorted(
            n for n in archive.namelist() if n.startswith("brown/c") and n[-1].isdigit()
        )
        return [
            token
            for member in members
            for token in _brown_text(archive.read(member).decode("ascii"))
        ]


def _brown_text(tagged: str) -> Iterator[str]:
    yield DOCUMENT
    for paragraph in re.split(r"\n\s*\n", tagged):
        tokens = [pair.rpartition("/")[0] for pair in paragraph.split()]
        if tokens:
            yield PARAGRAPH
            yield from tokens


@dataclass(frozen=True)
class Corpus:
    """A text as word ids, cut into training, validation and test text."""

    vocabulary: text.Vocabulary
    train: Sequence[int]
    valid: Sequence[int]
    test: Sequence[int]
    boundary: int | None = None  # the id that fills the gaps between sentences, if one does


def brown_split() -> Corpus:
    """Cuts the Brown corpus as Bengio et al. (2003) did: 800,000 words, 200,000, the rest.

    Words seen 3 times or less in the whole corpus become the unknown word, as in section 4.1.
    """
    tokens = brown()
    vocabulary = text.Vocabulary.from_tokens(tokens, min_count=4)
    ids = vocabulary.encode(tokens)
    return Corpus(vocabulary, ids[:800_000], ids[800_000:1_000_000], ids[1_000_000:])
