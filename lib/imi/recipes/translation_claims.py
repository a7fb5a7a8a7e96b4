"""What the translators can do: BLEU, chrF and perplexity, and BLEU over length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imi import checkpoints, measurements, metrics, text
from imi.data.pairs import Pair
from imi.recipes import Recipe, Request, multi30k, phrasebook, tatoeba
from imi.recipes.translation import BEAMS, piece_perplexity
from imi.translation import Translator

NAME = "translation_claims"
SOURCES = (multi30k, tatoeba, phrasebook)


def judged(
    translator: Translator, pairs: Sequence[Pair], *, tokenize: str, edges: Sequence[int]
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Translates pairs with a beam of 5 and greedily.

    Returns figures, and a row for each range of source lengths, in words and marks.
    """
    said, wanted = ([pair[side] for pair in pairs] for side in (0, 1))
    found, greedy = (translator.texts(said, beams=beams) for beams in (BEAMS, 1))
    lengths = [len(text.words(sentence)) for sentence in said]
    by_length = metrics.score_by_length(found, wanted, lengths, edges, tokenize=tokenize)
    rows = [
        {"shortest": first, "longest": last, "bleu": score.value, "pairs": score.sentences}
        for (first, last), score in by_length.items()
    ]
    figures = {
        "bleu": metrics.bleu(found, wanted, tokenize=tokenize).value,
        "greedy_bleu": metrics.bleu(greedy, wanted, tokenize=tokenize).value,
        "chrf": metrics.chrf(found, wanted).value,
        "perplexity": piece_perplexity(translator, pairs),
        "bleu_of_short": rows[0]["bleu"],
        "bleu_of_long": rows[-1]["bleu"],
    }
    return figures, rows


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures all translators; returns figures NET/FIGURE, and rows of BLEU over length."""
    figures, rows = {}, []
    for source in SOURCES:
        pairs, about = source.test_pairs(), {"tokenize": source.TOKENIZE, "edges": source.EDGES}
        for name in source.MODELS:
            found, ranges = judged(Translator.load(name), pairs, **about)
            figures |= {f"{name}/{figure}": round(value, 3) for figure, value in found.items()}
            rows += [{"net": name, **row, "bleu": round(row["bleu"], 3)} for row in ranges]
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


def run(request: Request) -> bool:
    """Measures all translators; writes `measurements/translation_claims.json`."""
    signatures = {
        name: checkpoints.read_card(checkpoints.folder(name))["signatures"]
        for source in SOURCES
        for name in source.MODELS
    }
    measurements.take(request.out / "measurements", NAME, measure_all, signatures=signatures)
    return True


RECIPES = (Recipe(NAME, "BLEU, chrF and perplexity of the translators", run, minutes=10),)
