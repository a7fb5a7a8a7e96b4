"""Cells: AUC against scikit-learn, detectors, what switching off does; copies; coloured text."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from imi import cells, grammar, plots
from imi.cells import auc
from imi.copies import Copies
from imi.models.char_lstm import CharLSTM, CharLSTMConfig


def test_the_auc_is_scikit_learns_with_ties_too():
    rng = np.random.default_rng(3)
    scores, truth = rng.integers(0, 9, (211, 5)).astype(float), rng.random(211) < 0.3
    wanted = [roc_auc_score(truth, column) for column in scores.T]
    np.testing.assert_allclose(auc(scores, truth), wanted)
    with pytest.raises(ValueError, match="rows of both kinds"):
        auc(scores, np.zeros(211, dtype=bool))


def test_the_cell_that_knows_is_found_and_judged_on_the_other_half(monkeypatch):
    monkeypatch.setattr(cells, "BLOCK", 150)
    rng = np.random.default_rng(4)
    truth = rng.random(600) < 0.4
    values = rng.standard_normal((600, 7))
    values[:, 3] = np.where(truth, -1, 1) + 1.5 * rng.standard_normal(600)
    judged = np.arange(600) // 150 % 2 == 1
    values[judged, 5] = truth[judged] * 9.0  # perfect, but only where nobody may look
    found = cells.detectors(values, {"so": truth, "never": np.zeros(600, dtype=bool)})
    assert [(d.condition, d.cell, d.high) for d in found] == [("so", 3, False)]
    assert found[0].auc == pytest.approx(roc_auc_score(truth[judged], -values[judged, 3]))
    assert found[0].share == pytest.approx(truth.mean())


def net() -> CharLSTM:
    torch.manual_seed(2015)
    return CharLSTM(CharLSTMConfig(hidden_dim=13)).eval()


def test_activations_are_the_cells_after_each_character():
    text = "if (a) {\n}\n"
    values = cells.activations(net(), text)
    assert values.shape == (11, 13)
    again = cells.activations(net(), text[:5])
    np.testing.assert_allclose(values[:5], again, rtol=1e-5)
    in_rows = cells.activations(net(), text, rows=3)
    np.testing.assert_allclose(in_rows[4:8], cells.activations(net(), text[4:8]), rtol=1e-5)
    with pytest.raises(ValueError, match="no text to read"):
        cells.activations(net(), "")


def test_losses_name_their_places_and_change_when_a_cell_is_off():
    text = "while (true) { nothing(); }\n" * 2
    loss, places = cells.losses(net(), text, rows=4)
    assert len(loss) == len(places) == 4 * (14 - 1)
    assert places[0] == 1 and 14 not in places and places[13] == 15
    off, _ = cells.losses(net(), text, rows=4, off=[2])
    assert not np.allclose(loss, off)
    logits = net()(torch.tensor([[69, 70]])).logits
    assert logits.shape == (1, 2, 96)


def test_conditions_name_what_is_open():
    wanted = cells.conditions(grammar.c_states('f(g("a")) /* b */'))
    assert [int(truth.sum()) for truth in wanted.values()] == [2, 6, 4, 0, 0]


def test_the_longest_copy_is_the_one_a_slow_search_finds():
    rng = np.random.default_rng(5)
    source = "".join(rng.choice(list("abcd "), 3_000))
    text = "xx" + source[500:537] + "y" + source[2_900:2_961] + "zz"
    found = Copies(source, least=20).longest(text)
    slow = max(
        end - start
        for start in range(len(text))
        for end in range(start, len(text) + 1)
        if text[start:end] in source
    )
    assert found == slow == 61
    assert Copies(source, least=20).longest("nothing of the kind, for sure") == 0
    assert Copies(source, least=20).longest("short") == 0


def test_a_coloured_text_is_drawn_and_refuses_what_does_not_fit():
    text = "a $b$ {\n" * 3 + "long " * 40
    figure = plots.coloured_text(text, np.linspace(-1, 1, len(text)), title="t", unit="u")
    assert len(plots.png(figure)) > 1_000
    shown = [label.get_text() for label in figure.axes[0].texts]
    assert shown[0] == "a $b$ {¬" and max(map(len, shown)) <= 84
    with pytest.raises(ValueError, match="columns of one length"):
        plots.coloured_text("ab", [1.0], title="t", unit="u")
    with pytest.raises(ValueError, match="columns of one length"):
        plots.coloured_text("", [], title="t", unit="u")
