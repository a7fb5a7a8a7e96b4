"""What people say about pairs of sentences, and words whose sense only a sentence tells."""

from __future__ import annotations

import csv
import sys
from typing import NamedTuple

from imi import places
from imi.data import sources

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Use(NamedTuple):
    """A word in a sentence, in one of its senses."""

    word: str
    sense: str
    sentence: str

    def span(self) -> tuple[int, int]:
        """Returns where the word begins and ends in the sentence, in characters."""
        start = f" {self.sentence.lower()} ".translate(_MARKS).index(f" {self.word} ")
        return start, start + len(self.word)


_MARKS = str.maketrans(".,;:!?", "      ")


def stsb(part: str = "test") -> list[tuple[str, str, float]]:
    """Reads pairs of the STS benchmark with their mean human likeness from 0 to 5.

    Args:
        part: "test" of 1,379 pairs, "dev" of 1,500 or "train" of 5,749.

    Source: Cer, Diab, Agirre, Lopez-Gazpio, Specia, "SemEval-2017 Task 1" (2017).

    Raises:
        DataError: if the pairs are neither in the cache nor to be had.
    """
    with sources.path(f"stsb-en-{part}").open(newline="", encoding="utf-8") as rows:
        return [(first, second, float(score)) for first, second, score in csv.reader(rows)]


def senses() -> list[Use]:
    """Reads words in two senses each, eight sentences a sense, of our own."""
    table = tomllib.loads((places.data_dir() / "senses.toml").read_text(encoding="utf-8"))
    return [
        Use(word, sense, sentence)
        for word, kinds in table.items()
        for sense, sentences in kinds.items()
        for sentence in sentences
    ]
