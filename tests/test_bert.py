"""BERT: parameters counted, torch.nn between its vectors, filling, sides, segments, both heads."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn
from torch.nn.functional import gelu, layer_norm

from imi import checkpoints
from imi.bertpieces import SPECIAL, BertPieces
from imi.layers import Packing, visible
from imi.models import bert
from imi.models.bert import BASE, EPS, LARGE, Bert, BertConfig, BertForPretraining, mean_place

V, B, S, D, H, F, L = 23, 3, 7, 12, 3, 17, 2
LENGTHS = torch.tensor([7, 2, 4])
sides = pytest.mark.parametrize("sees", bert.SIDES)


def shaken(module: nn.Module) -> nn.Module:
    """Makes all weights large enough for differences to show."""
    torch.manual_seed(2019)
    for weights in module.parameters():
        nn.init.uniform_(weights, -0.7, 0.7)
    return module.eval().requires_grad_(False)


def config(**changes) -> BertConfig:
    sizes = {"dim": D, "heads": H, "hidden_dim": F, "layers": L, "longest": 9} | changes
    return BertConfig(V, **sizes)


def texts() -> tuple[torch.Tensor, torch.Tensor]:
    """Returns pieces and segments (B, S)."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(5, V, (B, S), generator=generator)
    ids[:, 0] = 2
    ids[~visible(LENGTHS, S)] = 1
    return ids, (torch.arange(S) > 3).long().expand(B, S)


def embedded(model: Bert, ids, segments) -> torch.Tensor:
    """Returns figure 2 by hand."""
    rows = []
    for b in range(len(ids)):
        places = []
        for s in range(ids.shape[1]):
            x = model.words.weight[ids[b, s]] + model.places.weight[s]
            x = x + model.segments.weight[segments[b, s]]
            centred = x - x.mean()
            normed = centred / (centred.square().mean() + EPS).sqrt()
            places.append(normed * model.norm.weight + model.norm.bias)
        rows.append(torch.stack(places))
    return torch.stack(rows)


def copied(model: Bert) -> nn.TransformerEncoder:
    """Returns torch's encoder with our weights."""
    layer = nn.TransformerEncoderLayer(D, H, F, dropout=0.0, activation="gelu",
                                       layer_norm_eps=EPS, batch_first=True)  # fmt: skip
    other = nn.TransformerEncoder(layer, L, enable_nested_tensor=False).eval().requires_grad_(False)
    for ours, theirs in zip(model.encoder, other.layers, strict=True):
        parts = (ours.attention.query, ours.attention.key, ours.attention.value)
        theirs.self_attn.in_proj_weight.data = torch.cat([part.weight for part in parts])
        theirs.self_attn.in_proj_bias.data = torch.cat([part.bias for part in parts])
        theirs.self_attn.out_proj.load_state_dict(ours.attention.output.state_dict())
        theirs.norm1.load_state_dict(ours.after_attention.norm.state_dict())
        theirs.norm2.load_state_dict(ours.after_feed_forward.norm.state_dict())
        theirs.linear1.load_state_dict(ours.feed_forward.rise.state_dict())
        theirs.linear2.load_state_dict(ours.feed_forward.fall.state_dict())
    return other


@pytest.mark.parametrize(("config", "millions"), [(BASE, 110), (LARGE, 340)], ids=["BASE", "LARGE"])
def test_the_papers_models_have_their_millions_of_parameters(config, millions):
    with torch.device("meta"):
        model = BertForPretraining(config)
    W, layers, F, V = config.dim, config.layers, config.hidden_dim, config.vocab_size
    norm, dense = 2 * W, W * W + W
    layer = 4 * dense + 2 * norm + (W * F + F) + (F * W + W)
    encoder = (V + 512 + 2) * W + norm + layers * layer + dense
    heads = dense + norm + V + 2 * W + 2
    assert sum(p.numel() for p in model.bert.parameters()) == encoder
    assert sum(p.numel() for p in model.parameters()) == encoder + heads
    assert encoder / 1e6 == pytest.approx(millions, rel=0.015)


