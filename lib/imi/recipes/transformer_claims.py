"""The Transformers against RNNsearch at equal time and data; what sqrt(d_k) keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from imi import checkpoints, measurements
from imi.blocks import KeysValues, attention
from imi.recipes import Recipe, Request, transformer
from imi.recipes.translation_claims import judged
from imi.translation import Translator

NAME = "transformer_claims"
WIDTHS = (4, 16, 64, 256, 1024)  # d_k
PLACES = 32  # that are looked at


def sharpness(
    width: int, *, scaled: bool, places: int = PLACES, looks: int = 400
) -> tuple[float, float]:
    """Looks at random places with random queries, as footnote 4 of the paper imagines them.

    Queries and keys are `width` independent numbers of mean 0 and variance 1. Returns the variance
    of the scores that go into the softmax, and the mean entropy (nats) of the weights that come
    out; log(places) is that of a look that falls everywhere alike.
    """
    generator = torch.Generator().manual_seed(2017)
    query, keys = (torch.randn(1, 1, count, width, generator=generator)
                   for count in (looks, places))  # fmt: skip
    _, weights = attention(query, KeysValues(keys, keys), scaled=scaled)
    scores = query @ keys.transpose(-2, -1) / (width**0.5 if scaled else 1.0)
    return scores.var().item(), torch.special.entr(weights).sum(dim=-1).mean().item()


def sharpnesses(widths: Sequence[int] = WIDTHS) -> dict[str, float]:
    """Returns variances of scores and entropies of weights, with and without the square root."""
    figures = {}
    for kind, scaled in (("scaled", True), ("unscaled", False)):
        for width in widths:
            variance, entropy = sharpness(width, scaled=scaled)
            figures[f"variance/{kind}/{width}"] = round(variance, 3)
            figures[f"entropy/{kind}/{width}"] = round(entropy, 4)
    return figures


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures the Transformers and RNNsearch, figures NET/FIGURE, and what sqrt(d_k) keeps.

    Rows are BLEU over the length of the sentence.
    """
    figures, rows = sharpnesses(), []
    for name, source in transformer.SOURCES.items():
        pairs, about = source.test_pairs(), {"tokenize": source.TOKENIZE, "edges": source.EDGES}
        for net in (name, source.ATTENTION):
            found, ranges = judged(Translator.load(net), pairs, **about)
            found["minutes"] = checkpoints.read_card(checkpoints.folder(net))["minutes"]
            figures |= {f"{net}/{figure}": round(value, 3) for figure, value in found.items()}
            rows += [{"net": net, **row, "bleu": round(row["bleu"], 3)} for row in ranges]
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


def run(request: Request) -> bool:
    """Measures the nets; writes `measurements/transformer_claims.json`."""
    signatures = {name: checkpoints.read_card(checkpoints.folder(name))["signatures"]
                  for name in transformer.MODELS}  # fmt: skip
    measurements.take(request.out / "measurements", NAME, measure_all, signatures=signatures)
    return True


RECIPES = (Recipe(NAME, "Transformers against RNNsearch; what the square root keeps", run,
                  minutes=10),)  # fmt: skip
