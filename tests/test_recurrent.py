"""Long texts in pieces: streams, the carried state, bits a character against a real code."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import islice, pairwise

import pytest
import torch
from torch import nn

from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.recipes.characters import bits_per_character
from imi.recurrent import CarriedLoss, log_probs, streams
from imi.training import train

V = 5


def net() -> CharLSTM:
    torch.manual_seed(2015)
    return CharLSTM(CharLSTMConfig(vocab_size=V, hidden_dim=7)).eval()


def text(length: int = 331) -> torch.Tensor:
    return torch.randint(V, (length,), generator=torch.Generator().manual_seed(2))


def test_each_piece_goes_on_where_the_last_one_ended():
    ids = torch.arange(1_000)
    batches = list(islice(streams(ids, batch_size=3, window=7, seed=1), 40))
    for (inputs, targets), (after, _) in pairwise(batches):
        assert inputs.shape == (3, 7)
        assert torch.equal(targets, inputs + 1)
        assert torch.equal(after[:, 0], inputs[:, -1] + 1)
    assert batches[0][0][:, 0].diff().tolist() == [333, 333]


def test_a_later_start_passes_over_batches_and_epochs_begin_elsewhere():
    ids = torch.arange(200)
    whole = list(islice(streams(ids, batch_size=2, window=9, seed=4), 41))
    later = list(islice(streams(ids, batch_size=2, window=9, seed=4, start=23), 18))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(whole[23:], later, strict=True))
    pieces = (99 - 9) // 9
    assert len({int(whole[number][0][0, 0]) for number in range(0, 41, pieces)}) > 1


@pytest.mark.parametrize(("batch_size", "window"), [(3, 60), (0, 4), (300, 1), (3, 0)])
def test_a_text_too_short_for_its_streams_is_refused(batch_size, window):
    with pytest.raises(ValueError, match=f"331 characters are too few for {batch_size} streams"):
        next(streams(text(), batch_size=batch_size, window=window, seed=1))


def test_the_loss_carries_the_state_and_cuts_the_gradient():
    model, loss = net(), CarriedLoss()
    batches = list(islice(streams(text(), batch_size=3, window=9, seed=1), 2))
    first, count = loss(model, batches[0])
    assert count == 27 and not loss.state[0].requires_grad
    second, _ = loss(model, batches[1])
    ids = torch.cat([batches[0][0], batches[1][0]], dim=1)
    targets = torch.cat([batches[0][1], batches[1][1]], dim=1)
    together = nn.functional.cross_entropy(
        model(ids).logits.flatten(0, 1), targets.flatten(), reduction="sum"
    )
    torch.testing.assert_close(first + second, together)


def test_a_loss_that_forgets_lets_rows_begin_anew():
    batches = list(islice(streams(text(), batch_size=3, window=9, seed=1), 2))
    model, forgetful, new = net(), CarriedLoss(forget=1.0), CarriedLoss()
    for batch in batches:
        forgotten, _ = forgetful(model, batch)
    assert torch.equal(forgetful.state[0], torch.zeros(3, 7))
    torch.testing.assert_close(forgotten, new(model, batches[1])[0])
    torch.manual_seed(5)
    some = CarriedLoss(forget=0.5)
    some(model, batches[0])
    kept = [bool(row.any()) for row in some.state[1]]
    assert kept == [bool(row.any()) for row in some.state[0]] and any(kept) and not all(kept)


def test_two_training_steps_equal_two_made_by_hand():
    batches = list(islice(streams(text(), batch_size=3, window=9, seed=1), 2))
    model, by_hand = net(), net()
    sgd = torch.optim.SGD(model.parameters(), lr=0.5)
    list(train(model, iter(batches), CarriedLoss(), sgd, steps=2, mixed_precision=False,
               progress=False))  # fmt: skip
    state = None
    for inputs, targets in batches:
        logits, state, _ = by_hand(inputs, state)
        state = tuple(part.detach() for part in state)
        mean = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        gradients = torch.autograd.grad(mean, list(by_hand.parameters()))
        with torch.no_grad():
            for weights, gradient in zip(by_hand.parameters(), gradients, strict=True):
                weights -= 0.5 * gradient
    for one, two in zip(model.parameters(), by_hand.parameters(), strict=True):
        torch.testing.assert_close(one, two)


@pytest.mark.parametrize("window", [4, 64, 1_000])
def test_log_probabilities_do_not_depend_on_the_pieces(window):
    model, ids = net(), text()
    with torch.no_grad():
        scores = model(ids[None, :-1]).logits[0].log_softmax(dim=-1)
    wanted = scores[torch.arange(len(ids) - 1), ids[1:]]
    torch.testing.assert_close(log_probs(model, ids, window=window), wanted)


def test_rows_read_every_character_once():
    model, ids = net(), text(332)
    in_rows = log_probs(model, ids, rows=7)
    assert in_rows.shape == (331,)
    length = -(-331 // 7)
    alone = log_probs(model, ids[length : 2 * length + 1])
    torch.testing.assert_close(in_rows[length : 2 * length], alone)
    with pytest.raises(ValueError, match="too few to predict any in 9 streams"):
        log_probs(model, ids[:9], rows=9)


class Coin(nn.Module):
    """A net that knows its source: a character is followed by itself with chance 3/4."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.tensor([[0.75, 0.25], [0.25, 0.75]]).log())

    def forward(self, ids, state=None):
        return self.table[ids], None


def coin_text(length: int = 400) -> list[int]:
    generator = torch.Generator().manual_seed(5)
    flips = (torch.rand(length, generator=generator) < 0.25).long()
    return (flips.cumsum(0) % 2).tolist()


def narrow(low: Fraction, width: Fraction, before: int, wanted: int):
    """Narrows the interval of an arithmetic code to the part of one character."""
    share = Fraction(3, 4) if before == 0 else Fraction(1, 4)  # of character 0
    if wanted == 0:
        return low, width * share
    return low + width * share, width * (1 - share)


def test_bits_a_character_are_what_an_arithmetic_code_needs():
    ids = coin_text()
    low, width = Fraction(0), Fraction(1)
    for before, wanted in pairwise(ids):
        low, width = narrow(low, width, before, wanted)
    length = math.ceil(-math.log2(width)) + 1  # enough bits to name a number in the interval
    code = math.ceil(low * 2**length)
    bits = bits_per_character(Coin(), torch.tensor(ids), rows=1) * (len(ids) - 1)
    assert bits <= length < bits + 2

    number, decoded = Fraction(code, 2**length), ids[:1]
    low, width = Fraction(0), Fraction(1)
    for _ in ids[1:]:
        for guess in (0, 1):
            inner = narrow(low, width, decoded[-1], guess)
            if inner[0] <= number < inner[0] + inner[1]:
                break
        (low, width), _ = inner, decoded.append(guess)
    assert decoded == ids  # the code says it all

    entropy = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert bits / (len(ids) - 1) == pytest.approx(entropy, abs=0.08)
