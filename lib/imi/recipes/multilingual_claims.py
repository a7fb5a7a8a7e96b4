"""BLEU of every direction: trained, zero-shot, bridged through English, with a little direct data.

Source: Johnson et al. (2016), zero-shot experiments, Portuguese to Spanish.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imi import metrics
from imi.data.pairs import Pair
from imi.recipes import Recipe
from imi.recipes import multilingual_captions as captions
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


@dataclass(frozen=True)
class Exam:
    """Sentences of one kind, and what was scored on them.

    Attributes:
        pairs: the test in each direction.
        tokenize: how BLEU finds words.
    """

    pairs: Mapping[Direction, Sequence[Pair]]
    tokenize: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def score(self, name: str, way: Direction, texts: Sequence[str]) -> None:
        """Adds the BLEU of translations of the test of a direction."""
        wanted = [pair.target for pair in self.pairs[way]]
        found = metrics.bleu(texts, wanted, tokenize=self.tokenize)
        self.rows.append({
            "net": name, "way": "-".join(way), "bleu": round(found.value, 3),
            "pairs": len(texts), "signature": found.signature,
        })  # fmt: skip

    def translate(self, name: str, translator: Translator, ways: Iterable[Direction]) -> None:
        """Scores a net in some directions."""
        for way in ways:
            texts = translator.texts([pair.source for pair in self.pairs[way]], beams=BEAMS)
            self.score(name, way, texts)

    def compare(self, translator: Translator, ways: Iterable[Direction]) -> None:
        """Scores what zero-shot is compared with: the bridge, the copy, and mere chance.

        Chance is the right translation of the sentence before: in the right language and style,
        and of another meaning.
        """
        for way in ways:
            sources = [pair.source for pair in self.pairs[way]]
            wanted = [pair.target for pair in self.pairs[way]]
            self.score("bridge", way, bridged(translator, translator, sources, way[1]))
            self.score("copied", way, [untagged(said) for said in sources])
            self.score("chance", way, wanted[-1:] + wanted[:-1])


def of_the_phrasebook() -> list[dict[str, Any]]:
    """Scores every net of the phrasebook in all directions that it may know."""
    exam = Exam({way: test_pairs(way) for way in WAYS}, TOKENIZE)
    nets = {name: Translator.load(name) for name in PLANS}
    for name, plan in PLANS.items():
        exam.translate(name, nets[name], WAYS if name in MANY else plan.directions)
    exam.compare(nets["multilingual_2_copies"], ZERO_SHOT)
    sources = [pair.source for pair in exam.pairs["ja", "ko"]]
    apart = bridged(nets["separate_ja_en"], nets["separate_en_ko"], sources, "ko")
    exam.score("bridge_separate", ("ja", "ko"), apart)
    return exam.rows


def of_captions() -> list[dict[str, Any]]:
    """Scores the nets of captions, on real sentences."""
    tests = {way: captions.test_pairs(way) for way in (*captions.ENGLISH, *captions.ZERO_SHOT)}
    exam = Exam(tests, captions.TOKENIZE)
    many, direct = (Translator.load(name) for name in (captions.MANY, captions.DIRECT))
    exam.translate(captions.MANY, many, tests)
    exam.translate(captions.DIRECT, direct, captions.ZERO_SHOT)
    exam.compare(many, captions.ZERO_SHOT)
    return exam.rows


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures the nets of the phrasebook, then those of captions."""
    rows = of_the_phrasebook() + of_captions()
    return {f"{row['net']}/{row['way']}": row["bleu"] for row in rows}, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(
        NAME, "BLEU of trained, zero-shot and bridged directions", measure_all, minutes=10
    ),
)
