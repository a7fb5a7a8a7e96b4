"""Is there an interlingua? Context vectors of one model's translations, and what lies near them.

Source: Johnson et al. (2016), section 5: 74 triples of English, Japanese and Korean, each sentence
    translated into the two others, every context vector of every step.
Shapes: T pieces of a translation, S pieces of its sentence, n hidden units, N vectors.
Differs: the paper shows a map; here each vector's nearest neighbour is counted, too. The sentences
    are new ones of the phrasebook, then hand-written triples, then captions in three languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from imi import device as devices
from imi import metrics
from imi.data import phrasebook
from imi.recipes import Recipe
from imi.recipes import multilingual_captions as photos
from imi.recipes.multilingual import LANGUAGES, PLANS, Direction, Told, said, statements
from imi.text import END
from imi.translation import Translator

NAME = "interlingua"
TRIPLES = 74  # the paper's number
WAYS: tuple[Direction, ...] = tuple(permutations(LANGUAGES, 2))
MAPPED = {"phrasebook": "multilingual_2_copies", "captions": photos.MANY}
CAPTION_WAYS: tuple[Direction, ...] = tuple(permutations(photos.LANGUAGES, 2))
JUDGED, PERPLEXITY = 300, 30  # captions judged one by one; of t-SNE
FIGURES = ("same_meaning", "same_language", "same_meaning_abroad", "chance_abroad")


@dataclass(frozen=True)
class Steps:
    """Every step of many translations.

    Attributes:
        vectors: c_i, the context of each step (N, 2n).
        meaning: the number of the meaning that is told (N,).
        source: the number of the language that is read (N,).
        translation: the number of the translation that the step belongs to (N,).
        pieces: what each translation wrote, the end mark last.
    """

    vectors: Tensor
    meaning: Tensor
    source: Tensor
    translation: Tensor
    pieces: Sequence[Sequence[str]] = ()


def contexts(
    translator: Translator, sentences: Sequence[str], targets: Sequence[str] | None = None
) -> list[tuple[list[str], Tensor]]:
    """Returns of each translation the pieces and c_i = sum_j alpha_ij h_j of every step (T, 2n).

    Args:
        targets: what is to be written; by default what the net itself finds, greedily.

    Raises:
        ValueError: if a sentence is empty or too long.
    """
    rows = translator.read(sentences)
    if targets is None:
        chosen = [one.search.best.tokens for one in translator.translate(sentences, beams=1)]
    else:
        chosen = [translator.target.encode(target) for target in targets]
    found = []
    for row, tokens in zip(rows, chosen, strict=True):
        with torch.no_grad():
            state = translator.model.encode(torch.tensor([row]), torch.tensor([len(row)]))
        c = translator.alpha(row, tokens) @ state.memory.annotations[0]
        found.append(([*translator.target.vocabulary.decode(tokens), END], c))
    return found


def steps(
    translators: Mapping[Direction, Translator], told: Sequence[Told], *, led: bool = False
) -> Steps:
    """Collects the steps of all meanings, in every direction that has a translator.

    Args:
        led: lets the nets write the right translation. An untrained net would find no end.
    """
    languages = sorted({way[0] for way in translators})
    vectors, labels, pieces = [], [], []
    for way, translator in translators.items():
        asked = [said(meaning, way) for meaning in told]
        targets = [pair.target for pair in asked] if led else None
        found = contexts(translator, [pair.source for pair in asked], targets)
        for number, (written, c) in enumerate(found):
            labels += [(number, languages.index(way[0]), len(pieces))] * len(c)
            vectors.append(c)
            pieces.append(written)
    columns = torch.tensor(labels).reshape(-1, 3).unbind(dim=1)
    return Steps(torch.cat(vectors), *columns, pieces)


def neighbours(found: Steps) -> dict[str, float]:
    """Asks where the nearest other vector, by cosine, comes from.

    Returns shares of all vectors: of the nearest that was read from any other sentence, how often
    it has the same meaning, and how often the same source language (never both); of the nearest
    from another source language, how often it has the same meaning, and what chance would give.

    Raises:
        ValueError: if some vector has no other language beside it.
    """
    units = torch.nn.functional.normalize(found.vectors, dim=1)
    meaning, source = found.meaning, found.source
    counts = dict.fromkeys(FIGURES, 0.0)
    for number in found.translation.unique():
        rows = found.translation == number
        same, abroad = meaning == meaning[rows][0], source != source[rows][0]
        beside = ~same | abroad  # what was read from any sentence but this one
        if not abroad.any():
            raise ValueError("neighbours need translations from at least two languages")
        cosines = units[rows] @ units.T
        nearest = cosines.masked_fill(~beside, -torch.inf).argmax(dim=1)
        foreign = cosines.masked_fill(~abroad, -torch.inf).argmax(dim=1)
        counts["same_meaning"] += same[nearest].sum().item()
        counts["same_language"] += (source[nearest] == source[rows]).sum().item()
        counts["same_meaning_abroad"] += same[foreign].sum().item()
        counts["chance_abroad"] += len(nearest) * (same & abroad).sum().item() / abroad.sum().item()
    shares = {name: count / len(units) for name, count in counts.items()}
    return {**shares, "vectors": float(len(units))}


def centred(found: Steps) -> Steps:
    """Takes from each vector the mean of all that were read in its language."""
    vectors = found.vectors.clone()
    for language in found.source.unique():
        own = found.source == language
        vectors[own] -= vectors[own].mean(dim=0)
    return replace(found, vectors=vectors)


def untrained(translator: Translator) -> Translator:
    """Returns a net of the same size and the same pieces that has learned nothing."""
    devices.seed_everything(2016)
    model = type(translator.model)(translator.model.config).eval().requires_grad_(False)
    return Translator(model, translator.source, translator.target)


def likeness_and_quality(
    translator: Translator, told: Sequence[Told], zero_shot: Sequence[Direction]
) -> tuple[list[float], list[float]]:
    """Measures zero-shot translations one by one: how near their vectors are, how good they are.

    The mean context of a translation is compared by cosine with that of the same caption's
    translation from English; chrF judges its text.
    """
    near, good = [], []
    for way in zero_shot:
        ours, theirs = (
            contexts(translator, [said(one, (source, way[1])).source for one in told])
            for source in (way[0], "en")
        )
        means = [torch.stack([c.mean(dim=0) for _, c in part]) for part in (ours, theirs)]
        near += torch.cosine_similarity(*means, dim=1).tolist()
        for one, (pieces, _) in zip(told, ours, strict=True):
            text = translator.target.join(pieces[:-1])
            text = text[:1].upper() + text[1:]
            good.append(metrics.chrf([text], [said(one, way).target]).value)
    return near, good


def collect() -> dict[str, Steps]:
    """Collects the steps of the nets and of those that they are compared with."""
    one, other = (Translator.load(name) for name in MAPPED.values())
    told, seen = statements("test", TRIPLES), photos.captions("test2016")[:TRIPLES]
    single = {name: plan.directions for name, plan in PLANS.items() if len(plan.directions) == 1}
    separate = {way: Translator.load(name) for name, (way,) in single.items()}
    collected = {
        "phrasebook": steps(dict.fromkeys(WAYS, one), told),
        "untrained": steps(dict.fromkeys(WAYS, untrained(one)), told, led=True),
        "three_ways": steps(dict.fromkeys(separate, one), told),
        "separate": steps(separate, told),
        "handwritten": steps(dict.fromkeys(WAYS, one), phrasebook.triples()[:TRIPLES]),
        "captions": steps(dict.fromkeys(CAPTION_WAYS, other), seen),
        "captions_untrained": steps(dict.fromkeys(CAPTION_WAYS, untrained(other)), seen, led=True),
    }
    return collected | {f"{name}_centred": centred(collected[name]) for name in MAPPED}


def figures_of(collected: Mapping[str, Steps]) -> dict[str, float]:
    """Counts the neighbours of all that was collected; asks whether clusters go with quality."""
    figures = {
        f"{name}/{figure}": round(value, 4)
        for name, found in collected.items()
        for figure, value in neighbours(found).items()
    }
    translator, seen = Translator.load(photos.MANY), photos.captions("test2016")[:JUDGED]
    near, good = likeness_and_quality(translator, seen, photos.ZERO_SHOT)
    figures["captions/likeness_and_chrf"] = round(metrics.spearman(near, good), 4)
    return figures


def layout(found: Steps) -> np.ndarray:
    """Lays vectors out in the plane by t-SNE on cosines, (N, 2)."""
    from openTSNE import TSNE

    tsne = TSNE(perplexity=PERPLEXITY, metric="cosine", random_state=2016)
    return np.round(np.asarray(tsne.fit(found.vectors.numpy())), 1)


def translations(name: str, found: Steps, ways: Sequence[Direction]) -> list[dict[str, Any]]:
    """Lists translations with the place of each of their steps on the map."""
    places, rows = layout(found), []
    for number, pieces in enumerate(found.pieces):
        own = (found.translation == number).numpy()
        rows.append({
            "map": name,
            "way": "-".join(ways[number // TRIPLES]),
            "meaning": number % TRIPLES,
            "pieces": list(pieces),
            "x": places[own, 0].tolist(),
            "y": places[own, 1].tolist(),
        })  # fmt: skip
    return rows


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures the figures and lays the two maps out."""
    collected = collect()
    maps = {"phrasebook": WAYS, "captions": CAPTION_WAYS}
    rows = [row for name, ways in maps.items() for row in translations(name, collected[name], ways)]
    return figures_of(collected), rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return figures_of(collect())


RECIPES = (
    Recipe.measuring(
        NAME, "neighbours of context vectors, and two maps of them", measure_all, minutes=5
    ),
)
