"""Running text as passages: words that stand near each other, whole articles where there are any.

Word vectors learn from what stands around a word, so that a passage here is as long as the text
allows, has no punctuation, and "France's" counts as "France".
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from imi import text
from imi.data import corpora, prose, sources

CORE = ("wikipedia-leads", "tatoeba", "king-james-bible")
ALL = (*CORE, "factbook", "recipes", "days-in-history", "newsgroups", "reuters", "stories")

_BY_LINE = {"king-james-bible", "days-in-history"}
_TABLES = {"newsgroups": [1], "reuters": [1], "stories": [1, 2, 3]}  # columns with text
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Passages:
    """Passages as one row of word ids.

    Attributes:
        ids: of all words, one passage after another, unknown words left out, int32 (N,).
        starts: where each passage begins, and at last N, int64 (P + 1,).
    """

    vocabulary: text.Vocabulary
    ids: np.ndarray
    starts: np.ndarray

    def first(self, share: float) -> Passages:
        """Returns the first passages, about `share` of all words.

        Raises:
            ValueError: if the share is not above 0 and at most 1.
        """
        if not 0 < share <= 1:
            raise ValueError(f"a share lies above 0 and at most at 1, got {share}")
        count = int(np.searchsorted(self.starts, share * len(self.ids)))
        starts = self.starts[: max(1, count) + 1]
        return Passages(self.vocabulary, self.ids[: starts[-1]], starts)


def tokens(passage: str) -> list[str]:
    """Splits a passage into lower-case words; marks are left out, and so is a possessive 's."""
    found = text.words(passage.lower().replace("’", "'"))
    return [word.removesuffix("'s") for word in found if word[0].isalnum()]


def from_tokens(passages: Iterable[Sequence[str]], *, max_size: int) -> Passages:
    """Numbers the words of passages; the commonest `max_size` - 1 are kept.

    Raises:
        ValueError: if no passage holds two known words.
    """
    held = list(passages)
    vocabulary = text.Vocabulary.from_tokens(chain.from_iterable(held), max_size=max_size)
    rows = (np.array(vocabulary.encode(passage), dtype=np.int32) for passage in held)
    known = [row for row in (row[row > 0] for row in rows) if len(row) > 1]
    if not known:
        raise ValueError("no passage holds two known words; give more text or a larger vocabulary")
    starts = np.concatenate([[0], np.cumsum([len(row) for row in known])])
    return Passages(vocabulary, np.concatenate(known), starts.astype(np.int64))


def read(names: Sequence[str] = CORE, *, max_size: int = 30_001, seed: int = 2013) -> Passages:
    """Reads the named sources, each passage once, in an order that the seed fixes.

    Raises:
        DataError: if a source is neither in the cache nor to be had.
    """
    split = (tokens(passage) for name in names for passage in _passages(name))
    unique = list({" ".join(words): words for words in split if len(words) > 1}.values())
    order = np.random.default_rng(seed).permutation(len(unique))
    return from_tokens((unique[place] for place in order), max_size=max_size)


def _passages(name: str) -> Iterator[str]:
    if name == "wikipedia-leads":
        yield from (article.text for article in corpora.wikipedia_leads())
    elif name == "tatoeba":
        yield from corpora.tatoeba_english()
    elif name in _TABLES:
        for table in prose.texts(sources.path(name)):
            for line in table.split("\n")[3:]:  # three lines say what the columns are
                columns = line.split("\t")
                yield " ".join(columns[place] for place in _TABLES[name] if place < len(columns))
    else:
        for prose_text in prose.texts(sources.path(name)):
            plain = _TAG.sub(" ", html.unescape(prose_text))
            yield from plain.split("\n") if name in _BY_LINE else [plain]
