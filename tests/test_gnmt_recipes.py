"""Recipes of lecture 08 on worlds of a few sentences: what they train, measure and write."""

from __future__ import annotations

import pytest
import torch

from imi import metrics, training
from imi.data.pairs import Pair, Split
from imi.models.gnmt import GNMT
from imi.recipes import gnmt, gnmt_claims, gnmt_depth, gnmt_words, multi30k, recipes
from imi.recipes.translation import Settings
from imi.recipes.translation import gnmt as made
from imi.recipes.translation_task import Task, held_out
from imi.translation import Translator
from imi.wordpiece import WholeWords

NAMES = {"Anna": "Anna", "Tom": "Tom", "the dog": "der Hund", "a cat": "eine Katze"}
ACTS = {"sleeps": "schläft", "eats bread": "isst Brot", "is here": "ist hier"}
SIZES = {"embedding_dim": 12, "hidden_dim": 12, "alignment_dim": 7}


def split() -> Split:
    said = [Pair(f"{german} {tut}.", f"{english} {does}.")
            for english, german in NAMES.items() for does, tut in ACTS.items()]  # fmt: skip
    return Split(said * 3, said[::3], said[1::3])


def net(given: Task, **changes) -> GNMT:
    torch.manual_seed(2016)
    sizes = SIZES | {"layers": 3} | changes
    return made(**sizes)(len(given.source.vocabulary), len(given.target.vocabulary))


def test_the_nets_are_small_enough_and_have_their_recipes():
    known, total = recipes(), 0
    for name, (make, settings) in gnmt.MODELS.items():
        pieces = gnmt.SOURCES[name].PIECES
        with torch.device("meta"):
            model = make(pieces, pieces)
        total += 2 * sum(weights.numel() for weights in model.parameters())
        assert known[name].sample is not None and known[name].minutes <= 40
        assert settings.seed == 2016 and len(model.lstms()) == 2 * gnmt.LAYERS
    assert total <= 22e6  # bytes, halves
    assert {gnmt_depth.NAME, gnmt_words.NAME, gnmt_claims.NAME} <= set(known)


def test_depths_are_compared_kind_by_kind_and_once_where_they_are_the_same():
    assert gnmt_depth.nets() == [(2, "plain"), (4, "plain"), (4, "residual"), (8, "plain"),
                                 (8, "residual")]  # fmt: skip


def test_gradients_are_those_of_the_mean_loss_layer_by_layer():
    given = Task.of(split(), size=60, data=())
    model, (batch, *_) = net(given), held_out(*given.ids(given.pairs.valid), tokens=40)
    found = gnmt_depth.gradients(model, batch)
    assert all(weights.grad is None for weights in model.parameters())
    total, count = training.PairLoss()(model, batch)
    (total / count).backward()
    assert list(found) == list(model.lstms())
    for name, layer in model.lstms().items():
        squares = [weights.grad.square().sum().item() for weights in layer.parameters()]
        numbers = sum(weights.numel() for weights in layer.parameters())
        assert found[name] == pytest.approx((sum(squares) / numbers) ** 0.5, rel=1e-4)


def test_the_depth_recipe_notes_curves_and_gradients_before_and_after():
    given = Task.of(split(), size=60, data=())
    about = Settings(6, seed=2016, tokens=60, warmup=2, smoothing=0.0, validations=3)
    figures, rows = gnmt_depth.measure_all(
        given, depths=[(2, "plain"), (3, "residual")], sizes=SIZES, settings=about,
        device=torch.device("cpu"),
    )  # fmt: skip
    assert [row["net"] for row in rows] == ["plain_2", "residual_3"]
    for row in rows:
        assert [point["step"] for point in row["curve"]] == [0, 2, 4, 6]
        assert row["curve"][-1]["validation"] < row["curve"][0]["validation"]
        assert len(row["gradients"]) == 2 * row["layers"]
        assert all(len(slopes) == 4 and min(slopes) > 0 for slopes in row["gradients"].values())
        best = min(point["validation"] for point in row["curve"])
        assert figures[f"{row['net']}/validation"] == pytest.approx(best, abs=1e-4)
    assert figures["residual_3/bottom_gradient"] == rows[1]["gradients"]["encoder 1"][0]


def test_whole_words_are_known_or_not_and_come_back_as_text():
    words = WholeWords.train(["A dog eats.", "A dog sleeps.", "The cat eats!"], size=9, min_count=1)
    assert len(words.vocabulary) == 9
    assert words.split("A dog eats.") == ["▁A", "▁dog", "▁eats", "."]
    assert words.split("A doge eats.") == ["▁A", "<unk>", "▁eats", "."]
    assert words.join(words.split("A doge eats.")) == "A <unk> eats."
    assert words.decode(words.encode("A dog eats.")) == "A dog eats."
    assert WholeWords.train(["A b"] * 2, size=9, lowercase=True).lowercase
    with pytest.raises(ValueError, match="leave nothing for a vocabulary of 4"):
        WholeWords.train(["A dog"], size=4, min_count=1)
    assert gnmt_words.unknown("A doge, eats Dogs", words) == ["doge", ",", "Dogs"]


def test_words_and_pieces_are_compared_where_words_are_missing_and_where_not():
    tasks = {kind: gnmt_words.task(kind, split(), size=size)
             for kind, size in (("pieces", 60), ("words", 12))}  # fmt: skip
    nets = {kind: Translator(net(given).eval(), given.source, given.target)
            for kind, given in tasks.items()}  # fmt: skip
    pairs = split().train[:9]
    figures, rows = gnmt_words.compared(nets, pairs)
    rare = [pair for pair in pairs if "<unk>" in nets["words"].source.split(pair.source)]
    assert 0 < figures["sentences/rare"] == len(rows) == len(rare) < len(pairs)
    assert figures["sentences/rare"] + figures["sentences/known"] == len(pairs)
    assert [row["source"] for row in rows] == [pair.source for pair in rare]
    assert all(row["unknown"] for row in rows)
    found = nets["words"].texts([pair.source for pair in rare])
    wanted = metrics.bleu(found, [pair.target for pair in rare]).value
    assert figures["words/bleu_of_rare"] == pytest.approx(wanted, abs=1e-3)
    assert figures["pieces/unknown_of_100"] == 0.0


def test_the_table_of_penalties_is_each_search_alone():
    given = Task.of(split(), size=60, data=())
    translator = Translator(net(given).eval(), given.source, given.target)
    pairs, about = split().test[:3], {"tokenize": "13a", "beams": 3}
    figures, rows = gnmt_claims.penalties(translator, pairs, alphas=(0.0, 1.0), betas=(0.0, 0.4),
                                          **about)  # fmt: skip
    assert [(row["alpha"], row["beta"]) for row in rows] == [(0, 0), (1, 0), (0, 0.4), (1, 0.4)]
    found = translator.texts([pair.source for pair in pairs], beams=3, alpha=1.0, beta=0.4)
    wanted = metrics.bleu(found, [pair.target for pair in pairs]).value
    assert figures["bleu/1.0/0.4"] == rows[3]["bleu"] == pytest.approx(wanted, abs=1e-3)
    assert figures["bleu/neither"] == rows[0]["bleu"]
    assert figures["bleu/best"] == max(row["bleu"] for row in rows)
    assert callable(gnmt_claims.measure) and multi30k.EDGES
