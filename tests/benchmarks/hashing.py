"""Look-up by address among a million codes, and a cosine scan of the same codes as vectors.

The codes are those of real documents, each with half of its words hidden. Both ways get the same
queries; numpy computes both, with as many threads as it likes. A full comparison of the codes, bit
by bit, must find the very documents that the address finds.

Usage: python tests/benchmarks/hashing.py [DOCUMENTS]
"""

from __future__ import annotations

import sys

import numpy as np

from imi import checkpoints
from imi.recipes.hashing_times import RADIUS, collection, look_ups, seconds_a_query
from imi.recipes.semantic_hashing import NAME


def main(size: int) -> None:
    """Times three ways to look up, checks that the exact two agree, and prints a table."""
    codes = collection(checkpoints.load(NAME).model, size)
    ways = look_ups(codes)
    for query in np.linspace(0, size - 1, 7).astype(int):
        by_address, by_comparing = ways["address"](query), ways["hamming"](query)
        assert np.array_equal(np.sort(by_address), by_comparing) and query in by_address
    found = np.mean([len(ways["address"](n)) for n in range(0, size, size // 20)])
    print(f"{size:,} documents, {codes.shape[1]} bits; {found:,.0f} lie within {RADIUS} bits")
    times = {name: seconds_a_query(way, size) for name, way in ways.items()}
    for name, about in (
        ("cosine", "vectors, all compared, the best 100"),
        ("hamming", "bits, all compared"),
        ("address", "addresses nearby"),
    ):
        faster = times["cosine"] / times[name]
        print(f"{about:38}{1000 * times[name]:10.3f} ms   {faster:6.1f} times the cosine's speed")
    if times["cosine"] / times["address"] < 20:
        sys.exit("expected a look-up by address to be at least 20 times as fast as a cosine scan")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
