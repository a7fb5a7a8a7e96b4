"""A translator followed piece by piece: what it writes, sees, and does when something is broken."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from imi.following import follow, glances
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.models.seq2seq import Seq2Seq, Seq2SeqConfig
from imi.models.transformer import Transformer, TransformerConfig
from imi.text import BEGIN_ID, Vocabulary
from imi.translation import Translator
from imi.wordpiece import SPECIAL, WordPieces


def pieces(letters: str) -> WordPieces:
    return WordPieces(Vocabulary([*SPECIAL[1:], *letters, *("▁" + letter for letter in letters)]))


def translator(kind: str = "attention") -> Translator:
    torch.manual_seed(2015)
    source, target = pieces("abcd"), pieces("xyz")
    sizes = len(source.vocabulary), len(target.vocabulary)
    if kind == "attention":
        model = RNNsearch(RNNsearchConfig(*sizes, 6, hidden_dim=5, alignment_dim=4, maxout_dim=6))
    else:
        model = Seq2Seq(Seq2SeqConfig(*sizes, embedding_dim=6, hidden_dim=6, layers=2))
    for weights in model.parameters():
        nn.init.uniform_(weights, -0.9, 0.9)
    return Translator(model.eval(), source, target)


@pytest.mark.parametrize("kind", ["attention", "fixed"])
def test_it_writes_what_a_beam_of_one_writes(kind):
    net = translator(kind)
    course, (found,) = follow(net, "ab cd a"), net.translate(["ab cd a"], beams=1)
    assert course.text == found.text and course.source == found.source
    written = [moment.piece for moment in course.moments]
    assert written[: len(found.target) - 1] == found.target[:-1]
    first = course.moments[0]
    chances = [chance for _, chance in first.choices]
    assert chances == sorted(chances, reverse=True) and first.piece == first.choices[0][0]
    assert first.state.shape == ((5,) if kind == "attention" else (6,))
    if kind == "attention":
        torch.testing.assert_close(course.alpha()[: len(found.target)], found.alpha[: len(written)])
    else:
        with pytest.raises(ValueError, match="no attention to show"):
            course.alpha()


def test_filling_is_not_seen_behind_the_mask_and_is_without_it():
    net = translator()
    plain, filled, bare = (follow(net, "ab cd", **about) for about in (
        {}, {"filling": 3}, {"filling": 3, "masked": False}))  # fmt: skip
    assert filled.text == plain.text and filled.source[-3:] == ["<pad>"] * 3
    assert not filled.alpha()[:, -3:].any()
    torch.testing.assert_close(filled.alpha()[:, :-3], plain.alpha())
    assert (bare.alpha()[:, -3:] > 0).all()
    torch.testing.assert_close(bare.alpha().sum(dim=1), torch.ones(len(bare.moments)))


def test_hard_looks_at_one_piece_at_a_time():
    alpha = follow(translator(), "ab cd", hard=True, choices=99).alpha()
    assert ((alpha == 0) | (alpha == 1)).all() and (alpha.sum(dim=1) == 1).all()


def test_what_cannot_be_followed_is_refused():
    with pytest.raises(ValueError, match="there is nothing to translate"):
        follow(translator(), " ")
    for broken in ({"hard": True}, {"masked": False}):
        with pytest.raises(ValueError, match="no attention to change"):
            follow(translator("fixed"), "ab", **broken)


def test_the_glances_of_a_transformer_are_those_of_its_own_translation():
    torch.manual_seed(2017)
    source, target = pieces("abcd"), pieces("xyz")
    sizes = len(source.vocabulary), len(target.vocabulary)
    config = TransformerConfig(*sizes, dim=6, heads=3, hidden_dim=5, layers=2)
    net = Translator(Transformer(config).eval(), source, target)
    found, (plain,) = glances(net, "ab cd a", beams=2), net.translate(["ab cd a"], beams=2)
    assert (found.text, found.source) == (plain.text, plain.source)
    written = [target.vocabulary.words[BEGIN_ID], *plain.target[:-1]]
    assert found.written == written
    S, T = len(found.source), len(written)
    shapes = {"encoder": (2, 3, S, S), "decoder": (2, 3, T, T), "across": (2, 3, T, S)}
    assert {kind: tuple(looks.shape) for kind, looks in found.attention.items()} == shapes
    with pytest.raises(ValueError, match="does not look with heads"):
        glances(translator(), "ab")
    with pytest.raises(ValueError, match="no state from word to word"):
        follow(net, "ab")
