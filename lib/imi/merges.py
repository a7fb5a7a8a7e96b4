"""How word pieces are found: merge the neighbours seen together most often, again and again.

Source: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units" (ACL
    2016), section 3.2. Wu et al., "Google's Neural Machine Translation System" (2016), section
    4.1, want those D pieces that cut the text into as few as possible; their greedy algorithm "is
    similar to" this one.
Lecture: notebooks/08_gnmt_2016.ipynb
Differs: Google's picks its merges by the likelihood of the text, not by how often a pair is seen.
    Written to be read; for whole corpora `imi.wordpiece` lets `tokenizers` do the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[str, str]
Cut = dict[str, tuple[str, ...]]


class Merge(NamedTuple):
    """One step of the training.

    Attributes:
        pair: the two pieces that become one.
        count: how often they stood together.
        cut: the pieces of every word, after the step.
    """

    pair: Pair
    count: int
    cut: Cut


def neighbours(cut: Mapping[str, Sequence[str]], counts: Mapping[str, int]) -> Counter[Pair]:
    """Counts which pieces stand together, in words that are seen `counts` times."""
    seen: Counter[Pair] = Counter()
    for word, pieces in cut.items():
        for pair in pairwise(pieces):
            seen[pair] += counts[word]
    return seen


def joined(pieces: Sequence[str], pair: Pair) -> tuple[str, ...]:
    """Makes one piece of each place at which `pair` stands, from left to right."""
    found: list[str] = []
    place = 0
    while place < len(pieces):
        size = 2 if tuple(pieces[place : place + 2]) == pair else 1
        found.append("".join(pieces[place : place + size]))
        place += size
    return tuple(found)


def merges(counts: Mapping[str, int], *, min_count: int = 1) -> Iterator[Merge]:
    """Yields merge after merge of the words of a text, each with how often it is seen.

    Ends when no pair is seen `min_count` times. Of pairs seen equally often the one with the older
    pieces is taken; letters are the oldest, by alphabet.
    """
    cut: Cut = {word: tuple(word) for word in counts}
    age = {letter: number for number, letter in enumerate(sorted(set("".join(counts))))}
    while seen := neighbours(cut, counts):
        pair = min(seen, key=lambda pair: (-seen[pair], age[pair[0]], age[pair[1]]))
        if seen[pair] < min_count:
            return
        cut = {word: joined(pieces, pair) for word, pieces in cut.items()}
        age.setdefault("".join(pair), len(age))
        yield Merge(pair, seen[pair], cut)
