"""The exercises of lecture 09: tags, a mix of two tags, neighbours from abroad."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def solution_tagged(sentence: str, language: str) -> str:
    """Returns the sentence with the token before it that asks for a language."""
    return f"<2{language}> {sentence}"


def check_tagged(attempt: Callable[[str, str], str]) -> None:
    """Checks tags on two sentences.

    Raises:
        AssertionError: with a hint, if they are wrong.
    """
    for sentence, language in (("The cat sleeps.", "ja"), ("猫が寝ています。", "en")):
        found = attempt(sentence, language)
        assert not found.startswith(sentence), "the tag stands before the sentence, not after it"
        assert found == f"<2{language}> {sentence}", (
            f"the tag of {language} is <2{language}>, then a blank, then the sentence; got {found}"
        )


def solution_mixed(E: Tensor, first: int, second: int, w: float) -> Tensor:
    """Returns (1 - w) E[first] + w E[second], (D,)."""
    return (1 - w) * E[first] + w * E[second]


def check_mixed(attempt: Callable[[Tensor, int, int, float], Tensor]) -> None:
    """Checks the weighted mix of two tags' vectors, section 6 of the paper.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    E = torch.randn(7, 5, generator=torch.Generator().manual_seed(2016))
    for w in (0.0, 0.3, 1.0):
        kept = E.clone()
        found = attempt(E, 2, 6, w)
        assert torch.equal(E, kept), "the table of words must stay as it is"
        assert found.shape == (5,), f"one vector (5,) is wanted, not {tuple(found.shape)}"
        wanted = kept[2] + w * (kept[6] - kept[2])
        assert not (
            w != 0.5 and torch.allclose(found, kept[6] + w * (kept[2] - kept[6]), atol=1e-6)
        ), "w is the share of the second tag: w = 0 gives the first alone"
        assert torch.allclose(found, wanted, atol=1e-6), "(1 - w) E[first] + w E[second]"


def solution_abroad(vectors: Tensor, source: Tensor) -> Tensor:
    """Returns for each vector (N, D) the number of the nearest, by cosine, of another source."""
    units = torch.nn.functional.normalize(vectors, dim=1)
    cosines = units @ units.T
    return cosines.masked_fill(source[:, None] == source, -torch.inf).argmax(dim=1)


def check_abroad(attempt: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Checks nearest neighbours from another source language.

    Raises:
        AssertionError: with a hint, if they are wrong.
    """
    generator = torch.Generator().manual_seed(2016)
    vectors, source = torch.randn(17, 3, generator=generator), torch.arange(17) % 3
    vectors *= torch.arange(1, 18)[:, None]  # of very different lengths
    found = attempt(vectors.clone(), source)
    assert found.shape == (17,), f"one number a vector is wanted, (17,), not {tuple(found.shape)}"
    assert not (found == torch.arange(17)).all(), "each vector is nearest to itself: leave it out"
    assert (source[found] != source).all(), "a neighbour must be of another source language"
    products = (vectors @ vectors.T).masked_fill(source[:, None] == source, -torch.inf)
    assert not torch.equal(found, products.argmax(dim=1)), (
        "by cosine, not by the product: bring the vectors to one length first"
    )
    wanted = solution_abroad(vectors, source)
    assert torch.equal(found, wanted), "of all vectors of another source, the largest cosine"
