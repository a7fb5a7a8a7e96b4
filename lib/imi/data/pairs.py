"""Sentences and their translations, cut so that no sentence of a test was seen in training.

Lecture: notebooks/05_seq2seq_2014.ipynb, notebooks/07_attention_2016.ipynb
"""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from imi.data import sources

TATOEBA_COLUMNS = {"ja": 1, "en": 2, "de": 4, "fr": 5, "es": 6}
CAPTIONED = ("de", "en", "fr")
MULTI30K, TANAKA = ("train", "valid", "test2016"), ("train", "valid", "test")
LARGEST_GROUP = 20  # pairs that hang together and may still go to a test

# Letters and digits of full width become ASCII; 、 。 ！ ？ stay as Japanese writes them.
_WIDE = [chr(c) for c in range(0xFF10, 0xFF5B) if chr(c).isalnum()]
_PLAIN = str.maketrans({c: chr(ord(c) - 0xFEE0) for c in _WIDE})
_PLAIN |= str.maketrans("‘’´“”„", "'''" + '"""')
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_NO_LETTERS = re.compile(r"[\W_]+")


class Pair(NamedTuple):
    """A sentence and its translation."""

    source: str
    target: str


@dataclass(frozen=True)
class Split:
    """Pairs to learn from, to choose by, and to judge by."""

    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]


def tatoeba(source: str = "en", target: str = "ja") -> list[Pair]:
    """Reads everyday sentences in two of English, Japanese, German, French and Spanish.

    Raises:
        ValueError: if a language is another, or both are the same.
        DataError: if the sentences are neither in the cache nor to be had.
    """
    first, second = _two(source, target, TATOEBA_COLUMNS)
    lines = sources.path("tatoeba").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return cleaned(Pair(row[first], row[second]) for row in rows if len(row) > max(first, second))


def multi30k(part: str, source: str = "de", target: str = "en") -> list[Pair]:
    """Reads captions of photographs in two of German, English and French, as they were written.

    Args:
        part: "train", "valid" or "test2016".

    Raises:
        ValueError: if there is no such part or language.
        DataError: if the captions are neither in the cache nor to be had.
    """
    languages = _two(source, target, {each: each for each in CAPTIONED})
    return _lines("multi30k", part, MULTI30K, *languages)


def tanaka(part: str, source: str = "en", target: str = "ja") -> list[Pair]:
    """Reads 50,000 short everyday sentences, cut into words already.

    Args:
        part: "train", "valid" or "test".

    Raises:
        ValueError: if there is no such part or language.
        DataError: if the sentences are neither in the cache nor to be had.
    """
    return _lines("tanaka", part, TANAKA, *_two(source, target, {"en": "en", "ja": "ja"}))


def _two(source: str, target: str, known: dict) -> tuple:
    if source == target or not {source, target} <= set(known):
        raise ValueError(f"two of {', '.join(known)} are needed, got {source!r} and {target!r}")
    return known[source], known[target]


def _lines(name: str, part: str, parts: Sequence[str], *languages: str) -> list[Pair]:
    if part not in parts:
        raise ValueError(f"{name} has the parts {', '.join(parts)}, not {part!r}")
    columns = []
    for language in languages:
        content = sources.path(f"{name}-{part}-{language}").read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        columns.append([tidy(line) for line in content.decode("utf-8").rstrip("\n").split("\n")])
    return [Pair(*pair) for pair in zip(*columns, strict=True)]


def tidy(sentence: str) -> str:
    """Brings a sentence to one form: narrow letters and digits, single spaces, plain quotes."""
    if not sentence.isascii():
        sentence = unicodedata.normalize("NFC", sentence).translate(_PLAIN)
    return " ".join(sentence.split())


def cleaned(pairs: Iterable[Pair], *, most: int = 200, ratio: float = 9.0) -> list[Pair]:
    """Keeps tidied pairs, each once, that have two sides of at most `most` characters.

    Args:
        ratio: by how many times one side may be longer than the other; Japanese counts twice,
            since it says as much in half the signs.
    """
    kept: dict[Pair, None] = {}
    for source, target in pairs:
        pair = Pair(tidy(source), tidy(target))
        short, long = sorted(_weight(side) for side in pair)
        if short and max(map(len, pair)) <= most and long <= ratio * short:
            kept[pair] = None
    return list(kept)


def _weight(sentence: str) -> int:
    """Counts letters, Japanese ones twice; 0 for a side that is missing (`-`)."""
    return len(_NO_LETTERS.sub("", sentence)) + len(_JAPANESE.findall(sentence))


@lru_cache(maxsize=1_000_000)
def key(sentence: str) -> str:
    """Returns what two spellings of one sentence share: its letters, without case and marks."""
    folded = unicodedata.normalize("NFKC", sentence).casefold()
    return _NO_LETTERS.sub("", folded) or folded


def without(pairs: Iterable[Pair], others: Iterable[Pair]) -> list[Pair]:
    """Leaves out the pairs of which one of `others` has a side, the spelling aside."""
    others = list(others)
    sources_seen = {key(pair.source) for pair in others}
    targets_seen = {key(pair.target) for pair in others}
    return [
        pair
        for pair in pairs
        if key(pair.source) not in sources_seen and key(pair.target) not in targets_seen
    ]


def groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Puts pairs together that share a sentence on either side, directly or through others.

    A union-find over sentences: each pair joins the group of its source with that of its target.
    """
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node):
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]  # half the way next time
            node = parent[node]
        return node

    nodes = [(("source", key(pair.source)), ("target", key(pair.target))) for pair in pairs]
    for first, second in nodes:
        parent[root(first)] = root(second)
    found = defaultdict(list)
    for pair, (first, _) in zip(pairs, nodes, strict=True):
        found[root(first)].append(pair)
    return list(found.values())


def split(pairs: Sequence[Pair], *, valid: int, test: int) -> Split:
    """Cuts pairs into three parts; no part has a sentence, on either side, of another.

    Groups of pairs that share sentences stay together. Their order is that of a checksum, so it
    is the same everywhere; the test takes `test` pairs from the front, then `valid` are taken, of
    one source sentence one pair. Groups of more than 20 pairs are for training.

    Raises:
        ValueError: if there are too few pairs in small groups.
    """
    ordered = sorted(groups(pairs), key=_checksum)
    small = iter([group for group in ordered if len(group) <= LARGEST_GROUP])
    parts = {"test": _take(small, test), "valid": _take(small, valid)}
    for name, wanted in (("test", test), ("valid", valid)):
        if len(parts[name]) < wanted:
            raise ValueError(f"{len(pairs)} pairs do not give {wanted} for the {name} part")
    return Split(without(pairs, parts["test"] + parts["valid"]), parts["valid"], parts["test"])


def _checksum(group: list[Pair]) -> bytes:
    return min(hashlib.sha256("\t".join(pair).encode()).digest() for pair in group)


def _take(groups: Iterator[list[Pair]], wanted: int) -> list[Pair]:
    """Takes groups until there are `wanted` pairs; of one source sentence the first alone."""
    taken: dict[str, Pair] = {}
    while len(taken) < wanted:
        group = next(groups, None)
        if group is None:
            break
        for pair in sorted(group):
            taken.setdefault(key(pair.source), pair)
    return list(taken.values())[:wanted]
