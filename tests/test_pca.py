"""PCA against scikit-learn; logistic PCA against what the two must have in common."""

from __future__ import annotations

import pytest
import torch
from sklearn.decomposition import PCA as TheirPCA
from sklearn.decomposition import TruncatedSVD

from imi.metrics import squared_error
from imi.models.pca import PCA, LogisticPCA, cross_entropy


def examples(rows: int = 61, width: int = 17) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2006)
    hidden = torch.randn(rows, 4, generator=generator)
    mixed = hidden @ torch.randn(4, width, generator=generator)
    return mixed + 0.3 * torch.randn(rows, width, generator=generator) + 2


@pytest.mark.parametrize("size", [1, 3, 17])
def test_pca_rebuilds_what_scikit_learn_rebuilds(size):
    train, test = examples(), examples(rows=23)
    theirs = TheirPCA(size, svd_solver="full").fit(train.double().numpy())
    wanted = theirs.inverse_transform(theirs.transform(test.double().numpy()))
    ours = PCA.fit(train, size)
    torch.testing.assert_close(
        ours.decode(ours.encode(test)), torch.from_numpy(wanted).float(), atol=1e-4, rtol=1e-4
    )
    overlap = ours.components @ torch.from_numpy(theirs.components_.copy()).float().T
    torch.testing.assert_close(overlap.abs(), torch.eye(size), atol=1e-4, rtol=0)


def test_without_the_mean_it_is_the_svd_of_latent_semantic_analysis():
    train = examples()
    theirs = TruncatedSVD(3, algorithm="arpack").fit(train.double().numpy())
    ours = PCA.fit(train, 3, centre=False)
    overlap = ours.components @ torch.from_numpy(theirs.components_.copy()).float().T
    torch.testing.assert_close(overlap.abs(), torch.eye(3), atol=1e-4, rtol=0)


def test_logistic_pca_finds_the_chances_that_made_binary_data():
    generator = torch.Generator().manual_seed(5)
    code = 4 * torch.randn(601, 2, generator=generator)
    chances = (code @ torch.randn(2, 31, generator=generator)).sigmoid()
    drawn = torch.bernoulli(chances, generator=generator)
    logistic, linear = LogisticPCA.fit(drawn, 2, penalty=0.5), PCA.fit(drawn, 2)
    ours = squared_error(logistic.decode(logistic.encode(drawn)), chances)
    theirs = squared_error(linear.decode(linear.encode(drawn)), chances)
    assert ours < 0.8 * theirs


def test_the_codes_of_logistic_pca_are_where_the_likelihood_is_flat():
    x = examples().sigmoid()
    logistic = LogisticPCA.fit(x, 3, penalty=0.5)
    code = logistic.encode(x[:7]).requires_grad_()
    loss = cross_entropy(code @ logistic.components + logistic.mean, x[:7])
    (loss + 0.25 * code.square().sum()).backward()
    assert code.grad.abs().max() < 0.02


def test_impossible_sizes_and_numbers_are_refused():
    with pytest.raises(ValueError, match="size must be from 1 to 17, got 18"):
        PCA.fit(examples(), 18)
    with pytest.raises(ValueError, match="numbers from 0 to 1"):
        LogisticPCA.fit(examples(), 2)
