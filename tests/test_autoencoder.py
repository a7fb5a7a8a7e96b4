"""The autoencoder: unrolled weights, the forward pass by hand, its loss, its three phases."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from torch import nn

from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.models.pca import PCA, cross_entropy
from imi.models.rbm import RBM
from imi.recipes import Request, autoencoder_images, stacks
from imi.recipes.pretraining import Settings, batches_of, machine_configs, machine_steps, pretrain

WIDTHS = (13, 7, 5, 3)
SETTINGS = Settings(rbm_epochs=2, epochs=3, batch_size=10, tune_batch_size=11)


def config(**changes) -> AutoencoderConfig:
    return AutoencoderConfig(**{"widths": WIDTHS, **changes})


def machines(about: AutoencoderConfig) -> list[RBM]:
    torch.manual_seed(2006)
    stack = [RBM(machine) for machine in machine_configs(about)]
    with torch.no_grad():
        for weights in (w for rbm in stack for w in rbm.parameters()):
            weights.normal_()
    return stack


def data(rows: int = 37) -> torch.Tensor:
    return torch.rand(rows, 13, generator=torch.Generator().manual_seed(1))


def request(folder, **changes) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **changes)


@pytest.mark.parametrize("kind", ["pixels", "words"])
def test_unrolled_weights_are_the_machines_and_their_transposes(kind):
    about = config(data=kind)
    stack = machines(about)
    model = Autoencoder.unrolled(about, stack)
    for rbm, down, up in zip(stack, model.encoder, reversed(model.decoder), strict=True):
        assert torch.equal(down.weight, rbm.weight) and torch.equal(up.weight, rbm.weight.T)
        assert torch.equal(down.bias, rbm.hidden_bias) and torch.equal(up.bias, rbm.visible_bias)
    x = data()
    up_the_stack = x
    for rbm in stack:
        up_the_stack = rbm(up_the_stack)
    torch.testing.assert_close(model.encode(x), up_the_stack)
    down_again = up_the_stack
    for rbm in reversed(stack):
        down_again = rbm.reconstruct(down_again)
    torch.testing.assert_close(model.expected(model(x).logits), down_again)


def test_after_fine_tuning_the_two_halves_go_their_own_ways():
    model = Autoencoder.unrolled(config(), machines(config()))
    list(stacks.tune_steps(model, data(), SETTINGS, progress=False))
    assert not torch.allclose(model.encoder[0].weight, model.decoder[-1].weight.T)


def test_the_code_is_linear_and_everything_else_is_logistic():
    model = Autoencoder.unrolled(config(), machines(config())).eval()
    x = data(rows=2)
    by_hand = x
    for number, layer in enumerate((*model.encoder, *model.decoder)):
        by_hand = by_hand @ layer.weight.T + layer.bias
        if number == 2:
            torch.testing.assert_close(model(x).code, by_hand)
        elif number < 5:
            by_hand = 1 / (1 + (-by_hand).exp())
    torch.testing.assert_close(model(x).logits, by_hand)


def test_noise_is_added_to_logistic_codes_in_training_only():
    model = Autoencoder(config(code="logistic", noise=2.0))
    x = data()
    assert not torch.equal(model.train().encode(x), model.encode(x))
    code = model.eval().encode(x)
    assert torch.equal(code, model.encode(x)) and code.min() > 0 and code.max() < 1


def test_the_losses_are_the_papers_two_cross_entropies_by_hand():
    x = data(rows=3)
    for kind in ("pixels", "words"):
        model = Autoencoder.unrolled(config(data=kind), machines(config(data=kind))).eval()
        q = model.expected(model(x).logits)
        if kind == "pixels":
            by_hand = -(x * q.log() + (1 - x) * (1 - q).log()).sum()
        else:
            by_hand = -sum((row / row.sum()) @ p.log() for row, p in zip(x, q, strict=True))
        loss, count = stacks.reconstruction_loss(model, (x,))
        torch.testing.assert_close(loss, by_hand)
        assert count == 3


def test_a_net_that_sees_a_part_is_asked_for_the_whole():
    model = Autoencoder(config(data="words")).eval()
    x = data(rows=3)
    seen = x * (x > 0.5)
    wanted = -(x / x.sum(dim=1, keepdim=True) * model(seen).logits.log_softmax(dim=1)).sum()
    torch.testing.assert_close(stacks.reconstruction_loss(model, (seen, x))[0], wanted)


def test_the_first_machine_sees_the_data_and_the_last_one_makes_the_code():
    kinds = [(m.visible_kind, m.hidden_kind) for m in machine_configs(config(data="words"))]
    assert kinds == [("words", "binary"), ("pixels", "binary"), ("pixels", "gaussian")]
    last = machine_configs(config(code="logistic"))[-1]
    assert (last.visible, last.hidden, last.hidden_kind) == (5, 3, "binary")


def test_a_step_of_a_machine_is_the_papers_update_by_hand():
    rbm = machines(config())[0]
    by_hand = {name: value.clone() for name, value in rbm.state_dict().items()}
    settings = Settings(rbm_epochs=4, batch_size=11)
    ((x,),) = islice(batches_of(data(rows=11), 11, settings.seed, 0), 1)  # in order
    torch.manual_seed(4)
    with torch.no_grad():
        h0 = rbm(x)
        v1 = rbm.reconstruct(h0.bernoulli())
        h1 = rbm(v1)
        rate = 0.2 * SETTINGS.rbm_rate  # in the first quarter
        learned = (h0.T @ x - h1.T @ v1) / 11 - SETTINGS.weight_cost * by_hand["weight"]
        by_hand["weight"] += rate * learned
        by_hand["visible_bias"] += rate * (x - v1).mean(dim=0)
        by_hand["hidden_bias"] += rate * (h0 - h1).mean(dim=0)
    torch.manual_seed(4)
    next(iter(machine_steps(rbm, data(rows=11), settings, progress=False)))
    for name, value in rbm.state_dict().items():
        torch.testing.assert_close(value, by_hand[name])


def test_fine_tuning_lowers_the_loss_and_tells_its_phases(tmp_path):
    result = stacks.fit(request(tmp_path), data(), config(), SETTINGS, held_out=data(rows=9))
    assert result.finished and result.steps == 12 and len(result.curve) == 3
    assert list(result.phases) == ["random", "unrolled", "tuned"]
    assert result.phases["tuned"] < result.phases["unrolled"]


def test_a_run_in_pieces_makes_the_same_net(tmp_path):
    about = {"held_out": data(rows=9)}
    whole = stacks.fit(request(tmp_path / "a"), data(), config(), SETTINGS, **about)
    hurried, count = request(tmp_path / "b", minutes=0.0), 1
    pieces = stacks.fit(hurried, data(), config(), SETTINGS, **about)
    while not pieces.finished:
        pieces, count = stacks.fit(hurried, data(), config(), SETTINGS, **about), count + 1
    assert count > 10
    for one, other in zip(whole.model.parameters(), pieces.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert [tuple(point) for point in pieces.curve] == whole.curve


def test_nets_that_differ_in_their_codes_share_the_machines_below(tmp_path):
    asked = request(tmp_path)
    first = pretrain(asked, data(), config(), SETTINGS)
    files = set((tmp_path / "state").iterdir())
    second = pretrain(asked, data(), config(widths=(13, 7, 5, 2)), SETTINGS)
    assert len(set((tmp_path / "state").iterdir()) - files) == 1
    assert torch.equal(first[1].weight, second[1].weight)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"widths": (5,)}, "widths must be two or more sizes"),
        ({"widths": (5, 0)}, "at least 1"),
        ({"data": "sound"}, "data must be 'pixels' or 'words', got 'sound'"),
        ({"code": "round"}, "code must be 'linear' or 'logistic'"),
        ({"noise": -1.0}, "noise must be 0 or more"),
    ],
)
def test_impossible_nets_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        config(**changes)


def test_data_of_another_width_and_machines_of_other_sizes_are_named():
    with pytest.raises(ValueError, match="a row must hold 13 numbers, got 12"):
        Autoencoder(config())(torch.zeros(2, 12))
    with pytest.raises(ValueError, match="do not unroll to widths"):
        Autoencoder.unrolled(config(), machines(config())[:2])


def test_an_autoencoder_without_hidden_layers_is_linear_in_its_codes():
    model = Autoencoder(AutoencoderConfig((13, 4))).eval()
    (down,), (up,) = model.encoder, model.decoder
    x = data()
    torch.testing.assert_close(model(x).logits, up(nn.functional.linear(x, down.weight, down.bias)))


def test_searched_codes_rebuild_no_worse_than_the_encoders_and_leave_the_net_alone():
    model = Autoencoder.unrolled(config(), machines(config())).eval()
    before = [weights.clone() for weights in model.parameters()]
    x = data(rows=7)
    rebuilt, searched = (
        autoencoder_images.reconstruct(model, x),
        autoencoder_images.settled(model, x),
    )
    assert cross_entropy(searched.logit(), x) < cross_entropy(rebuilt.logit(), x)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_the_shallow_net_begins_at_pca_and_ends_more_likely():
    x = data(rows=61)
    first = autoencoder_images.shallow(x, 4, iterations=1)
    last = autoencoder_images.shallow(x, 4, iterations=50)
    assert stacks.reconstruction_loss(last, (x,))[0] < stacks.reconstruction_loss(first, (x,))[0]
    pca = PCA.fit(x, 4)
    untouched = autoencoder_images.shallow(x, 4, iterations=0)
    torch.testing.assert_close(untouched.encode(x), pca.encode(x), atol=1e-5, rtol=1e-4)
