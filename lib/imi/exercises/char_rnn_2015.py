"""The exercises of lecture 06: temperature, the LSTM's equations, brackets, a cell that counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from imi.cells import auc
from imi.decoding import Sampler
from imi.grammar import first_break
from imi.models.char_lstm import CharLSTM, CharLSTMConfig


def solution_chances(logits: Tensor, temperature: float) -> Tensor:
    """Returns softmax(logits / temperature)."""
    scaled = (logits / temperature).exp()
    return scaled / scaled.sum()


def check_chances(attempt: Callable[[Tensor, float], Tensor]) -> None:
    """Checks the probabilities at a temperature.

    Raises:
        AssertionError: with a hint, if they are wrong.
    """
    logits = torch.tensor([2.0, 0.5, -1.0])
    for temperature in (1.0, 0.5, 4.0):
        found = attempt(logits, temperature)
        assert abs(float(found.sum()) - 1) < 1e-5, "chances add up to 1"
        wanted = Sampler(temperature=temperature).chances(logits[None])[0]
        assert torch.allclose(found, wanted, atol=1e-5), (
            f"not at temperature {temperature:g}: divide the logits by it before exp"
        )


def solution_cell(
    x: Tensor, h: Tensor, c: Tensor, W: Tensor, U: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """Returns the next h and c of an LSTM; rows of W, U and b are in the order i, f, g, o."""
    i, f, g, o = (W @ x + U @ h + b).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def check_cell(attempt: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """Compares one step of an LSTM with the library's.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    torch.manual_seed(2015)
    net = CharLSTM(CharLSTMConfig(vocab_size=5, hidden_dim=3)).requires_grad_(False)
    h, c = torch.randn(1, 3), torch.randn(1, 3)
    wanted_h, wanted_c = net.cell(torch.tensor([2]), (h, c))
    lstm = net.lstm
    given = (lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0 + lstm.bias_hh_l0)
    found_h, found_c = attempt(torch.eye(5)[2], h[0], c[0], *given)
    assert found_c.shape == (3,), "there are 3 cells here, one of four blocks of W x + U h + b each"
    assert torch.allclose(found_c, wanted_c[0], atol=1e-5), (
        "c is not right: forget gate times the old c, plus input gate times tanh(g)"
    )
    assert torch.allclose(found_h, wanted_h[0], atol=1e-5), "c is right; h = output gate x tanh(c)"


def solution_brackets(text: str) -> bool:
    """Tells whether brackets close in order, with a stack."""
    closers, stack = {")": "(", "]": "[", "}": "{"}, []
    for character in text:
        if character in closers.values():
            stack.append(character)
        elif character in closers and (not stack or stack.pop() != closers[character]):
            return False
    return not stack


def check_brackets(attempt: Callable[[str], bool]) -> None:
    """Checks a test of brackets, the work that a cell of the net must learn.

    Raises:
        AssertionError: with a text that it gets wrong.
    """
    for text in ("f(a[0]);", "{ ( } )", "((", ")(", "", "if (a) { b[c(d)] = {}; }", "a]"):
        balanced = first_break(text) == len(text) and all(
            text.count(a) == text.count(b) for a, b in ("()", "[]", "{}")
        )
        hint = "closes" if balanced else "does not close"
        assert attempt(text) == balanced, f"{text!r} {hint}: keep a stack of what is open"


def solution_detector(cells: np.ndarray, truth: np.ndarray) -> int:
    """Returns the cell with the AUC farthest from a half."""
    return int(np.abs(auc(cells, truth) - 0.5).argmax())


def check_detector(attempt: Callable[[np.ndarray, np.ndarray], int]) -> None:
    """Checks a search for the cell that tells a condition best, whether it goes up or down.

    Raises:
        AssertionError: with a hint, if there is a better one.
    """
    rng = np.random.default_rng(2015)
    truth = rng.random(999) < 0.1
    cells = rng.standard_normal((999, 13))
    cells[:, 4] += 1.5 * truth
    cells[:, 9] -= 4.0 * truth  # the best one is low where the condition is true
    found = attempt(cells, truth)
    assert found in range(13), f"return the number of a cell, 0 to 12, not {found!r}"
    assert found != 4, "cell 4 is good, but another is better: a cell may also go *down*"
    assert found == 9, f"cell {found} tells hardly anything; try imi.cells.auc"
