"""The four LSTMs of lecture 06: C, Python, LaTeX and Shakespeare, character by character."""

from __future__ import annotations

from functools import partial

from imi import device as devices
from imi.checkpoints import Checkpoint
from imi.data.source_code import TEXTS
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.recipes import Recipe, Request
from imi.recipes.characters import Settings, fit, sample, ship

NETS: dict[str, tuple[CharLSTMConfig, Settings]] = {
    "python": (CharLSTMConfig(), Settings(12_000, window=128, learning_rate=4e-3)),
    "latex": (CharLSTMConfig(), Settings(7_500, window=128, learning_rate=4e-3)),
    "c": (CharLSTMConfig(dropout=0.3), Settings(12_000, window=128, learning_rate=4e-3)),
    "shakespeare": (CharLSTMConfig(dropout=0.5), Settings(16_000)),
}


def name_of(text: str) -> str:
    """Returns the name of the checkpoint that learned from the text."""
    return f"char_lstm_{text}"


def run(text: str, request: Request) -> bool:
    """Trains the net of one text."""
    config, settings = NETS[text]
    devices.seed_everything(settings.seed)
    read = TEXTS[text]()
    result = fit(request, name_of(text), read, CharLSTM(config), settings)
    if result.finished:
        ship(request, name_of(text), read, result)
    return result.finished


def sample_again(text: str, shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figure for a sample again."""
    return sample(shipped, TEXTS[text]())


RECIPES = tuple(
    Recipe(
        name_of(text),
        f"LSTM that writes {text}, {NETS[text][0].hidden_dim} cells",
        partial(run, text),
        minutes=50,
        sample=partial(sample_again, text),
    )
    for text in NETS
)
