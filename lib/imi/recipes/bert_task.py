"""What BERT is pre-trained on: real English as word pieces, and what it is judged by."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from imi.bertpieces import BertPieces
from imi.data import running
from imi.data.running import Document
from imi.masked_batches import PretrainingBatch, Reader, assembled
from imi.masking import Marks
from imi.models import lsa
from imi.sentence_pairs import UNASKED, Library, Pairs

VOCABULARY = 6_000
PARTS = ("train", "valid", "test")
TEST_LONGEST, TEST_SEED = 128, 11  # places of a row
EVERY = 4
NEAR = 4  # pieces between which pieces count as neighbours


@dataclass(frozen=True)
class Task:
    """Pieces, and documents as libraries of their ids.

    Attributes:
        libraries: by part: train, valid, test.
        names: of the sources, in the order of their numbers.
    """

    pieces: BertPieces
    libraries: dict[str, Library]
    names: tuple[str, ...] = running.SOURCES

    @property
    def marks(self) -> Marks:
        """The ids of the pieces that are no text."""
        return marks_of(self.pieces)

    def reader(self, part: str = "train", **about: Any) -> Reader:
        """Returns what makes batches of a part's documents."""
        size = len(self.pieces.vocabulary)
        return Reader(self.libraries[part], self.marks, vocab_size=size, **about)


def counted_vectors(of: Task, dim: int) -> np.ndarray:
    """Counts which pieces stand near each other in what is learned from: vectors (V, D).

    Marks such as [MASK] stand beside nothing and are 0.
    """
    text = of.libraries["train"]
    starts = text.sentences[text.documents]
    counts = lsa.cooccurrences(text.ids.numpy(), starts, len(of.pieces.vocabulary), window=NEAR)
    # Of the strengths of directions little is kept, for the layers to come weigh all alike.
    return lsa.truncated_svd(lsa.ppmi(counts, smoothing=0.75), dim, power=0.25)


def marks_of(pieces: BertPieces) -> Marks:
    """Returns the ids of the pieces that are no text."""
    p = pieces
    return Marks(p.pad_id, p.unknown_id, p.cls_id, p.sep_id, p.mask_id)


def library(
    documents: Sequence[Document], pieces: BertPieces, names: Sequence[str] = running.SOURCES
) -> Library:
    """Encodes documents; sentences without neighbours come last, mixed within their source."""
    told = [document for document in documents if len(document.sentences) > 1]
    alone = sorted(
        (document for document in documents if len(document.sentences) == 1),
        key=lambda d: (names.index(d.source), zlib.crc32(d.sentences[0].encode())),
    )
    ordered = [*told, *alone]
    ids = pieces.encode_all(sentence for d in ordered for sentence in d.sentences)
    rows = [[next(ids) for _ in document.sentences] for document in ordered]
    return Library.of(rows, [names.index(document.source) for document in ordered])


def found_pieces(documents: Sequence[Document], size: int = VOCABULARY) -> BertPieces:
    """Finds word pieces in every fourth document: they are about the same, four times sooner."""
    sentences = [sentence for document in documents[::EVERY] for sentence in document.sentences]
    return BertPieces.train(sentences, size=size)


def read(
    pieces: BertPieces | None = None,
    *,
    names: tuple[str, ...] = running.SOURCES,
    parts: Sequence[str] = PARTS,
) -> Task:
    """Reads the named sources and encodes the parts that are asked for.

    Args:
        pieces: those of a trained model; by default they are found in what is learned from.

    Raises:
        DataError: if a source is neither in the cache nor to be had.
    """
    documents = running.split(running.documents(names))._asdict()
    pieces = pieces or found_pieces(documents["train"])
    return Task(pieces, {part: library(documents[part], pieces, names) for part in parts}, names)


@dataclass(frozen=True)
class Questions:
    """Fixed batches, and for each of their rows where it was cut."""

    batches: list[PretrainingBatch]
    pairs: Pairs


def questions(
    of: Task, part: str, *, longest: int, within: float = 0.0, rounds: int = 1,
    batches: int | None = None,
) -> Questions:  # fmt: skip
    """Hides pieces of a part's documents and pairs its texts, the same for every model.

    Args:
        rounds: how often all documents are cut, paired and masked.
        batches: how many are kept; all by default.
    """
    about = {"longest": longest, "tokens": 4_096, "seed": TEST_SEED, "within": within}
    reader = of.reader(part, **about)
    made, rows = [], []
    for number in range(rounds):
        generator = torch.Generator().manual_seed(TEST_SEED + number)
        found, cut = reader.epoch(number)
        for chosen in cut[:batches]:
            rows.append(found.rows(chosen))
            made.append(reader.batch(rows[-1], generator))
    return Questions(made, Pairs(*map(np.concatenate, zip(*rows, strict=True))))


def blanks(of: Task, *, least: int = 8, most: int = 40, seed: int = TEST_SEED) -> PretrainingBatch:
    """Takes single sentences of the test and hides one piece in the middle third of each.

    Args:
        least: pieces of a sentence.
    """
    test = of.libraries["test"]
    lengths = np.diff(test.sentences)
    chosen = np.flatnonzero((lengths >= least) & (lengths <= most))
    start, size = test.sentences[chosen], lengths[chosen]
    nothing = np.zeros_like(start)
    rows = Pairs(start, start + size, nothing, nothing, nothing + UNASKED, nothing, nothing)
    ids, sizes, segments = assembled(test, rows, of.marks)
    lot = np.random.default_rng(seed).random(len(size))
    place = torch.from_numpy(1 + size // 3 + (lot * (size - 2 * (size // 3))).astype(np.int64))
    hidden = torch.zeros_like(ids, dtype=torch.bool)
    hidden[torch.arange(len(ids)), place] = True
    shown = ids.masked_fill(hidden, of.marks.mask)
    return PretrainingBatch(shown, sizes, segments, hidden, ids, torch.from_numpy(rows.next))


def in_parts(batch: PretrainingBatch, size: int = 256) -> list[PretrainingBatch]:
    """Cuts a batch into smaller ones, so that memory does not grow with the rows."""
    parts: list[tuple[Tensor, ...]] = list(
        zip(*(column.split(size) for column in batch), strict=True)
    )
    return [PretrainingBatch(*part) for part in parts]
