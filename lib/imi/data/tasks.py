"""Tasks with right answers: sentences and pairs of them to label, words to tag.

Lecture: notebooks/12_bert_finetuning_2019.ipynb. Where a task has an official division, it is kept
as it is, with the few items that stand on both sides of it; the other tasks are shared out by
checksums, so that nothing stands on both sides.
"""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from imi.data import sentence_tests, sources
from imi.data.archives import extract

SICK_LABELS = ("ENTAILMENT", "NEUTRAL", "CONTRADICTION")
TAGS = ("O", "B-LOC", "I-LOC", "B-MISC", "I-MISC", "B-ORG", "I-ORG", "B-PER", "I-PER")
UNDECIDED = 0.5  # a mean rating from -4 to 4 that is nearer to 0 is neither praise nor blame

_BRACKETS = {"lrb": "(", "rrb": ")"}  # as the SST-2 file writes them


class Example(NamedTuple):
    """A sentence or a pair of them, and what people say about it: a class or a likeness."""

    first: str
    second: str | None
    label: int | float


class Tagged(NamedTuple):
    """The words of a sentence and a tag for each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


class Split(NamedTuple):
    """Items to learn from, and items to report scores on."""

    train: list
    test: list


def shared_out(keyed: Iterable[tuple[str, object]], *, one_of: int) -> Split:
    """Sends to the test one of so many items, by a checksum of the key that comes with each."""
    parts = Split([], [])
    for key, item in keyed:
        in_test = zlib.crc32(key.encode()) % one_of == 0
        (parts.test if in_test else parts.train).append(item)
    return parts


def plain(text: str) -> str:
    """Returns a text with the marks that HTML spells out, and one space between words."""
    return " ".join(html.unescape(text).split())


def sst2() -> Split:
    """Reads sentences of film reviews, 6,920 and 872: negative (0) or positive (1).

    Source: Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment
    Treebank" (2013); whole sentences only, without their phrases.

    Raises:
        DataError: if the sentences are neither in the cache nor to be had.
    """
    parts = Split([], [])
    for part, name in zip(parts, ("sst2-train", "sst2-dev"), strict=True):
        for text, label in _rows(name):
            words = [_BRACKETS.get(word, word) for word in text.split()]
            part.append(Example(" ".join(words), None, int(label)))
    return parts


def cola() -> Split:
    """Reads sentences of linguists, 8,551 and 1,043: not acceptable (0) or acceptable (1).

    Source: Warstadt, Singh, Bowman, "Neural Network Acceptability Judgments" (2019).

    Raises:
        DataError: if the sentences are neither in the cache nor to be had.
    """

    def read(*names: str) -> list[Example]:
        rows = (row for name in names for row in _rows(name))
        return [Example(plain(text), None, int(label)) for _, label, _, text in rows]

    return Split(read("cola-train"), read("cola-dev", "cola-dev-out"))


def stsb() -> Split:
    """Reads pairs of sentences, 5,749 and 1,500, with their mean human likeness from 0 to 5.

    Source: Cer, Diab, Agirre, Lopez-Gazpio, Specia, "SemEval-2017 Task 1" (2017).

    Raises:
        DataError: if the pairs are neither in the cache nor to be had.
    """

    def read(part: str) -> list[Example]:
        return [Example(plain(a), plain(b), score) for a, b, score in sentence_tests.stsb(part)]

    return Split(read("train"), read("dev"))


def sick() -> Split:
    """Reads pairs of sentences, 5,000 and 4,927; the label is a place in `SICK_LABELS`.

    Source: Marelli et al., "A SICK Cure for the Evaluation of Compositional Distributional
    Semantic Models" (2014).

    Raises:
        DataError: if the pairs are neither in the cache nor to be had.
    """

    def read(*names: str) -> list[Example]:
        rows = (row for name in names for row in _rows(name)[1:])  # the first names the columns
        return [Example(plain(a), plain(b), SICK_LABELS.index(x)) for _, a, b, _, x in rows]

    return Split(read("sick-train", "sick-trial"), read("sick-test"))


def rte() -> Split:
    """Reads texts with a hypothesis, 1,767 and 2,400: it follows (0) or it does not (1).

    Source: Dagan, Glickman, Magnini, "The PASCAL Recognising Textual Entailment Challenge" (2006),
    and the challenges of the two years after it.

    Raises:
        DataError: if the texts are neither in the cache nor to be had.
    """
    parts = Split([], [])
    with zipfile.ZipFile(sources.path("rte")) as archive:
        for part, kind in zip(parts, ("dev", "test"), strict=True):
            for challenge in (1, 2, 3):
                for pair in ET.fromstring(archive.read(f"rte/rte{challenge}_{kind}.xml")):
                    # The first challenge says TRUE or FALSE, the later ones YES or NO.
                    follows = (pair.get("value") or pair.get("entailment")) in ("TRUE", "YES")
                    text, hypothesis = plain(pair.findtext("t")), plain(pair.findtext("h"))
                    part.append(Example(text, hypothesis, 0 if follows else 1))
    return parts


def movie_ratings() -> Split:
    """Reads snippets of film reviews that people find negative (0) or positive (1) in the mean.

    Most sentences of SST-2 are among them, those of its test too: a net that learned from these
    snippets must not be judged by that test.

    Source: Hutto, Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
    Media Text" (2014).

    Raises:
        DataError: if the snippets are neither in the cache nor to be had.
    """
    table = extract(sources.path("movie-ratings"), ["*/movieReviewSnippets_GroundTruth.txt"],
                    most_bytes=2_000_000)  # fmt: skip
    found: dict[str, Example] = {}
    for row in table.decode("utf-8").splitlines():
        _, rating, text = row.split("\t")
        if abs(float(rating)) >= UNDECIDED:
            snippet = plain(text.replace("''", '"'))
            found.setdefault(snippet, Example(snippet, None, int(float(rating) > 0)))
    return shared_out(found.items(), one_of=10)


def wikigold() -> Split:
    """Reads 1,696 sentences with `TAGS`, which name places, organisations, people and the rest.

    The file does not mark where a name begins: two names of one kind in a row are read as one.

    Source: Balasuriya, Ringland, Nothman, Murphy, Curran, "Named Entity Recognition in Wikipedia"
    (2009).

    Raises:
        DataError: if the sentences are neither in the cache nor to be had.
    """

    def read() -> Iterator[tuple[str, Tagged]]:
        for block in sources.path("wikigold").read_text(encoding="utf-8").split("\n\n"):
            rows = [line.split(" ") for line in block.split("\n") if line]
            if rows and rows[0][0] != "-DOCSTART-":
                words, tags = zip(*rows, strict=True)
                yield " ".join(words), Tagged(words, _with_beginnings(tags))

    return shared_out(read(), one_of=5)


def _with_beginnings(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Turns the first I- of each run into B-."""
    found: list[str] = []
    for tag, run in groupby(tags):
        found += [tag.replace("I-", "B-", 1), *list(run)[1:]]
    return tuple(found)


def _rows(name: str) -> list[list[str]]:
    """Reads a table with tabs; a quote in it is no more than a quote."""
    lines = sources.path(name).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line]
