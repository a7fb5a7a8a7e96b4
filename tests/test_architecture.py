"""Who may import whom, how long things may be, and that importing does nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[1] / "lib" / "imi"
MODULES = sorted(LIBRARY.rglob("*.py"))
MODULE_LINES, FUNCTION_LINES = 250, 50

# What a module (or the folder it lies in) may import besides the standard library.
NUMERIC = {"torch", "numpy", "scipy"}
MAY_IMPORT = {
    "__init__": set(),
    "places": set(),
    "text": set(),
    "wordpiece": {"tokenizers", "imi.text"},
    "alignment": {"torch", "imi.text", "imi.wordpiece"},
    "layers": {"torch"},
    "sizes": set(),
    "merges": set(),
    "bertpieces": {"tokenizers", "imi.text"},
    "blocks": {"torch", "imi.layers"},
    "beam": {"torch", "imi.decoding"},
    "following": {"torch", "imi.batches", "imi.text", "imi.translation"},
    "translation": {"torch", "imi.batches", "imi.beam", "imi.checkpoints", "imi.text",
                    "imi.wordpiece"},
    "text_encoder": {"torch", "imi.bertpieces", "imi.checkpoints", "imi.models"},
    "device": {"torch", "numpy"},
    "counts": {"numpy"},
    "hashing": {"numpy"},
    "search": {"numpy", "scipy"},
    "readiness": {"torch", "imi.data", "imi.device"},
    "batches": {"torch"},
    "masking": {"torch"},
    "sentence_pairs": {"torch", "numpy"},
    "pretraining": {"torch", "imi.masked_batches", "imi.sentence_pairs"},
    "masked_batches": {"torch", "numpy", "imi.masking", "imi.sentence_pairs"},
    "processes": {"torch"},
    "costs": {"torch"},
    "paper_sizes": {"torch", "imi.costs", "imi.models"},
    "scale": {"imi.costs", "imi.markdown", "imi.paper_sizes", "imi.places"},
    "task_shapes": {"torch", "imi.batches", "imi.bertpieces", "imi.models", "imi.spans"},
    "finetuning": {"torch", "imi.batches", "imi.bertpieces", "imi.models", "imi.task_shapes"},
    "spans": {"torch", "imi.bertpieces"},
    "averaging": {"torch", "imi.processes"},
    "hugging_face": {"torch", "safetensors", "imi.bertpieces", "imi.checkpoints", "imi.data",
                     "imi.models"},
    "heads": {"imi.blocks", "imi.models"},
    "schedules": set(),
    "training": {"torch", "tqdm", "imi.batches", "imi.device", "imi.processes", "imi.schedules",
                 "imi.throughput"},
    "throughput": {"imi.processes"},
    "recurrent": {"torch"},
    "decoding": {"torch"},
    "grammar": {"numpy"},
    "cells": {"torch", "numpy", "scipy", "imi.grammar", "imi.text"},
    "copies": {"numpy"},
    "metrics": {*NUMERIC, "sacrebleu", "imi.batches", "imi.metrics", "imi.vectors"},
    "vectors": {"torch", "numpy"},
    "vector_files": {"numpy", "gensim", "imi.vectors"},
    "checkpoints": {"torch", "safetensors", "imi.places", "imi.processes", "imi.text",
                    "imi.models"},
    "measurements": {"imi.places", "imi.processes"},
    "markdown": set(),
    "claims": {"tomli", "imi.markdown", "imi.measurements", "imi.places", "imi.data",
               "imi.recipes"},
    "train": {"torch", "imi.device", "imi.places", "imi.processes", "imi.recipes",
              "imi.throughput"},
    "data": {"torch", "numpy", "scipy", "tomli", "tqdm", "filelock", "pyarrow", "snowballstemmer",
             "imi.text", "imi.places", "imi.vectors", "imi.data"},
    "models": {*NUMERIC, "imi.blocks", "imi.counts", "imi.layers", "imi.sizes", "imi.text"},
    "word2vec": {"torch", "numpy", "numba", "tqdm", "imi.data", "imi.device", "imi.models",
                 "imi.sizes", "imi.throughput", "imi.training", "imi.vectors", "imi.word2vec"},
    "plots": {"matplotlib", "numpy", "plotly", "imi.plots"},
    "widgets": {"ipywidgets", "IPython", "pygments", "imi.plots", "imi.data", "imi.training"},
    "exercises": {"torch", "numpy", "imi.alignment", "imi.beam", "imi.blocks", "imi.cells",
                  "imi.counts", "imi.decoding", "imi.grammar", "imi.hashing", "imi.layers",
                  "imi.merges", "imi.metrics", "imi.models", "imi.schedules", "imi.text",
                  "imi.vectors", "imi.word2vec", "imi.exercises"},
}  # fmt: skip
DEVICES_NAMED_BY = {"device.py", "processes.py", "training.py"}
PRINTED_BY = {
    "__main__.py",
    "widgets.py",
    "claims.py",
    "scale.py",
    "train.py",
    "exercises/__init__.py",
}


def relative(path: Path) -> str:
    return path.relative_to(LIBRARY).as_posix()


def place(path: Path) -> str:
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module in ("imi", "imi.data", "imi.models"):
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            else:
                names.add(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_imports_only_what_its_place_allows(path):
    if place(path) == "recipes":
        assert not {n for n in imported(path) if n.startswith(("imi.plots", "imi.widgets"))}
        return
    allowed = MAY_IMPORT[place(path)]
    for name in imported(path):
        top = name.split(".")[0]
        own = ".".join(name.split(".")[:2])
        wanted = own if top == "imi" else top
        assert wanted in allowed or top in sys.stdlib_module_names, f"{relative(path)}: {name}"


@pytest.mark.parametrize("path", sorted((LIBRARY / "models").glob("*.py")), ids=relative)
def test_no_model_imports_another(path):
    assert not {name for name in imported(path) if name.startswith("imi.models")}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            code = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - code[0].lineno + 1 if code else 0
            assert length <= FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_devices_are_named_and_text_is_printed_only_where_that_belongs(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = node.value in ("cuda", "mps", "nccl")
            assert not named or path.name in DEVICES_NAMED_BY, f"{node.value!r} is named"
        if isinstance(node, ast.Attribute) and node.attr in ("cuda", "mps"):
            assert path.name in DEVICES_NAMED_BY
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            assert path.name in PRINTED_BY or relative(path) in PRINTED_BY


@pytest.mark.parametrize("path", sorted((LIBRARY / "recipes").glob("*.py")), ids=relative)
def test_recipes_write_through_the_one_function_that_knows_of_other_processes(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert getattr(node, "attr", "") not in ("write_text", "write_bytes")


def test_nothing_is_called_a_helper():
    assert not {p.stem for p in MODULES} & {"utils", "util", "helpers", "helper", "common", "misc"}


def test_importing_everything_does_nothing():
    names = [
        "imi." + relative(path).removesuffix(".py").replace("/", ".")
        for path in MODULES
        if path.name not in ("__init__.py", "__main__.py")
    ]
    program = f"""
import random, sys, warnings
warnings.simplefilter("error")
import torch, matplotlib
def state():
    numbers = torch.initial_seed(), torch.get_num_threads(), random.getstate()
    return numbers, dict(matplotlib.rcParams)
before = state()
import importlib
for name in {names!r}:
    importlib.import_module(name)
assert state() == before
heavy = {{"sklearn", "plotly", "gensim", "transformers", "scipy.stats",
         "sacrebleu", "tokenizers"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
