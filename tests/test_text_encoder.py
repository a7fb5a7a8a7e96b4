"""A BERT with its pieces: how texts are laid out, blanks, pairs, looks, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from imi import checkpoints
from imi.bertpieces import SPECIAL, BertPieces
from imi.checkpoints import Checkpoint
from imi.models.bert import Bert, BertConfig, BertForPretraining
from imi.text_encoder import TextEncoder

WORDS = "the man went to store he bought a gallon of milk ##s . , penguin".split()
SIZES = {"dim": 12, "heads": 3, "hidden_dim": 17, "layers": 2, "longest": 15}


def encoder(kind=BertForPretraining) -> TextEncoder:
    torch.manual_seed(2019)
    pieces = BertPieces([*SPECIAL, *WORDS])
    model = kind(BertConfig(len(pieces.vocabulary), **SIZES))
    for weights in model.parameters():
        nn.init.uniform_(weights, -0.7, 0.7)
    return TextEncoder(model.eval(), pieces)


def test_texts_are_laid_out_between_marks():
    one = encoder().row("The man went.")
    assert one.pieces == ["[CLS]", "the", "man", "went", ".", "[SEP]"]
    assert one.segments == [0] * 6
    two = encoder().row("the man", "Penguins, [MASK] milk")
    assert two.pieces == ["[CLS]", "the", "man", "[SEP]", "penguin", "##s", ",", "[MASK]", "milk",
                          "[SEP]"]  # fmt: skip
    assert two.segments == [0] * 4 + [1] * 6
    assert two.ids == encoder().pieces.vocabulary.encode(two.pieces)


def test_a_blank_is_filled_with_the_likeliest_pieces():
    bert = encoder()
    text = "the [MASK] went to the [MASK]."
    row = bert.row(text)
    ids, lengths = torch.tensor([row.ids]), torch.tensor([len(row.ids)])
    for blank, place in ((1, 2), (2, 6)):
        assert row.pieces[place] == "[MASK]"
        hidden = bert.model.bert(ids, lengths).hidden[0, place]
        scores = bert.model.bert.words.weight @ bert.model.transform(hidden) + bert.model.bias
        chances = scores.exp() / scores.exp().sum()
        found = bert.fill(text, blank=blank, count=3)
        order = chances.argsort(descending=True)[:3].tolist()
        assert [piece for piece, _ in found] == [bert.pieces.vocabulary.words[n] for n in order]
        assert [p for _, p in found] == pytest.approx(chances[order].tolist(), abs=1e-5)
    everything = bert.fill(text, count=99)
    assert len(everything) == len(bert.pieces.vocabulary)
    assert sum(p for _, p in everything) == pytest.approx(1, abs=1e-5)


def test_what_follows_is_told_from_both_texts():
    bert = encoder()
    found = bert.follows("the man went", "he bought milk")
    row = bert.row("the man went", "he bought milk")
    about = (torch.tensor(part)[None] for part in (row.ids, row.segments))
    ids, segments = about
    C = bert.model.bert(ids, torch.tensor([len(row.ids)]), segments).pooled
    is_next, not_next = bert.model.next(C)[0].exp().tolist()
    assert found == pytest.approx(is_next / (is_next + not_next), abs=1e-5)
    assert found != pytest.approx(bert.follows("he bought milk", "the man went"), abs=1e-4)


def test_looks_are_those_of_every_head_of_every_layer():
    bert = encoder()
    pieces, weights = bert.looks("the man went", "he bought milk")
    assert pieces == bert.row("the man went", "he bought milk").pieces
    assert weights.shape == (2, 3, 9, 9)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 3, 9))
    alone = encoder(Bert)
    assert alone.bert is alone.model and alone.looks("the man").weights.shape == (2, 3, 4, 4)


def test_what_cannot_be_answered_is_refused_in_a_sentence():
    bert = encoder()
    with pytest.raises(ValueError, match=r"no blank; write \[MASK\] where a word is missing"):
        bert.fill("the man went")
    with pytest.raises(ValueError, match="blank 2 is asked for, and the text has 1"):
        bert.fill("the [MASK] went", blank=2)
    with pytest.raises(ValueError, match="blank 0"):
        bert.fill("the [MASK] went", blank=0)
    for text in ("", "  \n"):
        with pytest.raises(ValueError, match="nothing to read"):
            bert.row(text)
        with pytest.raises(ValueError, match="nothing to read"):
            bert.follows("the man", text)
    assert len(bert.row("man " * 13).ids) == 15
    with pytest.raises(ValueError, match="16 pieces long, and the net reads 15 at most"):
        bert.row("man " * 14)
    assert bert.fill("[MASK] 猫 🐧 <b>", count=1)
    for ask in (lambda bert: bert.fill("[MASK]"), lambda bert: bert.follows("a", "a")):
        with pytest.raises(ValueError, match="it only reads"):
            ask(encoder(Bert))


def test_a_shipped_net_is_loaded_with_its_pieces(tmp_path):
    bert = encoder()
    checkpoints.save(tmp_path / "net", bert.model, vocabulary=bert.pieces.vocabulary)
    shipped = checkpoints.load(tmp_path / "net")
    text = "the [MASK] went"
    loaded = TextEncoder.load(shipped).fill(text)
    assert [piece for piece, _ in loaded] == [piece for piece, _ in bert.fill(text)]
    for other in (Checkpoint(nn.Linear(1, 1), shipped.vocabulary, {}),
                  Checkpoint(shipped.model, None, {})):  # fmt: skip
        with pytest.raises(checkpoints.CheckpointError, match="is no BERT"):
            TextEncoder.load(other)
    with pytest.raises(checkpoints.CheckpointError, match="no checkpoint 'nobody'"):
        TextEncoder.load("nobody")
