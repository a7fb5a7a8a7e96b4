"""What single cells of a net know: each compared with what a program knows for sure.

Lecture: notebooks/06_char_rnn_2015.ipynb
Shapes: N characters of a text, H cells, B rows in which a text is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from imi.grammar import States
from imi.text import Characters

LATE_COLUMN, DEEP, INDENTED = 30, 2, 8
BLOCK = 2_000  # characters of which all are used to choose a cell, or all to judge it


def auc(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Returns how well each column of scores (N, K) tells true rows (N,) from the others, (K,).

    The area under the ROC curve: the chance that a true row scores above a false one; 0.5 is none.

    Raises:
        ValueError: if all rows are true, or none.
    """
    from scipy.stats import rankdata

    truth = np.asarray(truth, dtype=bool)
    true, false = int(truth.sum()), int((~truth).sum())
    if not true or not false:
        raise ValueError("an AUC needs rows of both kinds")
    ranks = rankdata(scores, axis=0)
    return (ranks[truth].sum(axis=0) - true * (true + 1) / 2) / (true * false)


@dataclass(frozen=True)
class Detector:
    """The cell that tells one condition best.

    Attributes:
        cell: its number.
        high: whether it is high, not low, where the condition is true.
        auc: on text that it was not chosen by; 0.5 is none, 1 perfect.
        share: of the characters for which the condition is true.
    """

    condition: str
    cell: int
    high: bool
    auc: float
    share: float


def activations(model: nn.Module, text: str, *, rows: int = 1) -> np.ndarray:
    """Returns tanh(c) of every cell after each character of a text, (N, H).

    Args:
        rows: into how many pieces to cut the text, to be read side by side.

    Raises:
        ValueError: if the text is empty or holds a character that the net does not know.
    """
    if not text:
        raise ValueError("there is no text to read; type some")
    ids = torch.tensor(Characters.encode(text))
    length = -(-len(ids) // rows)
    padded = torch.cat([ids, ids.new_zeros(rows * length - len(ids))]).view(rows, length)
    with torch.no_grad():
        cells = model.read(padded).cells
    return cells.flatten(0, 1)[: len(text)].numpy()


def conditions(states: States, *, quotes: str = "quotes") -> dict[str, np.ndarray]:
    """Returns what a cell may detect, each a bool (N,).

    Args:
        quotes: what the quotes of the language are called.
    """
    return {
        f"inside {quotes}": states.quoted,
        "inside a comment": states.comment,
        f"brackets open, {DEEP} or more": states.depth >= DEEP,
        f"line position past {LATE_COLUMN}": states.column > LATE_COLUMN,
        f"indented by {INDENTED} or more": states.indent >= INDENTED,
    }


def detectors(cells: np.ndarray, wanted: Mapping[str, np.ndarray]) -> list[Detector]:
    """Finds the best cell for each condition on one half of a text and judges it on the other.

    The halves take turns, block by block, so that both hold every kind of passage. A condition
    that is true nowhere, or everywhere, in one of the halves is left out.
    """
    first, found = np.arange(len(cells)) // BLOCK % 2 == 0, []
    for condition, truth in wanted.items():
        if any(part.all() or not part.any() for part in (truth[first], truth[~first])):
            continue
        chosen = auc(cells[first], truth[first])
        cell = int(np.abs(chosen - 0.5).argmax())
        high = bool(chosen[cell] > 0.5)
        judged = float(auc(cells[~first][:, [cell]], truth[~first])[0])
        share = float(truth.mean())
        found.append(Detector(condition, cell, high, judged if high else 1 - judged, share))
    return found


def losses(model: nn.Module, text: str, *, off: list[int] | None = None, rows: int = 1):
    """Returns the loss (nats) of each character but the first of each row, and their places.

    Args:
        off: cells that are held at zero.
    """
    ids = torch.tensor(Characters.encode(text))
    length = len(ids) // rows
    ids, state, found = ids[: rows * length].view(rows, length), None, []
    with torch.no_grad():
        for place in range(length - 1):
            logits, state = model.step(ids[:, place], state, off=off)
            found.append(nn.functional.cross_entropy(logits, ids[:, place + 1], reduction="none"))
    places = torch.arange(rows * length).view(rows, length)[:, 1:]
    return torch.stack(found, dim=1).flatten().numpy(), places.flatten().numpy()
