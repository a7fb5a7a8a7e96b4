"""The loss of both tasks by hand, what a model is asked, and recipes on a world of few words."""

from __future__ import annotations

import dataclasses
from itertools import islice
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from imi import checkpoints
from imi.blocks import sinusoids
from imi.data import running
from imi.data.running import Document
from imi.masked_batches import PretrainingBatch
from imi.models.bert import BertConfig, BertForPretraining
from imi.pretraining import PretrainingLoss, answers
from imi.recipes import Request, bert, bert_nets, bert_scores, bert_task, recipes
from imi.sentence_pairs import UNASKED

V = 11


class Table(nn.Module):
    """Scores a word by what is read at its place, and the next sentence by the first word."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(4)
        self.words, self.next = nn.Embedding(V, V), nn.Embedding(V, 2)

    def forward(self, ids, lengths, segments, *, chosen):
        return SimpleNamespace(words=self.words(ids[chosen]), next=self.next(ids[:, 0]))


def batch() -> PretrainingBatch:
    generator = torch.Generator().manual_seed(6)
    ids, targets = (torch.randint(V, (5, 7), generator=generator) for _ in range(2))
    chosen = torch.rand(5, 7, generator=generator) < 0.3
    nxt = torch.tensor([0, 1, UNASKED, 1, 0])
    return PretrainingBatch(ids, torch.full((5,), 7), ids * 0, chosen, targets, nxt)


def by_hand(model, given):
    words, follows = [], []
    for row in range(5):
        for place in range(7):
            if given.chosen[row, place]:
                scores = model.words.weight[given.ids[row, place]].log_softmax(0)
                words.append(-scores[given.targets[row, place]].item())
        if given.next[row] != UNASKED:
            follows.append(
                -model.next.weight[given.ids[row, 0]].log_softmax(0)[given.next[row]].item()
            )
    return words, follows


def test_the_loss_is_the_sum_of_both_means():
    model, given = Table(), batch()
    words, follows = by_hand(model, given)
    means = sum(words) / len(words), sum(follows) / len(follows)
    both, alone = PretrainingLoss(), PretrainingLoss(with_next=False)
    total, count = both(model, given)
    assert count == len(words) and total.item() / count == pytest.approx(sum(means))
    assert alone(model, given)[0].item() / count == pytest.approx(means[0])
    assert both.take() == pytest.approx(means) and both.seen == []


def test_the_loss_looks_at_chosen_places_alone():
    model, given = Table(), batch()
    other = torch.where(given.chosen, given.targets, (given.targets + 1) % V)
    same = PretrainingLoss()(model, given._replace(targets=other))[0]
    assert torch.equal(same, PretrainingLoss()(model, given)[0])
    changed = (given.targets + given.chosen) % V
    assert PretrainingLoss()(model, given._replace(targets=changed))[0] != same


def test_a_batch_without_pairs_and_a_net_without_the_task_still_give_every_gradient():
    for loss, nxt in ((PretrainingLoss(), UNASKED), (PretrainingLoss(with_next=False), 1)):
        model, given = Table(), batch()
        total, count = loss(model, given._replace(next=torch.full((5,), nxt)))
        total.backward()
        assert torch.isfinite(total) and count and (model.next.weight.grad == 0).all()


def test_answers_are_those_of_each_place_and_pair():
    model, given = Table(), batch()
    words, follows = by_hand(model, given)
    found = answers(model, [given, given._replace(chosen=given.chosen & False), given])
    assert len(found.nats) == 2 * len(words) and len(found.asked) == 15
    assert found.row.tolist() == [
        *given.chosen.nonzero()[:, 0],
        *(10 + given.chosen.nonzero()[:, 0]),
    ]
    torch.testing.assert_close(found.nats[: len(words)], torch.tensor(words))
    figures = found.figures()
    assert figures["masked_loss"] == pytest.approx(sum(words) / len(words))
    assert figures["next_loss"] == pytest.approx(sum(follows) / len(follows))
    guessed = model.words.weight.argmax(dim=1)[given.ids[given.chosen]]
    right = (guessed == given.targets[given.chosen]).tolist()
    assert figures["masked_accuracy"] == pytest.approx(sum(right) / len(right))
    assert (figures["masked_places"], figures["pairs"]) == (2 * len(words), 12)
    first = found.of_rows(torch.arange(15) < 5).figures()
    assert (first["masked_places"], first["pairs"]) == (len(words), 4)
    with pytest.raises(ValueError, match="nothing to ask"):
        answers(model, [])


NAMES = ("Anna", "Tom", "a dog", "the old cat", "my friend")
DID = ("sees", "hears", "likes", "finds")


def world() -> list[Document]:
    """Documents about one thing each, and single sentences."""
    told = [
        Document("recipes", tuple(f"{who} {did} {what} at {t} {day}." for t in range(2, 9)))
        for day in ("now", "later", "often", "always")
        for who in NAMES for did in DID for what in NAMES if who != what
    ]  # fmt: skip
    alone = [Document("tatoeba", (f"{who} {did} {n} trees in the green garden.",))
             for who in NAMES for did in DID for n in range(30)]  # fmt: skip
    return told + alone


SIZES = {"dim": 12, "heads": 2, "layers": 1, "hidden_dim": 18, "dropout": 0.0}
SETTINGS = bert_nets.Settings(12, tokens=160, short=24, longest=40, long_share=0.25, validations=4)


@pytest.fixture(scope="module")
def task():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "documents", lambda names: world())
        patch.setattr(bert_task, "VOCABULARY", 90)
        return bert_task.read(names=("recipes", "tatoeba"))


def request(folder, **about) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **about)


def fit(folder, task, **about):
    model = bert_nets.new_model(task, SIZES, SETTINGS)
    return bert.fit(request(folder, **about), "tiny", task, model, SETTINGS)


def test_a_task_reads_all_documents_and_keeps_its_parts_apart(task):
    parts = running.split(world())
    for name, documents in parts._asdict().items():
        library = task.libraries[name]
        assert len(library.documents) == len(documents) + 1
        cut = [
            library.ids[a:b].tolist()
            for a, b in zip(library.sentences, library.sentences[1:], strict=False)
        ]
        said = sorted(task.pieces.encode(s) for d in documents for s in d.sentences)
        assert sorted(cut) == said
        alone = library.documents[1:] - library.documents[:-1] == 1
        assert (alone == (library.sources == 1)).all()
    assert task.marks == (1, 0, 2, 3, 4)


def test_the_biases_begin_at_the_pieces_frequencies(task):
    model = bert_nets.new_model(task, SIZES, SETTINGS)
    counts = task.libraries["train"].ids.bincount(minlength=len(model.bias)) + 0.5
    torch.testing.assert_close(model.bias.exp(), counts / counts.sum())


def test_positions_begin_as_waves_as_loud_as_noise(task):
    waves = bert_nets.new_model(task, SIZES, SETTINGS).bert.places.weight
    noise = bert_nets.new_model(
        task, SIZES, dataclasses.replace(SETTINGS, waves=False)
    ).bert.places.weight
    assert waves.std().item() == pytest.approx(noise.std().item(), rel=0.03) and waves.requires_grad
    torch.testing.assert_close(waves.mean(dim=0), torch.zeros(SIZES["dim"]), atol=1e-6, rtol=0)
    table = sinusoids(*waves.shape)
    louder = waves.std() / (table - table.mean(dim=0)).std()
    torch.testing.assert_close(waves[3] - waves[8], (table[3] - table[8]) * louder)


def test_far_places_begin_as_waves_and_what_near_ones_learned(task):
    model = bert_nets.new_model(task, SIZES, SETTINGS)
    places = model.bert.places.weight
    waves, learned = places.detach().clone(), torch.randn(24, SIZES["dim"])
    with torch.no_grad():
        places[:24] += learned
        places[24:] += 7.0  # whatever far places have learned is forgotten
    bert_nets.teach_far_places(model, 24)
    for start in range(0, len(places), 24):
        end = min(start + 24, len(places))
        torch.testing.assert_close(places[start:end] - waves[start:end], learned[: end - start])


def test_words_begin_as_counts_have_it_as_loud_as_noise_and_marks_as_nothing(task):
    noise = bert_nets.new_model(
        task, SIZES, dataclasses.replace(SETTINGS, counted=False)
    ).bert.words
    words = bert_nets.new_model(task, SIZES, SETTINGS).bert.words.weight
    vectors = torch.from_numpy(bert_task.counted_vectors(task, SIZES["dim"]))
    torch.testing.assert_close(words, vectors * noise.weight.std() / vectors.std())
    assert words.requires_grad and words[list(task.marks)].abs().max() < 1e-6


def test_who_did_it_is_nearer_to_who_else_did_it_than_to_what_was_done(task):
    vectors = nn.functional.normalize(torch.from_numpy(bert_task.counted_vectors(task, 12)), dim=1)
    ids = {word: task.pieces.encode(word)[0] for word in (*NAMES, *DID)}
    likeness = {
        (a, b): (vectors[ids[a]] @ vectors[ids[b]]).item() for a in NAMES for b in (*NAMES, *DID)
    }
    same = [likeness[a, b] for a in NAMES for b in NAMES if ids[a] != ids[b]]
    other = [likeness[a, b] for a in NAMES for b in DID]
    assert sum(same) / len(same) > sum(other) / len(other) + 0.2


def test_short_rows_hide_more_than_long_ones(task):
    settings = dataclasses.replace(SETTINGS, steps=80, long_share=0.5)
    batches = list(islice(bert.training_batches(task, settings), 80))
    for part, share in ((batches[:40], 0.3), (batches[40:], 0.15)):
        hidden = sum(int(each.chosen.sum()) for each in part)
        places = sum(int(each.lengths.sum()) for each in part)
        assert hidden / places == pytest.approx(share, rel=0.15)


def test_rows_are_short_at_first_and_a_stopped_run_goes_on_with_the_same(task):
    whole, lengths = bert.training_batches(task, SETTINGS), []
    batches = [next(whole) for _ in range(15)]
    lengths = [int(each.lengths.max()) for each in batches]
    assert max(lengths[:9]) <= 24 < max(lengths[9:]) <= 40
    for start in (1, 8, 9, 11):
        other = bert.training_batches(task, SETTINGS, start)
        assert all(torch.equal(a, b) for a, b in zip(batches[start], next(other), strict=True))


def test_the_best_weights_of_long_rows_are_known_by_long_rows(task, tmp_path, monkeypatch):
    asked = []
    questions = bert_task.questions
    monkeypatch.setattr(
        bert_task, "questions",
        lambda *given, **about: asked.append(about["longest"]) or questions(*given, **about),
    )  # fmt: skip
    for share in (0.25, 1.0):
        settings = dataclasses.replace(SETTINGS, steps=1, long_share=share, validations=1)
        model = bert_nets.new_model(task, SIZES, settings)
        bert.fit(request(tmp_path / str(share)), "tiny", task, model, settings)
    assert asked == [24, 40]


def test_a_run_in_pieces_gives_the_same_net_and_curves(tmp_path, task):
    whole = fit(tmp_path / "a", task)
    pieces, count = fit(tmp_path / "b", task, minutes=0.0), 1
    while not pieces.finished:
        pieces, count = fit(tmp_path / "b", task, minutes=0.0), count + 1
    assert count == 12 and pieces.curve == whole.curve and len(whole.more["curves"]) == 4
    for one, other in zip(whole.model.parameters(), pieces.model.parameters(), strict=True):
        assert torch.equal(one, other)
    # The training's own means are of the updates since the last row or the last stop.
    kept = [[row[0], *row[3:]] for row in pieces.more["curves"]]
    assert kept == [[row[0], *row[3:]] for row in whole.more["curves"]]


def test_a_card_says_what_it_can_do_and_it_is_measured_again(tmp_path, task, monkeypatch):
    settings = dataclasses.replace(SETTINGS, with_next=False)
    long = dataclasses.replace(settings, steps=6, long_share=1.0, seed=2020, validations=2)
    monkeypatch.setitem(bert_nets.MODELS, bert_nets.NO_NSP, (SIZES, (settings, long)))
    monkeypatch.setattr(bert_task, "read", lambda *given, **about: task)
    monkeypatch.setattr(bert_task, "TEST_LONGEST", 40)
    run, stops = recipes()[bert_nets.NO_NSP].run, 0
    while not run(request(tmp_path, minutes=0.0)):
        stops += 1
    assert (
        stops == 16
    )  # of 18 updates; the first phase's last one is followed by the second's first
    shipped = checkpoints.load(tmp_path / "checkpoints" / bert_nets.NO_NSP)
    card = shipped.card
    assert [phase["with_next"] for phase in card["settings"]] == [False, False]
    assert [phase["steps"] for phase in card["settings"]] == [12, 6] and card["steps"] == 18
    for rows in (card["curve"], card["curves"]):
        assert [row[0] for row in rows] == [3, 6, 9, 12, 15, 18]
    assert card["metrics"]["masked_places"] > 50 and card["metrics"]["blanks"] > 5
    assert set(card["by_source"]) == {"recipes", "tatoeba"}
    assert "pairs" in card["by_source"]["recipes"] and "pairs" not in card["by_source"]["tatoeba"]
    places = sum(each["masked_places"] for each in card["by_source"].values())
    assert places == card["metrics"]["masked_places"]
    assert shipped.vocabulary.words == task.pieces.vocabulary.words
    again = bert.sample(shipped)
    assert again and all(card["metrics"][name] == value for name, value in again.items())


def test_a_blank_is_one_piece_in_the_middle_of_a_sentence(task):
    asked = bert_task.blanks(task)
    assert (asked.chosen.sum(dim=1) == 1).all() and (
        asked.ids[asked.chosen] == task.marks.mask
    ).all()
    place, size = asked.chosen.int().argmax(dim=1), asked.lengths - 2
    assert ((place > size // 3) & (place <= size - size // 3)).all()
    assert torch.equal(asked.ids[~asked.chosen], asked.targets[~asked.chosen])
    parts = bert_task.in_parts(asked, 7)
    assert torch.equal(torch.cat([part.targets for part in parts]), asked.targets)


def test_the_nets_are_small_enough_and_differ_in_one_thing_each():
    known, total = recipes(), 0
    for name, (sizes, phases) in bert_nets.MODELS.items():
        with torch.device("meta"):
            model = BertForPretraining(BertConfig(bert_task.VOCABULARY, **sizes))
        bytes_ = 2 * sum(weights.numel() for weights in model.parameters())
        total += bytes_
        assert bytes_ < 20e6 and known[name].sample is not None
        assert [phase.seed for phase in phases] == [2019, 2020]
    assert total < 25e6
    sizes, phases = bert_nets.MODELS[bert_nets.BOTH]
    assert bert_nets.MODELS[bert_nets.LEFT] == ({**sizes, "sees": "left"}, phases)
    assert bert_nets.MODELS[bert_nets.RIGHT] == ({**sizes, "sees": "right"}, phases)
    without = tuple(dataclasses.replace(phase, with_next=False) for phase in phases)
    assert bert_nets.MODELS[bert_nets.NO_NSP] == (sizes, without)
    assert bert_scores.SAMPLE > 0
