"""The recipes of fine-tuning, on a net of a few numbers and tasks of a few sentences."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pytest
import torch

from imi import checkpoints, hugging_face, metrics
from imi.data import sources
from imi.data.questions import Question
from imi.data.tasks import Example, Split, Tagged
from imi.models.bert import Bert, BertConfig
from imi.recipes import (
    Request,
    bert_efficiency,
    bert_finetune,
    bert_task_claims,
    bert_tasks,
    recipes,
)
from imi.recipes.bert_tasks import TASKS
from imi.spans import Found
from test_finetuning import pieces  # noqa: F401


def request(folder, **about) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **about)


def examples(start: int, count: int) -> list[Example]:
    """Sentences that are praise if a dog is in them."""
    who = ("the dog", "a cat", "the old dog", "tom", "a dog", "anna")
    did = ("barks", "sleeps", "sleeps here", "walks", "walks here.", "sees a cat")
    return [Example(f"{who[n % 6]} {did[n // 6 % 6]}", None, int("dog" in who[n % 6]))
            for n in range(start, start + count)]  # fmt: skip


@pytest.fixture
def small(monkeypatch, pieces):  # noqa: F811
    """A published net of a few numbers, and a task of few sentences."""
    config = BertConfig(
        len(pieces.vocabulary), dim=12, heads=3, layers=2, hidden_dim=20, longest=40
    )

    def load(name):
        torch.manual_seed(7)
        return hugging_face.Pretrained(Bert(config), pieces)

    task = dataclasses.replace(
        TASKS["reviews"], read=lambda: [Split(examples(0, 24), examples(24, 12))], epochs=30
    )
    monkeypatch.setattr(bert_finetune.hugging_face, "load", load)
    monkeypatch.setitem(bert_finetune.TASKS, "reviews", task)
    monkeypatch.setitem(bert_finetune.NETS, "reviews", ("minilm", "nothing"))
    monkeypatch.setattr(bert_finetune, "UNCHANGED", ())  # few words: their vectors change much
    monkeypatch.setattr(bert_finetune, "RATES", {"minilm": 1e-2, "nothing": 1e-2})
    monkeypatch.setattr(sources, "source", lambda name: SimpleNamespace(sha256=name))


def test_a_recipe_tunes_every_net_ships_the_change_and_tells_what_it_scores(tmp_path, small):
    run, stops = recipes()["bert_finetune_reviews"].run, 0
    while not run(request(tmp_path, minutes=0.0)):
        stops += 1
    assert stops == 1  # between the two nets
    record = json.loads((tmp_path / "measurements" / "bert_finetune_reviews.json").read_text())
    assert [(row["net"], row["fold"]) for row in record["rows"]] == [("minilm", 0), ("nothing", 0)]
    assert record["figures"]["minilm/accuracy"] > 0.8 and record["figures"]["asked"] == 12
    shipped = checkpoints.load(tmp_path / "checkpoints" / "bert_finetune_reviews")
    told = shipped.card["metrics"]
    assert told["full_accuracy"] == record["figures"]["minilm/accuracy"]
    assert told["accuracy"] > 0.8 and told["asked"] == 12
    again = bert_finetune.sample(shipped, "reviews")
    assert again and all(told[name] == value for name, value in again.items())


def test_a_stopped_recipe_goes_on_with_the_next_net(tmp_path, small):
    run = recipes()["bert_finetune_reviews"].run
    assert not run(request(tmp_path, minutes=0.0))
    assert run(request(tmp_path))
    made = (tmp_path / "measurements" / "bert_finetune_reviews.json").read_text()
    assert run(request(tmp_path, minutes=0.0))  # nothing is left to do
    assert (tmp_path / "measurements" / "bert_finetune_reviews.json").read_text() == made


def test_a_sample_is_from_all_over_the_test():
    for size in (1, 12, 60, 61, 1015):
        found = bert_finetune.sampled(range(size))
        assert 0 < len(found) <= 60 and found[0] == 0 and found[-1] >= size - size / len(found) - 1


def test_figures_are_means_of_folds():
    rows = [{"net": "a", "fold": 0, "asked": 3, "f1": 0.5}, {"net": "a", "fold": 1, "asked": 4,
            "f1": 0.7}, {"net": "b", "fold": 0, "asked": 3, "f1": 0.1}]  # fmt: skip
    assert bert_finetune.figures(rows) == {"a/f1": 0.6, "b/f1": 0.1, "asked": 7}


def test_each_net_learns_as_its_settings_say(small):
    settings = bert_finetune.settings_of(TASKS["squad"], "minilm", 128)
    assert (settings.longest, settings.epochs) == (128, TASKS["squad"].epochs)
    assert bert_finetune.settings_of(TASKS["sst2"], "minilm", 512, top=0).top == 0
    model, _ = bert_finetune.start("minilm")
    other, _ = bert_finetune.start("nothing")
    assert model.config == other.config
    assert not torch.equal(model.words.weight, other.words.weight)


def test_the_published_net_alone_is_asked_in_all_folds(tmp_path, small, monkeypatch):
    three = dataclasses.replace(TASKS["reviews"], epochs=1)
    fold = TASKS["reviews"].read()[0]
    three = dataclasses.replace(three, read=lambda: [fold] * 3)
    monkeypatch.setitem(bert_finetune.TASKS, "reviews", three)
    assert recipes()["bert_finetune_reviews"].run(request(tmp_path))
    record = json.loads((tmp_path / "measurements" / "bert_finetune_reviews.json").read_text())
    asked = [(row["net"], row["fold"]) for row in record["rows"]]
    assert asked == [("minilm", 0), ("minilm", 1), ("minilm", 2), ("nothing", 0)]
    assert record["figures"]["asked"] == 36


def test_the_same_answer_to_all():
    assert bert_tasks.always_the_same(examples(0, 11)) == [1] * 11  # of these, six are praise
    assert bert_tasks.always_the_same(examples(1, 11)) == [0] * 11
    tagged = [Tagged(("anna", "sees"), ("B-PER", "O"))]
    assert bert_tasks.always_the_same(tagged) == [["O", "O"]]
    asked = [Question("who", "the dog", ((4, "dog"),)), Question("who", "the cat", ())]
    said = bert_tasks.always_the_same(asked)
    assert bert_tasks.by_span(said, asked, may_be_none=True) == {"f1": 0.5, "exact": 0.5}


def test_the_tasks_meet_in_one_table(tmp_path, small, monkeypatch):
    assert recipes()["bert_finetune_reviews"].run(request(tmp_path))
    record = json.loads((tmp_path / "measurements" / "bert_finetune_reviews.json").read_text())
    record["figures"]["bert/accuracy"] = 0.6
    made = tmp_path / "checkpoints" / "bert_finetune_reviews"
    monkeypatch.setattr(bert_task_claims, "TASKS", {"reviews": TASKS["reviews"]})
    monkeypatch.setattr(bert_task_claims.measurements, "load", lambda name: record)
    load = checkpoints.load
    monkeypatch.setattr(bert_task_claims.checkpoints, "load", lambda name: load(made))
    figures, (row,) = bert_task_claims.measure_all()
    right = sum(each.label == 0 for each in TASKS["reviews"].read()[0].test)
    assert row["always"] == round(max(right, 12 - right) / 12, 4)
    assert row["score"] == "accuracy" and row["bert"] == 0.6 and row["asked"] == 12
    assert row["minilm"] == figures["reviews/minilm/accuracy"] > row["nothing"] - 1
    assert figures["reviews/kept/accuracy"] == load(made).card["metrics"]["accuracy"]
    assert figures["tasks"] == 1 and figures["tasks_won"] == int(row["minilm"] > row["nothing"])
    assert figures["mean_gain"] == round(row["minilm"] - row["nothing"], 4)


def test_what_counts_is_told_first():
    labelled = examples(0, 4)
    assert bert_tasks.by_label([1, 0, 1, 1], labelled) == {"accuracy": 0.75}
    first, *_ = bert_tasks.by_acceptability([1, 0, 1, 1], labelled).items()
    assert first == ("matthews", metrics.matthews([1, 0, 1, 1], [1, 0, 1, 0]))
    tagged = [Tagged(("anna", "sees"), ("B-PER", "O"))]
    assert bert_tasks.by_entity([["B-PER", "O"]], tagged)["f1"] == 1.0
    alike = [Example("a", "b", 1.0), Example("a", "c", 3.0)]
    scores = bert_tasks.by_likeness([0.0, 4.0], alike)
    assert list(scores) == ["spearman", "pearson"]
    assert scores["pearson"] == pytest.approx(1.0)


def test_no_answer_is_an_answer_only_where_it_may_be():
    asked = [Question("who", "the dog", ((4, "dog"),)), Question("who", "the cat", ())]
    sure, unsure = Found("dog", 4, 7, 1.5), Found("cat", 4, 7, -0.5)
    assert bert_tasks.by_span([sure, unsure], asked, may_be_none=True) == {"f1": 1.0, "exact": 1.0}
    assert bert_tasks.by_span([sure, unsure], asked)["exact"] == 0.5


def test_every_task_has_its_data_and_its_recipe():
    known = recipes()
    for name, task in TASKS.items():
        assert all(each in sources.sources() for each in task.sources)
        recipe = known[f"bert_finetune_{name}"]
        assert (recipe.sample is not None) == (name in bert_finetune.SHIPPED)
    assert set(bert_finetune.SHIPPED) < set(TASKS)


def test_a_straight_line_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    torch.manual_seed(3)
    vectors = torch.randn(60, 5)
    labels = (vectors[:, 0] + 0.7 * torch.randn(60) > 0.3).long()
    line = bert_efficiency.straight_line(vectors, labels, decay=1.0)
    # Ours has a row of weights for each class, w and -w: the same line with twice the weights of
    # one row, half as much decay.
    theirs = LogisticRegression(C=2.0, tol=1e-8, max_iter=1000).fit(vectors.numpy(), labels.numpy())
    ours = line(vectors.double()).softmax(dim=1).detach().numpy()
    assert theirs.predict_proba(vectors.numpy()) == pytest.approx(ours, abs=1e-4)


def test_fewer_examples_are_the_first_of_more(small, monkeypatch):
    given = examples(0, 30)
    assert bert_efficiency.first(given, 9) == bert_efficiency.first(given, 20)[:9]
    assert bert_efficiency.first(given, 30) != given
    assert len(bert_efficiency.runs()) == len(set(bert_efficiency.runs()))


def test_examples_layers_and_nets_are_measured_one_by_one(tmp_path, small, monkeypatch):
    monkeypatch.setattr(bert_efficiency, "EXAMPLES", (6, 24))
    monkeypatch.setattr(bert_efficiency, "LAYERS_OF", 24)
    monkeypatch.setattr(bert_efficiency, "TOPS", (0, 1))
    monkeypatch.setattr(bert_efficiency, "NETS", ("minilm", "nothing"))
    monkeypatch.setattr(bert_efficiency, "by_words", lambda train, test: len(train) / 100)
    run, stops = recipes()["bert_efficiency"].run, 0
    while not run(request(tmp_path, minutes=0.0)):
        stops += 1
    record = json.loads((tmp_path / "measurements" / "bert_efficiency.json").read_text())
    assert stops == 7 and len(record["rows"]) == 8
    assert record["figures"]["word2vec/24"] == 0.24
    assert record["figures"]["minilm/24"] > 0.8 and 0 <= record["figures"]["top/0"] <= 1
