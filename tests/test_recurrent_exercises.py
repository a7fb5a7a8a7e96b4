"""Exercises of lectures 03 and 06: solutions pass, typical mistakes get a hint."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from imi.cells import auc
from imi.exercises import char_rnn_2015, rnn_2011
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.models.rnn import RNN, RNNConfig
from imi.recurrent import gradient_norms

PAIRS = [
    (module, name)
    for module, names in (
        (rnn_2011, ("step", "matrix", "scale")),
        (char_rnn_2015, ("chances", "cell", "brackets", "detector")),
    )
    for name in names
]


@pytest.mark.parametrize(("module", "name"), PAIRS, ids=lambda value: str(value).split(".")[-1])
def test_the_solution_passes_its_check(module, name):
    getattr(module, f"check_{name}")(getattr(module, f"solution_{name}"))


@pytest.mark.parametrize(
    ("check", "mistake", "hint"),
    [
        (rnn_2011.check_step, lambda x, h, W, U, b: torch.tanh(W @ x + b), "W_hh h"),
        (rnn_2011.check_step, lambda x, h, W, U, b: W @ x + torch.tanh(U @ h) + b, "whole sum"),
        (rnn_2011.check_matrix, lambda x, A, G, B: A @ B, "scales the factors"),
        (rnn_2011.check_matrix, lambda x, A, G, B: G @ x, "H by H"),
        (rnn_2011.check_scale, lambda: 0.9, "vanishes"),
        (rnn_2011.check_scale, lambda: 1.2, "explodes"),
        (char_rnn_2015.check_chances, lambda y, t: y.softmax(0), "divide the logits"),
        (char_rnn_2015.check_chances, lambda y, t: (y / t).exp(), "add up to 1"),
        (char_rnn_2015.check_cell, lambda x, h, c, W, U, b: (h, c), "c is not right"),
        (char_rnn_2015.check_brackets, lambda t: t.count("(") == t.count(")"), "keep a stack"),
        (char_rnn_2015.check_detector, lambda c, t: int(auc(c, t).argmax()), "go \\*down\\*"),
        (char_rnn_2015.check_detector, lambda c, t: 99, "0 to 12"),
    ],
)
def test_a_typical_mistake_gets_a_hint(check, mistake, hint):
    with pytest.raises(AssertionError, match=hint):
        check(mistake)


def test_gradient_norms_are_the_products_of_jacobians():
    torch.manual_seed(3)
    net = RNN(RNNConfig(vocab_size=5, hidden_dim=7))
    ids = torch.tensor([[1, 4, 2, 0, 3, 2]])
    found = gradient_norms(net, ids)
    states, h = [], net.start(1)
    with torch.no_grad():
        for x in ids[0, :-1]:
            h = net.hidden(x[None], h)
            states.append(h[0])
        wrong = net.output(h)[0].softmax(0) - torch.eye(5)[2]
        gradient, wanted = net.output.weight.t() @ wrong, []
        for h in reversed(states):
            wanted.append(gradient.norm())
            gradient = net.recur.weight.t() @ (gradient * (1 - h.square()))
    torch.testing.assert_close(found, torch.stack(wanted[::-1]))


def test_gradient_norms_of_an_lstm_count_both_parts_of_its_state():
    torch.manual_seed(3)
    net = CharLSTM(CharLSTMConfig(vocab_size=5, hidden_dim=7))
    norms = gradient_norms(net, torch.tensor([[1, 4, 2, 0], [3, 3, 1, 1]]))
    assert norms.shape == (3,) and (norms > 0).all()
    assert np.isfinite(norms.numpy()).all()
