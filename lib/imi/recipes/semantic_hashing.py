"""Salakhutdinov & Hinton (2007), semantic hashing: a document's code is its address.

The code layer is logistic and noise is added to its input in fine-tuning, so that only 0 and 1 get
through; rounded, 20 bits are an address in a table of 2^20. The paper's nets are 2000-500-500-20
and -128, on 400,000 and more documents; ours is narrower to stay small on disk.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from imi import checkpoints, measurements
from imi.data import documents, sources
from imi.data.documents import Split, half_of_the_words
from imi.hashing import AddressBook, distances, pack
from imi.metrics import retrieval_precision
from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.recipes import Recipe, Request
from imi.recipes.autoencoder_documents import cosines, encode, topic_ids, wikipedia
from imi.recipes.autoencoder_documents import sample as sample
from imi.recipes.pretraining import Settings
from imi.recipes.stacks import fit, mean_loss

NAME = "semantic_hashing"
BITS, NOISE = 20, 3.0
DEPTHS = (1, 7, 15, 31, 63, 127)
SHORTLIST = 256  # documents that a ball must hold before TF-IDF ranks them
SETTINGS = Settings(epochs=60, learning_rate=1.5e-3)


def bits(model: Autoencoder, counts: Tensor) -> np.ndarray:
    """Maps counts of stems (N, V) to the bits of their addresses, (N, W)."""
    return (encode(model, counts) > 0.5).numpy()


def addresses(model: Autoencoder, counts: Tensor) -> np.ndarray:
    """Maps counts of stems (N, V) to their addresses, (N)."""
    return pack(bits(model, counts))


def shortlisted(codes: np.ndarray, width: int, count: int) -> Tensor:
    """Tells which documents (columns) the address of each document (rows) finds first, (N, N)."""
    book = AddressBook(codes, width)
    found = torch.zeros(len(codes), len(codes), dtype=torch.bool)
    for row, code in enumerate(codes):
        found[row, book.nearest(int(code), count)] = True
    return found


def _figures(split: Split, model: Autoencoder) -> dict[str, float]:
    """Measures precision with the held-out documents as queries, and what the codes are like."""
    topics, counts = topic_ids(split.test), split.test.counts
    codes, width = addresses(model, counts), model.config.widths[-1]
    likeness = cosines(documents.tfidf(counts, documents.rarity(split.train.counts)))
    apart = torch.from_numpy(np.stack([distances(codes, int(code)) for code in codes])).float()
    near = shortlisted(codes, width, SHORTLIST)
    ways = {
        "TF-IDF": likeness,
        "shortlist": torch.where(near, likeness, -1 - apart),  # TF-IDF inside, Hamming outside
        "Hamming": likeness - 2 * apart,  # at equal distance TF-IDF decides
    }
    figures: dict[str, float] = {}
    found = {name: retrieval_precision(way, topics, DEPTHS) for name, way in ways.items()}
    for name, by_depth in found.items():
        figures |= {f"{name}@{depth}": value for depth, value in by_depth.items()}
    figures["least lead of the shortlist"] = min(
        found["shortlist"][depth] - found["TF-IDF"][depth] for depth in DEPTHS
    )
    figures["share in the shortlist"] = near.float().mean().item()
    figures["different addresses"] = len(np.unique(codes)) / len(codes)
    figures["share of ones"] = bits(model, counts).mean().item()
    return {name: round(value, 4) for name, value in figures.items()}


def run(request: Request) -> bool:
    """Trains the net whose codes are addresses."""
    split = wikipedia()
    widths = (len(split.vocabulary) - 1, 500, 250, BITS)
    config = AutoencoderConfig(widths, data="words", code="logistic", noise=NOISE)
    held_out = split.test.counts
    result = fit(
        request, split.train.counts, config, SETTINGS, held_out=held_out, change=half_of_the_words
    )
    if result.finished:
        model = result.model.cpu()
        checkpoints.save(
            request.out / "checkpoints" / NAME,
            model,
            vocabulary=split.vocabulary,
            recipe=NAME,
            data={"wikipedia-leads": sources.sources()["wikipedia-leads"].sha256},
            **result.about(SETTINGS, request),
            metrics={"nats_per_word": round(mean_loss(model, held_out), 3)},
        )
        stored = checkpoints.load(request.out / "checkpoints" / NAME).model
        figures = _figures(split, stored)
        measurements.save(request.out / "measurements", NAME, rows=[], figures=figures)
    return result.finished


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    shipped = checkpoints.load(NAME)
    return _figures(wikipedia(shipped.vocabulary.words[1:]), shipped.model)


RECIPES = (Recipe(NAME, "documents as 20 bits: 2000-500-250-20", run, minutes=8, sample=sample),)
