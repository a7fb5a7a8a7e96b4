"""How few bits a text needs: compressors and counting models, beside which a net stands."""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
from collections.abc import Callable

import numpy as np
from torch import Tensor

from imi.data.source_code import Text
from imi.metrics import mix, mixture_weight
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


def ngram_log_probs(model: KneserNey, ids: Tensor) -> np.ndarray:
    """Returns log P (nats) of each character of a text from the n-th on, (N - n + 1,)."""
    runs = np.lib.stride_tricks.sliding_window_view(ids.numpy(), model.order)
    # A block at a time: the tables of a long text are large enough by themselves.
    starts = range(0, len(runs), BLOCK)
    blocks = (runs[start : start + BLOCK] for start in starts)
    return np.concatenate([np.log(model.probability(b[:, :-1], b[:, -1])) for b in blocks])


def mixed(net: np.ndarray, ngram: np.ndarray) -> dict[str, float]:
    """Mixes two models' log-probabilities (nats) of a text by the weight best on its first half.

    Args:
        net: of every character but the first; `ngram` may begin later.

    Returns:
        Bits a character of the second half by each alone and by both, and the weight of the net.
    """
    net = net[len(net) - len(ngram) :]
    half = len(net) // 2
    weight = mixture_weight(net[:half], ngram[:half])
    both = mix(net[half:], ngram[half:], weight)
    parts = {"net": net[half:], "ngram": ngram[half:], "both": both}
    bits = {f"mixture/{name}": -part.mean() / math.log(2) for name, part in parts.items()}
    return {**bits, "mixture/weight_of_net": weight}
