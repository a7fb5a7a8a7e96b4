"""Recipes of lecture 10 on worlds of a few sentences: settings, averages, ablations, times."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from imi import checkpoints, metrics
from imi.averaging import Snapshots, mean_weights
from imi.data.pairs import Pair, Split
from imi.recipes import (
    Request,
    phrasebook,
    recipes,
    transformer,
    transformer_ablations,
    transformer_claims,
    transformer_times,
    translation,
)
from imi.recipes.translation import PaperSettings, Settings
from imi.recipes.translation_task import Task, held_out
from imi.text import PAD_ID
from imi.translation import Translator

NAMES = {"Anna": "アンナ", "Tom": "トム", "the dog": "犬", "a cat": "猫"}
SIZES = {"dim": 16, "heads": 4, "layers": 2, "hidden_dim": 20, "dropout": 0.1}
SETTINGS = PaperSettings(12, seed=2017, tokens=60, learning_rate=0.3, warmup=5, validations=6,
                         averaged=3)  # fmt: skip


def task() -> Task:
    said = [Pair(f"{one} sees {other}.", f"{NAMES[one]}は{NAMES[other]}を見る。")
            for one in NAMES for other in NAMES if one != other]  # fmt: skip
    return Task.of(Split(said * 3, said[::3], said[1::3]), size=70, data=(), tokenize="char")


def net(given: Task, **changes) -> torch.nn.Module:
    torch.manual_seed(2017)
    make = translation.transformer(**{**SIZES, **changes})
    return make(len(given.source.vocabulary), len(given.target.vocabulary))


def request(folder, **about) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **about)


def test_the_nets_are_small_enough_and_have_their_recipes():
    known, total = recipes(), 0
    for name, (make, settings) in transformer.MODELS.items():
        pieces = transformer.SOURCES[name].PIECES
        with torch.device("meta"):
            model = make(pieces, pieces)
        total += 2 * sum(weights.numel() for weights in model.parameters())
        assert known[name].sample is not None and known[name].minutes <= 90
        assert settings.seed == 2017 and settings.averaged == 5
    assert total <= 25e6  # bytes, halves
    assert {module.NAME for module in (transformer_ablations, transformer_claims,
                                       transformer_times)} <= set(known)  # fmt: skip


def test_settings_of_the_other_translators_are_written_as_they_were():
    """A stopped run is found again by how its settings are written."""
    assert repr(Settings(60, seed=2015)) == (
        "Settings(steps=60, seed=2015, tokens=1500, learning_rate=0.001, warmup=400, "
        "clip_norm=1.0, smoothing=0.1, validations=25)"
    )
    plain, model = Settings(8, seed=1, warmup=2), net(task())
    assert plain.averaged == 0 and plain.optimizer(model).defaults["betas"] == (0.9, 0.999)
    assert [plain.schedule(model)(step) for step in (0, 1, 2, 5)] == [0.5, 1.0, 1.0, 0.5]


def test_the_papers_settings_are_adam_and_equation_3():
    model = net(task())
    rule = SETTINGS.optimizer(model)
    assert rule.defaults["betas"] == (0.9, 0.98) and rule.defaults["eps"] == 1e-9
    assert rule.defaults["lr"] == 0.3
    rates = [SETTINGS.schedule(model)(step - 1) for step in range(1, 12)]
    assert rates == pytest.approx(
        [16**-0.5 * min(step**-0.5, step * 5**-1.5) for step in range(1, 12)]
    )
    flat = PaperSettings(9, seed=1, warmup=5, rising=False).schedule(model)
    assert [flat(step) for step in range(5)] == pytest.approx([rates[4]] * 5)
    assert flat(9) == pytest.approx(rates[9])


def test_the_mean_of_weights_is_that_of_the_last_snapshots(tmp_path):
    kept, model = Snapshots(tmp_path / "run.pt", most=2), torch.nn.Linear(3, 2)
    weights = []
    for step in (9, 10, 100):
        torch.nn.init.normal_(model.weight)
        weights.append(model.weight.detach().clone())
        kept.take(step, model)
    assert kept.steps == [10, 100] == Snapshots(tmp_path / "run.pt", most=2).steps
    torch.testing.assert_close(kept.mean()["weight"], (weights[1] + weights[2]) / 2)
    none = Snapshots(tmp_path / "other.pt", most=0)
    none.take(1, model)
    assert none.steps == []
    with pytest.raises(ValueError, match="no weights to take the mean of"):
        none.mean()
    with pytest.raises(ValueError, match="of one model"):
        mean_weights([{"a": torch.ones(1)}, {"b": torch.ones(1)}])


def test_a_transformer_is_fitted_averaged_shipped_and_loaded_again(tmp_path):
    given = task()
    assert translation.run(request(tmp_path), "small", given, translation.transformer(**SIZES),
                           SETTINGS)  # fmt: skip
    shipped = checkpoints.load(tmp_path / "checkpoints" / "small")
    mean = shipped.card["mean_of_weights"]
    assert mean["updates"] == [8, 10, 12] and mean["best_single"] == min(
        held_out_loss for _, _, held_out_loss in shipped.card["curve"]
    )
    assert mean["taken"] == (mean["validation"] <= mean["best_single"])
    translator = Translator.load(shipped)
    found = metrics.pair_loss(translator.model, held_out(*given.ids(given.pairs.valid)))
    assert found == pytest.approx(min(mean["validation"], mean["best_single"]), abs=5e-3)
    assert translator.translate(["Anna sees Tom."], beams=3)[0].alpha is None


def test_a_training_in_pieces_ends_as_one_that_never_stopped(tmp_path):
    given, nets = task(), {}
    for folder, about in (("a", {}), ("b", {"minutes": 0.0})):
        where, result = request(tmp_path / folder, **about), None
        while result is None or not result.finished:
            torch.manual_seed(3)
            result = translation.fit(where, "small", given, net(given), SETTINGS)
        nets[folder] = result
    assert nets["a"].curve == nets["b"].curve and nets["a"].more == nets["b"].more
    for one, other in zip(nets["a"].model.parameters(), nets["b"].model.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_the_mean_is_taken_only_where_it_is_no_worse(tmp_path):
    given = task()
    model, valid = net(given), held_out(*given.ids(given.pairs.valid))
    for better in (True, False):
        kept = Snapshots(tmp_path / f"{better}.pt", most=1)
        kept.take(1, model)
        other = net(given)
        for weights in other.parameters():
            weights.data *= 3.0 if better else 0.1
        own = {name: tensor.clone() for name, tensor in other.state_dict().items()}
        if not better:  # what is kept is worse than what the model has
            for weights in model.parameters():
                weights.data *= 3.0
            kept.take(1, model)
        told = translation.try_mean(other.eval(), kept, valid)
        assert told["taken"] == better and told["updates"] == [1]
        wanted = kept.mean() if better else own
        torch.testing.assert_close(dict(other.state_dict()), dict(wanted))


def test_each_change_of_the_ablations_is_a_model_of_its_own():
    base, seen = transformer_ablations.CHANGES["paper"], []
    assert base == {}
    for name in transformer_ablations.CHANGES:
        model = transformer_ablations.net_of(name, task())
        seen.append((type(model), model.config, name in transformer_ablations.NO_RISE))
    assert len(set(seen)) == len(seen) == 15


def test_wrong_positions_are_wrong_as_they_say():
    slow = transformer_ablations.net_of("slow_waves", task(), SIZES)
    for place, i in ((0, 1), (3, 0), (5, 2), (7, 1)):
        angle = place / 10_000 ** (4 * i / slow.config.dim)
        assert slow.places[place, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
        assert slow.places[place, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)
    right = transformer_ablations.net_of("paper", task(), SIZES).eval()
    rows = transformer_ablations.net_of("places_of_rows", task(), SIZES).eval()
    ids, lengths = torch.tensor([[4, 5, 6], [6, 4, 5]]), torch.tensor([3, 3])
    with torch.no_grad():
        told, mistaken = (net.encode(ids, lengths).memory.annotations for net in (right, rows))
        lone = rows.encode(ids[1:, [1, 2, 0]], lengths[1:]).memory.annotations
    assert not torch.allclose(told[0], told[1, [1, 2, 0]])  # another order is another sentence
    torch.testing.assert_close(lone[0], mistaken[0])  # but here it is not,
    assert not torch.allclose(mistaken[0], mistaken[1, [1, 2, 0]])  # while the row is


def test_roles_differ_in_their_order_alone():
    found = transformer_ablations.roles("test")
    assert len(found) == 2 * transformer_ablations.ROLES["test"]
    for one, other in zip(found[::2], found[1::2], strict=True):
        letters = [sorted(pair.source.lower()) for pair in (one, other)]
        assert letters[0] == letters[1] and one.source != other.source
        assert one.target != other.target
    train = {pair.source for pair in transformer_ablations.roles("train")}
    assert not train & {pair.source for pair in found}
    assert {pair.target for pair in found}.isdisjoint(
        phrasebook.said(trio.active).target for trio in phrasebook.trios("valid"))  # fmt: skip


def test_the_ablations_are_trained_and_judged(monkeypatch):
    swapped = [Pair(f"{one} sees {other}.", f"{NAMES[one]}は{NAMES[other]}を見る。")
               for one, other in (("Anna", "Tom"), ("Tom", "Anna"))]  # fmt: skip
    monkeypatch.setattr(transformer_ablations, "roles", lambda part: swapped)
    names = ("paper", "no_positions", "no_warmup")
    figures, rows = transformer_ablations.measure_all(task(), names, sizes=SIZES,
                                                      settings=SETTINGS)  # fmt: skip
    assert [row["net"] for row in rows] == list(names)
    for row in rows:
        assert [point["step"] for point in row["curve"]] == [0, 2, 4, 6, 8, 10, 12]
        best = min(point["validation"] for point in row["curve"])
        assert figures[f"{row['net']}/validation"] == pytest.approx(best, abs=1e-4)
        assert len(row["written"]) == 4
    assert figures["no_positions/told_apart"] == 0.0  # the same pieces, in any order
    assert figures["paper/filling"] == 0.0
    first, _, flat = (row["curve"] for row in rows)
    assert first[0] == flat[0] and first[1] != flat[1]  # the same net, at other rates


def test_shares_are_of_what_was_written(monkeypatch):
    given, truth = task(), {}
    swapped = [pair for two in zip(given.pairs.train[:3], given.pairs.train[3:6], strict=True)
               for pair in two]  # fmt: skip
    for pair in [*given.pairs.test, *swapped]:
        truth[pair.source] = pair.target
    wrong = dict.fromkeys(truth, "猫。")
    wrong[given.pairs.test[0].source] = given.pairs.test[0].target

    def figures(plain, with_filling):
        monkeypatch.setattr(
            transformer_ablations, "filled", lambda _, sentences, filling:
            [(with_filling if filling else plain)[one] for one in sentences],
        )  # fmt: skip
        return transformer_ablations.judged(None, given, swapped)

    found = figures(truth, truth)
    assert found.pop("bleu") > 99
    assert found == {"exact": 1.0, "roles": 1.0, "told_apart": 1.0, "filling": 0.0}
    found, count = figures(wrong, truth), len(given.pairs.test)
    assert found["exact"] == pytest.approx(1 / count) == 1 - found["filling"]
    assert found["roles"] < 1.0 and found["told_apart"] < 1.0 and found["bleu"] < 60


def test_filling_is_put_beside_the_sentences(monkeypatch):
    given, read = task(), []
    said, model = [pair.source for pair in given.pairs.test], net(given).eval()
    translator, encode = Translator(model, given.source, given.target), model.encode
    monkeypatch.setattr(model, "encode", lambda *both: read.append(both) or encode(*both))
    plain, beside = (transformer_ablations.filled(translator, said, filling) for filling in (0, 9))
    (source, lengths), (wider, same) = read
    assert torch.equal(wider[:, :-9], source) and torch.equal(lengths, same)
    assert (wider[:, -9:] == PAD_ID).all() and lengths.max() == source.shape[1]
    found = [given.target.decode(one.search.best.tokens)
             for one in translator.translate(said, beams=1)]  # fmt: skip
    assert plain == beside == found


def test_a_loss_that_explodes_ends_a_training_and_is_told():
    given = task()
    model = net(given)
    model.target_embedding.weight.data[:] = math.inf
    curve = transformer_ablations.fitted(model, given, SETTINGS)
    assert "try a lower learning rate" in curve[-1]["stopped"]


def test_the_square_root_keeps_variance_and_entropy():
    found = transformer_claims.sharpnesses((4, 64, 256))
    for width in (4, 64, 256):
        assert found[f"variance/scaled/{width}"] == pytest.approx(1, rel=0.25)
        assert found[f"variance/unscaled/{width}"] == pytest.approx(width, rel=0.25)
    kept = [found[f"entropy/scaled/{width}"] for width in (4, 64, 256)]
    lost = [found[f"entropy/unscaled/{width}"] for width in (4, 64, 256)]
    assert max(kept) - min(kept) < 0.2 and min(kept) > 0.8 * math.log(32)
    assert lost[0] > lost[1] > lost[2] and lost[2] < 0.3 * math.log(32)


def test_times_are_of_a_place_and_both_layers_read_all_lengths(monkeypatch):
    worked = []

    def seconds(work, device, repeats):
        worked.append(work())
        return 24e-6

    monkeypatch.setattr(transformer_times, "seconds", seconds)
    figures, rows = transformer_times.measure_all(dim=8, heads=2, lengths=(3, 6), places=12)
    assert list(figures) == ["attention/3", "attention/6", "recurrence/3", "recurrence/6"]
    assert [row["microseconds"] for row in rows] == list(figures.values()) == [2.0] * 4
    assert len(worked) == 4
    for layer in transformer_times.layers(8, 2).values():
        assert layer(torch.randn(2, 5, 8)).shape == (2, 5, 8)


def test_updates_of_rivals_are_timed_after_the_first_ones(monkeypatch):
    settings = PaperSettings(120, seed=2017, tokens=60, warmup=5)
    make = translation.transformer(**SIZES)
    source = SimpleNamespace(task=task, ATTENTION="rival", MODELS={"rival": (make, SETTINGS)})
    monkeypatch.setattr(transformer, "SOURCES", {"ours": source})
    monkeypatch.setattr(transformer, "MODELS", {"ours": (make, settings)})
    seconds = [9.0, 11.0, 13.0, 20.0, 21.0, 21.5, 26.5]  # four ends that do not count, then three

    def train(model, batches, loss, optimizer, *, steps, **_):
        assert steps == 3 + transformer_times.WARM and next(batches(0)).source.numel()
        return iter([SimpleNamespace(seconds=end) for end in seconds])

    monkeypatch.setattr(transformer_times, "train", train)
    found = transformer_times.trainings(updates=3)
    assert found == {"ours/update": 1.0, "ours/minutes": 2.0,
                     "rival/update": 1.0, "rival/minutes": 0.2}  # fmt: skip


def test_the_first_timing_does_not_count(monkeypatch):
    clock, ran = iter([0, 100, 100, 101, 101, 103, 103, 106]), []
    monkeypatch.setattr(transformer_times.time, "perf_counter", lambda: next(clock))
    found = transformer_times.seconds(lambda: ran.append(1), torch.device("cpu"), 3)
    assert found == 2 and len(ran) == 4
