"""Is there an interlingua? Context vectors of one model's translations, and what lies near them.

Source: Johnson et al. (2016), section 5: 74 triples of English, Japanese and Korean, each sentence
    translated into the two others, every context vector of every step.
Shapes: T pieces of a translation, S pieces of its sentence, n hidden units, N vectors.
Differs: the paper shows a map; here each vector's nearest neighbour is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import torch
from torch import Tensor

from imi.data.phrasebook import Meaning
from imi.recipes.multilingual import LANGUAGES, Direction, said
from imi.translation import Translator

TRIPLES = 74  # the paper's number
WAYS: tuple[Direction, ...] = tuple(permutations(LANGUAGES, 2))


@dataclass(frozen=True)
class Steps:
    """Every step of many translations.

    Attributes:
        vectors: c_i, the context of each step (N, 2n).
        meaning: the number of the meaning that is told (N,).
        source: the number of the language that is read (N,).
        translation: the number of the translation that the step belongs to (N,).
    """

    vectors: Tensor
    meaning: Tensor
    source: Tensor
    translation: Tensor


def contexts(translator: Translator, sentence: str) -> Tensor:
    """Translates greedily; returns c_i = sum_j alpha_ij h_j of every step, the end mark's last.

    Returns (T, 2n).

    Raises:
        ValueError: if the sentence is empty or too long.
    """
    (found,) = translator.translate([sentence], beams=1)
    (row,) = translator.read([sentence])
    with torch.no_grad():
        state = translator.model.encode(torch.tensor([row]), torch.tensor([len(row)]))
    return found.alpha @ state.memory.annotations[0]


def steps(translators: Mapping[Direction, Translator], meanings: Sequence[Meaning]) -> Steps:
    """Collects the steps of all meanings, in every direction that has a translator."""
    vectors, labels = [], []
    for number, meaning in enumerate(meanings):
        for way, translator in translators.items():
            found = contexts(translator, said(meaning, way).source)
            place = (number, LANGUAGES.index(way[0]), len(vectors))
            labels += [place] * len(found)
            vectors.append(found)
    columns = torch.tensor(labels).reshape(-1, 3).unbind(dim=1)
    return Steps(torch.cat(vectors), *columns)


def neighbours(found: Steps) -> dict[str, float]:
    """Asks where the nearest other vector, by cosine, comes from.

    Returns shares of all vectors: of the nearest vector of any other translation, how often it has
    the same meaning, and how often the same source language; of the nearest from another source
    language, how often it has the same meaning, and what chance would give.

    Raises:
        ValueError: if some vector has no other translation or no other language beside it.
    """
    units = torch.nn.functional.normalize(found.vectors, dim=1)
    cosines = units @ units.T  # (N, N)
    beside = found.translation[:, None] != found.translation
    abroad = found.source[:, None] != found.source
    if not (len(units) and beside.any(dim=1).all() and abroad.any(dim=1).all()):
        raise ValueError("neighbours need translations from at least two languages")
    nearest = cosines.masked_fill(~beside, -torch.inf).argmax(dim=1)
    foreign = cosines.masked_fill(~abroad, -torch.inf).argmax(dim=1)
    same = found.meaning[:, None] == found.meaning
    chance = (same & abroad).sum(dim=1) / abroad.sum(dim=1)
    return {
        "same_meaning": _share(found.meaning[nearest] == found.meaning),
        "same_language": _share(found.source[nearest] == found.source),
        "same_meaning_abroad": _share(found.meaning[foreign] == found.meaning),
        "chance_abroad": _share(chance),
        "vectors": float(len(units)),
    }


def _share(found: Tensor) -> float:
    return found.float().mean().item()
