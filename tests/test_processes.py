"""Several processes that work as one: the same losses, one clock, one writer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imi import processes
from imi.batches import shuffled
from test_training import net, problem, steps, weights

BEGIN = f"""
import json, os, sys, torch
sys.path[:0] = [{str(Path(__file__).parent)!r}]
torch.set_num_threads(1)
from pathlib import Path
import test_recipes as r, test_training as t
from imi import checkpoints, processes, training
folder, rank = Path(sys.argv[1]), int(os.environ["RANK"])
def report(*found):
    (folder / f"{{rank}}.json").write_text(json.dumps(found))
"""

TRAIN = """
with processes.distributed(torch.device("cpu")):
    model = t.net()
    losses = [step.loss for step in t.steps(model, count=9, clip_norm=0.5)]
    report(*processes.rank_and_size(), losses, t.weights(model).tolist())
"""

# The last batch of each epoch holds one row; a mean over the rows of a process without any is NaN.
ONE_ROW = """
def mean_loss(model, batch):
    contexts, targets = batch
    mean = torch.nn.functional.cross_entropy(model(contexts), targets)
    return mean * len(targets), len(targets)
def one_row(start=0):
    return t.shuffled(*t.problem(rows=17), batch_size=8, seed=3, start=start)
with processes.distributed(torch.device("cpu")):
    t.training.next_token_loss = mean_loss
    report([step.loss for step in t.steps(t.net(), count=7, source=one_row)])
"""

# Each process keeps its run where the other cannot see it, and only the first writes one.
APART = """
with processes.distributed(torch.device("cpu")):
    state = folder / f"own{rank}" / "run.pt"
    list(t.steps(t.net(), count=2, state=state))
    try:
        list(t.steps(t.net(), count=4, state=state))
    except ValueError as error:
        report(str(error))
"""

# The second process's clock jumps an hour ahead in its fourth update.
CLOCK = """
if rank == 1:
    import time
    class Ahead:
        calls = 0
        def perf_counter(self):
            self.calls += 1
            return time.perf_counter() + 3600 * (self.calls > 7)
    training.time = Ahead()
with processes.distributed(torch.device("cpu")):
    history = list(t.steps(t.net(), count=400, minutes=5, state=folder / "state.pt"))
    report(len(history))
"""

SAVE = """
moved, move = [], os.replace
os.replace = lambda part, path: (moved.append(path), move(part, path))
with processes.distributed(torch.device("cpu")):
    for number in range(20):
        path = folder / f"net{number}"
        checkpoints.save(path, t.net(), seed=3)
        checkpoints.load(path)  # whole as soon as anybody goes on
    report(len(moved))
"""

COMMAND = """
from imi import places, train
from imi.recipes import Recipe, language_model
def run(request):
    result = language_model.fit(request, "tiny", r.corpus(), r.CONFIG, r.SETTINGS)
    if result.finished:
        checkpoints.save(request.out / "tiny", result.model, seed=3)
    return result.finished
train.recipes = lambda: {"tiny": Recipe("tiny", "a tiny net", run, minutes=1)}
places.cache_dir = lambda: folder / "cache"
sys.exit(train.main(["tiny", "--device", "cpu", "--out", str(folder), *sys.argv[2:]]))
"""


def torchrun(folder: Path, script: str, *arguments: str) -> str:
    """Runs a script in two processes; returns what they printed."""
    path = folder / "worker.py"
    path.write_text(BEGIN + script)
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
    done = subprocess.run(
        [*launch, str(path), str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[:2000] + done.stderr[-1000:]
    return done.stdout


def reports(folder: Path) -> list:
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]


def test_two_processes_give_the_single_process_losses(tmp_path):
    torchrun(tmp_path, TRAIN)
    model = net()
    losses = [step.loss for step in steps(model, count=9, clip_norm=0.5)]
    for rank, (own_rank, size, shared_losses, shared_weights) in enumerate(reports(tmp_path)):
        assert (own_rank, size) == (rank, 2)
        assert shared_losses == pytest.approx(losses, abs=1e-5)
        assert shared_weights == pytest.approx(weights(model).tolist(), abs=1e-5)


def test_a_process_without_a_row_computes_and_counts_nothing(tmp_path):
    torchrun(tmp_path, ONE_ROW)
    rows = shuffled(*problem(rows=17), batch_size=8, seed=3)
    losses = [step.loss for step in steps(net(), count=7, source=rows)]
    for (shared,) in reports(tmp_path):
        assert shared == pytest.approx(losses, abs=1e-5)


def test_processes_that_do_not_see_one_saved_run_say_so(tmp_path):
    torchrun(tmp_path, APART)
    for (said,) in reports(tmp_path):
        assert "do not see one saved run; IMI_DATA must be a folder" in said


def test_all_processes_stop_at_the_step_at_which_the_first_clock_says_so(tmp_path):
    torchrun(tmp_path, CLOCK)
    (first,), (second,) = reports(tmp_path)
    assert first == second and 1 < first < 9


def test_two_processes_save_one_checkpoint(tmp_path):
    torchrun(tmp_path, SAVE)
    assert reports(tmp_path) == [[2 * 20], [0]]  # weights and card, by the first process


def test_the_command_stops_as_asked_and_goes_on_in_two_processes(tmp_path):
    state = tmp_path / "cache" / "runs" / "tiny"
    said = torchrun(tmp_path, COMMAND, "--minutes", "0")  # a stop as asked is no failure
    assert said.count("the same command goes on") == 1
    assert len(list(state.glob("*.json"))) == len(list(state.glob("*.pt"))) == 1
    said = torchrun(tmp_path, COMMAND)
    assert said.count("tiny: done in") == 1
    assert (tmp_path / "tiny" / "card.json").exists() and not state.exists()


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "file"
    processes.write({path: b"abc"})
    with pytest.raises(TypeError):
        processes.write({path: "no bytes"})
    assert path.read_bytes() == b"abc"
