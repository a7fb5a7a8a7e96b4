"""What the translators can do: BLEU, chrF and perplexity, and BLEU over length."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from imi import checkpoints, measurements, metrics, text
from imi.data.pairs import Pair
from imi.recipes import Recipe, Request, multi30k, phrasebook, tatoeba
from imi.recipes.translation import BEAMS, piece_perplexity
from imi.translation import Translator

NAME = "translation_claims"
SOURCES = {
    "multi30k": (multi30k.MODELS, multi30k.test_pairs, "13a", (1, 9, 12, 15, 100)),
    "tatoeba": (tatoeba.MODELS, tatoeba.test_pairs, tatoeba.TOKENIZE, (1, 6, 9, 13, 100)),
    "phrasebook": (phrasebook.MODELS, phrasebook.test_pairs, phrasebook.TOKENIZE,
                   (1, 11, 21, 31, 100)),
}  # fmt: skip


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
    for models, test_pairs, tokenize, edges in SOURCES.values():
        pairs = test_pairs()
        for name in models:
            translator = Translator.load(name)
            found, ranges = judged(translator, pairs, tokenize=tokenize, edges=edges)
            figures |= {f"{name}/{figure}": round(value, 3) for figure, value in found.items()}
            rows += [{"net": name, **row, "bleu": round(row["bleu"], 3)} for row in ranges]
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


def run(request: Request) -> bool:
    """Measures all translators; writes `measurements/translation_claims.json`."""
    began = time.perf_counter()
    figures, rows = measure_all()
    signatures = {
        name: checkpoints.read_card(checkpoints.folder(name))["signatures"]
        for models, *_ in SOURCES.values()
        for name in models
    }
    seconds = round(time.perf_counter() - began)
    about = {"figures": figures, "signatures": signatures, "seconds": seconds}
    measurements.save(request.out / "measurements", NAME, rows=rows, **about)
    return True


RECIPES = (Recipe(NAME, "BLEU, chrF and perplexity of the translators", run, minutes=10),)
