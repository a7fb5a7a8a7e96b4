"""Seq2Seq, RNNsearch and GNMT: the equations by hand, torch.nn, masks, no look into the future."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from imi import training
from imi.batches import pair_batch
from imi.beam import beam_search
from imi.decoding import continued, greedy
from imi.layers import backwards, read, visible
from imi.models.attention import Memory, RNNsearch, RNNsearchConfig
from imi.models.gnmt import GNMT, GNMTConfig
from imi.models.seq2seq import Seq2Seq, Seq2SeqConfig

VS, VT, B, S, T = 13, 11, 3, 7, 5
LENGTHS = torch.tensor([7, 2, 4])


def spread(model, size: float):
    """Draws weights so far apart that differences show."""
    for weights in model.eval().requires_grad_(False).parameters():
        nn.init.uniform_(weights, -size, size)
    return model


def seq2seq(**changes) -> Seq2Seq:
    torch.manual_seed(2014)
    sizes = {"embedding_dim": 6, "hidden_dim": 6, "layers": 2} | changes
    return spread(Seq2Seq(Seq2SeqConfig(VS, VT, **sizes)), 0.7)


def rnnsearch(**changes) -> RNNsearch:
    torch.manual_seed(2015)
    sizes = {"embedding_dim": 6, "hidden_dim": 5, "alignment_dim": 4, "maxout_dim": 6} | changes
    return spread(RNNsearch(RNNsearchConfig(VS, VT, **sizes)), 0.7)


def gnmt(**changes) -> GNMT:
    torch.manual_seed(8)
    sizes = {"embedding_dim": 6, "hidden_dim": 6, "alignment_dim": 4, "layers": 4} | changes
    return spread(GNMT(GNMTConfig(VS, VT, **sizes)), 0.9)


MODELS = {"seq2seq": seq2seq, "attention": rnnsearch, "gnmt": gnmt}
each = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def sentences() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    source = torch.randint(4, VS, (B, S), generator=generator)
    source[~visible(LENGTHS, S)] = 1
    inputs = torch.randint(4, VT, (B, T), generator=generator)
    inputs[:, 0] = 2
    return source, inputs


def dot(row, vector) -> float:
    return sum(float(w) * float(v) for w, v in zip(row, vector, strict=True))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_rows_are_turned_round_and_their_filling_stays_behind():
    ids = torch.tensor([[5, 6, 7, 8], [5, 6, 1, 1], [9, 1, 1, 1]])
    turned = backwards(ids, torch.tensor([4, 2, 1]))
    assert turned.tolist() == [[8, 7, 6, 5], [6, 5, 1, 1], [9, 1, 1, 1]]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_rows_read_together_are_each_row_read_alone(kind):
    torch.manual_seed(3)
    rnn = kind(4, 3, 2, batch_first=True, bidirectional=True)
    x = torch.randn(B, S, 4)
    outputs, state = read(rnn, x, LENGTHS)
    states = state if isinstance(state, tuple) else (state,)
    for row, length in enumerate(LENGTHS.tolist()):
        alone, last = rnn(x[row : row + 1, :length])
        torch.testing.assert_close(outputs[row, :length], alone[0])
        assert not outputs[row, length:].any()
        for mine, theirs in zip(states, last if isinstance(last, tuple) else (last,), strict=True):
            torch.testing.assert_close(mine[:, row], theirs[:, 0])
    full = torch.full_like(LENGTHS, S)  # the quick way is the same
    packed = nn.utils.rnn.pack_padded_sequence(x, full, batch_first=True)
    torch.testing.assert_close(read(rnn, x, full)[0], rnn(x)[0])
    torch.testing.assert_close(rnn(x)[0].flatten(), rnn(packed)[0].data.view(S, B, 6)
                               .transpose(0, 1).flatten())  # fmt: skip


def test_the_encoder_is_torchs_lstm_on_the_packed_source():
    source, _ = sentences()
    for reverse in (True, False):
        model = seq2seq(reverse=reverse)
        x = model.source_embedding(backwards(source, LENGTHS) if reverse else source)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, LENGTHS, batch_first=True, enforce_sorted=False
        )
        _, (h, c) = model.encoder(packed)
        state = model.encode(source, LENGTHS)
        torch.testing.assert_close(state.h, h.transpose(0, 1))
        torch.testing.assert_close(state.c, c.transpose(0, 1))


def test_the_lstm_is_its_equations_in_slow_loops():
    model, (source, inputs) = seq2seq(layers=1, tied=False, hidden_dim=4), sentences()
    net, H = model.decoder, 4
    state = model.encode(source, LENGTHS)
    h, c = state.h[0, 0].tolist(), state.c[0, 0].tolist()
    wanted = model(source, LENGTHS, inputs).logits[0]
    for x, logits in zip(model.target_embedding(inputs[0]), wanted, strict=True):
        bias = (net.bias_ih_l0 + net.bias_hh_l0).tolist()
        a = [dot(net.weight_ih_l0[k], x) + dot(net.weight_hh_l0[k], h) + bias[k]
             for k in range(4 * H)]  # fmt: skip
        c = [sigmoid(a[H + j]) * c[j] + sigmoid(a[j]) * math.tanh(a[2 * H + j]) for j in range(H)]
        h = [sigmoid(a[3 * H + j]) * math.tanh(c[j]) for j in range(H)]
        y = [dot(model.output.weight[k], h) + float(model.output_bias[k]) for k in range(VT)]
        torch.testing.assert_close(torch.tensor(y), logits, atol=1e-5, rtol=1e-4)


def test_the_papers_model_has_its_384_million_parameters():
    with torch.device("meta"):
        paper = Seq2Seq(
            Seq2SeqConfig(
                160_000, 80_000, embedding_dim=1000, hidden_dim=1000, layers=4, tied=False
            )
        )
    count = sum(weights.numel() for weights in paper.parameters())
    recurrent = sum(w.numel() for n in (paper.encoder, paper.decoder) for w in n.parameters())
    assert round(count / 1e6) == 384
    assert round(recurrent / 1e6) == 64  # "of which 64M are pure recurrent connections"
    assert count == 1000 * (160_000 + 80_000 + 80_000) + 80_000 + 2 * 4 * 4 * 1000 * 2002


def slow_attention(model: RNNsearch, s, h):
    """Returns c_i and alpha_i of one sentence (S, 2n) in loops over the paper's equations."""
    W, U, v = (part.weight for part in (model.attention.query, model.attention.key,
                                        model.attention.energy))  # fmt: skip
    e = []
    for h_j in h:
        inner = [math.tanh(dot(W[k], s) + dot(U[k], h_j)) for k in range(len(W))]
        e.append(dot(v[0], inner))
    total = sum(math.exp(x) for x in e)
    alpha = [math.exp(x) / total for x in e]
    c = [sum(a * float(h_j[k]) for a, h_j in zip(alpha, h, strict=True)) for k in range(len(h[0]))]
    return c, alpha


