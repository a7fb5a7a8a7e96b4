"""RNN, multiplicative RNN and LSTM of one size, on the same encyclopaedia text."""

from __future__ import annotations

from functools import partial

from torch import nn

from imi import device as devices
from imi.checkpoints import Checkpoint
from imi.data.source_code import encyclopaedia
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.models.rnn import MRNN, RNN, MRNNConfig, RNNConfig
from imi.recipes import Recipe, Request
from imi.recipes.characters import Settings, fit, sample, ship

PARAMETERS = 1_200_000  # all three nets have about so many
LEARNING_RATES = {"rnn": 1e-3, "mrnn": 1e-3, "lstm": 3e-3}
STEPS = 2_000


def new_net(kind: str) -> nn.Module:
    """Makes an untrained net: "rnn", "mrnn" or "lstm"."""
    if kind == "rnn":
        return RNN(RNNConfig(hidden_dim=1_003))
    if kind == "mrnn":
        return MRNN(MRNNConfig(hidden_dim=706, factors=706))
    return CharLSTM(CharLSTMConfig(hidden_dim=490))


def name_of(kind: str) -> str:
    """Returns the name of the checkpoint of a kind of net."""
    return f"wiki_{kind}"


def run(kind: str, request: Request) -> bool:
    """Trains one of the three nets."""
    settings = Settings(STEPS, learning_rate=LEARNING_RATES[kind], seed=2011)
    devices.seed_everything(settings.seed)
    text = encyclopaedia()
    result = fit(request, name_of(kind), text, new_net(kind), settings)
    if result.finished:
        ship(request, name_of(kind), text, result)
    return result.finished


def sample_again(shipped: Checkpoint) -> dict[str, float]:
    """Measures the card's figure for a sample again."""
    return sample(shipped, encyclopaedia())


RECIPES = tuple(
    Recipe(
        name_of(kind),
        f"{kind.upper()} of 1.2 million weights on Wikipedia leads, by character",
        partial(run, kind),
        minutes=15,
        sample=sample_again,
    )
    for kind in LEARNING_RATES
)
