"""The NPLM: equation (1) by hand, its size, its gradient, its errors."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from imi.models.nplm import NPLM, NPLMConfig

SIZES = {"vocab_size": 23, "context_size": 3, "embedding_dim": 5, "hidden_dim": 7}


def model(**changes) -> NPLM:
    torch.manual_seed(2003)
    return NPLM(NPLMConfig(**{**SIZES, **changes})).eval()


def context(rows: int = 11, words: int = 3) -> torch.Tensor:
    return torch.randint(23, (rows, words), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("direct", [False, True])
def test_the_scores_are_equation_1_by_hand(direct):
    net, ids = model(direct=direct), context()
    U, W = net.output.weight[:, :7], net.output.weight[:, 7:]
    H, d, b = net.hidden.weight, net.hidden.bias, net.output.bias
    for row, y in zip(ids, net(ids), strict=True):
        x = torch.cat([net.embedding.weight[word] for word in row])
        by_hand = b + U @ torch.tanh(d + H @ x) + (W @ x if direct else 0)
        torch.testing.assert_close(y, by_hand)


def test_without_hidden_units_only_the_direct_connections_are_left():
    net, ids = model(hidden_dim=0, direct=True), context()
    x = net.embedding(ids).flatten(start_dim=1)
    torch.testing.assert_close(
        net(ids), nn.functional.linear(x, net.output.weight, net.output.bias)
    )
    assert net.hidden is None


@pytest.mark.parametrize("direct", [False, True])
def test_the_number_of_parameters_is_the_papers(direct):
    V, n, m, h = 23, 4, 5, 7
    wanted = V * (1 + (n - 1) * m * direct + h) + h * (1 + (n - 1) * m) + V * m
    if direct:  # section 2: |V|(1 + nm + h) + h(1 + (n-1)m), where C is counted in the nm
        assert wanted == V * (1 + n * m + h) + h * (1 + (n - 1) * m)
    assert sum(p.numel() for p in model(direct=direct).parameters()) == wanted


def test_every_word_of_the_context_counts_and_so_does_its_place():
    net, ids = model(), context(rows=1)
    ids[0] = torch.tensor([3, 8, 13])
    for place in range(3):
        changed = ids.clone()
        changed[0, place] = 19
        assert not torch.allclose(net(ids), net(changed))
    assert not torch.allclose(net(ids), net(ids.flip(1)))


def test_one_update_moves_only_the_vectors_that_were_read():
    net = model()
    nn.functional.cross_entropy(net(torch.tensor([[2, 4, 6]])), torch.tensor([9])).backward()
    moved = net.embedding.weight.grad.abs().sum(dim=1).nonzero().flatten()
    assert moved.tolist() == [2, 4, 6]


def test_dropout_is_only_there_in_training():
    net = model(dropout=0.5)
    assert torch.equal(net(context()), net(context()))
    net.train()
    assert not torch.equal(net(context()), net(context()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 0}, "vocab_size must be at least 1, got 0"),
        ({"context_size": -1}, "context_size must be at least 1"),
        ({"hidden_dim": -1}, "hidden_dim must be 0 or more"),
        ({"hidden_dim": 0}, "direct connections must be on"),
        ({"dropout": 1.0}, "dropout must lie in"),
    ],
)
def test_impossible_sizes_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        NPLMConfig(**{**SIZES, **changes})


@pytest.mark.parametrize("shape", [(5, 2), (5, 4), (3,)])
def test_a_context_of_another_length_is_refused(shape):
    with pytest.raises(ValueError, match="3 words a row"):
        model()(torch.zeros(shape, dtype=torch.long))