@sides
@pytest.mark.parametrize("filled", [True, False])
def test_it_is_torchs_encoder_over_the_sum_of_three_vectors(sees, filled):
    model, (ids, segments) = shaken(Bert(config(sees=sees))), texts()
    lengths = LENGTHS if filled else torch.full((B,), S)
    if not filled:
        ids = ids.clamp(min=5)
    seen = visible(lengths, S)
    looks = torch.ones(S, S, dtype=torch.bool)
    looks = {"both": looks, "left": looks.tril(), "right": looks.triu()}[sees]
    mask = (looks & seen[:, None] | torch.eye(S, dtype=torch.bool)).repeat_interleave(H, dim=0)
    other, x = copied(model), embedded(model, ids, segments)
    layers = [x]
    for layer in other.layers:
        layers.append(layer(layers[-1], src_mask=~mask))
    for weights in (False, True):
        reading = model(ids, lengths, segments, weights=weights)
        torch.testing.assert_close(reading.hidden[seen], layers[-1][seen], atol=2e-5, rtol=1e-5)
        assert not reading.hidden[~seen].any()
        place = lengths - 1 if sees == "left" else torch.zeros_like(lengths)
        C = torch.tanh(model.pooler(layers[-1][torch.arange(B), place]))
        torch.testing.assert_close(reading.pooled, C, atol=2e-5, rtol=1e-5)
    found = model.layers(ids, lengths, segments)
    assert found.shape == (B, L + 1, S, D)
    for number, wanted in enumerate(layers):
        torch.testing.assert_close(found[:, number][seen], wanted[seen], atol=2e-5, rtol=1e-5)


def feelings(model: Bert, row: int, length: int) -> torch.Tensor:
    """Returns how much each T_i feels each piece of one text, (S, S)."""
    (ids, _), kept = texts(), []

    def keep(_, __, vectors):
        kept.append(vectors.detach().requires_grad_())
        return kept[-1]

    handle = model.words.register_forward_hook(keep)
    lengths = LENGTHS.clone()
    lengths[row] = length
    hidden = model(ids, lengths).hidden[row] @ torch.linspace(-1, 2, D)
    handle.remove()
    felt = torch.zeros(length, length)
    start = int(lengths[:row].sum())  # the pieces of all texts lie end to end
    for t in range(length):
        (slope,) = torch.autograd.grad(hidden[t], kept[0], retain_graph=True)
        mine = slope[start : start + length]
        assert slope.abs().sum() == pytest.approx(mine.abs().sum())  # other texts are not felt
        felt[t] = mine.abs().sum(dim=-1)
    return felt


@sides
@pytest.mark.parametrize(("row", "length"), [(0, 7), (2, 5)])
def test_a_place_feels_its_side_and_itself_alone(sees, row, length):
    felt = feelings(shaken(Bert(config(sees=sees))), row, length) > 0
    wanted = torch.ones(length, length, dtype=torch.bool)
    wanted = {"both": wanted, "left": wanted.tril(), "right": wanted.triu()}[sees]
    assert torch.equal(felt, wanted)


@sides
def test_filling_changes_nothing(sees):
    model, (ids, segments) = shaken(Bert(config(sees=sees))), texts()
    wanted, seen = model(ids, LENGTHS, segments), visible(LENGTHS, S)
    other = ids.clone()
    other[~seen] = 7
    wide = torch.cat([other, torch.full((B, 2), 9)], dim=1)
    for ids_ in (other, wide):
        more = (torch.arange(ids_.shape[1]) > 3).long().expand_as(ids_)
        found = model(ids_, LENGTHS, more)
        torch.testing.assert_close(found.hidden[:, :S], wanted.hidden, atol=2e-5, rtol=1e-5)
        torch.testing.assert_close(found.pooled, wanted.pooled, atol=2e-5, rtol=1e-5)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model(ids[row : row + 1, :length], LENGTHS[row : row + 1],
                      segments[row : row + 1, :length])  # fmt: skip
        torch.testing.assert_close(alone.hidden[0], wanted.hidden[row, :length],
                                   atol=2e-5, rtol=1e-5)  # fmt: skip
        torch.testing.assert_close(alone.pooled[0], wanted.pooled[row], atol=2e-5, rtol=1e-5)


@sides
def test_a_batch_learns_what_its_texts_would_teach_alone(sees):
    model, (ids, segments) = shaken(Bert(config(sees=sees))).double(), texts()
    model.requires_grad_(True)

    def loss(rows, width):
        lengths = LENGTHS[rows]
        hidden, pooled, _ = model(ids[rows, :width], lengths, segments[rows, :width])
        chosen = hidden[visible(lengths, width)] * torch.linspace(-1, 2, D)
        return chosen.square().sum() + pooled.square().sum()

    loss(slice(None), S).backward()
    together = {name: weights.grad.clone() for name, weights in model.named_parameters()}
    model.zero_grad()
    for row, length in enumerate(LENGTHS.tolist()):
        loss(slice(row, row + 1), length).backward()
    for name, weights in model.named_parameters():
        torch.testing.assert_close(together[name], weights.grad)


