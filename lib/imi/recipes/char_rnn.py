"""What the nets of lecture 06 can do: compress, keep to a grammar, mean something, detect."""

from __future__ import annotations

import math
import re
import time
from dataclasses import fields
from typing import Any

import numpy as np

from imi import cells, checkpoints, grammar, measurements
from imi.copies import Copies
from imi.data.source_code import TEXTS, Text
from imi.recipes import Recipe, Request
from imi.recipes.char_rnn_nets import NETS, name_of
from imi.recipes.characters import bits_per_character, same_text, write
from imi.recipes.compression import ORDERS, compressed, ngram, ngram_log_probs

NAME = "char_rnn"
TEMPERATURE, SEED = 0.7, 2015
C_BEGINNING, C_LENGTH, C_FUNCTIONS = "\n\nstatic int uv__", 800, 300
PYTHON_BEGINNING, PYTHON_LENGTH, PYTHON_FUNCTIONS, PYTHON_LINES = "\n\n\ndef ", 2_000, 300, 10
LATEX_BEGINNING, LATEX_LENGTH, LATEX_TEXTS = "\n\n\\begin{lemma}\n", 1_500, 60
ROUNDS, AT_ONCE = 6, 300  # rounds of texts, at most, until there are enough long functions
COUNTED = 100  # functions of each n-gram model, which is slow to write
DISTANCES, KEPT = (25, 50, 100, 200, 400, 800), (50, 400)
PROBED = 24_000  # characters of held-out text in which cells are searched
QUIZ = 12


def many(model: Any, beginning: str, length: int, count: int) -> list[str]:
    """Lets a model write `count` texts that begin alike; each text holds its beginning."""
    written = write(model, [beginning] * count, length, temperature=TEMPERATURE, seed=SEED)
    return [beginning + text for text in written]


def c_grammar(model: Any, *, count: int = C_FUNCTIONS) -> tuple[dict[str, float], list[str]]:
    """Lets a model write C functions; returns how far they keep to the grammar, and them.

    `valid_after_N`: the share of texts with no break of the grammar in the first N characters;
    `still_valid`: of those valid after 50 characters, the share that is after 400.
    """
    texts = many(model, C_BEGINNING, C_LENGTH, count)
    functions = [grammar.c_function(text) for text in texts]
    closed = [grammar.c_closes(function) for function in functions if function]
    breaks = np.array([grammar.first_break(text) for text in texts])
    figures = {
        "functions_that_end": len(closed) / len(texts),
        "functions_that_close": sum(closed) / len(texts),
    }
    for distance in DISTANCES:
        figures[f"valid_after_{distance}"] = float((breaks >= distance).mean())
    early, late = (figures[f"valid_after_{distance}"] for distance in KEPT)
    figures["still_valid"] = late / early if early else 0.0
    return figures, [
        function or text[:400] for function, text in zip(functions, texts, strict=True)
    ]


def python_functions(model: Any, *, count: int = PYTHON_FUNCTIONS) -> list[str]:
    """Lets a model write functions until `count` of them have 10 lines and more.

    A function ends at the next line that is not indented; what never ends is cut off, and counts.
    """
    found, number = [], 0
    while len(found) < count and number < ROUNDS:
        number += 1
        beginnings, about = [PYTHON_BEGINNING] * AT_ONCE, {"temperature": TEMPERATURE}
        for text in write(model, beginnings, PYTHON_LENGTH, seed=SEED + number, **about):
            text = PYTHON_BEGINNING.lstrip() + text
            function = grammar.python_function(text) or text
            if function.count("\n") >= PYTHON_LINES:
                found.append(function)
    return found[:count]


def held_out_functions(text: Text) -> list[str]:
    """Returns the functions of 10 lines and more in held-out Python."""
    starts = [match.start() + 1 for match in re.finditer(r"\ndef ", text.held_out)]
    functions = (grammar.python_function(text.held_out[start:]) for start in starts)
    return [f for f in functions if f and f.count("\n") >= PYTHON_LINES]


def python_grammar(functions: list[str], copies: Copies) -> dict[str, float]:
    """Returns the share of functions that parse, how much they copy, and what names they know."""
    parsed = [function for function in functions if grammar.python_parses(function)]
    runs = [copies.longest(function) for function in functions]
    used, known = np.array([grammar.known_names(f) for f in parsed] or [(1, 0)]).sum(axis=0)
    shares = [run / len(function) for run, function in zip(runs, functions, strict=True)]
    return {
        "functions": len(functions),
        "functions_that_parse": len(parsed) / max(1, len(functions)),
        "median_lines": float(np.median([f.count("\n") for f in functions])),
        "median_longest_copy": float(np.median(runs)),
        "mostly_copied": float(np.mean([share > 0.5 for share in shares])),
        "names_known": float(known / used),
    }


def latex_grammar(model: Any, text: Text) -> dict[str, float]:
    """Lets a model write LaTeX; returns the shares of environments and `$` that close."""
    return latex_figures(many(model, LATEX_BEGINNING, LATEX_LENGTH, LATEX_TEXTS), text)


