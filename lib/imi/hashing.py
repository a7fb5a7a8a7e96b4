"""Codes of a few bits as addresses: who lives near an address is like whoever lives at it.

Source: Salakhutdinov & Hinton, "Semantic Hashing", SIGIR workshop 2007 (IJAR 50, 2009).
Lecture: 02_autoencoder_2006
Shapes: N documents, W bits of a code; a code is one number, its first bit the highest.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import combinations

import numpy as np

MOST_BITS, MOST_ADDRESS_BITS = 64, 24  # of a code; of a table with a row for every address


def pack(bits: np.ndarray) -> np.ndarray:
    """Turns rows of bits (N, W) into one number each, (N).

    Raises:
        ValueError: if a code has no bit or more than 64.
    """
    width = bits.shape[1]
    if not 1 <= width <= MOST_BITS:
        raise ValueError(f"a code must have from 1 to {MOST_BITS} bits, got {width}")
    codes = np.zeros(len(bits), dtype=np.uint64)
    for column in bits.T:
        codes = (codes << np.uint64(1)) | column.astype(np.uint64)
    return codes


def unpack(codes: np.ndarray, width: int) -> np.ndarray:
    """Turns numbers (N) back into rows of bits (N, W)."""
    shifts = np.arange(width - 1, -1, -1, dtype=np.uint64)
    return ((codes[:, None] >> shifts) & np.uint64(1)).astype(bool)


def distances(codes: np.ndarray, query: int) -> np.ndarray:
    """Counts the bits in which each code (N) differs from the query, (N)."""
    return np.bitwise_count(codes ^ codes.dtype.type(query))


@lru_cache(maxsize=64)
def ring(width: int, radius: int) -> np.ndarray:
    """Returns every number of `width` bits of which exactly `radius` are set."""
    masks = [sum(1 << place for place in places) for places in combinations(range(width), radius)]
    return np.array(masks, dtype=np.int64)


def sha1_code(text: str, width: int) -> int:
    """Returns the first `width` bits of a text's SHA-1: a hash that hides all likeness.

    Raises:
        ValueError: if more bits are wanted than a code may have.
    """
    if not 1 <= width <= MOST_BITS:
        raise ValueError(f"a code must have from 1 to {MOST_BITS} bits, got {width}")
    return int.from_bytes(hashlib.sha1(text.encode()).digest()[:8], "big") >> (64 - width)


class AddressBook:
    """A table with a row for every address: which documents have this code?

    Args:
        codes: of the documents, (N).
        width: bits of a code.

    Raises:
        ValueError: if the table would be too large, or a code does not fit it.
    """

    def __init__(self, codes: np.ndarray, width: int):
        if not 1 <= width <= MOST_ADDRESS_BITS:
            raise ValueError(f"addresses have from 1 to {MOST_ADDRESS_BITS} bits, got {width}")
        if len(codes) and int(codes.max()) >> width:
            raise ValueError(f"the code {int(codes.max())} has more than {width} bits")
        self.width = width
        addresses = codes.astype(np.int64)
        self.documents = np.argsort(addresses, kind="stable")
        counts = np.bincount(addresses, minlength=1 << width)
        self.starts = np.concatenate([[0], np.cumsum(counts)])  # where each address begins

    def __len__(self) -> int:
        return len(self.documents)

    def at(self, addresses: np.ndarray) -> np.ndarray:
        """Returns the documents at the given addresses, in their order."""
        starts, ends = self.starts[addresses], self.starts[addresses + 1]
        lived_in = ends > starts
        starts, sizes = starts[lived_in], (ends - starts)[lived_in]
        if not len(sizes):
            return self.documents[:0]
        offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.documents[np.repeat(starts, sizes) + offsets]

    def ball(self, query: int, radius: int) -> np.ndarray:
        """Returns the documents whose codes differ in at most `radius` bits, the nearest first.

        The time depends on the number of addresses in the ball, not on that of documents elsewhere.

        Raises:
            ValueError: if the query does not fit the table, or the radius is impossible.
        """
        if not 0 <= query < 1 << self.width:
            raise ValueError(f"an address of {self.width} bits is below {1 << self.width:,}")
        if not 0 <= radius <= self.width:
            raise ValueError(f"radius must be from 0 to {self.width} bits, got {radius}")
        return self.at(np.concatenate([query ^ ring(self.width, r) for r in range(radius + 1)]))

    def nearest(self, query: int, count: int) -> np.ndarray:
        """Widens the ball, bit by bit, until it holds `count` documents or all; returns them."""
        found: list[np.ndarray] = []
        for radius in range(self.width + 1):
            found.append(self.at(query ^ ring(self.width, radius)))
            if sum(map(len, found)) >= min(count, len(self)):
                break
        return np.concatenate(found)
