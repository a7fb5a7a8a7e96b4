"""Deep translators as Google's: captions, German to English, and everyday English to Japanese.

Pairs, pieces, tests and scores are those of the translators without depth.
"""

from __future__ import annotations

from functools import partial

from imi.checkpoints import Checkpoint
from imi.recipes import Recipe, Request, multi30k, tatoeba
from imi.recipes.translation import Settings, gnmt, run, sample

CAPTIONS, EVERYDAY = "multi30k_gnmt", "tatoeba_gnmt"
SOURCES = {CAPTIONS: multi30k, EVERYDAY: tatoeba}
LAYERS = 4  # of the encoder and of the decoder; the paper has 8
SIZES = {"embedding_dim": 192, "hidden_dim": 192, "alignment_dim": 192, "layers": LAYERS}
MODELS = {
    CAPTIONS: (gnmt(**SIZES, dropout=0.3), Settings(5_000, seed=2016, learning_rate=2e-3)),
    EVERYDAY: (gnmt(**SIZES, dropout=0.1),
               Settings(3_000, seed=2016, tokens=2_000, learning_rate=2e-3)),
}  # fmt: skip


def train(request: Request, name: str) -> bool:
    """Trains one of the two."""
    return run(request, name, SOURCES[name].task(), *MODELS[name])


def first_pairs(shipped: Checkpoint, name: str) -> dict[str, float]:
    """Measures the card's figures of the first test pairs again."""
    return sample(shipped, SOURCES[name].test_pairs(), tokenize=SOURCES[name].TOKENIZE)


_ABOUT = {CAPTIONS: "GNMT of 4 and 4 layers, German captions to English",
          EVERYDAY: "GNMT of 4 and 4 layers, everyday English to Japanese"}  # fmt: skip
RECIPES = tuple(
    Recipe(name, about, partial(train, name=name), minutes=35,
           sample=partial(first_pairs, name=name))
    for name, about in _ABOUT.items()
)  # fmt: skip
