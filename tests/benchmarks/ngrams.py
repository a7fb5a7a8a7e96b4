"""Kneser-Ney here and in nltk: the same text, the same perplexity, the time that each takes.

Usage: python tests/benchmarks/ngrams.py [WORDS]
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import report
from report import Row

from imi.data import corpora
from imi.models.ngrams import KneserNey
from imi.text import ngrams, words

ORDER, DISCOUNT, HELD_OUT = 3, 0.75, 40
FASTER, DIFFERENCE = 20, 1e-6


def timed(action):
    """Returns what `action` returns, and the seconds that it took."""
    began = time.perf_counter()
    result = action()
    return result, time.perf_counter() - began


def rows(size: int) -> Iterator[Row]:
    """Trains both on the first words of Wikipedia and scores a few known ones with both."""
    from nltk.lm import KneserNeyInterpolated
    from nltk.util import everygrams

    text = [word for article in corpora.wikipedia_leads() for word in words(article.text.lower())]
    train = text[:size] + text[:ORDER]  # a ring: every run has a left neighbour
    vocabulary = sorted(set(train))
    numbers = {word: number for number, word in enumerate(vocabulary)}
    ids = np.array([numbers[word] for word in train])
    held_out = [word for word in text[size : size + 10 * HELD_OUT] if word in numbers][:HELD_OUT]

    def theirs():
        lm = KneserNeyInterpolated(ORDER, discount=DISCOUNT)
        lm.fit([list(everygrams(train, max_len=ORDER))], vocabulary_text=train)
        return lm

    def ours():
        sizes = {"order": ORDER, "vocab_size": len(vocabulary)}
        return KneserNey(**sizes, discount=DISCOUNT, uniform=False).fit(ids)

    lm, their_seconds = timed(theirs)
    model, our_seconds = min((timed(ours) for _ in range(3)), key=lambda pair: pair[1])
    their_perplexity, their_scoring = timed(lambda: lm.perplexity(list(ngrams(held_out, ORDER))))
    encoded = np.array([numbers[word] for word in held_out])
    our_perplexity, our_scoring = timed(lambda: model.perplexity(encoded))
    what, peer = f"Kneser-Ney, n = {ORDER}", "nltk.lm"
    yield Row(f"{what}, trained on {size:,} words", "s", our_seconds, peer, their_seconds,
              fewer=True, target=FASTER)  # fmt: skip
    yield Row(f"{what}, scores {HELD_OUT} words", "s", our_scoring, peer, their_scoring, fewer=True)
    apart = abs(our_perplexity / their_perplexity - 1)
    yield Row(f"{what}, how far its perplexity is from nltk.lm's", "share", apart, fewer=True,
              target=DIFFERENCE)  # fmt: skip


if __name__ == "__main__":
    report.main(rows, 300_000, "words")
