"""What is claimed of BERT, measured on nets of a few numbers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from imi.data import sentence_tests, sources
from imi.data.sentence_tests import Use
from imi.masked_batches import PretrainingBatch
from imi.models.bert import Bert, BertConfig, BertForPretraining
from imi.models.both_sided import BothSided
from imi.recipes import bert_claims, bert_meaning, bert_task
from test_pretraining import SIZES, task  # noqa: F401


def test_every_sentence_of_our_own_holds_its_word_once():
    uses = sentence_tests.senses()
    for use in uses:
        start, end = use.span()
        assert use.sentence.lower()[start:end] == use.word
        words = use.sentence.lower().replace(",", " ").replace(".", " ").replace(";", " ").split()
        assert words.count(use.word) == 1
    kinds = {(use.word, use.sense) for use in uses}
    assert len({use.word for use in uses}) * 2 == len(kinds) >= 10
    assert len(uses) == 8 * len(kinds) == len({use.sentence for use in uses})


def test_likeness_of_sentences_is_read_with_its_commas(monkeypatch, tmp_path):
    (tmp_path / "stsb-en-test").write_text('A cat.,"A dog, old.",2.5\nYes,No,0.0\n')
    monkeypatch.setattr(sources, "path", lambda name: tmp_path / name)
    assert sentence_tests.stsb() == [("A cat.", "A dog, old.", 2.5), ("Yes", "No", 0.0)]


def net(task, **changes) -> Bert:  # noqa: F811
    torch.manual_seed(3)
    return Bert(BertConfig(len(task.pieces.vocabulary), **{**SIZES, **changes})).eval()


def test_a_use_is_the_mean_of_its_words_pieces_in_each_layer(task):  # noqa: F811
    model = net(task, layers=3)
    uses = [
        Use("cat", "x", "The old Cat sees Tom."),
        Use("friends", "y", "A dog, my friends!"),
    ]
    found = bert_meaning.layers_of_uses(model, task.pieces, uses)
    assert found.shape == (4, 2, SIZES["dim"])
    for number, use in enumerate(uses):
        before = task.pieces.encode(use.sentence[: use.span()[0]])
        inside = task.pieces.encode(use.word)
        ids, lengths = bert_meaning.rows(task.pieces, [use.sentence], 128)
        alone = model.layers(ids, lengths)[0, :, 1 + len(before) : 1 + len(before) + len(inside)]
        torch.testing.assert_close(found[:, number], alone.mean(dim=1), atol=1e-5, rtol=1e-4)
    assert len(task.pieces.encode("friends")) > 1


def test_senses_that_lie_apart_are_told_apart():
    uses = [Use(w, s, "") for w in ("bank", "bat") for s in ("b", "a") for _ in range(4)]
    corners = torch.eye(4).repeat_interleave(4, dim=0)
    apart = bert_meaning.separation(corners + 0.01 * torch.randn(16, 4), uses)
    assert apart["silhouette"] > 0.9 and apart["nearest"] == 1
    mixed = bert_meaning.separation(torch.eye(4).repeat(4, 1) + 0.01 * torch.randn(16, 4), uses)
    assert mixed["silhouette"] < 0.1 and mixed["nearest"] < 0.5


@pytest.mark.parametrize("kind", ["C", "cls", "mean"])
def test_the_vector_of_a_sentence_does_not_hang_on_those_read_with_it(task, kind):  # noqa: F811
    read = bert_meaning.sentence_vectors(net(task), task.pieces, kind)
    said = ["Anna sees Tom.", "My friend likes a dog at 3 now, and the old cat."]
    together = read(said)
    assert together.shape == (2, SIZES["dim"])
    torch.testing.assert_close(together[:1], read(said[:1]), atol=1e-5, rtol=1e-4)
    pairs = [(said[0], said[1], 1.0), (said[0], said[0], 5.0), (said[1], said[1], 4.0)]
    assert -1 <= bert_meaning.human_likeness(read, pairs) <= 1


def test_counting_sees_what_the_net_reads():
    ids = torch.tensor([[2, 7, 4, 9, 3], [2, 4, 8, 3, 1]])
    chosen = ids == 4
    batch = PretrainingBatch(ids, torch.tensor([5, 4]), ids * 0, chosen, ids, torch.zeros(2).long())
    found = bert_claims.surroundings(batch, pad=1)
    assert found.tolist() == [[2, 7, 4, 9, 3], [1, 2, 4, 8, 3]]


def test_all_claims_are_measured(task, monkeypatch):  # noqa: F811
    model = BertForPretraining(BertConfig(len(task.pieces.vocabulary), **SIZES)).eval()
    shipped = SimpleNamespace(
        model=model, vocabulary=task.pieces.vocabulary, card={"minutes": 1.0, "steps": 2}
    )
    monkeypatch.setattr(bert_claims.checkpoints, "load", lambda name: shipped)
    monkeypatch.setattr(bert_task, "read", lambda *given, **about: task)
    monkeypatch.setattr(bert_task, "TEST_LONGEST", 40)
    figures, rows = bert_claims.measure_all()
    for name in bert_claims.NETS:
        kept = ("masked_accuracy", "next_accuracy", "blank_accuracy", "is_next", "minutes")
        assert {f"{name}/{figure}" for figure in kept} <= set(figures)
    asked = bert_task.questions(task, "test", longest=40)
    runs = torch.cat([bert_claims.surroundings(b, 1) for b in asked.batches]).numpy()
    true = torch.cat([b.targets[b.chosen] for b in asked.batches]).numpy()
    size, ids = len(task.pieces.vocabulary), task.libraries["train"].ids.numpy()
    guesses = BothSided(vocab_size=size).fit(ids).guesses(runs)
    assert figures["both/masked"] == pytest.approx(np.mean(guesses == true), abs=1e-4)
    assert figures["places/masked"] == len(true) and {row["source"] for row in rows} == set(
        task.names
    )
    assert figures["commonest/masked"] < figures["left/masked"] < figures["both/masked"]
