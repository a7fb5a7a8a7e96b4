"""Recipes: found by name, repeatable, resumable, run by the command."""

from __future__ import annotations

import pytest
import torch

from imi import train
from imi.data.corpora import Corpus
from imi.models.nplm import NPLMConfig
from imi.recipes import Recipe, Request, language_model, recipes
from imi.recipes.language_model import Settings
from imi.text import Vocabulary

SETTINGS = Settings(epochs=2, batch_size=16, warmup=3)
CONFIG = NPLMConfig(vocab_size=9, context_size=2, embedding_dim=3, hidden_dim=5)


def corpus() -> Corpus:
    generator = torch.Generator().manual_seed(4)
    ids = torch.randint(9, (431,), generator=generator).tolist()
    return Corpus(Vocabulary("bcdefghi"), ids[:301], ids[301:367], ids[367:])


def request(folder, **changes) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **changes)


def fit(folder, **changes):
    return language_model.fit(request(folder, **changes), "tiny", corpus(), CONFIG, SETTINGS)


def test_two_runs_of_one_recipe_give_the_same_numbers(tmp_path):
    one, two = fit(tmp_path / "a"), fit(tmp_path / "b")
    assert one.finished and one.curve == two.curve and len(one.curve) == 2
    for first, second in zip(one.model.parameters(), two.model.parameters(), strict=True):
        assert torch.equal(first, second)


def test_a_run_in_pieces_tells_the_same_curve(tmp_path):
    whole = fit(tmp_path / "a")
    pieces, count = fit(tmp_path / "b", minutes=0.0), 1
    while not pieces.finished:
        pieces, count = fit(tmp_path / "b", minutes=0.0), count + 1
    assert count == whole.steps
    assert pieces.curve == whole.curve
    again = fit(tmp_path / "b")  # nothing is left to do
    assert again.finished and len(again.curve) == 2
    assert torch.equal(again.model.output.weight, whole.model.output.weight)


def test_the_biases_begin_at_the_words_frequencies():
    targets = torch.tensor([3, 3, 3, 1])
    model = language_model.new_model(CONFIG, targets, seed=1)
    wanted = (torch.bincount(targets, minlength=9) + 0.5) / (4 + 9 * 0.5)
    torch.testing.assert_close(model.output.bias.exp(), wanted)


def test_a_boundary_is_predicted_once_a_sentence():
    ids = [1, 1, 1, 5, 6, 1, 1, 1, 7, 1]
    contexts, targets = language_model.examples(ids, 2, boundary=1)
    assert targets.tolist() == [5, 6, 1, 7, 1]
    assert contexts.tolist() == [[1, 1], [1, 5], [5, 6], [1, 1], [1, 7]]


def test_every_measurement_in_the_ledger_has_a_recipe():
    known = recipes()
    assert {"nplm_brown", "nplm_brown_mlp5", "nplm_english", "nplm_grid", "confusion_curve"} <= set(
        known
    )
    assert all(recipe.summary and recipe.minutes > 0 for recipe in known.values())


def test_the_command_runs_recipes_and_names_those_there_are(tmp_path, monkeypatch, capsys):
    ran = []
    recipe = Recipe("one", "the only one", lambda asked: not ran.append(asked), minutes=1)
    monkeypatch.setattr(train, "recipes", lambda: {"one": recipe})
    assert train.main(["one", "--out", str(tmp_path), "--device", "cpu"]) == 0
    assert ran[0].out == tmp_path and ran[0].device == torch.device("cpu")
    assert train.main(["two"]) == 2
    assert "no recipe 'two'; there are:" in capsys.readouterr().err
    assert train.main(["one", "--device", "toaster"]) == 2
    assert "no device 'toaster'" in capsys.readouterr().err
    stopped = Recipe("one", "the only one", lambda asked: False, minutes=1)
    monkeypatch.setattr(train, "recipes", lambda: {"one": stopped})
    assert train.main(["--all", "--minutes", "1"]) == 3
    assert "the same command goes on" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "nplm_brown",
        "nplm_english",
        "confusion_curve",
        "autoencoder_images",
        "autoencoder_documents",
        "semantic_hashing",
        "hashing_times",
        "rnn_2011",
        "char_rnn",
        "rnn_against_lsa",
        "word2vec_claims",
        "translation_claims",
        "sentence_vectors",
        "gnmt_claims",
        "gnmt_depth",
        "gnmt_words",
        "multilingual_claims",
        "interlingua",
        "mixing",
        "bert_claims",
        "bert_meaning",
    ],
)
def test_what_the_ledger_quotes_can_be_measured_again(name):
    import importlib

    assert callable(importlib.import_module(f"imi.recipes.{name}").measure)
