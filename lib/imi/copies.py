"""What was copied: the longest run of a text that stands in a source."""

from __future__ import annotations

import numpy as np


class Copies:
    """Finds what was copied from a source.

    Args:
        least: copies shorter than this are not looked for, which makes the search fast.
    """

    def __init__(self, source: str, *, least: int = 24):
        self.source, self.least = source, least
        self._known = np.unique(self._hashes(source))

    def longest(self, text: str) -> int:
        """Returns the length of the longest run of `text` that stands in the source, or 0."""
        longest = self.least - 1
        hashes = self._hashes(text)
        places = np.searchsorted(self._known, hashes).clip(max=len(self._known) - 1)
        for start in np.flatnonzero(self._known[places] == hashes).tolist():
            while start + longest < len(text) and text[start : start + longest + 1] in self.source:
                longest += 1
        return longest if longest >= self.least else 0

    def _hashes(self, text: str) -> np.ndarray:
        """Returns a number for each run of `least` characters: a polynomial, modulo 2^64."""
        codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        count = len(codes) - self.least + 1
        hashes = np.zeros(max(count, 0), dtype=np.uint64)
        for offset in range(self.least if count > 0 else 0):
            hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[offset : offset + count]
        return hashes
