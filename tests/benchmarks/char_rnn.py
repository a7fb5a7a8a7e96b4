"""Writing with a net of the C net's sizes: state carried or prefix read again, alone, as a batch.

The net has random weights: how fast it writes does not depend on what it learned.

Usage: python tests/benchmarks/char_rnn.py [CHARACTERS]
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import report
import torch
from report import Row
from torch import nn

from imi import device
from imi.decoding import continued, greedy
from imi.models.char_lstm import CharLSTM
from imi.recipes.char_rnn_nets import NETS
from imi.text import Characters

BEGINNING, ROWS, WANTED = "static int uv__", 64, 1_500
ONE, MANY, TORCH, ANEW = "one text", "many", "torch.nn.LSTM", "prefix read anew"


def carried(model, rows: int, length: int) -> torch.Tensor:
    """Writes with the state carried from character to character."""
    prompt = torch.tensor([Characters.encode(BEGINNING)] * rows)
    return torch.stack(list(islice(continued(model.step, prompt, greedy), length)), dim=1)


def anew(model, rows: int, length: int) -> torch.Tensor:
    """Writes by reading everything anew for each character."""
    ids = torch.tensor([Characters.encode(BEGINNING)] * rows)
    with torch.no_grad():
        for _ in range(length):
            ids = torch.cat([ids, greedy(model(ids).logits[:, -1])[:, None]], dim=1)
    return ids[:, len(BEGINNING) :]


def with_torch(model, rows: int, length: int) -> torch.Tensor:
    """Writes with torch.nn.LSTM called for one character at a time."""
    ids, state, written = torch.tensor([Characters.encode(BEGINNING)] * rows), None, []
    with torch.no_grad():
        for _ in range(length):
            x = nn.functional.one_hot(ids, model.config.vocab_size).float()
            hidden, state = model.lstm(x, state)
            ids = greedy(model.output(hidden[:, -1]))[:, None]
            written.append(ids)
    return torch.cat(written, dim=1)


def rows(length: int) -> Iterator[Row]:
    """Times the three ways, and checks that they write the same."""
    device.use_all_cores()
    config, settings = NETS["c"]
    device.seed_everything(settings.seed)
    model = CharLSTM(config).eval()
    ways = {ONE: (carried, 1, length), MANY: (carried, ROWS, length),
            TORCH: (with_torch, 1, length), ANEW: (anew, 1, length // 8)}  # fmt: skip
    speed, texts = {}, set()
    for name, (way, count, characters) in ways.items():
        way(model, count, 20)
        began = time.perf_counter()
        texts.add(tuple(way(model, count, characters)[0, : length // 8].tolist()))
        speed[name] = count * characters / (time.perf_counter() - began)
    assert len(texts) == 1, "the ways write different texts"
    what, unit = f"an LSTM of {config.hidden_dim} cells writes", "characters/s"
    yield Row(f"{what} one text", unit, speed[ONE], target=WANTED)
    yield Row(f"{what} {ROWS} texts at once", unit, speed[MANY], ONE, speed[ONE])
    for peer in (TORCH, ANEW):
        yield Row(f"{what} one text", unit, speed[ONE], peer, speed[peer])


if __name__ == "__main__":
    report.main(rows, 1_600, "characters")
