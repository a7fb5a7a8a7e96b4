"""Published BERTs in our classes, and ours in theirs: the same weights under other names.

Lecture: notebooks/11_bert_2019.ipynb
Such a model is a folder with `config.json`, `model.safetensors` and `vocab.txt`, or a zip archive
of them. Nothing in it is code, and no network is asked.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_tensors
from torch import Tensor

from imi.bertpieces import BertPieces
from imi.checkpoints import CheckpointError
from imi.data import sources
from imi.models.bert import Bert, BertConfig, BertForPretraining

CONFIG, WEIGHTS, PIECES = "config.json", "model.safetensors", "vocab.txt"

# Our modules, and how Hugging Face's `BertModel` calls them.
_AROUND = {
    "words": "embeddings.word_embeddings",
    "places": "embeddings.position_embeddings",
    "segments": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
    "pooler": "pooler.dense",
}
_OF_A_LAYER = {
    "attention.query": "attention.self.query",
    "attention.key": "attention.self.key",
    "attention.value": "attention.self.value",
    "attention.output": "attention.output.dense",
    "after_attention.norm": "attention.output.LayerNorm",
    "feed_forward.rise": "intermediate.dense",
    "feed_forward.fall": "output.dense",
    "after_feed_forward.norm": "output.LayerNorm",
}
_HEADS = {  # of `BertForPreTraining`
    "transform.0": "cls.predictions.transform.dense",
    "transform.2": "cls.predictions.transform.LayerNorm",
    "next": "cls.seq_relationship",
}
_EMBEDDINGS = ("words", "places", "segments")  # have no bias


class Pretrained(NamedTuple):
    """A model that others trained, in evaluation mode, and the pieces that it reads."""

    model: Bert | BertForPretraining
    pieces: BertPieces


def names(layers: int, *, heads: bool = False) -> dict[str, str]:
    """Returns our name of every parameter, and with it Hugging Face's.

    Args:
        layers: how many there are, L.
        heads: of `BertForPretraining`, not of `Bert`.
    """
    modules = dict(_AROUND)
    for n in range(layers):
        modules |= {f"encoder.{n}.{a}": f"encoder.layer.{n}.{b}" for a, b in _OF_A_LAYER.items()}
    bare = {f"{module}.weight" for module in _EMBEDDINGS}
    both = {f"{a}.{kind}": f"{b}.{kind}" for a, b in modules.items() for kind in ("weight", "bias")}
    found = {a: b for a, b in both.items() if a in bare or a.partition(".")[0] not in _EMBEDDINGS}
    if heads:
        found = {f"bert.{a}": f"bert.{b}" for a, b in found.items()}
        found |= {f"{a}.{k}": f"{b}.{k}" for a, b in _HEADS.items() for k in ("weight", "bias")}
        found["bias"] = "cls.predictions.bias"
    return found


def exported(model: Bert | BertForPretraining) -> dict[str, Tensor]:
    """Returns a model's weights under Hugging Face's names."""
    known = names(model.config.layers, heads=isinstance(model, BertForPretraining))
    return {known[name]: weights for name, weights in model.state_dict().items()}


def imported(
    tensors: Mapping[str, Tensor], layers: int, *, heads: bool = False
) -> dict[str, Tensor]:
    """Returns weights that have Hugging Face's names under ours.

    Names may have `bert.` before them, as in models with heads, and LayerNorm's weights may be
    called gamma and beta, as in the first ones that were published.

    Raises:
        CheckpointError: if a weight is missing.
    """
    theirs = {_modern(name): weights for name, weights in tensors.items()}
    found, missing = {}, []
    for ours, name in names(layers, heads=heads).items():
        weights = theirs.get(name.removeprefix("bert."))
        if weights is None:
            missing.append(name)
        else:
            found[ours] = weights
    if missing:
        raise CheckpointError(
            f"these weights lack {missing[0]} and {len(missing) - 1} others"
            if len(missing) > 1
            else f"these weights lack {missing[0]}"
        )
    return found


def load(where: str | Path, *, heads: bool = False) -> Pretrained:
    """Loads a published BERT as float32, in evaluation mode.

    Args:
        where: the name of a source, such as "minilm", or a folder, such as one that holds
            `bert-base-uncased`.
        heads: returns a `BertForPretraining`, which can fill blanks, if the weights have heads.

    Raises:
        DataError: if a named source is neither in the cache nor to be had.
        CheckpointError: if a file is missing or damaged, or the model is of another kind.
    """
    path = sources.path(where) if isinstance(where, str) else where
    config = _config(_read(path, CONFIG), path.name)
    try:
        tensors = parse_tensors(_read(path, WEIGHTS))
    except SafetensorError as error:
        raise CheckpointError(f"{WEIGHTS} of {path.name!r} is damaged: {error}") from error
    with torch.device("meta"):  # no weights are drawn only to be replaced
        model = BertForPretraining(config) if heads else Bert(config)
    weights = {name: w.float() for name, w in imported(tensors, config.layers, heads=heads).items()}
    try:
        model.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise CheckpointError(f"the weights of {path.name!r} do not fit: {reason}") from error
    words = _read(path, PIECES).decode("utf-8").splitlines()
    if len(words) != config.vocab_size:
        raise CheckpointError(
            f"{path.name!r} has {len(words):,} pieces and vectors for {config.vocab_size:,}"
        )
    return Pretrained(model.eval(), BertPieces(words))


def _modern(name: str) -> str:
    name = name.removeprefix("bert.")
    for old, new in (("gamma", "weight"), ("beta", "bias")):
        name = name.removesuffix(old) + new if name.endswith(f"LayerNorm.{old}") else name
    return name


def _read(path: Path, name: str) -> bytes:
    """Reads one of the files, from a folder or an archive."""
    try:
        if path.is_dir():
            return (path / name).read_bytes()
        with zipfile.ZipFile(path) as archive:
            (member,) = (m for m in archive.namelist() if m.rpartition("/")[2] == name)
            return archive.read(member)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path.name!r} has no {name} that can be read") from error


def _config(content: bytes, name: str) -> BertConfig:
    """Reads the sizes of a model.

    Raises:
        CheckpointError: if it is none that our class computes.
    """
    try:
        told: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise CheckpointError(f"{CONFIG} of {name!r} is damaged: {error}") from error
    wanted = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute",
              "layer_norm_eps": 1e-12, "is_decoder": False}  # fmt: skip
    for key, value in wanted.items():
        if told.get(key, value) != value:
            raise CheckpointError(f"{key} of {name!r} is {told[key]!r}; ours is {value!r}")
    try:
        return BertConfig(
            told["vocab_size"],
            dim=told["hidden_size"],
            heads=told["num_attention_heads"],
            layers=told["num_hidden_layers"],
            hidden_dim=told["intermediate_size"],
            dropout=told.get("hidden_dropout_prob", 0.1),
            longest=told["max_position_embeddings"],
            segments=told.get("type_vocab_size", 2),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{CONFIG} of {name!r} describes no BERT: {error}") from error
