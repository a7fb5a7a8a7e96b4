"""Trains and searches with Joey NMT on batches that another process made; prints what it took.

It runs in a Python of its own, which has `joeynmt` and not `imi`: see translation.py.

Usage: python joey.py BATCHES.json
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import torch
from joeynmt.batch import Batch
from joeynmt.model import build_model
from joeynmt.search import beam_search
from joeynmt.vocabulary import Vocabulary

logging.disable(logging.CRITICAL)
SPECIAL = SimpleNamespace(
    unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>", sep_token=None,
    unk_id=0, pad_id=1, bos_id=2, eos_id=3, sep_id=None, lang_tags=[],
)  # fmt: skip


def transformer(about: dict) -> dict:
    """Returns the settings of its Transformer, at the sizes asked for."""
    sizes = about["stack"]
    side = {"type": "transformer", "hidden_size": sizes["dim"], "ff_size": sizes["hidden_dim"],
            "num_layers": sizes["layers"], "num_heads": sizes["heads"],
            "dropout": sizes["dropout"], "layer_norm": "post",
            "embeddings": {"embedding_dim": sizes["dim"], "scale": True,
                           "dropout": sizes["dropout"]}}  # fmt: skip
    return {"encoder": side, "decoder": side, "tied_softmax": True}


def recurrent(about: dict) -> dict:
    """Returns the settings of its bidirectional GRU with additive attention."""
    side = {"type": "recurrent", "rnn_type": "gru", "hidden_size": about["hidden"],
            "embeddings": {"embedding_dim": about["hidden"]}, "num_layers": 1}  # fmt: skip
    return {
        "encoder": {**side, "bidirectional": True},
        "decoder": {**side, "attention": "bahdanau", "init_hidden": "bridge"},
        "tied_softmax": True,
    }


def model_of(about: dict):
    """Builds the model asked for."""
    words = Vocabulary([f"w{n}" for n in range(about["vocabulary"] - 4)], SPECIAL)
    config = {"recurrent": recurrent, "transformer": transformer}[about["model"]](about)
    model = build_model(config, src_vocab=words, trg_vocab=words)
    model.loss_function = ("crossentropy", about["smoothing"])
    return model


def batch_of(rows: dict) -> Batch:
    """Makes a batch of the same sentences; the longest first, as its encoder wants them."""
    order = sorted(range(len(rows["source"])), key=lambda n: -len(rows["source"][n]))

    def filled(given: list[list[int]]) -> torch.Tensor:
        longest = max(map(len, given))
        return torch.tensor([[*row, *[1] * (longest - len(row))] for row in given])

    source = filled([rows["source"][n] for n in order])
    target = filled([[2, *rows["target"][n], 3] for n in order])
    return Batch(
        src=source, src_length=(source != 1).sum(1), src_prompt_mask=None, trg=target,
        trg_prompt_mask=None, indices=torch.tensor(order), device=torch.device("cpu"),
        pad_index=1, eos_index=3,
    )  # fmt: skip


def searched(model, about: dict, *, equal: bool) -> float:
    """Returns the seconds that beam search takes, to equal lengths or as hypotheses end."""
    began = time.perf_counter()
    with torch.no_grad():
        for rows in about["search"]:
            batch = batch_of(rows)
            output, hidden, _, _ = model(return_type="encode", **vars(batch))
            limit = about["words"] if equal else 2 * batch.src.shape[1] + 10
            beam_search(model, about["beams"], output, hidden, batch.src_mask, limit,
                        about["alpha"], min_output_length=limit if equal else 1)  # fmt: skip
    return time.perf_counter() - began


def main(path: Path) -> None:
    """Trains on all batches, then searches the sentences held out."""
    about = json.loads(path.read_text())
    torch.set_num_threads(about["threads"])
    torch.manual_seed(2015)
    model = model_of(about)
    adam = torch.optim.Adam(model.parameters(), lr=about["learning_rate"])
    model.train()
    tokens = 0
    for number, rows in enumerate(about["train"]):
        if number == about["warm"]:
            began = time.perf_counter()
        batch = batch_of(rows)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=about["mixed"]):
            loss, _, _, _ = model(return_type="loss", **vars(batch))
        batch.normalize(loss, normalization="tokens").backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        adam.zero_grad()
        tokens += int(batch.ntokens) if number >= about["warm"] else 0
    training = tokens / (time.perf_counter() - began)
    model.eval()
    seconds = [searched(model, about, equal=equal) for equal in (True, False)]
    count = sum(weights.numel() for weights in model.parameters())
    print(json.dumps({"training": training, "seconds": seconds, "parameters": count}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