def test_rnnsearch_is_the_papers_equations_in_slow_loops():
    model, (source, inputs) = rnnsearch(tied=False, maxout_dim=3), sentences()
    n, unit = 5, model.unit
    reading = model(source, LENGTHS, inputs)
    for row, length in enumerate(LENGTHS.tolist()):
        x = model.source_embedding(source[row : row + 1, :length])
        h = model.encoder(x)[0][0]
        first = h[0, n:]  # read backwards, the first word's state is the last
        s = [math.tanh(dot(model.first.weight[k], first) + float(model.first.bias[k]))
             for k in range(n)]  # fmt: skip
        for i, y in enumerate(model.target_embedding(inputs[row])):
            c, alpha = slow_attention(model, s, h)
            found = reading.alpha[row, i]
            torch.testing.assert_close(found[:length], torch.tensor(alpha), atol=1e-5, rtol=1e-4)
            Wy = [dot(unit.word.weight[k], y) + float(unit.word.bias[k]) for k in range(3 * n)]
            Cc = [dot(unit.context.weight[k], c) for k in range(3 * n)]
            Us = [dot(unit.gates.weight[k], s) for k in range(2 * n)]
            z = [sigmoid(Wy[k] + Us[k] + Cc[k]) for k in range(n)]
            r = [sigmoid(Wy[n + k] + Us[n + k] + Cc[n + k]) for k in range(n)]
            rs = [a * b for a, b in zip(r, s, strict=True)]
            new = [math.tanh(Wy[2 * n + k] + dot(unit.proposal.weight[k], rs) + Cc[2 * n + k])
                   for k in range(n)]  # fmt: skip
            s = [(1 - z[k]) * s[k] + z[k] * new[k] for k in range(n)]
            wide = [dot(model.from_state.weight[k], s) + float(model.from_state.bias[k])
                    + dot(model.from_word.weight[k], y) + dot(model.from_context.weight[k], c)
                    for k in range(6)]  # fmt: skip
            t = [max(wide[2 * k], wide[2 * k + 1]) for k in range(3)]
            logits = [dot(model.output.weight[k], t) + float(model.output_bias[k])
                      for k in range(VT)]  # fmt: skip
            torch.testing.assert_close(
                torch.tensor(logits), reading.logits[row, i], atol=1e-5, rtol=1e-4
            )


