"""What a character model writes, and how far it keeps to a grammar, copies, and knows its names."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from imi import grammar
from imi.copies import Copies
from imi.data.source_code import Text
from imi.recipes.characters import write

TEMPERATURE, SEED = 0.7, 2015
C_BEGINNING, C_LENGTH, C_FUNCTIONS = "\n\nstatic int uv__", 800, 300
PYTHON_BEGINNING, PYTHON_LENGTH, PYTHON_FUNCTIONS, PYTHON_LINES = "\n\n\ndef ", 2_000, 300, 10
LATEX_BEGINNING, LATEX_LENGTH, LATEX_TEXTS = "\n\n\\begin{lemma}\n", 1_500, 60
ROUNDS, AT_ONCE = 6, 300  # rounds of texts, at most, until there are enough long functions
DISTANCES, KEPT = (25, 50, 100, 200, 400, 800), (50, 400)


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


def python_functions(
    model: Any, *, count: int = PYTHON_FUNCTIONS, at_once: int = AT_ONCE
) -> list[str]:
    """Lets a model write functions, `at_once` a round, until `count` have 10 lines and more.

    A function ends at the next line that is not indented; what never ends is cut off, and counts.
    """
    found, number = [], 0
    while len(found) < count and number < ROUNDS:
        number += 1
        beginnings, about = [PYTHON_BEGINNING] * at_once, {"temperature": TEMPERATURE}
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
