"""What full size costs: formulas by hand, the papers' own figures, and the page that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from imi import costs, markdown, paper_sizes, scale
from imi.costs import Part
from imi.models.attention import RNNsearchConfig
from imi.models.transformer import Transformer, TransformerConfig

PAPERS = paper_sizes.papers()
COSTS = {f"{paper.name}, {paper.net}": scale.Cost.of(paper) for paper in PAPERS}
PAGE = Path(__file__).parents[1] / "docs" / "scale.md"


def cost(name: str) -> scale.Cost:
    (found,) = [value for key, value in COSTS.items() if key.startswith(name)]
    return found


def test_a_matrix_costs_six_operations_a_weight_and_token_and_a_table_nothing():
    net = nn.ModuleDict(
        {"table": nn.Embedding(13, 3), "rnn": nn.LSTM(3, 5), "end": nn.Linear(5, 7)}
    )
    tied = torch.zeros(11, 5)
    part = Part.of(net, tied, tokens=17, batch=2, looks=4)
    assert part.weights == 4 * 5 * (3 + 5) + 7 * 5 + 11 * 5
    assert part.kept == 2 * (2 * 4 * 5 + 7 + 11 + 4)
    assert costs.training_flops([part]) == 6 * part.weights * 17
    more = Part.of(net, tokens=17, products=23)
    assert costs.training_flops([more]) == 6 * (4 * 5 * 8 + 35 + 23) * 17


def test_the_formula_is_what_pytorch_counts():
    """Forward and backward of a linear layer over rows that need a gradient themselves."""
    from torch.utils.flop_counter import FlopCounterMode

    net, rows = nn.Sequential(nn.Linear(7, 11), nn.Tanh(), nn.Linear(11, 5)), 3
    counter = FlopCounterMode(display=False)
    with counter:
        net(torch.ones(rows, 7, requires_grad=True)).sum().backward()
    assert counter.get_total_flops() == costs.training_flops([Part.of(net, tokens=rows)])


def test_memory_is_four_numbers_a_weight_and_the_activations():
    part = Part(weights=0, tokens=1, kept=9, batch=5)
    found = costs.memory(1_000, [part, part])
    assert found.fixed == 16_000 and found.activations == 4 * 2 * 9 * 5


def test_days_and_machines_are_inverse():
    flops = costs.machine_flops(8, 3, 1e12)
    assert flops == 8 * 3 * 86_400 * 1e12
    assert costs.days(flops, count=4, speed=2e12) == pytest.approx(3)


@pytest.mark.parametrize(
    ("name", "flops"),
    [("Vaswani et al. 2017, base", 3.3e18), ("Vaswani et al. 2017, big", 2.3e19),
     ("Wu et al. 2016", 1.4e20)],
)  # fmt: skip
def test_the_machines_had_the_operations_of_table_2_of_vaswani(name, flops):
    assert cost(name).had == pytest.approx(flops, rel=0.02)
    if cost(name).flops:
        assert 0.1 < cost(name).flops / flops < 1  # no GPU is busy all the time


@pytest.mark.parametrize("name", [key for key in COSTS if COSTS[key].paper.told])
def test_our_nets_have_the_papers_parameters(name):
    near = 0.11 if name.startswith("Johnson") else 0.035
    assert COSTS[name].paper.parameters == pytest.approx(COSTS[name].paper.told, rel=near)


def test_the_nplm_has_the_parameters_of_the_papers_formula():
    n, m, h, size = 6, 100, 60, 17_964
    paper = cost("Bengio").paper
    assert paper.parameters == size * (1 + n * m + h) + h * (1 + (n - 1) * m)


def test_sutskevers_net_has_the_papers_recurrent_weights():
    reading, writing = cost("Sutskever et al. 2014").paper.parts
    assert reading.weights == 32e6 and writing.weights - 80_000 * 1_000 == 32e6


def test_attention_over_a_sentence_costs_its_length():
    """RNNsearch: v_a and the sum of annotations for each source word; BERT: both for each place."""
    config = RNNsearchConfig(30_000, 30_000, 620, 1_000, 1_000, 500, tied=False)
    _, writing = cost("Bahdanau").paper.parts
    assert writing.products == 29 * (config.alignment_dim + 2 * config.hidden_dim)
    encoder, _ = cost("Devlin et al. 2019, BASE").paper.parts
    assert encoder.products == pytest.approx(12 * 2 * 768 * (0.9 * 128 + 0.1 * 512))
    assert encoder.weights == 12 * 12 * 768**2


def test_a_transformer_on_no_device_has_no_memory():
    net = paper_sizes.shape(lambda: Transformer(TransformerConfig(90_000, 90_000, dim=4096)))
    assert {weights.device.type for weights in net.parameters()} == {"meta"}
    assert paper_sizes.size(net) > 7e8


def test_what_a_paper_does_not_say_is_not_made_up():
    johnson = cost("Johnson")
    assert johnson.flops is johnson.had is johnson.days(1) is None
    cells = johnson.cells()
    assert cells.count(scale.SILENT) == 6 and cells[2] == "255 million"
    assert cost("Karpathy").cells()[1] == scale.SILENT
    assert cost("Hinton").cells()[8] == scale.SILENT


def test_figures_are_shown_with_their_units():
    assert [scale._count(x) for x in (86, 4.9e6, 1.28e11)] == ["86", "4.9 million", "128 billion"]
    assert scale._power(3.28e18) == "3.3e18" and scale._power(None) == "not said"
    assert [scale._bytes(x) for x in (4.2e6, 6.4e9, 4.26e11)] == ["4.2 MB", "6.4 GB", "426 GB"]
    shown = [scale._duration(x) for x in (12.3, 0.5, 0.01, 0.0001)]
    assert shown == ["12 days", "12 hours", "14 minutes", "8.6 seconds"]


def test_the_page_shows_what_the_command_prints(capsys):
    assert scale.main([]) == 0
    printed = capsys.readouterr().out.strip()
    assert markdown.between(PAGE, "scale") == printed, "run `python -m imi.scale --docs`"
    assert len(printed.splitlines()) == 2 + len(PAPERS) + 1 + len(PAPERS)


def test_the_command_writes_the_page(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "scale.md"
    page.write_text("a\n<!-- scale -->\n<!-- /scale -->\nb\n")
    monkeypatch.setattr(scale.places, "data_dir", lambda: tmp_path / "data")
    scale.main(["--docs"])
    assert markdown.between(page, "scale") == markdown.between(PAGE, "scale")