@sides
def test_it_learns_in_halves(sees):
    slopes = []
    for halves in (False, True):
        model, (ids, segments) = shaken(BertForPretraining(config(sees=sees))), texts()
        model.requires_grad_(True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=halves):
            scores = model(ids, LENGTHS, segments, chosen=visible(LENGTHS, S))
        scores.words.float().log_softmax(dim=-1)[:, 5].sum().backward()
        slopes.append(model.bert.words.weight.grad)
    assert nn.functional.cosine_similarity(*(s.flatten() for s in slopes), dim=0) > 0.97


@sides
def test_the_weights_of_all_heads_sum_to_one_and_stay_on_their_side(sees):
    model, (ids, segments) = shaken(Bert(config(sees=sees))), texts()
    reading = model(ids, LENGTHS, segments, weights=True)
    assert reading.attention.shape == (B, L, H, S, S)
    torch.testing.assert_close(reading.attention.sum(-1), torch.ones(B, L, H, S))
    fast = model(ids, LENGTHS, segments)
    assert fast.attention is None
    torch.testing.assert_close(fast.hidden, reading.hidden, atol=2e-5, rtol=1e-5)
    torch.testing.assert_close(fast.pooled, reading.pooled, atol=2e-5, rtol=1e-5)
    for row, length in enumerate(LENGTHS.tolist()):
        looked = reading.attention[row, :, :, :length]
        assert not looked[..., length:].any() and (looked[..., 0, 0] > 0).all()
        beside = {"both": looked[..., length:], "left": looked.triu(1), "right": looked.tril(-1)}
        assert not beside[sees].any()


def test_a_head_that_asks_nothing_looks_everywhere_alike_in_its_own_layer():
    model, (ids, segments) = shaken(Bert(config())), texts()
    for weights in model.encoder[1].attention.query.parameters():
        weights.zero_()
    looked = model(ids, LENGTHS, segments, weights=True).attention
    even = (visible(LENGTHS, S) / LENGTHS[:, None])[:, None, None].expand(B, H, S, S)
    torch.testing.assert_close(looked[:, 1], even)
    assert not torch.allclose(looked[:, 0], even, atol=1e-2)


def test_segments_and_the_order_of_words_matter():
    model, (ids, segments) = shaken(Bert(config())), texts()
    wanted = model(ids, LENGTHS, segments).hidden[0]
    assert not torch.allclose(model(ids, LENGTHS).hidden[0], wanted, atol=1e-3)
    none = model(ids, LENGTHS, torch.zeros_like(ids)).hidden[0]
    torch.testing.assert_close(model(ids, LENGTHS).hidden[0], none)
    turned = ids[:, [0, 2, 1, *range(3, S)]]
    assert not torch.allclose(model(turned, LENGTHS, segments).hidden[0, 0], wanted[0], atol=1e-3)


@sides
def test_a_gradient_reaches_every_parameter(sees):
    model, (ids, segments) = shaken(BertForPretraining(config(sees=sees))), texts()
    model.double().requires_grad_(True)
    chosen = torch.zeros(B, S, dtype=torch.bool)
    chosen[0, [1, 5]] = chosen[2, 3] = True
    parameters = dict(model.named_parameters())
    scores = model(ids, LENGTHS, segments, chosen=chosen)
    loss = nn.functional.cross_entropy(scores.words, torch.tensor([5, 6, 7]))
    (loss + nn.functional.cross_entropy(scores.next, torch.tensor([0, 1, 1]))).backward()
    assert dict(model.named_parameters()).keys() == parameters.keys()  # none made by forward
    for name, weights in parameters.items():
        assert weights.grad is not None and weights.grad.isfinite().all(), name
        if name.endswith("attention.key.bias"):  # adds one number to all scores of a query
            assert weights.grad.abs().max() < 1e-13
        else:
            assert weights.grad.abs().max() > 1e-5, name


