"""How few bits a text needs: compressors and counting models, beside which a net stands."""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
from collections.abc import Callable

import torch

from imi.data.source_code import Text
from imi.models.ngrams import KneserNey
from imi.text import Characters

ORDERS = (3, 4, 5, 6, 7, 8)
BLOCK = 50_000

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda content: gzip.compress(content, 9),
    "bz2": lambda content: bz2.compress(content, 9),
    "xz": lambda content: lzma.compress(content, preset=9 | lzma.PRESET_EXTREME),
}


def compressed(text: Text) -> dict[str, float]:
    """Returns bits a character of held-out text, packed alone and after the training text.

    The latter is what the packed whole is longer by, so that a compressor learns as the net does.
    """
    train, held_out = text.train.encode(), text.held_out.encode()
    figures = {}
    for name, pack in COMPRESSORS.items():
        figures[name] = 8 * len(pack(held_out)) / len(held_out)
        more = len(pack(train + held_out)) - len(pack(train))
        figures[f"{name}_after_training_text"] = 8 * more / len(held_out)
    return figures


def ngram(text: Text, order: int, *, characters: int | None = None) -> KneserNey:
    """Fits a character n-gram model with Kneser-Ney smoothing.

    Args:
        characters: how many of the training text to count; all by default.
    """
    sizes = {"order": order, "vocab_size": len(Characters.ALPHABET)}
    return KneserNey(**sizes).fit(text.train_ids[:characters].numpy())


def ngram_bits(model: KneserNey, ids: torch.Tensor) -> float:
    """Returns an n-gram model's bits a character of a text."""
    # A block at a time: the tables of a long text are large enough by themselves.
    blocks = ids.split(BLOCK)
    bits = [len(block) * math.log2(model.perplexity(block.numpy())) for block in blocks]
    return sum(bits) / len(ids)
