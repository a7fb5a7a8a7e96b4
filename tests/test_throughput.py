"""How fast a run trains is counted once, for all trainings inside, and said by the command."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from imi import places, throughput, train
from imi.recipes import Recipe, language_model
from test_recipes import CONFIG, SETTINGS, corpus
from test_training import net, steps


def test_updates_and_predictions_of_all_trainings_inside_are_counted():
    list(steps(net(), count=2))
    with throughput.metered() as meter:
        list(steps(net(), count=5))  # 37 rows in batches of 8: an epoch
        list(steps(net(), count=1))
    list(steps(net(), count=3))
    assert (meter.updates, meter.predictions) == (6, 37 + 8)
    assert meter.seconds > 0


def test_time_is_that_of_updates_without_validation(monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(throughput, "time", SimpleNamespace(perf_counter=lambda: next(clock)))

    def validate(model) -> float:
        next(clock)
        return 1.0

    with throughput.metered() as meter:
        list(steps(net(), count=3, validate=validate, validate_every=1))
    assert meter.seconds == 30
    assert str(meter) == "3 updates in 30.0 seconds, 1 predictions a second by 1 process"


def test_an_update_that_fails_is_none():
    with throughput.metered() as meter, pytest.raises(ValueError), throughput.update():
        raise ValueError
    assert meter.updates == 0


def test_the_command_says_how_fast_it_trained(tmp_path, monkeypatch, capsys):
    def run(request) -> bool:
        return language_model.fit(request, "tiny", corpus(), CONFIG, SETTINGS).finished

    recipe = Recipe("tiny", "a tiny net", run, minutes=1)
    monkeypatch.setattr(train, "recipes", lambda: {"tiny": recipe})
    monkeypatch.setattr(places, "cache_dir", lambda: tmp_path)
    assert train.main(["tiny", "--device", "cpu", "--out", str(tmp_path)]) == 0
    found = re.search(r"tiny: (\d+) updates in .* ([\d,]+) predictions a second by 1 process",
                      capsys.readouterr().out)  # fmt: skip
    assert int(found[1]) == 2 * -(-299 // 16) and int(found[2].replace(",", "")) > 0
    nothing = Recipe("tiny", "trains nothing", lambda request: True, minutes=1)
    monkeypatch.setattr(train, "recipes", lambda: {"tiny": nothing})
    train.main(["tiny", "--device", "cpu", "--out", str(tmp_path)])
    assert "predictions a second" not in capsys.readouterr().out
