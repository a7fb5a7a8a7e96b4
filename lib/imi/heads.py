"""Heads of a Transformer made to say nothing, to see what they are good for.

Lecture: notebooks/10_transformer_2017.ipynb
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from imi.blocks import MultiHeadAttention
from imi.models.transformer import KINDS, Transformer


def silenced(model: Transformer, kind: str, layer: int, heads: Sequence[int]) -> Transformer:
    """Returns a model in which some heads of one layer say nothing: their rows of W^O are 0.

    It shares all other weights with the model, which itself stays as it is.

    Args:
        kind: "encoder", "decoder", or "across" for the decoder's look at the sentence.
        layer: from 0.
        heads: from 0.

    Raises:
        ValueError: if there is no such attention, layer or head.
    """
    if kind not in KINDS:
        raise ValueError(f"attention is one of {', '.join(KINDS)}, not {kind!r}")
    config = model.config
    if not 0 <= layer < config.layers or not set(heads) <= set(range(config.heads)):
        raise ValueError(f"there are {config.layers} layers of {config.heads} heads")
    W_O = _block(model, kind, layer).output.weight
    shared = {id(weights): weights for weights in model.parameters() if weights is not W_O}
    model = copy.deepcopy(model, shared)
    W_O = _block(model, kind, layer).output.weight.data
    for head in heads:  # nn.Linear keeps W^O transposed
        W_O.unflatten(1, (config.heads, -1))[:, head] = 0.0
    return model


def _block(model: Transformer, kind: str, layer: int) -> MultiHeadAttention:
    if kind == "across":
        return model.decoder[layer].across
    return (model.encoder if kind == "encoder" else model.decoder)[layer].attention
