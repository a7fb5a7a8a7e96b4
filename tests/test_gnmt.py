"""GNMT: stacks against torch's own and in slow loops, residual connections, the paper's size."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from imi import training
from imi.batches import pair_batch
from imi.following import follow
from imi.layers import visible
from imi.models.gnmt import GNMT, GNMTConfig, Stack
from imi.text import Vocabulary
from imi.translation import Translator
from imi.wordpiece import SPECIAL, WordPieces

VS, VT, B, S, T, D, H, A, L = 13, 11, 3, 7, 5, 6, 4, 3, 5
LENGTHS = torch.tensor([7, 2, 4])


def gnmt(**changes) -> GNMT:
    torch.manual_seed(2016)
    sizes = {"embedding_dim": D, "hidden_dim": H, "alignment_dim": A, "layers": L, "tied": False}
    model = GNMT(GNMTConfig(VS, VT, **sizes | changes)).eval().requires_grad_(False)
    for weights in model.parameters():
        nn.init.uniform_(weights, -0.7, 0.7)  # so that differences show
    return model


def sentences() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    source = torch.randint(4, VS, (B, S), generator=generator)
    source[~visible(LENGTHS, S)] = 1
    inputs = torch.randint(4, VT, (B, T), generator=generator)
    return source, inputs


def dot(row, vector) -> float:
    return sum(float(w) * float(v) for w, v in zip(row, vector, strict=True))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def cell(net, names: str, x, m, c):
    """One step of an LSTM whose weights end in `names`, in loops."""
    W, U, b, d = (getattr(net, f"{part}{names}") for part in
                  ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))  # fmt: skip
    a = [dot(W[k], x) + dot(U[k], m) + float(b[k]) + float(d[k]) for k in range(4 * H)]
    c = [sigmoid(a[H + j]) * c[j] + sigmoid(a[j]) * math.tanh(a[2 * H + j]) for j in range(H)]
    return [sigmoid(a[3 * H + j]) * math.tanh(c[j]) for j in range(H)], c


@pytest.mark.parametrize("residual", [True, False])
def test_the_encoder_is_torchs_lstms_one_upon_another(residual):
    model, (source, _) = gnmt(residual=residual), sentences()
    memory = model.encode(source, LENGTHS).memory
    for row, length in enumerate(LENGTHS.tolist()):
        x = model.both_ways(model.source_embedding(source[row : row + 1, :length]))[0]
        assert x.shape == (1, length, 2 * H)
        second, *others = model.encoder.layers
        x = second(x)[0]  # neither the second nor the first layer has a residual connection
        for lstm in others:
            x = lstm(x)[0] + (x if residual else 0)
        torch.testing.assert_close(memory.annotations[row, :length], x[0])
        torch.testing.assert_close(memory.keys[row, :length], x[0] @ model.attention.key.weight.T)
        assert not memory.annotations[row, length:].any()
    assert torch.equal(memory.visible, visible(LENGTHS, S))


def test_a_plain_stack_is_torchs_deep_lstm():
    torch.manual_seed(4)
    stack = Stack(input_dim=D, hidden_dim=H, layers=3, residual=False)
    deep = nn.LSTM(D, H, 3, batch_first=True)
    for number, lstm in enumerate(stack.layers):
        for name, weights in lstm.named_parameters():
            getattr(deep, name.replace("l0", f"l{number}")).data = weights.data
    x = torch.randn(B, S, D)
    outputs, (h, c) = deep(x)
    found, after = stack(x)
    torch.testing.assert_close(found, outputs)
    for number, (m, cells) in enumerate(after):
        torch.testing.assert_close(m[0], h[number])
        torch.testing.assert_close(cells[0], c[number])


@pytest.mark.parametrize("residual", [True, False])
def test_the_decoder_is_the_papers_equations_in_slow_loops(residual):
    model, (source, inputs) = gnmt(residual=residual), sentences()
    W, U, v = (getattr(model.attention, name).weight for name in ("query", "key", "energy"))
    reading, memory = model(source, LENGTHS, inputs), model.encode(source, LENGTHS).memory
    for row, length in enumerate(LENGTHS.tolist()):
        X = memory.annotations[row, :length]
        m, c = ([[0.0] * H for _ in range(L)] for _ in range(2))
        for i, word in enumerate(model.target_embedding(inputs[row])):
            s = [
                dot(v[0], [math.tanh(dot(W[k], m[0]) + dot(U[k], x)) for k in range(A)]) for x in X
            ]  # by the bottom layer's output of the step before
            p = [math.exp(energy) / sum(math.exp(other) for other in s) for energy in s]
            a = [sum(p_t * float(x[k]) for p_t, x in zip(p, X, strict=True)) for k in range(H)]
            m[0], c[0] = cell(model.bottom, "", [*word.tolist(), *a], m[0], c[0])
            x = m[0]
            for layer, lstm in enumerate(model.decoder.layers, start=1):
                m[layer], c[layer] = cell(lstm, "_l0", [*x, *a], m[layer], c[layer])
                added = x if residual and layer >= 2 else [0.0] * H
                x = [mine + below for mine, below in zip(m[layer], added, strict=True)]
            logits = [dot(model.output.weight[k], x) + float(model.output_bias[k])
                      for k in range(VT)]  # fmt: skip
            about = {"atol": 1e-5, "rtol": 1e-4}
            torch.testing.assert_close(reading.alpha[row, i, :length], torch.tensor(p), **about)
            torch.testing.assert_close(reading.logits[row, i], torch.tensor(logits), **about)


def test_alpha_sums_to_one_is_zero_on_filling_and_hard_if_asked():
    model, (source, inputs) = gnmt(), sentences()
    alpha = model(source, LENGTHS, inputs).alpha
    assert alpha.shape == (B, T, S)
    torch.testing.assert_close(alpha.sum(-1), torch.ones(B, T))
    assert not alpha.transpose(1, 2)[~visible(LENGTHS, S)].any()
    hard = model(source, LENGTHS, inputs, hard=True).alpha
    assert ((hard == 0) | (hard == 1)).all() and (hard.sum(-1) == 1).all()
    state = model.encode(source, LENGTHS)
    for place, column in enumerate(inputs.T):
        _, state = model.step(column, state, hard=True)
        torch.testing.assert_close(state.alpha, hard[:, place])


def test_the_look_comes_from_the_bottom_layer_alone():
    """Layers above it change scores, but not where the decoder looks."""
    model, given = gnmt(), (*sentences(),)
    before = model(given[0], LENGTHS, given[1])
    for weights in model.decoder.parameters():
        nn.init.uniform_(weights, -0.7, 0.7)
    after = model(given[0], LENGTHS, given[1])
    torch.testing.assert_close(before.alpha, after.alpha)
    assert (before.logits - after.logits).abs().max() > 1e-2


def test_every_layer_reads_the_context():
    model, (source, inputs) = gnmt(residual=False), sentences()
    wanted = model(source, LENGTHS, inputs).logits
    for lstm in model.decoder.layers:
        kept = lstm.weight_ih_l0.data.clone()
        lstm.weight_ih_l0.data[:, -H:] = 0.0
        assert not torch.allclose(model(source, LENGTHS, inputs).logits, wanted, atol=1e-4)
        lstm.weight_ih_l0.data = kept


def test_two_layers_are_the_same_plain_and_residual_and_three_are_not():
    source, inputs = sentences()
    for layers, same in ((2, True), (3, False)):
        plain, residual = (gnmt(layers=layers, residual=kind) for kind in (False, True))
        assert plain.state_dict().keys() == residual.state_dict().keys()
        residual.load_state_dict(plain.state_dict())
        for read in (lambda net: net.encode(source, LENGTHS).memory.annotations,
                     lambda net: net(source, LENGTHS, inputs).logits):  # fmt: skip
            assert torch.allclose(read(plain), read(residual), atol=1e-5) == same


def test_layers_that_say_nothing_let_a_residual_stack_pass_on_what_it_got():
    x = torch.randn(B, S, D, generator=torch.Generator().manual_seed(5))
    for residual in (True, False):
        stack = Stack(input_dim=D, hidden_dim=H, layers=4, residual=residual)
        for lstm in stack.layers[1:]:
            for weights in lstm.parameters():
                nn.init.zeros_(weights)  # m = sigmoid(0) tanh(0) = 0
        wanted = stack.layers[0](x)[0]
        torch.testing.assert_close(stack(x)[0], wanted if residual else torch.zeros_like(wanted))


def test_at_the_beginning_gradients_reach_the_bottom_of_a_residual_stack_alone():
    """Section 3.1: residual connections "greatly improve the gradient flow"."""
    batch = pair_batch([[5, 6, 4], [7, 8, 9]], [[4, 5, 6], [7]], pad=1, marks=(2, 3))
    norms = {}
    for residual in (True, False):
        torch.manual_seed(2016)
        model = GNMT(GNMTConfig(VS, VT, 24, 24, 20, layers=8, residual=residual))
        training.PairLoss()(model, batch)[0].backward()
        norms[residual] = model.both_ways.weight_ih_l0.grad.norm().item()
    assert norms[True] > 10 * norms[False] > 0


def test_the_papers_net_has_its_formulas_weights():
    V, W = 32_000, 1024
    with torch.device("meta"):
        sizes = {"embedding_dim": W, "hidden_dim": W, "alignment_dim": W, "layers": 8}
        paper = GNMT(GNMTConfig(V, V, **sizes, tied=False))

    def lstm(width: int) -> int:
        return 4 * W * (width + W + 2)  # torch has two biases a gate

    encoder = 2 * lstm(W) + lstm(2 * W) + 6 * lstm(W)
    decoder = 8 * lstm(2 * W)
    count = sum(weights.numel() for weights in paper.parameters())
    assert count == 3 * V * W + V + encoder + decoder + 2 * W * W + W
    assert len(paper.encoder.layers) == len(paper.decoder.layers) == 7
    assert [lstm.input_size for lstm in paper.encoder.layers] == [2 * W, *[W] * 6]


def test_the_layers_are_named_in_the_order_in_which_data_meets_them():
    model = gnmt(layers=3)
    assert list(model.lstms()) == [
        f"{side} {n}" for side in ("encoder", "decoder") for n in (1, 2, 3)
    ]
    assert model.lstms()["encoder 1"].bidirectional
    assert model.lstms()["encoder 3"] is model.encoder.layers[1]
    assert model.lstms()["decoder 1"] is model.bottom


def pieces(letters: str) -> WordPieces:
    return WordPieces(Vocabulary([*SPECIAL[1:], *letters, *("▁" + letter for letter in letters)]))


def translator() -> Translator:
    source, target = pieces("abcd"), pieces("xyz")
    torch.manual_seed(2016)
    model = GNMT(GNMTConfig(len(source.vocabulary), len(target.vocabulary), D, D, A, layers=3))
    for weights in model.parameters():
        nn.init.uniform_(weights, -0.9, 0.9)
    return Translator(model.eval(), source, target)


def test_a_translator_follows_searches_and_covers_as_with_any_attention():
    net = translator()
    course, (found,) = follow(net, "ab cd a"), net.translate(["ab cd a"], beams=1)
    assert course.text == found.text
    torch.testing.assert_close(
        course.alpha()[: len(found.target)], found.alpha[: len(course.moments)]
    )
    assert course.moments[0].state.shape == (D,)
    assert course.moments[0].state.abs().max() < 1  # the bottom layer has no residual connection
    (covered,) = net.translate(["ab cd a"], beta=0.5, alpha=0.0)
    best = covered.search.best
    p = found.alpha.new_tensor(net.alpha(net.read(["ab cd a"])[0], best.tokens).tolist())
    p = p if best.ended else p[:-1]
    by_hand = best.log_prob + 0.5 * p.sum(dim=0).clamp(max=1.0).log().sum().item()
    assert best.score == pytest.approx(by_hand, abs=1e-4)
    with pytest.raises(ValueError, match="no one vector"):
        net.vectors(["ab"])
    bare = follow(net, "ab cd", filling=3, masked=False)
    assert (bare.alpha()[:, -3:] > 0).all()


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"layers": 1}, "layers must be at least 2, a bottom one and one more; got 1"),
        ({"hidden_dim": 0}, "hidden_dim must be at least 1, got 0"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1.0"),
        ({"embedding_dim": 7}, r"as wide as a layer \(256\), got 7"),
    ],
)
def test_impossible_sizes_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        GNMTConfig(5, 5, **sizes)
