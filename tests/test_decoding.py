"""From scores to text: greedy choice, temperature, top-k, top-p, the carried state."""

from __future__ import annotations

from itertools import islice

import pytest
import torch

from imi.decoding import Sampler, continued, greedy
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.recipes.characters import write

LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0, 0.5], [0.0, 0.0, 3.0, 0.0, 0.0]])


def test_greedy_takes_the_likeliest():
    assert greedy(LOGITS).tolist() == [0, 2]


def test_the_temperature_divides_the_logits():
    for temperature in (0.3, 1.0, 7.0):
        chances = Sampler(temperature=temperature).chances(LOGITS)
        torch.testing.assert_close(chances, (LOGITS / temperature).softmax(-1))


def test_top_k_keeps_k_and_their_ratios():
    chances = Sampler(top_k=2).chances(LOGITS[:1])[0]
    assert chances.nonzero().flatten().tolist() == [0, 1]
    assert (chances[0] / chances[1]).item() == pytest.approx(torch.e, rel=1e-5)
    assert Sampler(top_k=99).chances(LOGITS).min() > 0


def test_top_p_keeps_the_fewest_that_reach_p():
    plain = LOGITS.softmax(-1)
    chances = Sampler(top_p=0.8).chances(LOGITS)
    assert chances[0].nonzero().flatten().tolist() == [0, 1, 4]
    assert plain[0, [0, 1]].sum() < 0.8 <= plain[0, [0, 1, 4]].sum()
    assert chances[1].nonzero().flatten().tolist() == [2]  # one alone reaches it
    torch.testing.assert_close(chances.sum(-1), torch.ones(2))


def test_draws_follow_the_chances_and_a_seed_repeats_them():
    rows = LOGITS[:1].expand(20_000, -1)
    drawn = Sampler(temperature=1.5, seed=3)(rows)
    shares = torch.bincount(drawn, minlength=5) / len(drawn)
    torch.testing.assert_close(shares, (LOGITS[0] / 1.5).softmax(-1), atol=0.012, rtol=0)
    assert torch.equal(drawn, Sampler(temperature=1.5, seed=3)(rows))
    assert not torch.equal(drawn, Sampler(temperature=1.5, seed=4)(rows))


def net() -> CharLSTM:
    torch.manual_seed(2015)
    return CharLSTM(CharLSTMConfig(hidden_dim=17)).eval()


def test_going_on_with_a_carried_state_is_reading_the_whole_text_anew():
    model, prompt = net(), torch.tensor([[3, 1, 4], [1, 5, 9]])
    fast = torch.stack(list(islice(continued(model.step, prompt, greedy), 11)), dim=1)
    ids = prompt
    for _ in range(11):
        ids = torch.cat([ids, greedy(model(ids).logits[:, -1])[:, None]], dim=1)
    assert torch.equal(ids[:, 3:], fast)


def test_a_batch_of_greedy_texts_is_each_text_alone():
    model, prompt = net(), torch.tensor([[3, 1, 4], [1, 5, 9]])
    both = torch.stack(list(islice(continued(model.step, prompt, greedy), 9)), dim=1)
    for row in (0, 1):
        alone = list(islice(continued(model.step, prompt[row : row + 1], greedy), 9))
        assert torch.cat(alone).tolist() == both[row].tolist()


def test_the_caller_may_train_between_two_characters():
    steps = continued(net().step, torch.tensor([[1]]), greedy)
    next(steps)
    assert torch.is_grad_enabled()


def test_what_makes_no_sense_is_refused_in_a_sentence():
    for settings, message in (
        ({"temperature": 0.0}, "temperature must be above 0, got 0"),
        ({"temperature": -1.0}, "temperature must be above 0, got -1"),
        ({"temperature": float("nan")}, "temperature must be above 0"),
        ({"top_k": 0}, "top_k must be at least 1"),
        ({"top_p": 1.5}, r"top_p must lie in \(0, 1\], got 1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            Sampler(**settings)
    with pytest.raises(ValueError, match="the beginning is empty"):
        write(net(), [""], 5, temperature=1.0, seed=1)
    with pytest.raises(ValueError, match="not 'é'"):
        write(net(), ["é"], 5, temperature=1.0, seed=1)
    with pytest.raises(ValueError, match="of one length"):
        write(net(), ["a", "bc"], 5, temperature=1.0, seed=1)
