"""Documents as counts of word stems, as in Hinton & Salakhutdinov (2006)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from imi import text
from imi.data import corpora

STEMS = 2_000  # as in the paper
EVERY = 4  # every fourth document is kept aside

# Words that say how something is said, not what it is about.
FUNCTION_WORDS = frozenset(
    """a about above after again against all almost along also although always am among an and any
    are as at be because been before being below between both but by can cannot could did do does
    doing done down during each either ever every few for from further had has have having he her
    here hers him his how however i if in into is it its itself just least less many may me might
    more most much must my neither never no nor not of off often on once one only onto or other
    others our out over own per quite rather same several shall she should since so some such than
    that the their them then there therefore these they this those though three through thus to too
    two under until up upon us used using usually very was we well were what when where whether
    which while who whom whose why will with within without would yet you your""".split()
)


@lru_cache(maxsize=1)
def _stemmer():
    from snowballstemmer import stemmer

    return stemmer("english")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Returns the stem of a lower-case word: `walking` and `walked` are both `walk`."""
    return _stemmer().stemWord(word)


def stems(passage: str) -> list[str]:
    """Returns the stems of a text's words; function words, numbers and marks are left out."""
    found = (word.lower() for word in text.words(passage.replace("’", "'")))
    return [stem(w) for w in found if w[0].isalpha() and len(w) > 1 and w not in FUNCTION_WORDS]


@dataclass(frozen=True)
class Documents:
    """Documents and their counts.

    Attributes:
        titles: of the documents, N of them; `texts` are what they say.
        topics: what each is about, or None where nobody said.
        counts: how often each of the V stems occurs in it, (N, V).
    """

    titles: Sequence[str]
    texts: Sequence[str]
    topics: Sequence[str | None]
    counts: Tensor

    def __len__(self) -> int:
        return len(self.titles)

    def rows(self, chosen: Sequence[int]) -> Documents:
        """Returns only the chosen documents."""
        columns = (self.titles, self.texts, self.topics)
        return Documents(*([c[row] for row in chosen] for c in columns), self.counts[list(chosen)])


@dataclass(frozen=True)
class Split:
    """Documents to learn from and documents with a topic kept aside, over one list of stems."""

    vocabulary: text.Vocabulary
    train: Documents
    test: Documents


def count_stems(found: Iterable[Sequence[str]], vocabulary: text.Vocabulary) -> Tensor:
    """Counts the known stems of documents given as stems, (N, V): id 0, the unknown, is left out.

    Column v belongs to id v + 1.
    """
    documents = list(found)
    counts = torch.zeros(len(documents), len(vocabulary) - 1)
    for row, document in enumerate(documents):
        for number, often in Counter(vocabulary.encode(document)).items():
            if number:
                counts[row, number - 1] = often
    return counts


def typed(passage: str, vocabulary: text.Vocabulary) -> Tensor:
    """Counts the stems of a text that somebody typed, (1, V).

    Raises:
        ValueError: if none of its words is known.
    """
    counts = count_stems([stems(passage)], vocabulary)
    if not counts.any():
        raise ValueError(
            f"none of these words is among the {len(vocabulary) - 1:,} commonest; "
            "type a few more, such as: a river in Africa"
        )
    return counts


def wikipedia(
    *, size: int = STEMS, every: int = EVERY, vocabulary: text.Vocabulary | None = None
) -> Split:
    """Reads Wikipedia leads as counts of their `size` commonest stems.

    Every `every`th document with a topic is kept aside. A document with fewer than five known
    stems is left out.

    Args:
        vocabulary: the stems to count, such as a checkpoint's; by default those that are
            commonest in what is not kept aside.

    Raises:
        DataError: if the articles are neither in the cache nor to be had.
    """
    articles = corpora.wikipedia_leads()
    found = [stems(article.text) for article in articles]
    aside = [n % every == 0 and article.topic is not None for n, article in enumerate(articles)]
    learned = (stem for document, kept in zip(found, aside, strict=True) if not kept
               for stem in document)  # fmt: skip
    vocabulary = vocabulary or text.Vocabulary.from_tokens(learned, max_size=size + 1)
    columns = zip(*((a.title, a.text, a.topic) for a in articles), strict=True)
    everything = Documents(*columns, count_stems(found, vocabulary))
    long = (everything.counts.sum(dim=1) >= 5).tolist()
    return Split(
        vocabulary,
        everything.rows([n for n in range(len(articles)) if long[n] and not aside[n]]),
        everything.rows([n for n in range(len(articles)) if long[n] and aside[n]]),
    )


def rarity(counts: Tensor) -> Tensor:
    """Returns each stem's inverse document frequency, log(N / documents with it), (V)."""
    return (len(counts) / ((counts > 0).sum(dim=0) + 1.0)).log()


def tfidf(counts: Tensor, weights: Tensor) -> Tensor:
    """Weighs counts (N, V) as log(1 + count) * rarity, each document to length 1."""
    return torch.nn.functional.normalize(counts.log1p() * weights, dim=1)


def half_of_the_words(counts: Tensor, generator: torch.Generator) -> Tensor:
    """Hides each word of each document (B, V) with chance 1/2 and counts the others twice."""
    shown = torch.rand(counts.shape, generator=generator) < 0.5
    return 2 * counts * shown.to(counts.device)
