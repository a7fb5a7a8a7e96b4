"""The set-up check: what lacks is named in plain words, with what to do."""

from __future__ import annotations

import sys

import pytest

from imi import readiness
from imi.data import sources


def test_all_is_looked_at_here():
    found = readiness.findings()
    assert [each.what for each in found] == ["Python", "PyTorch", "memory", "GPU", "data"]
    assert not found[0].advice and not found[1].advice


def test_an_old_version_is_named_with_its_remedy():
    found = readiness.newer("Python", (3, 9, 18), (3, 10), "make a new environment")
    assert found.found == "3.9.18"
    assert found.advice == "3.10 or newer is needed: make a new environment"
    assert readiness.newer("Python", sys.version_info[:3], (3, 10), "") == readiness.Finding(
        "Python", "3.10 or newer"
    )


def test_little_memory_is_named_and_unknown_memory_is_no_fault(monkeypatch):
    assert "close other programs" in readiness.room(1.2).advice
    assert not readiness.room(8.0).advice and not readiness.room(None).advice
    assert readiness.room(1.99).found == "1.9 GB", "2.0 GB would contradict the advice"
    monkeypatch.setenv("MEM_LIMIT", "-1")
    assert (readiness.memory() or 1) > 0
    monkeypatch.setenv("MEM_LIMIT", str(512 * 10**6))
    assert readiness.memory() <= 0.512


def test_a_device_that_is_not_there_is_one_sentence(monkeypatch):
    monkeypatch.setenv("IMI_DEVICE", "abacus")
    assert "'cpu' always works" in readiness.accelerator().advice
    monkeypatch.setenv("IMI_DEVICE", "cpu")
    assert readiness.accelerator() == ("GPU", "none; no lecture needs one", "")


@pytest.mark.parametrize("missing", [set(), {"minilm", "simlex999"}])
def test_missing_data_is_named_with_the_command_that_fetches_it(missing, monkeypatch):
    monkeypatch.setattr(sources, "available", lambda name: name not in missing)
    found = readiness.data()
    assert all(name in found.found for name in missing)
    assert ("imi.data fetch --core" in found.advice) == bool(missing)
