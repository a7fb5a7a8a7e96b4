"""How fast the phrasebook makes data: pairs for a lecture, and all five languages at once.

The caches are warm after the first thousands of meanings; what is printed is processor time, which
does not count what else the machine is doing.

Usage: python tests/benchmarks/phrasebook.py [PAIRS]
"""

from __future__ import annotations

import sys
import time
from itertools import islice

from imi.data import phrasebook


def main(count: int) -> None:
    """Times pairs from a cold start, then all languages, then long sentences."""
    start = time.process_time()
    pairs = phrasebook.pairs("en", "ja", count=count)
    seconds = time.process_time() - start
    print(f"{count:,} pairs, English and Japanese, from a cold start: {seconds:6.2f} s")
    tokens = sum(len(a) + len(b) for a, b in pairs)
    print(f"{tokens / seconds:,.0f} tokens a second")
    for low, high in ((3, 12), (30, 40)):
        found = phrasebook.meanings(seed=5, min_words=low, max_words=high)
        for _ in range(2):  # the second time with warm caches
            start = time.process_time()
            for meaning in islice(found, count // 5):
                for language in phrasebook.LANGUAGES:
                    meaning.say(language)
            rate = count // 5 / (time.process_time() - start)
        print(f"{low:2} to {high} words: {rate:8,.0f} meanings a second in five languages")
    if seconds > 0.001 * count:
        sys.exit("expected a thousand pairs a second at the very least")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
