"""How long a look-up takes as the collection grows: vectors compared, codes compared, addresses.

The claim is Salakhutdinov & Hinton's (2007): the time of a look-up by address does not depend on
the size of the collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from imi import checkpoints, measurements
from imi import device as devices
from imi.data.documents import half_of_the_words
from imi.hashing import AddressBook, distances, pack
from imi.models.autoencoder import Autoencoder
from imi.recipes import Recipe, Request, semantic_hashing
from imi.recipes.autoencoder_documents import wikipedia

NAME = "hashing_times"
COLLECTIONS, RADIUS, QUERIES = (1_000, 10_000, 100_000, 1_000_000), 2, 50


def collection(model: Autoencoder, size: int, *, seed: int = 2007) -> Tensor:
    """Makes codes (N, W) of `size` documents: real ones, each with half of its words hidden."""
    counts = wikipedia().train.counts
    generator = torch.Generator().manual_seed(seed)
    codes = torch.empty(size, model.config.widths[-1])
    for start in range(0, size, 2_000):
        rows = torch.randint(len(counts), (min(2_000, size - start),), generator=generator)
        with torch.no_grad(), devices.autocast(counts.device):
            shown = half_of_the_words(counts[rows], generator)
            codes[start : start + len(rows)] = model.encode(shown).float()
    return codes


def look_ups(codes: Tensor) -> dict[str, Callable[[int], np.ndarray]]:
    """Prepares three ways to find what is near document `n` of a collection (N, W).

    `cosine` compares all codes as vectors and returns the best; `hamming` compares all as numbers,
    bit by bit; `address` looks only where near documents must live. The latter two return the same.
    """
    vectors = torch.nn.functional.normalize(codes - 0.5, dim=1).numpy()
    numbers = pack((codes > 0.5).numpy())
    book = AddressBook(numbers, codes.shape[1])
    short = numbers.astype(np.uint32)

    def cosine(query: int) -> np.ndarray:
        likeness = vectors @ vectors[query]
        return np.argpartition(-likeness, min(100, len(likeness) - 1))[:100]

    return {
        "cosine": cosine,
        "hamming": lambda query: np.flatnonzero(distances(short, short[query]) <= RADIUS),
        "address": lambda query: book.ball(int(numbers[query]), RADIUS),
    }


def seconds_a_query(look_up: Callable[[int], np.ndarray], size: int) -> float:
    """Returns the median time of one look-up, over documents spread evenly."""
    times = []
    for query in np.linspace(0, size - 1, QUERIES).astype(int):
        began = time.perf_counter()
        look_up(query)
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def times(codes: Tensor) -> list[dict[str, Any]]:
    """Returns a row for each size of collection: documents found, milliseconds of each look-up."""
    rows = []
    for size in COLLECTIONS:
        ways = look_ups(codes[:size])
        found = float(np.mean([len(ways["address"](n)) for n in range(0, size, size // QUERIES)]))
        taken = {name: 1000 * seconds_a_query(way, size) for name, way in ways.items()}
        shown = {name: round(value, 4) for name, value in taken.items()}
        rows.append({"documents": size, "found": round(found, 1)} | shown)
    return rows


def _figures(rows: list[dict[str, Any]]) -> dict[str, float]:
    first, last = rows[1], rows[-1]
    return {
        "speed-up by address": round(last["cosine"] / last["address"], 1),
        "growth by address": round(last["address"] / first["address"], 2),
        "growth by cosine": round(last["cosine"] / first["cosine"], 2),
    }


def measure() -> dict[str, float]:
    """Measures the times again; they depend on the machine and on what else it does."""
    model = checkpoints.load(semantic_hashing.NAME).model
    return _figures(times(collection(model, COLLECTIONS[-1])))


def run(request: Request) -> bool:
    """Measures the time of a look-up over the size of the collection."""
    model = checkpoints.load(request.out / "checkpoints" / semantic_hashing.NAME).model
    rows = times(collection(model, COLLECTIONS[-1]))
    about = {"radius": RADIUS, "threads": torch.get_num_threads(), "unit": "milliseconds"}
    figures = _figures(rows)
    measurements.save(request.out / "measurements", NAME, rows=rows, figures=figures, **about)
    return True


RECIPES = (Recipe(NAME, "time of a look-up among up to a million codes", run, minutes=2),)