def test_alpha_sums_to_one_and_is_zero_on_filling():
    source, inputs = sentences()
    alpha = rnnsearch()(source, LENGTHS, inputs).alpha
    assert alpha.shape == (B, T, S)
    torch.testing.assert_close(alpha.sum(-1), torch.ones(B, T))
    assert not alpha.transpose(1, 2)[~visible(LENGTHS, S)].any()
    assert (alpha.transpose(1, 2)[visible(LENGTHS, S)] > 0).all()


def test_hard_attention_looks_at_the_likeliest_word_alone():
    model, generator = rnnsearch().attention, torch.Generator().manual_seed(2)
    h = torch.randn(B, S, 10, generator=generator)
    memory = Memory(h, model.key(h), visible(LENGTHS, S))
    s = torch.randn(B, 5, generator=generator)
    _, soft = model(s, memory)
    c, hard = model(s, memory, hard=True)
    assert torch.equal(hard.argmax(-1), soft.argmax(-1)) and (hard.sum(-1) == 1).all()
    torch.testing.assert_close(c, h[torch.arange(B), soft.argmax(-1)])


@each
def test_filling_changes_nothing(make):
    model, (source, inputs) = make(), sentences()
    wanted = model(source, LENGTHS, inputs).logits
    other = source.clone()
    other[~visible(LENGTHS, S)] = 7
    torch.testing.assert_close(model(other, LENGTHS, inputs).logits, wanted)
    wider = torch.cat([source, torch.full((B, 4), 9)], dim=1)
    torch.testing.assert_close(model(wider, LENGTHS, inputs).logits, wanted)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model(source[row : row + 1, :length], LENGTHS[row : row + 1], inputs[row : row + 1])
        torch.testing.assert_close(alone.logits[0], wanted[row])


@each
def test_a_later_word_changes_no_earlier_score(make):
    model, (source, inputs) = make(), sentences()
    changed = inputs.clone()
    changed[:, 3] = (changed[:, 3] + 1) % VT
    before, after = (model(source, LENGTHS, ids).logits for ids in (inputs, changed))
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert (before[:, 3:] - after[:, 3:]).abs().amin(dim=1).max() > 1e-4


@each
def test_every_source_word_counts_and_so_does_their_order(make):
    model, (source, inputs) = make(), sentences()
    before = model(source, LENGTHS, inputs).logits[0]
    for place in range(S):
        changed = source.clone()
        changed[0, place] = 4 + (changed[0, place] - 3) % (VS - 4)
        assert not torch.allclose(model(changed, LENGTHS, inputs).logits[0], before)
    swapped = source[:, [1, 0, *range(2, S)]]
    assert not torch.allclose(model(swapped, LENGTHS, inputs).logits[0], before)


def test_a_source_that_is_turned_round_by_hand_needs_no_switch():
    source, inputs = sentences()
    by_switch = seq2seq(reverse=True)(source, LENGTHS, inputs).logits
    by_hand = seq2seq(reverse=False)(backwards(source, LENGTHS), LENGTHS, inputs).logits
    torch.testing.assert_close(by_switch, by_hand)


