"""Whole words against word pieces: two nets alike, vocabularies of one size, the same captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imi import device as devices
from imi import measurements, metrics
from imi.data.pairs import Pair, Split
from imi.recipes import Recipe, Request, multi30k
from imi.recipes.translation import BEAMS, Settings, fit, gnmt
from imi.recipes.translation_task import Task
from imi.text import UNKNOWN
from imi.translation import Translator
from imi.wordpiece import MARK, WholeWords, WordPieces, runs

NAME = "gnmt_words"
CUTTERS: dict[str, type[WordPieces]] = {"pieces": WordPieces, "words": WholeWords}
SIZES = {"embedding_dim": 160, "hidden_dim": 160, "alignment_dim": 160, "layers": 2, "dropout": 0.3}
SETTINGS = Settings(3_000, seed=2016, learning_rate=2e-3, validations=10)
SHOWN = 30  # sentences with rare words that are kept with their translations


def task(kind: str, pairs: Split | None = None, size: int = multi30k.PIECES) -> Task:
    """Cuts captions into pieces or into whole words, as many of each."""
    pairs = multi30k.captions() if pairs is None else pairs
    about = {"data": multi30k.DATA, "tokenize": multi30k.TOKENIZE}
    return Task.of(pairs, size=size, cutter=CUTTERS[kind], **about)


def unknown(sentence: str, words: WordPieces) -> list[str]:
    """Returns the words of a sentence that are not in a vocabulary of whole words."""
    shown = runs(sentence.lower() if words.lowercase else sentence)
    return [word.removeprefix(MARK) for word in shown if word not in words.vocabulary]


def compared(
    nets: Mapping[str, Translator], pairs: Sequence[Pair]
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Lets the nets `pieces` and `words` translate pairs.

    Returns figures KIND/FIGURE, and rows: sentences with words that `words` does not know, and what
    each net made of them. Sentences are `rare` if they hold such a word, or else `known`.
    """
    said, wanted = ([pair[side] for pair in pairs] for side in (0, 1))
    missing = [unknown(sentence, nets["words"].source) for sentence in said]
    groups = {"rare": [n for n, words in enumerate(missing) if words],
              "known": [n for n, words in enumerate(missing) if not words]}  # fmt: skip
    figures = {"sentences/rare": len(groups["rare"]), "sentences/known": len(groups["known"])}
    written = {}
    for kind, net in nets.items():
        found = written[kind] = net.texts(said, beams=BEAMS)
        figures[f"{kind}/bleu"] = metrics.bleu(found, wanted).value
        for group, numbers in groups.items():
            ours, theirs = ([texts[n] for n in numbers] for texts in (found, wanted))
            if numbers:
                figures[f"{kind}/bleu_of_{group}"] = metrics.bleu(ours, theirs).value
        words = [word for text in found for word in text.split()]
        holes = sum(UNKNOWN in word.lower() for word in words)
        figures[f"{kind}/unknown_of_100"] = 100 * holes / max(1, len(words))
    rows = [{"source": said[n], "unknown": missing[n], "target": wanted[n],
             **{kind: texts[n] for kind, texts in written.items()}}
            for n in groups["rare"][:SHOWN]]  # fmt: skip
    return {name: round(value, 3) for name, value in figures.items()}, rows


def run(request: Request) -> bool:
    """Trains both nets and writes `measurements/gnmt_words.json`."""
    nets = {}
    for kind in CUTTERS:
        given = task(kind)
        devices.seed_everything(SETTINGS.seed)
        model = gnmt(**SIZES)(len(given.source.vocabulary), len(given.target.vocabulary))
        result = fit(request, f"{NAME}_{kind}", given, model, SETTINGS)
        if not result.finished:
            return False
        nets[kind] = Translator(result.model.eval(), given.source, given.target)
    measurements.take(
        request.out / "measurements",
        NAME,
        lambda: compared(nets, multi30k.test_pairs()),
        settings=vars(SETTINGS) | SIZES | {"vocabulary": multi30k.PIECES},
    )
    return True


def measure() -> dict[str, float]:
    """Measures nothing again: the nets are not kept."""
    return {}


RECIPES = (Recipe(NAME, "whole words against word pieces, captions", run, minutes=30),)
