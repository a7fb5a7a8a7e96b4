"""BLEU of every direction: trained, zero-shot, bridged through English, with a little direct data.

Source: Johnson et al. (2016), table 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imi import measurements, metrics
from imi.recipes import Recipe, Request
from imi.recipes.interlingua import WAYS
from imi.recipes.multilingual import PLANS, TOKENIZE, ZERO_SHOT, Direction, test_pairs
from imi.recipes.translation import BEAMS
from imi.translation import Translator
from imi.wordpiece import tag, untagged

NAME = "multilingual_claims"
MANY = [name for name in PLANS if name.startswith("multilingual")]


def bridged(first: Translator, second: Translator, sentences: Sequence[str], into: str) -> list:
    """Translates into English, and what came out from English."""
    english = first.texts([f"{tag('en')} {untagged(said)}" for said in sentences], beams=BEAMS)
    # An empty sentence cannot be read again; a full stop stands for it.
    return second.texts([f"{tag(into)} {said or '.'}" for said in english], beams=BEAMS)


def bleu(found: Sequence[str], way: Direction) -> float:
    """Returns BLEU of translations of the test's first sentences in one direction."""
    wanted = [pair.target for pair in test_pairs(way, len(found))]
    return round(metrics.bleu(found, wanted, tokenize=TOKENIZE).value, 3)


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures every net that knows many directions in all six, then bridges and copying."""
    nets = {name: Translator.load(name) for name in PLANS}
    sources = {way: [pair.source for pair in test_pairs(way)] for way in WAYS}
    figures = {
        f"{name}/{'-'.join(way)}": bleu(nets[name].texts(sources[way], beams=BEAMS), way)
        for name in MANY
        for way in WAYS
    }
    for name, plan in PLANS.items():
        if name not in MANY:
            (way,) = plan.directions
            figures[f"{name}/{'-'.join(way)}"] = bleu(nets[name].texts(sources[way]), way)
    one = nets["multilingual_2_copies"]
    for way in ZERO_SHOT:
        figures[f"bridge/{'-'.join(way)}"] = bleu(bridged(one, one, sources[way], way[1]), way)
        figures[f"copied/{'-'.join(way)}"] = bleu([untagged(said) for said in sources[way]], way)
    apart = bridged(nets["separate_ja_en"], nets["separate_en_ko"], sources["ja", "ko"], "ko")
    figures["bridge_separate/ja-ko"] = bleu(apart, ("ja", "ko"))
    return figures, [{"net": key.split("/")[0], "way": key.split("/")[1], "bleu": value}
                     for key, value in figures.items()]  # fmt: skip


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


def run(request: Request) -> bool:
    """Measures all; writes `measurements/multilingual_claims.json`."""
    measurements.take(request.out / "measurements", NAME, measure_all)
    return True


RECIPES = (Recipe(NAME, "BLEU of trained, zero-shot and bridged directions", run, minutes=5),)
