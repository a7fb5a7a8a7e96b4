"""Look-up by address among a million codes, and a cosine scan of the same codes as vectors.

The codes are those of real documents, each with half of its words hidden. Both ways get the same
queries; numpy computes both, with as many threads as it likes. A full comparison of the codes, bit
by bit, must find the very documents that the address finds.

Usage: python tests/benchmarks/hashing.py [DOCUMENTS]
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import report
from report import Row

from imi import checkpoints
from imi.recipes.hashing_times import RADIUS, collection, look_ups, seconds_a_query
from imi.recipes.semantic_hashing import NAME

FASTER = 20


def rows(size: int) -> Iterator[Row]:
    """Times three ways to look up and checks that the exact two agree."""
    codes = collection(checkpoints.load(NAME).model, size)
    ways = look_ups(codes)
    for query in np.linspace(0, size - 1, 7).astype(int):
        by_address, by_comparing = ways["address"](query), ways["hamming"](query)
        assert np.array_equal(np.sort(by_address), by_comparing) and query in by_address
    found = np.mean([len(ways["address"](n)) for n in range(0, size, size // 20)])
    what = f"of {size:,} documents find the {found:,.0f} within {RADIUS} bits"
    times = {name: 1000 * seconds_a_query(way, size) for name, way in ways.items()}
    for name, about, target in (("address", "addresses nearby", FASTER),
                                ("hamming", "bits, all compared", None)):  # fmt: skip
        yield Row(f"{what}: {about}", "ms", times[name], "cosines of all, the best 100",
                  times["cosine"], fewer=True, target=target)  # fmt: skip


if __name__ == "__main__":
    report.main(rows, 1_000_000, "documents")
