"""GloVe: word vectors that others trained, on six billion words of encyclopaedia and news."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from imi.data import sources
from imi.vectors import WordVectors

NAME = "glove-6b-50d"
_LOCAL_HEADER = 30  # bytes before a member's name, the last four of which tell two lengths


def glove(limit: int | None = None) -> WordVectors:
    """Reads the 400,000 words of GloVe 6B with 50 numbers each, or the `limit` commonest.

    The numbers are mapped from the cached file, so that only what is asked for is read.
    Source: Pennington, Socher, Manning, "GloVe: Global Vectors for Word Representation", EMNLP
        2014.

    Raises:
        ValueError: if `limit` is below 1.
        DataError: if the vectors are neither in the cache nor to be had, or pyarrow is missing.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    parquet = _parquet()
    path = sources.path(NAME)
    with zipfile.ZipFile(path) as archive:
        members = {name.rpartition(".")[2]: name for name in archive.namelist()}
        index = parquet.read_table(io.BytesIO(archive.read(members["parquet"])))
        rows = _mapped(path, archive, members["npy"])
    words = index.column("index")[:limit].to_pylist()
    return WordVectors(words, np.ascontiguousarray(rows[:limit]))


def _parquet():
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise sources.DataError("reading GloVe needs pyarrow: pip install pyarrow") from error
    return parquet


def _mapped(path: Path, archive: zipfile.ZipFile, member: str) -> np.ndarray:
    """Maps an array that lies uncompressed in a zip archive into memory."""
    with archive.open(member) as stream:
        np.lib.format.read_magic(stream)
        shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
        header = stream.tell()
    begin = archive.getinfo(member).header_offset
    with path.open("rb") as file:
        file.seek(begin + _LOCAL_HEADER - 4)
        names = sum(struct.unpack("<HH", file.read(4)))  # of the name and the extra field
    offset = begin + _LOCAL_HEADER + names + header
    order = "F" if by_column else "C"
    return np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=shape, order=order)
