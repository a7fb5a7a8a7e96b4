"""All generations of the series on the same tests: words, sentences, one text, translations.

What each net is asked here costs minutes for all of them; BLEU costs hours, and is taken over from
the measurements of the lectures on translation, which are measured again by their own recipes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from imi import checkpoints, hugging_face, measurements, metrics
from imi.data import sentence_tests, sources
from imi.recipes import Recipe, common_text, meaning
from imi.recipes.bert_meaning import PUBLISHED, cosines
from imi.recipes.generations import GENERATIONS, Generation
from imi.recipes.sentence_vectors import Vectors, word_vectors
from imi.vectors import WordVectors

NAME = "lineage"
QUANTILES = 101  # 0 %, 1 %, ... 100 %
DIGITS = 6  # of a quantile: some nets find all sentences alike to the third


class Translated(NamedTuple):
    """A translator of the series, and where its BLEU was measured.

    Attributes:
        net: the checkpoint.
        label: its name on a chart.
        test: "captions", German to English, or "everyday", English to Japanese.
        measurement: the file of `data/measurements/` and the figure in it.
    """

    net: str
    label: str
    year: int
    lecture: str
    test: str
    measurement: str
    figure: str


def _judged(net: str, label: str, year: int, lecture: str, measurement: str) -> Translated:
    test = "captions" if net.startswith("multi30k") else "everyday"
    return Translated(net, label, year, lecture, test, measurement, f"{net}/bleu")


TRANSLATORS = (
    _judged("multi30k_forward", "one vector, read forwards", 2014, "05", "translation_claims"),
    _judged("multi30k_reversed", "one vector, read backwards", 2014, "05", "translation_claims"),
    _judged("multi30k_attention", "attention", 2015, "07", "translation_claims"),
    _judged("multi30k_gnmt", "GNMT, four layers", 2016, "08", "gnmt_claims"),
    Translated("captions_many", "one net, many languages", 2016, "09", "captions",
               "multilingual_claims", "captions_many/de-en"),
    _judged("multi30k_transformer", "Transformer", 2017, "10", "transformer_claims"),
    _judged("tatoeba_seq2seq", "one vector", 2014, "05", "translation_claims"),
    _judged("tatoeba_attention", "attention", 2015, "07", "translation_claims"),
    _judged("tatoeba_gnmt", "GNMT, four layers", 2016, "08", "gnmt_claims"),
    _judged("tatoeba_transformer", "Transformer", 2017, "10", "transformer_claims"),
)  # fmt: skip


def known_words(vectors: Vectors) -> WordVectors:
    """Reads the words of WordSim-353 and SimLex-999 as sentences; what lies at 0 is not known."""
    every = word_vectors(vectors)
    known = np.flatnonzero(np.abs(every.vectors).sum(axis=1))
    return WordVectors([every.words[number] for number in known], every.vectors[known])


def quantiles(values: Sequence[float]) -> list[float]:
    """Returns below which value 0 %, 1 %, ... 100 % of the values lie."""
    table = np.quantile(np.asarray(values, dtype=np.float64), np.linspace(0, 1, QUANTILES))
    return np.round(table, DIGITS).tolist()


def nearer_than(cosine: float, table: Sequence[float]) -> int:
    """Returns of how many percent of the pairs behind a table of quantiles the cosine is smaller.

    Cosines of two spaces are on two scales, such shares on one.
    """
    return max(0, bisect_left(table, round(cosine, DIGITS)) - 1)


def costs(one: Generation) -> dict[str, float]:
    """Returns what a generation took: parameters, minutes of training, megabytes of data files."""
    if one.key == PUBLISHED:  # how long others trained it is not in its files
        weights = hugging_face.load(PUBLISHED).model.parameters()
        return {"parameters": float(sum(each.numel() for each in weights))}
    if not one.checkpoint:
        return {}
    card = checkpoints.read_card(checkpoints.folder(one.checkpoint))
    size = sum(sources.source(name).bytes for name in card["data"])
    return {"parameters": float(card["parameters"]), "minutes": float(card["minutes"]),
            "megabytes": round(size / 1e6, 1)}  # fmt: skip


def asked(one: Generation) -> tuple[dict[str, float], dict[str, Any]]:
    """Asks one generation about words and sentences; returns its figures, and a row about it.

    Raises:
        DataError: if a test is neither in the cache nor to be had.
    """
    vectors, pairs = one.load(), sentence_tests.stsb()
    found = cosines(vectors, pairs)
    figures = {"stsb": round(metrics.spearman(found, [score for *_, score in pairs]), 4)}
    if one.words:
        figures |= meaning.human_scores(known_words(vectors).likeness)
    row = {name: getattr(one, name) for name in ("key", "label", "year", "lecture", "way")}
    return figures | costs(one), {**row, "quantiles": quantiles(found)}


def translated() -> dict[str, float]:
    """Collects the BLEU of all translators as their lectures measured it, figures NET/bleu."""
    return {f"{one.net}/bleu": measurements.load(one.measurement)["figures"][one.figure]
            for one in TRANSLATORS}  # fmt: skip


def by_length(one: Translated) -> dict[str, float]:
    """Returns BLEU by the words and marks of a sentence; {} if its lecture did not measure that."""
    rows = measurements.load(one.measurement)["rows"]
    own = [row for row in rows if row.get("net") == one.net and "shortest" in row]
    return {f"{row['shortest']} to {row['longest']}": row["bleu"] for row in own}


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures all but BLEU; returns figures KEY/FIGURE, and a row a generation."""
    figures, rows = common_text.measure_all(), []
    figures = {f"text/{name}": value for name, value in figures.items()}
    figures["stsb_pairs"] = float(len(sentence_tests.stsb()))
    for one in GENERATIONS:
        found, row = asked(one)
        figures |= {f"{one.key}/{figure}": value for figure, value in found.items()}
        rows.append(row)
    return figures, rows


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights; BLEU is not among them."""
    return measure_all()[0]


def _with_translations() -> tuple[dict[str, float], list[dict[str, Any]]]:
    figures, rows = measure_all()
    return figures | translated(), rows


RECIPES = (
    Recipe.measuring(NAME, "all generations on the same tests", _with_translations, minutes=2),
)
