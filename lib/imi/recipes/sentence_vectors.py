"""What the vector of a sentence knows: who does it to whom, and what people say of words.

The question of figure 2 of Sutskever, Vinyals, Le (2014), asked of many sentences: "John admires
Mary" has the words of "Mary admires John" and the meaning of "Mary is admired by John". Which of
the two is nearer?
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from imi import checkpoints, text
from imi.data import word_tests
from imi.recipes import Recipe, meaning, phrasebook, tatoeba, word2vec
from imi.recipes.phrasebook import Trio
from imi.translation import Translator
from imi.vectors import WordVectors

NAME = "sentence_vectors"
Vectors = Callable[[Sequence[str]], Tensor]  # sentences to (N, D)
CHUNK = 64


def in_chunks(vectors: Vectors) -> Vectors:
    """Reads many sentences a few at a time, so that memory does not grow with their number."""

    def read(sentences: Sequence[str]) -> Tensor:
        starts = range(0, len(sentences), CHUNK)
        return torch.cat([vectors(sentences[start : start + CHUNK]) for start in starts])

    return read


def bag_of_words(known: WordVectors | None = None) -> Vectors:
    """Returns what makes of a sentence the mean of its words' vectors, each set to length 1.

    Args:
        known: the vectors; by default those of lecture 04.
    """
    known = known or word2vec.of_checkpoint(checkpoints.load(word2vec.NAME))
    origin = np.zeros_like(known.directions[0])

    def mean(sentence: str) -> Tensor:
        words = sorted(word for word in text.words(sentence.lower()) if word in known)
        rows = [known.directions[known.ids[word]] for word in words]
        # Names alone may all be strangers to it: such a sentence lies at the origin.
        return torch.from_numpy(np.mean(rows or [origin], axis=0))

    return lambda sentences: torch.stack([mean(sentence) for sentence in sentences])


def compared(vectors: Vectors, trios: Sequence[Trio]) -> tuple[dict[str, float], list[dict]]:
    """Measures how far each active sentence is from the other two of its trio.

    Distances are Euclidean, in units of the mean distance of two sentences about different acts.
    Returns the means, the share of trios whose passive is nearer, and a row for each trio.

    Raises:
        ValueError: if there are fewer than two trios.
    """
    if len(trios) < 2:
        raise ValueError(f"at least 2 trios are needed to compare acts, got {len(trios)}")
    said = [[str(trio[part]) for trio in trios] for part in range(3)]
    active, swapped, passive = (vectors(sentences) for sentences in said)
    apart = torch.cdist(active, active)
    usual = apart.sum() / (len(trios) * (len(trios) - 1))
    to_swapped, to_passive = ((active - other).norm(dim=1) / usual for other in (swapped, passive))
    rows = [
        {"active": sentence, "swapped": round(other, 4), "passive": round(voice, 4)}
        for sentence, other, voice in zip(
            said[0], to_swapped.tolist(), to_passive.tolist(), strict=True
        )
    ]
    figures = {
        "swapped": to_swapped.mean().item(),
        "passive": to_passive.mean().item(),
        "passive_nearer": (to_passive < to_swapped).float().mean().item(),
        "trios": float(len(trios)),
    }
    return figures, rows


def word_vectors(vectors: Vectors) -> WordVectors:
    """Reads every word of WordSim-353 and SimLex-999 as if it were a sentence."""
    pairs = [*word_tests.wordsim353(), *word_tests.simlex999()]
    words = sorted({word for first, second, _ in pairs for word in (first, second)})
    return WordVectors(words, vectors(words))


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures two nets and a bag of words on held-out trios, and the meaning test of words."""
    everyday = Translator.load(tatoeba.FIXED_NAME)
    own = Translator.load(phrasebook.FIXED_NAME)
    trios = list(phrasebook.trios("test"))
    ways = {
        "phrasebook": in_chunks(own.vectors),
        "everyday": in_chunks(everyday.vectors),
        "bag_of_words": bag_of_words(),
    }
    figures, rows = {}, []
    for name, vectors in ways.items():
        found, each = compared(vectors, trios)
        figures |= {f"{name}/{figure}": round(value, 4) for figure, value in found.items()}
        rows += [{"vectors": name, **row} for row in each]
    scores = meaning.human_scores(word_vectors(ways["everyday"]).likeness)
    return figures | {f"everyday/{test}": score for test, score in scores.items()}, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(
        NAME, "word order and voice in the vectors of sentences", measure_all, minutes=1
    ),
)
