"""Two languages at once: in the sentence that is read, and in the tag that asks for a language.

Source: Johnson et al. (2016), section 6, "Mixing Languages".
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from imi import metrics
from imi.data.phrasebook import Meaning, alignment
from imi.recipes import Recipe
from imi.recipes.multilingual import TOKENIZE, statements
from imi.translation import Translator
from imi.wordpiece import tag

NAME, NET = "mixing", "multilingual_2_copies"
BLENDED = 100  # sentences of the test that are asked for with a blended tag
SHARES = tuple(round(float(w), 2) for w in np.linspace(0, 1, 21))  # of the second tag
SCRIPTS = {"Japanese": "\u3041-\u30ff\u3400-\u9fff々", "Korean": "\uac00-\ud7a3", "Latin": "a-zA-Z"}
_LETTERS = {name: re.compile(f"[{signs}]") for name, signs in SCRIPTS.items()}


def blended(translator: Translator, first: str, second: str, w: float) -> Translator:
    """Returns a translator to which the first tag means (1 - w) E[first] + w E[second].

    Raises:
        ValueError: if `w` is not from 0 to 1, or a tag is not known.
    """
    if not 0 <= w <= 1:
        raise ValueError(f"the share of the second tag lies from 0 to 1, got {w}")
    known = translator.source.vocabulary
    for language in (first, second):
        if tag(language) not in known:
            raise ValueError(f"this net knows no {tag(language)}")
    model = copy.deepcopy(translator.model)
    with torch.no_grad():
        E = model.source_embedding.weight
        E[known[tag(first)]] = torch.lerp(E[known[tag(first)]], E[known[tag(second)]], w)
    return Translator(model, translator.source, translator.target)


def scripts(text: str) -> dict[str, float]:
    """Returns the shares of Japanese, Korean and Latin letters; 0 each, if there are none."""
    counts = {name: len(letters.findall(text)) for name, letters in _LETTERS.items()}
    total = max(1, sum(counts.values()))
    return {name: count / total for name, count in counts.items()}


def kind(text: str) -> str:
    """Names the script of a text, if nine tenths of its letters are of one; else "mixed"."""
    best, share = max(scripts(text).items(), key=lambda item: item[1])
    return best if share >= 0.9 else "mixed"


def switched(meaning: Meaning, first: str = "ja", second: str = "ko") -> str | None:
    """Begins a sentence in one language and ends it in another, where both can be cut.

    Of all places where what was said before and what comes after are the same in both, the one
    next to the middle is taken; None, if the two orders have no such place.
    """
    one, other = meaning.say(first), meaning.say(second)
    links, places = alignment(one, other), []
    for i in range(1, len(one)):
        before = [k for j, k in links if j < i]
        cut = max(before, default=-1) + 1
        if before and all(k >= cut for j, k in links if j >= i) and cut < len(other) - 1:
            places.append((abs(2 * i - len(one)), i, cut))
    if not places:
        return None
    _, i, cut = min(places)
    return f"{one.text[: one.spans[i - 1][1]]} {other.text[other.spans[cut][0] :]}"


def of_two_languages(translator: Translator, told: Sequence[Meaning]) -> dict[str, float]:
    """Compares English out of Japanese, out of Korean, and out of sentences that switch."""
    cut = [meaning for meaning in told if switched(meaning)]
    wanted = [str(meaning) for meaning in cut]
    read = {
        "ja": [meaning.say("ja").text for meaning in cut],
        "ko": [meaning.say("ko").text for meaning in cut],
        "switched": [switched(meaning) for meaning in cut],
    }
    found = {
        name: translator.texts([f"{tag('en')} {said}" for said in sentences])
        for name, sentences in read.items()
    }
    return {
        **{
            f"bleu/{name}": round(metrics.bleu(texts, wanted, tokenize=TOKENIZE).value, 3)
            for name, texts in found.items()
        },
        "sentences": float(len(cut)),
    }


def of_two_tags(translator: Translator, told: Sequence[Meaning]) -> list[dict[str, Any]]:
    """Translates English under every blend of <2ja> and <2ko>; counts in which script."""
    asked = [f"{tag('ja')} {meaning}" for meaning in told]
    wanted = {side: [meaning.say(side).text for meaning in told] for side in ("ja", "ko")}
    rows = []
    for w in SHARES:
        texts = blended(translator, "ja", "ko", w).texts(asked, beams=1)
        counts = Counter(map(kind, texts))
        rows.append({
            "w": w,
            **{name: counts[name] / len(texts) for name in (*SCRIPTS, "mixed")},
            **{f"bleu/{side}": round(metrics.bleu(texts, right, tokenize=TOKENIZE).value, 3)
               for side, right in wanted.items()},
        })  # fmt: skip
    return rows


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures both mixtures."""
    translator, told = Translator.load(NET), statements("test")
    rows = of_two_tags(translator, told[:BLENDED])
    figures = of_two_languages(translator, told)
    figures["switch"] = next((row["w"] for row in rows if row["Korean"] > row["Japanese"]), 1.0)
    figures["most_mixed"] = max(row["mixed"] for row in rows)
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(
        NAME, "sentences of two languages, and a blend of two tags", measure_all, minutes=2
    ),
)
