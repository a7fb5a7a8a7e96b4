"""The Transformer: torch.nn, the equations by hand, masks, no look ahead, writing with a cache."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from imi import blocks
from imi.beam import beam_search
from imi.heads import silenced
from imi.layers import visible
from imi.models.transformer import KINDS, Transformer, TransformerConfig
from imi.schedules import inverse_root

VS, VT, B, S, T, D, H, F, L = 13, 11, 3, 7, 5, 12, 3, 17, 2
LENGTHS = torch.tensor([7, 2, 4])
norms = pytest.mark.parametrize("pre_norm", [False, True], ids=["post", "pre"])


def shaken(module: nn.Module) -> nn.Module:
    """Makes all weights large enough for differences to show."""
    torch.manual_seed(2017)
    for weights in module.parameters():
        nn.init.uniform_(weights, -0.7, 0.7)
    return module.eval().requires_grad_(False)


def transformer(**changes) -> Transformer:
    sizes = {"dim": D, "heads": H, "hidden_dim": F, "layers": L, "longest": 40} | changes
    return shaken(Transformer(TransformerConfig(VS, VT, **sizes)))


def sentences() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    source = torch.randint(4, VS, (B, S), generator=generator)
    source[~visible(LENGTHS, S)] = 1
    inputs = torch.randint(4, VT, (B, T), generator=generator)
    inputs[:, 0] = 2
    return source, inputs


def copy_attention(ours: blocks.MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    parts = (ours.query, ours.key, ours.value)
    theirs.in_proj_weight.data = torch.cat([part.weight for part in parts])
    theirs.out_proj.weight.data = ours.output.weight.clone()
    biased = ours.query.bias is not None
    theirs.in_proj_bias.data = torch.cat([p.bias for p in parts]) if biased else torch.zeros(3 * D)
    theirs.out_proj.bias.data = ours.output.bias.clone() if biased else torch.zeros(D)


def copy_layer(ours: nn.Module, theirs: nn.Module) -> None:
    """Copies an encoder's or a decoder's layer to torch's."""
    copy_attention(ours.attention, theirs.self_attn)
    residuals = [ours.after_attention]
    if hasattr(ours, "across"):
        copy_attention(ours.across, theirs.multihead_attn)
        residuals.append(ours.after_across)
    for number, residual in enumerate([*residuals, ours.after_feed_forward], start=1):
        getattr(theirs, f"norm{number}").load_state_dict(residual.norm.state_dict())
    theirs.linear1.load_state_dict(ours.feed_forward.rise.state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.fall.state_dict())


def theirs(kind, pre_norm: bool) -> nn.Module:
    about = {"dropout": 0.0, "batch_first": True, "norm_first": pre_norm}
    return kind(D, H, F, **about).eval().requires_grad_(False)


@pytest.mark.parametrize("bias", [False, True])
def test_attention_of_many_heads_is_torchs(bias):
    ours = shaken(blocks.MultiHeadAttention(D, heads=H, bias=bias))
    other = nn.MultiheadAttention(D, H, batch_first=True).eval().requires_grad_(False)
    copy_attention(ours, other)
    x, memory, seen = torch.randn(B, T, D), torch.randn(B, S, D), visible(LENGTHS, S)
    about = {"key_padding_mask": ~seen, "average_attn_weights": False}
    wanted, weights = other(x, memory, memory, **about)
    shown = ours.keys_values(memory)
    found, looked = ours(x, shown, seen[:, None, None], weights=True)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)
    torch.testing.assert_close(looked, weights, atol=1e-5, rtol=0)
    fast, nothing = ours(x, shown, seen[:, None, None])
    torch.testing.assert_close(fast, wanted, atol=1e-5, rtol=0)
    assert nothing is None and looked.shape == (B, H, T, S)