def latex_figures(texts: list[str], text: Text) -> dict[str, float]:
    """Returns the shares of environments and `$` that close, and of references that exist."""
    ended, right = np.array([grammar.environments(t) for t in texts]).sum(axis=0)
    holding, paired = np.array([grammar.dollars(t) for t in texts]).sum(axis=0)
    names = re.compile(r"\\(?:label|ref)\{([^}\n]*)\}")
    real = set(names.findall(text.train)) | set(names.findall(text.held_out))
    named = [name for written in texts for name in names.findall(written)]
    return {
        "environments": int(ended),
        "environments_in_order": right / max(1, ended),
        "paragraphs_with_dollars": int(holding),
        "dollars_paired": paired / max(1, holding),
        "references": len(named),
        "references_that_exist": sum(name in real for name in named) / max(1, len(named)),
    }


def probe(model: Any, text: Text) -> tuple[list[cells.Detector], list[dict[str, Any]]]:
    """Finds the best detectors in held-out text, and what switching each off costs.

    Returns also a row each: nats lost where its condition holds, and elsewhere.
    """
    read = text.held_out[:PROBED]
    states = grammar.c_states if text.name == "c" else grammar.python_states
    whole = states(text.held_out)
    here = grammar.States(**{f.name: getattr(whole, f.name)[:PROBED] for f in fields(whole)})
    wanted = cells.conditions(here)
    found = cells.detectors(cells.activations(model, read, rows=8), wanted)
    with_all, places = cells.losses(model, read, rows=8)
    rows = []
    for detector in found:
        without, _ = cells.losses(model, read, rows=8, off=[detector.cell])
        more, truth = without - with_all, wanted[detector.condition][places - 1]
        rows.append({
            **vars(detector), "text": text.name,
            "nats_lost_inside": float(more[truth].mean()),
            "nats_lost_elsewhere": float(more[~truth].mean()),
        })  # fmt: skip
    return found, rows


_SHORT = {"inside quotes": "quotes", "inside a comment": "comment"}


def _short(condition: str) -> str:
    return _SHORT.get(condition, condition.split(",")[0].split(" past")[0].split(" by")[0]).replace(
        " ", "_"
    )


def measure_net(name: str) -> tuple[dict[str, float], dict[str, Any]]:
    """Measures one shipped net; returns figures, and rows and samples of the C net."""
    shipped = checkpoints.load(name_of(name))
    text, model, more = same_text(shipped, TEXTS[name]()), shipped.model, {}
    figures = {"lstm": bits_per_character(model, text.held_out_ids)}
    if name == "c":
        found, more["samples"] = c_grammar(model)
        figures |= {f"lstm/{key}": value for key, value in found.items()}
    if name == "python":
        functions = python_functions(model)
        found = python_grammar(functions, Copies(text.train))
        figures |= {f"lstm/{key}": value for key, value in found.items()}
        more["samples"] = functions
    if name == "latex":
        figures |= {f"lstm/{key}": value for key, value in latex_grammar(model, text).items()}
    if name in ("c", "python"):
        detectors, more["cells"] = probe(model, text)
        figures |= {f"cell/{_short(d.condition)}": d.auc for d in detectors}
    if name == "shakespeare":
        figures["nats"] = figures["lstm"] * math.log(2)
    return {f"{name}/{key}": round(float(value), 4) for key, value in figures.items()}, more


def measure() -> dict[str, float]:
    """Measures the nets' figures again, from the shipped weights."""
    return {key: value for name in NETS for key, value in measure_net(name)[0].items()}


def _ngrams(text: Text) -> tuple[dict[str, float], list[str]]:
    """Measures n-gram models of all orders; returns figures, and what the last order wrote."""
    figures: dict[str, float] = {}
    copies, written = Copies(text.train), []
    longest = ngram(text, max(ORDERS))
    for order in ORDERS:
        model, found = longest.shortened(order), {}
        log_probs = ngram_log_probs(model, text.held_out_ids)
        figures[f"kn{order}"] = -log_probs.mean() / math.log(2)
        if text.name == "c":
            found, written = c_grammar(model, count=COUNTED)
        elif text.name == "python" and model.order == longest.order:
            found = python_grammar(python_functions(model, count=COUNTED), copies)
        elif text.name == "latex" and model.order == longest.order:
            found = latex_grammar(model, text)
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
        found = python_grammar(held_out_functions(text), Copies(text.train))
    elif text.name == "latex":
        found = latex_figures([text.held_out], text)
    return {f"real/{key}": value for key, value in found.items()}


def run(request: Request) -> bool:
    """Measures nets, n-gram models and compressors; writes `measurements/char_rnn.json`."""
    began, figures, rows, samples = time.perf_counter(), {}, [], {}
    for name in NETS:
        own, more = measure_net(name)
        text = TEXTS[name]()
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
        figures=figures,
        seconds=round(time.perf_counter() - began),
    )
    return True


RECIPES = (Recipe(NAME, "what the four LSTMs write, measured against n-grams", run, minutes=30),)
