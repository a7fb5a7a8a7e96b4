"""RNN, multiplicative RNN and LSTM of one size, on the same encyclopaedia text."""

from __future__ import annotations

import math
import time
from functools import partial

from torch import nn

from imi import checkpoints, measurements
from imi import device as devices
from imi.checkpoints import Checkpoint
from imi.data.source_code import encyclopaedia
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.models.rnn import MRNN, RNN, MRNNConfig, RNNConfig
from imi.recipes import Recipe, Request
from imi.recipes.characters import ROWS, Settings, bits_per_character, fit, sample, ship
from imi.recipes.compression import ORDERS, compressed, mixed, ngram, ngram_log_probs
from imi.recipes.debagging import bags, by_net, by_ngrams, put_in_order
from imi.recurrent import log_probs

NAME = "rnn_2011"
PARAMETERS = 1_200_000  # all three nets have about so many
LEARNING_RATES = {"rnn": 1e-3, "mrnn": 1e-3, "lstm": 3e-3}
STEPS = 8_000
BAGS = 200


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


def measure() -> dict[str, float]:
    """Measures what the three nets can do again, from the shipped weights."""
    text, figures = encyclopaedia(), {}
    drawn = bags(text.held_out, BAGS, seed=2011)
    for kind in LEARNING_RATES:
        shipped = checkpoints.load(name_of(kind))
        figures[kind] = round(bits_per_character(shipped.model, text.held_out_ids), 4)
        figures[f"{kind}_parameters"] = shipped.card["parameters"]
        figures[f"{kind}/put_in_order"] = put_in_order(by_net(shipped.model), drawn)
    return figures


def run_measurement(request: Request) -> bool:
    """Measures nets, n-gram models and compressors; writes `measurements/rnn_2011.json`."""
    began, text = time.perf_counter(), encyclopaedia()
    figures = {**measure(), **compressed(text)}
    longest, drawn = ngram(text, max(ORDERS)), bags(text.held_out, BAGS, seed=2011)
    for order in ORDERS:
        shorter = longest.shortened(order)
        counted = ngram_log_probs(shorter, text.held_out_ids)
        figures[f"kn{order}"] = -counted.mean() / math.log(2)
        figures[f"kn{order}/put_in_order"] = put_in_order(by_ngrams(shorter), drawn)
    best = checkpoints.load(name_of("lstm")).model
    read_by_net = log_probs(best, text.held_out_ids, rows=ROWS).double().numpy()
    figures |= mixed(read_by_net, counted)  # with the longest n-grams
    figures["best_ngram"] = min(figures[f"kn{order}"] for order in ORDERS)
    in_order = [figures[f"kn{order}/put_in_order"] for order in ORDERS]
    figures["best_ngram/put_in_order"] = max(in_order)
    measurements.save(
        request.out / "measurements",
        NAME,
        rows=[],
        figures={key: round(value, 4) for key, value in figures.items()},
        seconds=round(time.perf_counter() - began),
    )
    return True


RECIPES = (
    *(
        Recipe(
            name_of(kind),
            f"{kind.upper()} of 1.2 million weights on Wikipedia leads, by character",
            partial(run, kind),
            minutes=15,
            sample=sample_again,
        )
        for kind in LEARNING_RATES
    ),
    Recipe(NAME, "bits a character of nets, n-grams and compressors", run_measurement, minutes=8),
)