@pytest.mark.parametrize("scaled", [True, False])
def test_attention_is_equation_1_in_slow_loops(scaled):
    generator, K = torch.Generator().manual_seed(3), 4
    Q, keys, values = (torch.randn(1, 1, n, K, generator=generator) for n in (T, S, S))
    found, weights = blocks.attention(Q, blocks.KeysValues(keys, values), scaled=scaled)
    for t in range(T):
        scores = [sum(float(Q[0, 0, t, k] * keys[0, 0, s, k]) for k in range(K)) for s in range(S)]
        powers = [math.exp(score / (math.sqrt(K) if scaled else 1)) for score in scores]
        shares = [power / sum(powers) for power in powers]
        mixed = [sum(shares[s] * float(values[0, 0, s, k]) for s in range(S)) for k in range(K)]
        torch.testing.assert_close(weights[0, 0, t], torch.tensor(shares), atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(found[0, 0, t], torch.tensor(mixed), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("scaled", [True, False])
def test_the_fast_path_is_the_one_that_shows_its_weights(scaled):
    ours = shaken(blocks.MultiHeadAttention(D, heads=H, scaled=scaled))
    x, seen = torch.randn(B, S, D), torch.ones(S, S, dtype=torch.bool).tril()
    (slow, _), (fast, _) = (
        ours(x, ours.keys_values(x), seen, weights=weights) for weights in (True, False)
    )
    torch.testing.assert_close(fast, slow, atol=1e-5, rtol=1e-5)


def test_halves_learn_by_plain_products_and_learn_the_same(monkeypatch):
    ours, x = shaken(blocks.MultiHeadAttention(D, heads=H)), torch.randn(B, S, D)
    ours.requires_grad_(True)
    seen, slopes = visible(LENGTHS, S)[:, None, None], []
    for halves in (False, True):
        if halves:
            monkeypatch.delattr(nn.functional, "scaled_dot_product_attention")
        ours.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=halves):
            found, looked = ours(x, ours.keys_values(x), seen)
        assert looked is None
        found.float().square().mean().backward()
        slopes.append(ours.query.weight.grad.clone())
    torch.testing.assert_close(slopes[1], slopes[0], atol=0.05 * slopes[0].abs().max().item(),
                               rtol=0.1)  # fmt: skip


@norms
@pytest.mark.parametrize("bias", [False, True])
def test_a_layer_of_the_encoder_is_torchs(pre_norm, bias):
    about = {"heads": H, "hidden_dim": F, "bias": bias, "pre_norm": pre_norm}
    ours, other = shaken(blocks.EncoderLayer(D, **about)), theirs(
        nn.TransformerEncoderLayer, pre_norm
    )  # fmt: skip
    copy_layer(ours, other)
    x, seen = torch.randn(B, S, D), visible(LENGTHS, S)
    wanted = other(x, src_key_padding_mask=~seen)
    for weights in (False, True):
        found, _ = ours(x, seen[:, None, None], weights=weights)
        torch.testing.assert_close(found[seen], wanted[seen], atol=1e-5, rtol=1e-5)


@norms
def test_a_layer_of_the_decoder_is_torchs(pre_norm):
    about = {"heads": H, "hidden_dim": F, "bias": True, "pre_norm": pre_norm}
    ours, other = shaken(blocks.DecoderLayer(D, **about)), theirs(
        nn.TransformerDecoderLayer, pre_norm
    )  # fmt: skip
    copy_layer(ours, other)
    x, memory, seen = torch.randn(B, T, D), torch.randn(B, S, D), visible(LENGTHS, S)
    own = torch.ones(T, T, dtype=torch.bool).tril()
    wanted = other(x, memory, tgt_mask=~own, memory_key_padding_mask=~seen)
    nothing = blocks.KeysValues(*(torch.zeros(B, H, 0, D // H) for _ in range(2)))
    sentence = ours.across.keys_values(memory)
    found, _, _ = ours(x, nothing, sentence, own, seen[:, None, None])
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


@norms
def test_the_whole_is_torchs_transformer_between_our_vectors_and_scores(pre_norm):
    model, (source, inputs), seen = transformer(pre_norm=pre_norm), sentences(), None
    other = nn.Transformer(D, H, L, L, F, dropout=0.0, batch_first=True, norm_first=pre_norm)
    other.eval().requires_grad_(False)
    for stack, mine in ((other.encoder, model.encoder), (other.decoder, model.decoder)):
        for theirs_, ours in zip(stack.layers, mine, strict=True):
            copy_layer(ours, theirs_)
    if pre_norm:
        other.encoder.norm.load_state_dict(model.encoder_end.state_dict())
        other.decoder.norm.load_state_dict(model.decoder_end.state_dict())
    else:
        other.encoder.norm = other.decoder.norm = None
    vectors = [
        table(ids) * math.sqrt(D) + blocks.sinusoids(ids.shape[1], D)
        for table, ids in ((model.source_embedding, source), (model.target_embedding, inputs))
    ]
    seen = visible(LENGTHS, S)
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    hidden = other(*vectors, tgt_mask=later, src_key_padding_mask=~seen,
                   memory_key_padding_mask=~seen)  # fmt: skip
    wanted = hidden @ model.target_embedding.weight.T
    torch.testing.assert_close(model(source, LENGTHS, inputs).logits, wanted, atol=2e-5, rtol=1e-5)


@norms
def test_filling_changes_nothing(pre_norm):
    model, (source, inputs) = transformer(pre_norm=pre_norm), sentences()
    wanted = model(source, LENGTHS, inputs).logits
    other = source.clone()
    other[~visible(LENGTHS, S)] = 7
    torch.testing.assert_close(model(other, LENGTHS, inputs).logits, wanted)
    wider = torch.cat([source, torch.full((B, 4), 9)], dim=1)
    torch.testing.assert_close(model(wider, LENGTHS, inputs).logits, wanted)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model(source[row : row + 1, :length], LENGTHS[row : row + 1], inputs[row : row + 1])
        torch.testing.assert_close(alone.logits[0], wanted[row])
    bare = transformer(pre_norm=pre_norm, masked=False)
    assert not torch.allclose(bare(wider, LENGTHS, inputs).logits, wanted, atol=1e-3)


def gradients(model: Transformer) -> torch.Tensor:
    """Returns how much each score feels each target word that is read, (T, T)."""
    source, inputs = sentences()
    kept = []

    def keep(_, __, vectors):
        kept.append(vectors.detach().requires_grad_())
        return kept[-1]

    handle = model.target_embedding.register_forward_hook(keep)
    logits = model(source, LENGTHS, inputs).logits
    handle.remove()
    # Weights that differ: the sum of all logits could stand still where single ones move.
    mixed = logits @ torch.linspace(-1, 2, VT)
    felt = [torch.autograd.grad(mixed[:, t].sum(), kept[0], retain_graph=True)[0] for t in range(T)]
    return torch.stack([one.abs().sum(dim=(0, 2)) for one in felt])


@norms
def test_no_score_feels_a_later_word(pre_norm):
    felt = gradients(transformer(pre_norm=pre_norm))
    assert not felt.triu(1).any() and (felt.tril()[torch.ones(T, T).tril() > 0] > 0).all()
    assert gradients(transformer(causal=False)).triu(1).any()


@norms
@pytest.mark.parametrize("positions", ["sinusoid", "learned", "none"])
def test_writing_word_by_word_gives_the_scores_of_the_whole(pre_norm, positions):
    model, (source, inputs) = transformer(pre_norm=pre_norm, positions=positions), sentences()
    wanted, state = model(source, LENGTHS, inputs).logits, model.encode(source, LENGTHS)
    for place, column in enumerate(inputs.T):
        logits, state = model.step(column, state)
        torch.testing.assert_close(logits, wanted[:, place], atol=1e-5, rtol=1e-5)
        assert state.past[0].keys.shape == (B, H, place + 1, D // H)


@norms
def test_what_was_written_stays_in_its_order_and_more_words_can_follow_at_once(pre_norm):
    model, (source, inputs) = transformer(pre_norm=pre_norm), sentences()
    wanted, start = model(source, LENGTHS, inputs).logits, model.encode(source, LENGTHS)
    first, state, _ = model._decode(inputs[:, :2], start)
    then, longer, _ = model._decode(inputs[:, 2:], state)
    found = model._score(torch.cat([first, then], dim=1))
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    for before, after in zip(state.past, longer.past, strict=True):
        torch.testing.assert_close(after.keys[:, :, :2], before.keys)
        torch.testing.assert_close(after.values[:, :, :2], before.values)


@norms
def test_annotations_are_what_the_last_layer_made_and_what_keys_and_values_come_from(pre_norm):
    model, (source, _) = transformer(pre_norm=pre_norm), sentences()
    memory, kept = model.encode(source, LENGTHS).memory, []
    handle = model.encoder_end.register_forward_hook(lambda _, __, made: kept.append(made))
    again = model.encode(source, LENGTHS).memory
    handle.remove()
    torch.testing.assert_close(memory.annotations, kept[0])
    assert memory.annotations.shape == (B, S, D)
    for layer, seen in zip(model.decoder, again.seen, strict=True):
        torch.testing.assert_close(tuple(layer.across.keys_values(memory.annotations)), tuple(seen))


@pytest.mark.parametrize("beams", [1, 3])
def test_beam_search_with_the_cache_is_one_that_reads_everything_anew(beams):
    model, (source, _) = transformer(), sentences()
    about = {"begin": 2, "end": 3, "beams": beams, "max_lengths": 2 * LENGTHS + 3}
    fast = beam_search(model.step, model.encode(source, LENGTHS), **about)

    def anew(ids, state):
        source, lengths, written = state
        written = torch.cat([written, ids[:, None]], dim=1)
        return model(source, lengths, written).logits[:, -1], (source, lengths, written)

    begun = (source, LENGTHS, torch.zeros(B, 0, dtype=torch.long))
    slow = beam_search(anew, begun, **about)
    for mine, theirs_ in zip(fast, slow, strict=True):
        assert [h.tokens for h in mine.hypotheses] == [h.tokens for h in theirs_.hypotheses]
        for one, other in zip(mine.hypotheses, theirs_.hypotheses, strict=True):
            assert one.log_prob == pytest.approx(other.log_prob, abs=1e-4)


def test_beam_search_is_the_same_in_any_batch():
    model, (source, _) = transformer(), sentences()
    about = {"begin": 2, "end": 3, "beams": 3}
    limits = 2 * LENGTHS + 3
    together = beam_search(model.step, model.encode(source, LENGTHS), max_lengths=limits, **about)
    for row, length in enumerate(LENGTHS.tolist()):
        state = model.encode(source[row : row + 1, :length], LENGTHS[row : row + 1])
        (alone,) = beam_search(model.step, state, max_lengths=limits[row : row + 1], **about)
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in together[row].hypotheses]


def test_the_weights_of_all_heads_sum_to_one_and_stay_behind_their_masks():
    model, (source, inputs) = transformer(), sentences()
    reading = model(source, LENGTHS, inputs, weights=True)
    torch.testing.assert_close(reading.logits, model(source, LENGTHS, inputs).logits,
                               atol=1e-5, rtol=1e-5)  # fmt: skip
    shapes = {"encoder": (S, S), "decoder": (T, T), "across": (T, S)}
    for kind in KINDS:
        looked = getattr(reading.attention, kind)
        assert looked.shape == (B, L, H, *shapes[kind])
        torch.testing.assert_close(looked.sum(-1), torch.ones(B, L, H, shapes[kind][0]))
        if kind != "decoder":
            assert not looked.movedim(-1, 1)[~visible(LENGTHS, S)].any()
    assert not reading.attention.decoder.triu(1).any()
    assert model(source, LENGTHS, inputs).attention is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_silenced_head_adds_nothing_and_the_others_stay(kind):
    model, (source, inputs) = transformer(), sentences()
    before = model(source, LENGTHS, inputs).logits
    quiet = silenced(model, kind, 1, [2])
    assert torch.equal(model(source, LENGTHS, inputs).logits, before)  # a copy was changed
    shared = set(model.parameters()) & set(quiet.parameters())
    assert len(shared) == len(list(model.parameters())) - 1
    blocks_ = quiet.encoder if kind == "encoder" else quiet.decoder
    block = blocks_[1].across if kind == "across" else blocks_[1].attention
    x = torch.randn(B, S, D)
    seen = block.keys_values(x)
    heads, _ = blocks.attention(block._per_head(block.query(x)), seen)  # (B, H, S, K)
    heads[:, 2] = 0.0
    original = model.encoder if kind == "encoder" else model.decoder
    W_O = (original[1].across if kind == "across" else original[1].attention).output
    torch.testing.assert_close(block(x, seen)[0], W_O(heads.transpose(1, 2).flatten(2)),
                               atol=1e-5, rtol=1e-5)  # fmt: skip
    assert not torch.allclose(quiet(source, LENGTHS, inputs).logits, before, atol=1e-3)
    for bad in ((kind, L, [0]), (kind, 0, [H]), ("sideways", 0, [0])):
        with pytest.raises(ValueError, match="there are 2 layers of 3 heads|attention is one of"):
            silenced(model, *bad)


def test_a_shift_of_sinusoids_is_a_rotation_that_knows_the_shift_alone():
    dim, shift = 14, 5
    waves = blocks.sinusoids(40, dim).double()
    for i in range(dim // 2):
        angle = shift / 10_000 ** (2 * i / dim)
        turn = torch.tensor([[math.cos(angle), math.sin(angle)],
                             [-math.sin(angle), math.cos(angle)]], dtype=torch.double)  # fmt: skip
        pair = waves[:, 2 * i : 2 * i + 2]
        torch.testing.assert_close(pair[shift:], pair[:-shift] @ turn.T, atol=1e-5, rtol=0)
    for pos, i in ((0, 0), (3, 1), (17, 6)):
        angle = pos / 10_000 ** (2 * i / dim)
        assert waves[pos, 2 * i] == pytest.approx(math.sin(angle), abs=1e-6)
        assert waves[pos, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-6)
    odd = blocks.sinusoids(4, 7)  # ends with a sine, whose cosine has no room
    assert odd.shape == (4, 7) and odd[3, 6] == pytest.approx(math.sin(3 / 10_000 ** (6 / 7)))


def test_without_positions_the_order_of_the_sentence_is_lost_and_with_them_it_is_not():
    (source, inputs), swap = sentences(), [1, 0, *range(2, S)]
    for positions in ("sinusoid", "learned", "none"):
        model = transformer(positions=positions)
        one, two = (model(ids, LENGTHS, inputs).logits[0] for ids in (source, source[:, swap]))
        assert torch.allclose(one, two, atol=1e-4) == (positions == "none")


@pytest.mark.parametrize(
    ("dim", "heads", "hidden", "layers", "papers"),
    [  # table 3 of the paper, in millions; the vocabulary is "about 37000"
        (512, 8, 2048, 6, 65), (512, 8, 2048, 2, 36), (512, 8, 2048, 4, 50),
        (512, 8, 2048, 8, 80), (256, 8, 2048, 6, 28), (1024, 8, 2048, 6, 168),
        (512, 8, 1024, 6, 53), (512, 8, 4096, 6, 90), (1024, 16, 4096, 6, 213),
    ],
)  # fmt: skip
def test_the_papers_models_have_their_millions_of_parameters(dim, heads, hidden, layers, papers):
    with torch.device("meta"):
        config = TransformerConfig(37_000, 37_000, dim=dim, heads=heads, hidden_dim=hidden,
                                   layers=layers, shared=True)  # fmt: skip
        count = sum(weights.numel() for weights in Transformer(config).parameters())
    attentions, nets = 3 * layers * 4 * dim**2, 2 * layers * (2 * dim * hidden + hidden + dim)
    assert count == 37_000 * dim + attentions + nets + 5 * layers * 2 * dim
    assert count / 1e6 == pytest.approx(papers, rel=0.07)


def test_a_shared_table_serves_both_languages_and_the_scores():
    model, (source, inputs) = shaken(Transformer(TransformerConfig(
        VT, VT, dim=D, heads=H, hidden_dim=F, layers=L, shared=True))), sentences()  # fmt: skip
    tables = [n for n, w in model.named_parameters() if w.shape == (VT, D)]
    assert tables == ["target_embedding.weight"]
    assert model(source % VT, LENGTHS, inputs).logits.shape == (B, T, VT)


def test_the_learning_rate_is_equation_3():
    factor, dim, warmup = inverse_root(dim=19, warmup=7), 19, 7
    for step in range(1, 40):
        wanted = dim**-0.5 * min(step**-0.5, step * warmup**-1.5)
        assert factor(step - 1) == pytest.approx(wanted, rel=1e-12)
    rates = [factor(step) for step in range(40)]
    assert max(rates) == rates[warmup - 1] == pytest.approx((dim * warmup) ** -0.5)
    assert rates[1] == pytest.approx(2 * rates[0]) and rates[27] == pytest.approx(rates[6] / 2)
    assert inverse_root(dim=16, warmup=0)(3) == 16**-0.5 / 2
    flat = inverse_root(dim=19, warmup=7, rising=False)
    assert [flat(step) for step in range(7)] == pytest.approx([max(rates)] * 7)
    assert [flat(step) for step in range(7, 40)] == pytest.approx(rates[7:])
    with pytest.raises(ValueError, match="got 0 and 3"):
        inverse_root(dim=0, warmup=3)


def test_scores_only_where_they_are_asked_for():
    model, (source, inputs) = transformer(), sentences()
    kept = visible(torch.tensor([5, 1, 3]), T)
    wanted = model(source, LENGTHS, inputs).logits[kept]
    torch.testing.assert_close(model(source, LENGTHS, inputs, kept=kept).logits, wanted)


def test_without_residuals_what_a_place_held_reaches_it_only_by_attention():
    block, x, made = blocks.Residual(D, added=False), torch.randn(B, S, D), torch.randn(B, S, D)
    torch.testing.assert_close(block.after(x, made), nn.functional.layer_norm(made, (D,)))
    torch.testing.assert_close(blocks.Residual(D).after(x, made),
                               nn.functional.layer_norm(x + made, (D,)))  # fmt: skip


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"dim": 12, "heads": 5}, "d_model = 12 cannot be shared out among 5 heads"),
        ({"layers": 0}, "layers must be at least 1, got 0"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\)"),
        ({"positions": "spiral"}, "positions are sinusoid, learned, none, not 'spiral'"),
        ({"shared": True}, "two vocabularies of one size"),
    ],
)
def test_impossible_sizes_are_refused(about, message):
    with pytest.raises(ValueError, match=message):
        TransformerConfig(VS, VT, **about)
    with pytest.raises(ValueError, match="12 numbers a place cannot be shared out among 5 heads"):
        blocks.MultiHeadAttention(12, heads=5)


def test_what_cannot_be_read_is_refused_in_a_sentence():
    model = transformer()
    with pytest.raises(ValueError, match="a sentence without words cannot be read"):
        model.encode(torch.tensor([[5, 6], [1, 1]]), torch.tensor([2, 0]))
    with pytest.raises(ValueError, match="there are 40 positions, and 41 are needed"):
        model.encode(torch.full((1, 41), 5), torch.tensor([41]))
