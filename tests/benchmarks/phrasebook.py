"""How fast the phrasebook makes data: pairs for a lecture, and all five languages at once.

The caches are warm after the first thousands of meanings; what is printed is processor time, which
does not count what else the machine is doing.

Usage: python tests/benchmarks/phrasebook.py [PAIRS]
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import report
from report import Row

from imi.data import phrasebook

WANTED = 1_000  # pairs a second, at the very least


def rows(count: int) -> Iterator[Row]:
    """Times pairs from a cold start, then all languages, then long sentences."""
    start = time.process_time()
    pairs = phrasebook.pairs("en", "ja", count=count)
    seconds = time.process_time() - start
    tokens = sum(len(a) + len(b) for a, b in pairs)
    what = f"{count:,} pairs of the phrasebook, from a cold start"
    yield Row(what, "pairs/s", count / seconds, target=WANTED)
    yield Row(what, "tokens/s", tokens / seconds)
    for low, high in ((3, 12), (30, 40)):
        found = phrasebook.meanings(seed=5, min_words=low, max_words=high)
        for _ in range(2):  # the second time with warm caches
            start = time.process_time()
            for meaning in islice(found, count // 5):
                for language in phrasebook.LANGUAGES:
                    meaning.say(language)
            rate = count // 5 / (time.process_time() - start)
        yield Row(f"the phrasebook in five languages, {low} to {high} words", "meanings/s", rate)


if __name__ == "__main__":
    report.main(rows, 20_000, "pairs")
