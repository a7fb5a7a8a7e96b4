"""Sentences in English, Japanese and Korean, each written by hand."""

from __future__ import annotations

from typing import NamedTuple

from imi import places


class Triple(NamedTuple):
    """One sentence in three languages."""

    en: str
    ja: str
    ko: str

    def say(self, language: str) -> str:
        """Returns the sentence in a language."""
        return getattr(self, language)


def triples() -> list[Triple]:
    """Reads the 84 triples of `data/phrasebook/triples.tsv`, natural sentences of all kinds."""
    path = places.data_dir() / "phrasebook" / "triples.tsv"
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    return [Triple(*line.split("\t")) for line in lines]
