"""RNN, multiplicative RNN, LSTM: slow loops from the equations, torch.nn, tensors and factors."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.models.rnn import MRNN, RNN, MRNNConfig, RNNConfig

V, H, F, B, T = 11, 7, 5, 3, 13


def nets():
    torch.manual_seed(2011)
    sizes = {"vocab_size": V, "hidden_dim": H}
    made = {
        "rnn": RNN(RNNConfig(**sizes)),
        "mrnn": MRNN(MRNNConfig(**sizes, factors=F)),
        "lstm": CharLSTM(CharLSTMConfig(**sizes)),
    }
    return {kind: net.eval().requires_grad_(False) for kind, net in made.items()}


def text(rows: int = B, length: int = T) -> torch.Tensor:
    return torch.randint(V, (rows, length), generator=torch.Generator().manual_seed(1))


def dot(row, vector) -> float:
    return sum(float(w) * v for w, v in zip(row, vector, strict=True))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_the_rnn_is_equation_1_in_slow_loops():
    net = nets()["rnn"]
    for row, logits in zip(text(), net(text()).logits, strict=True):
        h = [0.0] * H
        for x, wanted in zip(row.tolist(), logits, strict=True):
            # W_hx x + b_h is the row that a one-hot x picks.
            h = [math.tanh(float(net.read.weight[x, i]) + dot(net.recur.weight[i], h))
                 for i in range(H)]  # fmt: skip
            o = [dot(net.output.weight[k], h) + float(net.output.bias[k]) for k in range(V)]
            torch.testing.assert_close(torch.tensor(o), wanted, atol=1e-5, rtol=1e-4)


def test_the_multiplicative_rnn_is_equations_6_and_7_in_slow_loops():
    net = nets()["mrnn"]
    for row, logits in zip(text(), net(text()).logits, strict=True):
        h = [0.0] * H
        for x, wanted in zip(row.tolist(), logits, strict=True):
            f = [float(net.gain.weight[x, k]) * dot(net.recur.weight[k], h) for k in range(F)]
            h = [math.tanh(dot(net.mix.weight[i], f) + float(net.read.weight[x, i]))
                 for i in range(H)]  # fmt: skip
            o = [dot(net.output.weight[k], h) + float(net.output.bias[k]) for k in range(V)]
            torch.testing.assert_close(torch.tensor(o), wanted, atol=1e-5, rtol=1e-4)


def test_enough_factors_hold_any_tensor():
    """With V * H factors each character may have a recurrent matrix of its own, section 3.1."""
    tensor = torch.randn(V, H, H, generator=torch.Generator().manual_seed(3)) / 3
    net = MRNN(MRNNConfig(vocab_size=V, hidden_dim=H, factors=V * H)).eval()
    with torch.no_grad():
        net.recur.weight.copy_(tensor.reshape(V * H, H))  # every matrix beneath the other
        net.mix.weight.copy_(torch.eye(H).repeat(1, V))  # add up what is let through
        net.gain.weight.copy_(torch.eye(V).repeat_interleave(H, dim=1))  # x lets its own through
    h = torch.zeros(B, H)
    for column in text().T:
        own = torch.stack([tensor[x] @ row for x, row in zip(column.tolist(), h, strict=True)])
        h = torch.tanh(own + net.read(column))
    torch.testing.assert_close(net(text()).state, h)
    for x in range(V):
        torch.testing.assert_close(net.matrix(x), tensor[x])


def test_the_factored_tensor_has_the_papers_number_of_weights():
    net = nets()["mrnn"]
    recurrent = sum(m.weight.numel() for m in (net.recur, net.mix, net.gain))
    assert recurrent == F * (2 * H + V) < V * H * H


def test_the_lstm_is_its_equations_in_slow_loops():
    net = nets()["lstm"]
    W, U = net.lstm.weight_ih_l0, net.lstm.weight_hh_l0
    b = net.lstm.bias_ih_l0 + net.lstm.bias_hh_l0
    for row, logits in zip(text(), net(text()).logits, strict=True):
        h, c = [0.0] * H, [0.0] * H
        for x, wanted in zip(row.tolist(), logits, strict=True):
            a = [float(W[k, x]) + dot(U[k], h) + float(b[k]) for k in range(4 * H)]
            for j in range(H):
                i, f, g = a[j], a[H + j], a[2 * H + j]
                c[j] = sigmoid(f) * c[j] + sigmoid(i) * math.tanh(g)
            h = [sigmoid(a[3 * H + j]) * math.tanh(c[j]) for j in range(H)]
            y = [dot(net.output.weight[k], h) + float(net.output.bias[k]) for k in range(V)]
            torch.testing.assert_close(torch.tensor(y), wanted, atol=1e-5, rtol=1e-4)


def test_the_lstm_cell_and_torchs_agree_in_logits_state_and_gradient():
    net, ids = nets()["lstm"].requires_grad_(True), text()
    peer = nn.LSTMCell(V, H)
    with torch.no_grad():
        for name, weights in peer.named_parameters():
            weights.copy_(getattr(net.lstm, f"{name}_l0"))
    h, c = torch.zeros(B, H), torch.zeros(B, H)
    for column in ids.T:
        h, c = peer(nn.functional.one_hot(column, V).float(), (h, c))
    fast, slow = net(ids), net.read(ids)
    for mine in (fast, slow):
        torch.testing.assert_close(mine.state, (h, c))
    torch.testing.assert_close(fast.logits, slow.logits)
    torch.testing.assert_close(slow.cells[:, -1], torch.tanh(c))
    (one,) = torch.autograd.grad(fast.logits.square().sum(), net.lstm.weight_hh_l0)
    (two,) = torch.autograd.grad(slow.logits.square().sum(), net.lstm.weight_hh_l0)
    torch.testing.assert_close(one, two, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", ["rnn", "mrnn", "lstm"])
def test_reading_on_from_a_state_is_reading_in_one_piece(kind):
    net, ids = nets()[kind], text()
    whole = net(ids)
    first = net(ids[:, :6])
    second = net(ids[:, 6:], first.state)
    torch.testing.assert_close(torch.cat([first.logits, second.logits], dim=1), whole.logits)
    state = None
    for place, column in enumerate(ids.T):
        logits, state = net.step(column, state)
        torch.testing.assert_close(logits, whole.logits[:, place])


@pytest.mark.parametrize("kind", ["rnn", "mrnn", "lstm"])
def test_a_later_character_changes_no_earlier_score(kind):
    net, ids = nets()[kind], text()
    changed = ids.clone()
    changed[:, 8] = (changed[:, 8] + 1) % V
    before, after = net(ids).logits, net(changed).logits
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8], after[:, 8])


def test_a_cell_that_is_switched_off_stays_at_zero():
    net = nets()["lstm"]
    state = None
    for column in text().T:
        _, state = net.step(column, state, off=[2, 5])
        assert not state[0][:, [2, 5]].any() and not state[1][:, [2, 5]].any()
    assert state[1][:, [0, 1, 3, 4, 6]].all()


def test_an_lstm_begins_by_remembering():
    net = nets()["lstm"]
    bias = net.lstm.bias_ih_l0 + net.lstm.bias_hh_l0
    assert bias[H : 2 * H].tolist() == [1.0] * H and not bias[:H].any() and not bias[2 * H :].any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNNConfig(hidden_dim=0), "hidden_dim must be at least 1, got 0"),
        (lambda: MRNNConfig(factors=-2), "factors must be at least 1, got -2"),
        (lambda: CharLSTMConfig(vocab_size=0), "vocab_size must be at least 1"),
        (lambda: CharLSTMConfig(dropout=1.0), "dropout must lie in"),
    ],
)
def test_impossible_sizes_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
