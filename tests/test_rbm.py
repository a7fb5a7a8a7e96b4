"""The RBM against a machine small enough to list all its states: energy, chances, gradient."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from imi.models.rbm import (
    RBM,
    RBMConfig,
    contrastive_divergence,
    exact_log_likelihood,
    free_energy,
)

V, H = 5, 3


def machine(**changes) -> RBM:
    torch.manual_seed(2006)
    rbm = RBM(RBMConfig(**{"visible": V, "hidden": H, **changes}))
    with torch.no_grad():
        for weights in rbm.parameters():
            weights.normal_(std=0.8)
    return rbm


def states(width: int) -> torch.Tensor:
    return torch.tensor(list(product((0.0, 1.0), repeat=width)))


def patterns(rows: int = 401) -> torch.Tensor:
    """Binary data with structure: two prototypes and a little noise."""
    generator = torch.Generator().manual_seed(7)
    kinds = torch.tensor([[1.0, 1, 0, 0, 1], [0.0, 0, 1, 1, 0]])
    chosen = kinds[torch.randint(2, (rows,), generator=generator)]
    flips = torch.rand(rows, V, generator=generator) < 0.1
    return torch.where(flips, 1 - chosen, chosen)


def gradients(rbm: RBM, loss: torch.Tensor) -> torch.Tensor:
    rbm.zero_grad()
    loss.backward()
    return torch.cat([weights.grad.flatten() for weights in rbm.parameters()])


def test_the_energy_is_equation_1_by_hand():
    rbm = machine()
    v, h = torch.tensor([[1.0, 0, 1, 1, 0]]), torch.tensor([[0.0, 1, 1]])
    by_hand = 0.0
    for i in range(V):
        by_hand -= rbm.visible_bias[i] * v[0, i]
        for j in range(H):
            by_hand -= v[0, i] * h[0, j] * rbm.weight[j, i]
    by_hand -= sum(rbm.hidden_bias[j] * h[0, j] for j in range(H))
    torch.testing.assert_close(rbm.energy(v, h)[0], by_hand)


def test_the_units_means_are_the_conditional_chances_of_the_listed_states():
    rbm = machine()
    v, h = patterns(rows=7), states(H)[3:4]
    for row in v:
        joint = (-rbm.energy(row.expand(2**H, -1), states(H))).softmax(dim=0)
        torch.testing.assert_close(rbm(row[None])[0], joint @ states(H))
    joint = (-rbm.energy(states(V), h.expand(2**V, -1))).softmax(dim=0)
    torch.testing.assert_close(rbm.reconstruct(h)[0], joint @ states(V))


def test_the_chances_of_all_visible_states_sum_to_one_and_free_energy_sums_hidden_ones():
    rbm = machine()
    assert exact_log_likelihood(rbm, states(V)).exp().sum().item() == pytest.approx(1, abs=1e-5)
    v = patterns(rows=9)
    listed = torch.stack([-rbm.energy(row.expand(2**H, -1), states(H)) for row in v])
    torch.testing.assert_close(-free_energy(rbm, v), listed.logsumexp(dim=1))


def test_the_loss_of_contrastive_divergence_has_the_gradient_of_equation_2():
    rbm, data = machine(), patterns(rows=13)
    torch.manual_seed(3)
    loss, count = contrastive_divergence(rbm, (data,))
    found = gradients(rbm, loss)
    torch.manual_seed(3)
    with torch.no_grad():
        h0 = rbm(data)
        v1 = rbm.reconstruct(h0.bernoulli())
        h1 = rbm(v1)
    by_hand = torch.cat(
        [
            -(h0.T @ data - h1.T @ v1).flatten(),
            -(data - v1).sum(dim=0),
            -(h0 - h1).sum(dim=0),
        ]
    )
    torch.testing.assert_close(found, by_hand)
    assert count == 13
    assert loss.item() == pytest.approx((data - v1).square().sum().item(), rel=1e-5)


def test_the_estimate_points_where_the_exact_gradient_points_and_a_long_chain_meets_it():
    rbm, data = machine(), patterns().repeat(50, 1)
    exact = gradients(rbm, -exact_log_likelihood(rbm, data).sum())
    torch.manual_seed(5)
    cosine = {}
    for steps in (1, 50):
        loss, _ = contrastive_divergence(rbm, (data,), steps=steps, sample_visible=True)
        estimate = gradients(rbm, loss)
        cosine[steps] = torch.cosine_similarity(exact, estimate, dim=0).item()
    assert cosine[1] > 0.5
    assert cosine[50] > 0.995


def test_learning_by_one_step_makes_the_data_more_likely_exactly():
    rbm, data = RBM(RBMConfig(visible=V, hidden=H)), patterns()
    torch.manual_seed(11)
    before = exact_log_likelihood(rbm, data).mean().item()
    sgd, likelihoods = torch.optim.SGD(rbm.parameters(), lr=0.1), []
    for _ in range(300):
        sgd.zero_grad()
        loss, count = contrastive_divergence(rbm, (data,))
        (loss / count).backward()
        sgd.step()
        likelihoods.append(exact_log_likelihood(rbm, data).mean().item())
    chance = -V * torch.tensor(2.0).log().item()
    assert likelihoods[-1] > before + 0.5 and likelihoods[-1] > chance + 0.7


def test_gaussian_units_have_the_mean_and_the_variance_that_they_should():
    rbm = machine(hidden_kind="gaussian", visible_kind="gaussian")
    v = torch.tensor([[0.3, -0.2, 0.9, 1.4, -2.0]])
    drawn = rbm.sample_hidden(v.expand(20_001, -1))
    torch.testing.assert_close(drawn.mean(dim=0), rbm(v)[0], atol=0.03, rtol=0)
    assert (drawn.std(dim=0) - 1).abs().max() < 0.03
    h = drawn[:1]
    torch.testing.assert_close(rbm.reconstruct(h), h @ rbm.weight + rbm.visible_bias)
    assert (rbm.sample_visible(h.expand(20_001, -1)).std(dim=0) - 1).abs().max() < 0.03


def test_a_document_of_n_words_pulls_n_times_as_hard_and_is_rebuilt_with_n_words():
    rbm = machine(visible_kind="words")
    counts = torch.tensor([[2.0, 0, 1, 4, 0]])
    one_by_one = sum(n * rbm.weight[:, i] for i, n in enumerate(counts[0])) + rbm.hidden_bias
    torch.testing.assert_close(rbm(counts)[0], one_by_one.sigmoid())
    rebuilt = rbm.reconstruct(rbm(counts), words=counts.sum(dim=1, keepdim=True))
    assert rebuilt.sum().item() == pytest.approx(7, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"visible": 0}, "visible must be at least 1, got 0"),
        ({"hidden": -2}, "hidden must be at least 1, got -2"),
        ({"visible_kind": "sound"}, "got 'sound' and 'binary'"),
        ({"hidden_kind": "words"}, "got 'pixels' and 'words'"),
    ],
)
def test_impossible_machines_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        RBMConfig(**changes)


def test_data_of_another_width_and_machines_too_large_to_list_are_named():
    with pytest.raises(ValueError, match="there are 5 visible units, got 6"):
        machine()(torch.zeros(2, 6))
    with pytest.raises(ValueError, match="up to 16 visible units"):
        exact_log_likelihood(machine(visible=17), torch.zeros(1, 17))
    with pytest.raises(ValueError, match="only binary machines"):
        exact_log_likelihood(machine(visible_kind="words"), torch.zeros(1, V))