def test_words_are_scored_where_they_were_chosen_and_by_their_own_vectors():
    model, (ids, segments) = shaken(BertForPretraining(config())), texts()
    chosen = torch.zeros(B, S, dtype=torch.bool)
    places = [(0, 1), (0, 6), (1, 1), (2, 0)]
    for row, place in places:
        chosen[row, place] = True
    scores, reading = (
        model(ids, LENGTHS, segments, chosen=chosen),
        model.bert(ids, LENGTHS, segments),
    )
    dense, _, norm = model.transform
    for number, (row, place) in enumerate(places):
        made = gelu(reading.hidden[row, place] @ dense.weight.T + dense.bias)
        made = layer_norm(made, (D,), norm.weight, norm.bias, EPS)
        wanted = torch.stack([made @ model.bert.words.weight[v] + model.bias[v] for v in range(V)])
        torch.testing.assert_close(scores.words[number], wanted, atol=2e-5, rtol=1e-5)
    wanted = reading.pooled @ model.next.weight.T + model.next.bias
    torch.testing.assert_close(scores.next, wanted)
    nowhere = model(ids, LENGTHS, segments, chosen=chosen & False)
    assert nowhere.words.shape == (0, V)


def test_the_mean_of_the_places_leaves_filling_out():
    hidden = torch.randn(B, S, D)
    found = mean_place(hidden, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(found[row], hidden[row, :length].mean(dim=0))


def test_packing_takes_the_words_and_lays_them_back():
    x = torch.randn(B, S, 2, requires_grad=True)
    packing, seen = Packing.of(LENGTHS, S), visible(LENGTHS, S)
    words = packing.pick(x)
    assert torch.equal(words, x[seen]) and words.shape == (13, 2)
    assert torch.equal(packing.spread(words), x * seen[..., None])
    (packing.spread(words) * 3).sum().backward()
    assert torch.equal(x.grad, 3.0 * seen[..., None].expand_as(x))


def test_it_begins_with_small_weights_cut_off_at_two_deviations():
    torch.manual_seed(2019)
    model = BertForPretraining(BertConfig(301, dim=64, heads=2, layers=1))
    for name, weights in model.named_parameters():
        if "norm" in name or name == "transform.2.weight":
            assert (weights == (0.0 if name.endswith("bias") else 1.0)).all()
        elif name.endswith("bias"):
            assert not weights.any(), name
        else:
            assert weights.abs().max() <= 0.04001, name
            assert float(weights.detach().std()) == pytest.approx(
                0.0176, rel=0.1 if weights.numel() > 500 else 0.3
            )


def test_dropout_falls_in_training_alone():
    torch.manual_seed(2019)
    model, (ids, segments) = Bert(config(dropout=0.3)), texts()
    one, two = (model(ids, LENGTHS, segments).hidden for _ in range(2))
    assert not torch.equal(one, two)
    left_out = model.layers(ids, LENGTHS, segments)[:, 0][visible(LENGTHS, S)] == 0
    assert 0.15 < float(left_out.float().mean()) < 0.45  # of the embeddings, after LayerNorm
    model.eval()
    assert torch.equal(*(model(ids, LENGTHS, segments).hidden for _ in range(2)))


def test_a_checkpoint_holds_net_and_pieces(tmp_path):
    model = BertForPretraining(config(sees="left"))
    words = [*SPECIAL, *"abcdefghi", *("##" + letter for letter in "abcdefghi")]
    pieces = BertPieces(words)
    checkpoints.save(tmp_path / "net", model, vocabulary=pieces.vocabulary)
    loaded = checkpoints.load(tmp_path / "net")
    assert loaded.model.config == model.config
    assert torch.equal(loaded.model.next.weight, model.next.weight.half().float())
    again = BertPieces(loaded.vocabulary)
    assert again.vocabulary.words == tuple(words)
    assert again.encode("a bad [MASK] cab!") == pieces.encode("a bad [MASK] cab!")


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"heads": 5}, "H = 12 cannot be shared out among 5 heads"),
        ({"layers": 0}, "layers must be at least 1, got 0"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\)"),
        ({"sees": "up"}, "a place sees both, left, right, not 'up'"),
        ({"segments": 0}, "segments must be at least 1"),
    ],
)
def test_impossible_sizes_are_refused(about, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(config(), **about)


def test_what_cannot_be_read_is_refused_in_a_sentence():
    model, ids = shaken(Bert(config())), torch.full((2, 10), 5)
    with pytest.raises(ValueError, match="there are 9 positions, and the text has 10 pieces"):
        model(ids, torch.tensor([10, 3]))
    with pytest.raises(ValueError, match="there are 9 positions"):
        model.layers(ids, torch.tensor([10, 3]))
    with pytest.raises(ValueError, match="a text without words cannot be read"):
        model(ids[:, :4], torch.tensor([4, 0]))
    assert model(ids[:, :9], torch.tensor([9, 3])).hidden.shape == (2, 9, D)
