"""The recurrent net of 2013: its equations by a slow loop, its gradient, its training."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn

from imi.data.corpora import Corpus
from imi.models.rnnlm import RNNLM, RNNLMConfig
from imi.recipes import Request, rnn_against_lsa, rnnlm
from imi.recipes.rnnlm import SampledLoss, Settings
from imi.text import Vocabulary

CONFIG = RNNLMConfig(vocab_size=23, hidden_dim=7)
TINY = Settings(epochs=2, batch_size=3, span=5, samples=11, warmup=3)


def model() -> RNNLM:
    torch.manual_seed(2013)
    net = RNNLM(CONFIG)
    with torch.no_grad():
        for weights in net.parameters():
            weights.mul_(10)  # of unlike size, so that every term shows
    return net.eval()


def words(*shape: int) -> torch.Tensor:
    return torch.randint(23, shape or (3, 5), generator=torch.Generator().manual_seed(1))


def test_the_net_is_the_papers_equations_word_by_word():
    net, ids = model(), words()
    U, W, V = net.embedding.weight.T, net.recurrent.weight, net.output.weight
    logits, states = net(ids)
    for row in range(3):
        s = torch.zeros(7)
        for t in range(5):
            w = nn.functional.one_hot(ids[row, t], 23).float()
            s = 1 / (1 + torch.exp(-(U @ w + W @ s)))
            torch.testing.assert_close(states[row, t], s)
            y = torch.exp(V @ s) / torch.exp(V @ s).sum()
            torch.testing.assert_close(logits[row, t].softmax(dim=0), y)


def test_with_tanh_for_the_sigmoid_it_is_pytorchs_net(monkeypatch):
    net, ids = model(), words()
    theirs = nn.RNN(23, 7, bias=False, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(net.embedding.weight.T)
        theirs.weight_hh_l0.copy_(net.recurrent.weight)
    monkeypatch.setattr(torch, "sigmoid", torch.tanh)
    before = torch.rand(3, 7)
    found, _ = theirs(nn.functional.one_hot(ids, 23).float(), before[None])
    torch.testing.assert_close(net(ids, before).states, found)


def test_reading_in_two_pieces_is_reading_at_once():
    net, ids = model(), words(3, 9)
    whole, first = net(ids), net(ids[:, :4])
    second = net(ids[:, 4:], first.states[:, -1])
    torch.testing.assert_close(torch.cat([first.logits, second.logits], dim=1), whole.logits)


def test_a_later_word_changes_nothing_before_it_and_an_earlier_one_all_after():
    net, ids = model(), words()
    changed = ids.clone()
    changed[:, 2] = (ids[:, 2] + 1) % 23
    here, there = net(ids).logits, net(changed).logits
    assert torch.equal(here[:, :2], there[:, :2])
    assert (here[:, 2:] != there[:, 2:]).any(dim=2).all()


def test_words_that_are_asked_for_get_the_scores_they_have_among_all():
    net, ids, asked = model(), words(), torch.tensor([4, 22, 4, 0])
    torch.testing.assert_close(net(ids, asked=asked).logits, net(ids).logits[:, :, asked])


def test_there_are_no_other_weights_than_the_papers_three():
    assert sum(p.numel() for p in model().parameters()) == 23 * 7 + 7 * 7 + 7 * 23


def test_impossible_sizes_words_and_states_are_refused():
    with pytest.raises(ValueError, match="hidden_dim must be at least 1, got 0"):
        RNNLMConfig(hidden_dim=0)
    with pytest.raises(ValueError, match=r"words must be of shape \(B, T\), T > 0, got \(3, 0\)"):
        model()(words()[:, :0])
    with pytest.raises(ValueError, match=r"state must be of shape \(3, 7\), got \(2, 7\)"):
        model()(words(), torch.zeros(2, 7))


def even(count: int = 23) -> torch.Tensor:
    return torch.full((count,), 1 / count)


def test_the_sampled_loss_is_the_softmaxs_where_every_word_comes_next():
    net, ids = model(), words(5, 13)
    targets = torch.arange(65).view(5, 13) % 23
    total, count = SampledLoss(even(), samples=4)(net, (ids, targets))
    exact = nn.functional.cross_entropy(net(ids).logits.flatten(0, 1), targets.flatten())
    assert count == 65
    torch.testing.assert_close(total / count, exact)


def test_the_sampled_sum_of_all_words_is_right_on_average():
    torch.manual_seed(3)
    net, ids = model(), words(1, 1)
    targets, chances = torch.tensor([[5]]), torch.arange(1, 24) / 276
    logits = net(ids).logits[0, 0]
    sums = [
        math.exp(SampledLoss(chances, samples=29)(net, (ids, targets))[0].item() + logits[5].item())
        for _ in range(3_000)
    ]
    error = np.std(sums) / math.sqrt(len(sums))
    assert abs(np.mean(sums) - logits.exp().sum().item()) < 4 * error
    assert error < 0.02 * np.mean(sums)


def test_the_state_goes_on_from_batch_to_batch_but_the_error_does_not():
    net, ids = model(), words(3, 9)
    loss = SampledLoss(even(), samples=4)
    loss(net, (ids[:, :4], ids[:, 1:5]))
    assert not loss.state.requires_grad
    torch.testing.assert_close(loss.state, net(ids[:, :4]).states[:, -1])
    loss(net, (ids[:, 4:8], ids[:, 5:]))
    torch.testing.assert_close(loss.state, net(ids[:, :8]).states[:, -1])


def test_every_span_goes_on_where_the_one_before_ended():
    ids = torch.arange(3 * 17 + 2)
    batches = rnnlm.spans(ids, TINY)
    (a, a_next), (b, _), (c, _), (again, _) = (next(batches) for _ in range(4))
    assert a.tolist() == [[0, 1, 2, 3, 4], [17, 18, 19, 20, 21], [34, 35, 36, 37, 38]]
    assert torch.equal(a_next, a + 1) and torch.equal(b, a + 5) and torch.equal(c, a + 10)
    assert torch.equal(again, a)
    assert torch.equal(next(rnnlm.spans(ids, TINY, start=5))[0], c)
    with pytest.raises(ValueError, match="17 words are too few for 3 parts"):
        next(rnnlm.spans(ids[:17], TINY))


def test_one_mark_is_left_between_two_sentences():
    assert rnnlm.one_mark([1, 1, 1, 5, 6, 1, 1, 7, 1], 1).tolist() == [1, 5, 6, 1, 7, 1]


def test_an_untrained_net_says_each_words_frequency_and_its_noise():
    ids, config = torch.tensor([3] * 30 + [5] * 10), RNNLMConfig(vocab_size=9, hidden_dim=11)
    net, s = rnnlm.new_model(config, ids, seed=1), torch.full((11,), 0.5)
    torch.manual_seed(1)
    noise = RNNLM(config)
    said = (net.output(s) - noise.output(s)).exp()
    torch.testing.assert_close(said, (torch.bincount(ids, minlength=9) + 0.5) / 44.5)


def corpus() -> Corpus:
    ids = torch.randint(9, (431,), generator=torch.Generator().manual_seed(4))
    return Corpus(Vocabulary("bcdefghi"), ids[:301], ids[301:367], ids[367:], boundary=1)


def fit(folder, **changes):
    asked = Request(folder, torch.device("cpu"), folder / "state", **changes)
    return rnnlm.fit(asked, "tiny", corpus(), RNNLMConfig(9, 5), TINY)


def test_a_run_in_pieces_is_the_run_at_once(tmp_path):
    whole, pieces, count = fit(tmp_path / "a"), fit(tmp_path / "b", minutes=0.0), 1
    while not pieces.finished:
        pieces, count = fit(tmp_path / "b", minutes=0.0), count + 1
    assert count == whole.steps == 2 * 19 and len(whole.curve) == 2
    assert pieces.curve == whole.curve
    for mine, theirs in zip(pieces.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert fit(tmp_path / "b").finished  # nothing is left to do


def test_a_text_is_scored_with_its_whole_history(monkeypatch):
    net, ids = model(), words(1, 41)[0]
    wanted = net(ids[None, :-1]).logits[0].log_softmax(dim=1)
    wanted = wanted[torch.arange(40), ids[1:]]
    torch.testing.assert_close(rnnlm.log_probs(net, ids), wanted)
    monkeypatch.setattr(rnnlm, "PIECE", 7)
    torch.testing.assert_close(rnnlm.log_probs(net, ids), wanted)


def test_sentences_are_cut_at_their_marks():
    ids, starts = rnn_against_lsa.sentences(torch.tensor([1, 5, 6, 1, 7, 1, 1, 8, 9, 1]), 1)
    assert ids.tolist() == [5, 6, 7, 8, 9] and starts.tolist() == [0, 2, 3, 5]


def test_marks_and_the_unknown_word_are_no_words_with_a_vector():
    net = RNNLM(RNNLMConfig(4, 7))
    vectors = rnnlm.word_vectors(net, Vocabulary(["<s>", "a", "b"]))
    assert vectors.words == ("a", "b")
    assert np.allclose(vectors["b"], net.embedding.weight[3].detach())


def test_counts_and_net_are_compared_on_the_same_words(monkeypatch):
    names = ["<s>", *"abcdefgh"]
    ids = torch.randint(10, (900,), generator=torch.Generator().manual_seed(4))
    text = Corpus(Vocabulary(names), ids, ids, ids, boundary=1)
    questions = {"capitals": [("a", "b", "c", "d")], "gram1": [("a", "b", "c", "e")] * 2}
    monkeypatch.setattr(rnn_against_lsa.word_tests, "analogies", lambda: questions)
    made = rnn_against_lsa.counted(text, 5)
    assert all(v.words == tuple("abcdefgh") and v.vectors.shape == (8, 5) for v in made.values())
    shipped = dataclasses.make_dataclass("Shipped", ["model"])(RNNLM(RNNLMConfig(10, 5)))
    figures, rows = rnn_against_lsa.compare(text, shipped)
    assert figures["questions/syntactic"] == 2 and figures["questions/semantic"] == 1
    assert {f"{a}/{b}" for a in ("rnn", "lsa", "ppmi") for b in rnn_against_lsa.KINDS} < set(
        figures
    )
    assert [row["section"] for row in rows] == ["capitals", "gram1"]
