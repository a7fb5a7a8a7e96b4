"""Writing with a net of the C net's sizes: state carried or prefix read again, alone, as a batch.

The net has random weights: how fast it writes does not depend on what it learned.

Usage: python tests/benchmarks/char_rnn.py [CHARACTERS]
"""

from __future__ import annotations

import sys
import time
from itertools import islice

import torch
from torch import nn

from imi import device
from imi.decoding import continued, greedy
from imi.models.char_lstm import CharLSTM
from imi.recipes.char_rnn_nets import NETS
from imi.text import Characters

BEGINNING, ROWS, WANTED = "static int uv__", 64, 1_500


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


def main(length: int) -> None:
    """Times the three ways, and checks that they write the same."""
    threads = device.use_all_cores()
    config, settings = NETS["c"]
    device.seed_everything(settings.seed)
    model = CharLSTM(config).eval()
    ways = [("imi, one text", carried, 1, length), (f"imi, {ROWS} texts", carried, ROWS, length),
            ("torch.nn.LSTM, one text", with_torch, 1, length),
            ("prefix read anew, one text", anew, 1, length // 8)]  # fmt: skip
    cells = model.config.hidden_dim
    print(f"a net like the C net, {cells} cells, {threads} threads, characters a second")
    speed, texts = {}, {}
    for name, way, rows, count in ways:
        way(model, rows, 20)
        began = time.perf_counter()
        texts[name] = way(model, rows, count)[0, : length // 8].tolist()
        speed[name] = rows * count / (time.perf_counter() - began)
        print(f"{name:28}{speed[name]:10,.0f}")
    assert len({tuple(text) for text in texts.values()}) == 1, "the ways write different texts"
    if speed["imi, one text"] < WANTED:
        sys.exit(f"expected at least {WANTED} characters a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_600)
