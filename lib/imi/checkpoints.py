"""Trained models on disk: weights, vocabulary and a card that says how they came to be.

A checkpoint is a folder `NAME/` with `weights.safetensors`, `card.json` and, where the model reads
words, `vocabulary.tsv`, or a file for each of several vocabularies. Nothing in it is code, and
loading runs none of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as pack_tensors
from torch import nn

from imi import places, processes
from imi.text import Vocabulary

WEIGHTS, CARD, VOCABULARY = "weights.safetensors", "card.json", "vocabulary.tsv"
TABLE = ".tsv"  # of words and how often each was seen


class CheckpointError(ValueError):
    """A checkpoint is missing, damaged or of another model; the message says which."""


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model, ready to use, with its vocabulary (if it has one) and its card.

    A model of several vocabularies, such as a translator, has them by name in `vocabularies`.
    """

    model: nn.Module
    vocabulary: Vocabulary | None
    card: dict[str, Any]
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)


def folder(name: str) -> Path:
    """Returns where the shipped checkpoint `name` lies."""
    return places.data_dir() / "checkpoints" / name


def save(
    path: Path,
    model: nn.Module,
    *,
    vocabulary: Vocabulary | None = None,
    vocabularies: Mapping[str, Vocabulary] | None = None,
    **card: Any,
) -> dict[str, Any]:
    """Writes a checkpoint to the folder `path` and returns its card.

    Weights are stored as float16. `card` holds what the caller knows: recipe, data, seed, steps,
    minutes, device, metrics. Of several processes the first one writes.
    """
    weights = {k: v.detach().cpu().half().contiguous() for k, v in model.state_dict().items()}
    files = {WEIGHTS: pack_tensors(weights)}
    for name, words in (vocabularies or {}).items():
        files[f"{name}{TABLE}"] = _table(words)
    if vocabulary is not None:
        files[VOCABULARY] = _table(vocabulary)
    card = {
        "model": f"{type(model).__module__}.{type(model).__qualname__}",
        "config": dataclasses.asdict(model.config),
        "parameters": sum(p.numel() for p in model.parameters()),
        **card,
        "torch": torch.__version__.partition("+")[0],
        "python": platform.python_version(),
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    files[CARD] = (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    # The card goes last: a folder with a card is whole.
    processes.write({path / name: content for name, content in files.items()})
    return card


def read_card(path: Path) -> dict[str, Any]:
    """Reads the card of the checkpoint in the folder `path`.

    Raises:
        CheckpointError: if there is none, or it cannot be read.
    """
    try:
        return json.loads((path / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = sorted(p.parent.name for p in path.parent.glob(f"*/{CARD}"))
        raise CheckpointError(
            f"there is no checkpoint {path.name!r}; there are: {', '.join(there) or 'none'}"
        ) from None
    except ValueError as error:
        raise CheckpointError(f"the card of {path.name!r} is damaged: {error}") from error


def load(checkpoint: str | Path, *, device: torch.device | str = "cpu") -> Checkpoint:
    """Loads a shipped checkpoint by name, or any by its folder, as float32 in evaluation mode.

    Raises:
        CheckpointError: if it is missing, a file's sha256 is not the card's, or the weights do
            not fit the model that the card names.
    """
    path = folder(checkpoint) if isinstance(checkpoint, str) else checkpoint
    card = read_card(path)
    files = {name: _verified(path / name, digest) for name, digest in card["sha256"].items()}
    model = _build(card, path.name)
    weights = {name: tensor.float() for name, tensor in parse_tensors(files[WEIGHTS]).items()}
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise CheckpointError(
            f"the weights of {path.name!r} do not fit its config {card['config']}: {reason}"
        ) from error
    tables = {
        name.removesuffix(TABLE): _parse_vocabulary(content)
        for name, content in files.items()
        if name.endswith(TABLE)
    }
    vocabulary = tables.pop(VOCABULARY.removesuffix(TABLE), None)
    return Checkpoint(model.to(device).eval(), vocabulary, card, tables)


def _verified(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(
            f"{path.parent.name!r} lacks {path.name}; train it again or get the project anew"
        ) from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise CheckpointError(
            f"{path.name} of {path.parent.name!r} is not the file its card describes "
            "(sha256 differs); get the project anew or train it again"
        )
    return content


def _build(card: dict[str, Any], name: str) -> nn.Module:
    module, _, class_name = card["model"].rpartition(".")
    if not module.startswith("imi.models."):
        raise CheckpointError(f"{name!r} wants the model {card['model']}, which is not imi's")
    try:
        model_class = getattr(importlib.import_module(module), class_name)
        config_class = getattr(importlib.import_module(module), f"{class_name}Config")
        return model_class(config_class(**card["config"]))
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{name!r} was made for another {card['model']}: {error}; train it again"
        ) from error


def _table(vocabulary: Vocabulary) -> bytes:
    rows = zip(vocabulary.words, vocabulary.counts or [0] * len(vocabulary), strict=True)
    return "".join(f"{word}\t{count}\n" for word, count in rows).encode("utf-8")


def _parse_vocabulary(content: bytes) -> Vocabulary:
    rows = [line.split("\t") for line in content.decode("utf-8").split("\n")[:-1]]
    (unknown, *words), counts = (list(column) for column in zip(*rows, strict=True))
    return Vocabulary(words, [int(count) for count in counts], unknown=unknown)
