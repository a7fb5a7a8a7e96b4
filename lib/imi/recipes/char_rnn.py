"""What the nets of lecture 06 can do: compress, keep to a grammar, mean something, detect."""

from __future__ import annotations

import math
import time
from dataclasses import fields
from functools import lru_cache
from typing import Any

from imi import cells, checkpoints, grammar, measurements
from imi.copies import Copies
from imi.data.source_code import TEXTS, Text
from imi.recipes import Recipe, Request
from imi.recipes.char_rnn_nets import NETS, name_of
from imi.recipes.characters import bits_per_character, same_text
from imi.recipes.compression import ORDERS, compressed, ngram, ngram_log_probs
from imi.recipes.writing import (
    c_grammar,
    held_out_functions,
    latex_figures,
    latex_grammar,
    python_functions,
    python_grammar,
)

NAME = "char_rnn"
PROBED, ROWS = (
    64_000,
    32,
)  # characters of held-out text in which cells are searched, read so many at once
STATES = {"c": grammar.c_states, "python": grammar.python_states, "latex": grammar.latex_states}
QUIZ = 12


def probe(model: Any, text: Text) -> tuple[list[cells.Detector], list[dict[str, Any]]]:
    """Finds the best detectors in held-out text, and what switching each off costs.

    Returns also a row each: nats lost where its condition holds, and elsewhere.
    """
    read = text.held_out[:PROBED]
    whole = STATES[text.name](text.held_out)
    here = grammar.States(**{f.name: getattr(whole, f.name)[:PROBED] for f in fields(whole)})
    wanted = cells.conditions(here, quotes="$ and $" if text.name == "latex" else "quotes")
    found = cells.detectors(cells.activations(model, read, rows=ROWS), wanted)
    with_all, places = cells.losses(model, read, rows=ROWS)
    rows = []
    for detector in found:
        without, _ = cells.losses(model, read, rows=ROWS, off=[detector.cell])
        more, truth = without - with_all, wanted[detector.condition][places - 1]
        rows.append({
            **vars(detector), "text": text.name,
            "nats_lost_inside": float(more[truth].mean()),
            "nats_lost_elsewhere": float(more[~truth].mean()),
        })  # fmt: skip
    return found, rows


# What a detector's figure is called, by how its condition begins.
FIGURES = {
    "inside quotes": "quotes",
    "inside $": "dollars",
    "inside a comment": "comment",
    "brackets": "brackets",
    "line position": "line_position",
    "indented": "indented",
}


def _short(condition: str) -> str:
    return next(name for begins, name in FIGURES.items() if condition.startswith(begins))


@lru_cache(maxsize=1)
def _copies(train: str) -> Copies:
    return Copies(train)


def _written(model: Any, text: Text) -> tuple[dict[str, float], list[str]]:
    """Lets a net or an n-gram model write; returns how far it keeps to a grammar, and its texts."""
    if text.name == "c":
        return c_grammar(model)
    if text.name == "python":
        functions = python_functions(model)
        return python_grammar(functions, _copies(text.train)), functions
    return (latex_grammar(model, text) if text.name == "latex" else {}), []


def measure_net(name: str, text: Text) -> tuple[dict[str, float], dict[str, Any]]:
    """Measures one shipped net on its text; returns figures, and rows and samples."""
    shipped, more = checkpoints.load(name_of(name)), {}
    text, model = same_text(shipped, text), shipped.model
    figures = {"lstm": bits_per_character(model, text.held_out_ids)}
    found, more["samples"] = _written(model, text)
    figures |= {f"lstm/{key}": value for key, value in found.items()}
    if name in STATES:
        detectors, more["cells"] = probe(model, text)
        figures |= {f"cell/{_short(d.condition)}": d.auc for d in detectors}
    if name == "shakespeare":
        figures["nats"] = figures["lstm"] * math.log(2)
    return {f"{name}/{key}": round(float(value), 4) for key, value in figures.items()}, more


def best_cells(figures: dict[str, float]) -> dict[str, float]:
    """Returns for each condition the AUC of the best cell of all nets."""
    best: dict[str, float] = {}
    for key, auc in figures.items():
        if "/cell/" in key:
            name = f"best_cell/{key.split('/')[-1]}"
            best[name] = max(best.get(name, 0.0), auc)
    return best


def measure() -> dict[str, float]:
    """Measures the nets' figures again, from the shipped weights."""
    nets = (measure_net(name, TEXTS[name]())[0] for name in NETS)
    figures = {key: value for found in nets for key, value in found.items()}
    return figures | best_cells(figures)


def _ngrams(text: Text) -> tuple[dict[str, float], list[str]]:
    """Measures n-gram models of all orders; returns figures, and what the last order wrote."""
    figures: dict[str, float] = {}
    written: list[str] = []
    longest = ngram(text, max(ORDERS))
    for order in ORDERS:
        model, found = longest.shortened(order), {}
        log_probs = ngram_log_probs(model, text.held_out_ids)
        figures[f"kn{order}"] = -log_probs.mean() / math.log(2)
        if text.name == "c" or model.order == longest.order:
            found, written = _written(model, text)
        figures |= {f"kn{order}/{key}": value for key, value in found.items()}
    figures["best_ngram"] = min(figures[f"kn{order}"] for order in ORDERS)
    for key in found:  # of the orders that wrote, the best at each
        shares = [figures[f"kn{order}/{key}"] for order in ORDERS if f"kn{order}/{key}" in figures]
        figures[f"best_ngram/{key}"] = max(shares)
    return figures, written


def _real(text: Text) -> dict[str, float]:
    """Measures what people wrote by the same rules."""
    found: dict[str, float] = {}
    if text.name == "python":
        found = python_grammar(held_out_functions(text), _copies(text.train))
    elif text.name == "latex":
        found = latex_figures([text.held_out], text)
    return {f"real/{key}": value for key, value in found.items()}


def run(request: Request) -> bool:
    """Measures nets, n-gram models and compressors; writes `measurements/char_rnn.json`."""
    began, figures, rows, samples = time.perf_counter(), {}, [], {}
    for name in NETS:
        text = TEXTS[name]()
        own, more = measure_net(name, text)
        counted, written = _ngrams(text)
        others = {**compressed(text), **counted, **_real(text)}
        figures |= own | {f"{name}/{key}": round(float(v), 4) for key, v in others.items()}
        rows += more.get("cells", [])
        if name == "c":
            samples = {"lstm": more["samples"][:QUIZ], "ngram": written[:QUIZ]}
    measurements.save(
        request.out / "measurements",
        NAME,
        rows=rows,
        samples=samples,
        figures=figures | best_cells(figures),
        seconds=round(time.perf_counter() - began),
    )
    return True


RECIPES = (Recipe(NAME, "what the four LSTMs write, measured against n-grams", run, minutes=30),)
