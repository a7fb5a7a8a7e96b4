"""Google's net against RNNsearch, and what a length and a coverage penalty do to BLEU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imi import checkpoints, measurements, metrics, text
from imi.data import pairs as data
from imi.data.pairs import Pair
from imi.recipes import Recipe, Request, gnmt
from imi.recipes.translation_claims import judged
from imi.translation import Translator

NAME = "gnmt_claims"
ALPHAS = BETAS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # table 2
GRID_PAIRS = 200  # captions of the validation part, as in the paper a development set
GRID_BEAMS = 8


def penalties(
    translator: Translator,
    pairs: Sequence[Pair],
    *,
    tokenize: str,
    alphas: Sequence[float] = ALPHAS,
    betas: Sequence[float] = BETAS,
    beams: int = GRID_BEAMS,
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Translates pairs with every alpha and beta; returns BLEU, and rows with lengths too.

    Lengths are the words of the translations, divided by those of the references. The figure `best`
    is the highest BLEU of all, `neither` that of log P alone.
    """
    said, wanted = ([pair[side] for pair in pairs] for side in (0, 1))
    asked = sum(len(text.words(sentence)) for sentence in wanted)
    figures, rows = {}, []
    for beta in betas:
        for alpha in alphas:
            found = translator.texts(said, beams=beams, alpha=alpha, beta=beta)
            bleu = metrics.bleu(found, wanted, tokenize=tokenize).value
            length = sum(len(text.words(sentence)) for sentence in found) / asked
            figures[f"bleu/{alpha}/{beta}"] = round(bleu, 3)
            figures[f"length/{alpha}/{beta}"] = round(length, 4)
            rows.append({"alpha": alpha, "beta": beta, "bleu": round(bleu, 3),
                         "length": round(length, 4)})  # fmt: skip
    figures["bleu/neither"] = figures[f"bleu/{alphas[0]}/{betas[0]}"]
    figures["bleu/best"] = max(row["bleu"] for row in rows)
    return figures, rows


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures both nets and those of RNNsearch, figures NET/FIGURE, and the table of penalties."""
    figures = {}
    for name, source in gnmt.SOURCES.items():
        about = {"tokenize": source.TOKENIZE, "edges": source.EDGES}
        for net in (name, source.ATTENTION):
            found, _ = judged(Translator.load(net), source.test_pairs(), **about)
            figures |= {f"{net}/{figure}": round(value, 3) for figure, value in found.items()}
    valid = data.multi30k("valid")[:GRID_PAIRS]
    captions = gnmt.SOURCES[gnmt.CAPTIONS]
    grid, rows = penalties(Translator.load(gnmt.CAPTIONS), valid, tokenize=captions.TOKENIZE)
    return figures | grid, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


def run(request: Request) -> bool:
    """Measures the nets; writes `measurements/gnmt_claims.json`."""
    signatures = {name: checkpoints.read_card(checkpoints.folder(name))["signatures"]
                  for name in gnmt.MODELS}  # fmt: skip
    measurements.take(request.out / "measurements", NAME, measure_all, signatures=signatures)
    return True


RECIPES = (Recipe(NAME, "Google's net against RNNsearch; alpha and beta of table 2", run,
                  minutes=12),)  # fmt: skip
