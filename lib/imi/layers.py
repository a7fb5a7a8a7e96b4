"""Blocks that two or more papers use.

Shapes: B batch, S source words, D width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def visible(lengths: Tensor, size: int) -> Tensor:
    """Returns True where a row has a word and False where it is filled up, (B, size)."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def backwards(ids: Tensor, lengths: Tensor) -> Tensor:
    """Turns the words of each row (B, S) round; the filling stays behind them."""
    places = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
    turned = torch.where(visible(lengths, ids.shape[1]), lengths[:, None] - 1 - places, places)
    return ids.gather(1, turned)


def read(rnn: nn.RNNBase, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor | tuple]:
    """Lets a recurrent net read rows (B, S, D), each to its own length alone.

    Returns its outputs, 0 after a row's end, and its states there. Rows of one length need no
    packing, and are read much faster.

    Raises:
        ValueError: if a row has no words.
    """
    if lengths.min() < 1:
        raise ValueError("a sentence without words cannot be read; leave it out")
    if lengths.min() == x.shape[1]:
        return rnn(x)
    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    outputs, state = rnn(packed)
    return pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])[0], state