@each
def test_writing_word_by_word_gives_the_scores_of_the_whole(make):
    model, (source, inputs) = make(), sentences()
    wanted, state = model(source, LENGTHS, inputs).logits, model.encode(source, LENGTHS)
    for place, column in enumerate(inputs.T):
        logits, state = model.step(column, state)
        torch.testing.assert_close(logits, wanted[:, place])


@each
def test_scores_only_where_they_are_asked_for(make):
    model, (source, inputs) = make(), sentences()
    kept = visible(torch.tensor([5, 1, 3]), T)
    wanted = model(source, LENGTHS, inputs).logits[kept]
    torch.testing.assert_close(model(source, LENGTHS, inputs, kept=kept).logits, wanted)


@each
def test_the_loss_is_the_mean_over_real_words_of_minus_log_p(make):
    model = make()
    batch = pair_batch([[5, 6], [7, 8, 9]], [[4, 5, 6], [7]], pad=1, marks=(2, 3))
    total, count = training.PairLoss()(model, batch)
    by_hand = 0.0
    for source, target in (([5, 6], [4, 5, 6]), ([7, 8, 9], [7])):
        ids = torch.tensor([source])
        logits = model(ids, torch.tensor([len(source)]), torch.tensor([[2, *target]])).logits[0]
        for scores, word in zip(logits, [*target, 3], strict=True):
            by_hand -= scores.log_softmax(-1)[word].item()
    assert count == 6 and total.item() == pytest.approx(by_hand, rel=1e-5)
    smooth, _ = training.PairLoss(smoothing=0.1)(model, batch)
    assert smooth.item() != pytest.approx(by_hand, rel=1e-3)


@each
def test_beam_search_on_a_translator_is_the_same_in_any_batch(make):
    model, (source, _) = make(), sentences()
    about = {"begin": 2, "end": 3, "beams": 3}
    limits = 2 * LENGTHS + 3
    together = beam_search(model.step, model.encode(source, LENGTHS), max_lengths=limits, **about)
    for row, length in enumerate(LENGTHS.tolist()):
        state = model.encode(source[row : row + 1, :length], LENGTHS[row : row + 1])
        (alone,) = beam_search(model.step, state, max_lengths=limits[row : row + 1], **about)
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in together[row].hypotheses]
    one = beam_search(model.step, model.encode(source, LENGTHS), max_lengths=limits,
                      **about | {"beams": 1})  # fmt: skip
    state = model.encode(source, LENGTHS)
    greedily = continued(model.step, torch.full((B, 1), 2), greedy, state=state)
    columns = [next(greedily) for _ in range(int(limits.max()))]
    for row, found in enumerate(one):
        written = torch.stack(columns)[: limits[row], row].tolist()
        written = written[: written.index(3)] if 3 in written else written
        assert found.best.tokens == written


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Seq2SeqConfig(5, 5, layers=0), "layers must be at least 1, got 0"),
        (lambda: Seq2SeqConfig(0, 5), "source_vocab_size must be at least 1"),
        (lambda: Seq2SeqConfig(5, 5, dropout=1.0), r"dropout must lie in \[0, 1\), got 1.0"),
        (lambda: Seq2SeqConfig(5, 5, embedding_dim=7), r"as wide as the state \(384\), got 7"),
        (lambda: RNNsearchConfig(5, 5, hidden_dim=-1), "hidden_dim must be at least 1, got -1"),
        (lambda: RNNsearchConfig(5, 5, dropout=-0.1), "dropout must lie in"),
        (lambda: RNNsearchConfig(5, 5, maxout_dim=7), r"a word vector \(256\), got 7"),
    ],
)
def test_impossible_sizes_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@each
def test_a_sentence_without_words_is_refused(make):
    with pytest.raises(ValueError, match="a sentence without words cannot be read"):
        make().encode(torch.tensor([[5, 6], [1, 1]]), torch.tensor([2, 0]))
