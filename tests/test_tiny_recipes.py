"""A recipe under `torchrun`: the curve of one process, one checkpoint, and how fast it was."""

from __future__ import annotations

import re

import pytest

from imi import checkpoints
from test_processes import reports, torchrun
from tiny_recipes import FAMILIES, make

SCRIPT = """
import tiny_recipes
moved, move = [], os.replace
os.replace = lambda part, path: (moved.append(Path(path).name), move(part, path))
tiny_recipes.make(sys.argv[2], folder / "two")
report(*moved)
"""
# The means of a language model are exact; BERT's next sentences are averaged in each process, over
# a few pairs more or fewer.
BAND = {"bert": 0.02}


@pytest.mark.parametrize("family", FAMILIES)
def test_two_processes_make_the_checkpoint_of_one(family, tmp_path, capsys):
    alone = make(family, tmp_path / "one")
    said = torchrun(tmp_path, SCRIPT, family)
    together = tmp_path / "two" / "checkpoints" / alone.name
    one, two = (checkpoints.read_card(path) for path in (alone, together))
    assert len(one["curve"]) > 1 and one["steps"] == two["steps"]
    for (step, *losses), (same, *shared) in zip(one["curve"], two["curve"], strict=True):
        assert step == same and shared == pytest.approx(losses, rel=BAND.get(family, 0.002))
    first, second = reports(tmp_path)
    files = sorted(path.name for path in together.iterdir())
    assert second == [] and sorted(name for name in first if name in files) == files
    for text, workers in ((capsys.readouterr().out, "1 process"), (said, "2 processes")):
        (updates,) = re.findall(rf"(\d+) updates in .* predictions a second by {workers}", text)
        assert int(updates) == one["steps"]
