"""Running a lecture from a clean kernel: for the tests, and for `make notebooks`, which stores it.

Usage: python tests/notebook_runs.py NOTEBOOK...
"""

from __future__ import annotations

import base64
import os
import re
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

from imi.markdown import between, put_between

# Times on a machine that others use too are noisy: every limit on time is so much longer there.
SLACK = float(os.environ.get("IMI_SLACK", "2.5"))
CELL_SECONDS = 60  # a cell that takes longer hangs
README = Path(__file__).parents[1] / "README.md"
ROW = re.compile(r"^(?P<told>.*\((?P<notebook>notebooks/[^)]+)\).*)\|[^|]*\|[^|]*\|$", re.MULTILINE)
PORTS = 5  # a kernel listens on as many
PICTURES = {"01_nplm_2003": "word-map.png", "13_lineage": "lineage.png"}  # of README and site


@dataclass(frozen=True)
class Run:
    """A lecture that was run.

    Attributes:
        notebook: with its outputs.
        seconds: from the start of the kernel to the end of the last cell.
        first_picture: seconds until the first picture was there.
        slowest_cell: the seconds of the cell that took longest.
        cpu_seconds: that the kernel computed, over all its threads; a busy machine adds no waiting.
        peak_mb: the kernel's largest resident memory.
    """

    notebook: nbformat.NotebookNode
    seconds: float
    first_picture: float
    slowest_cell: float
    cpu_seconds: float
    peak_mb: float


class _Manager(AsyncKernelManager):
    """Gives each test worker ports of its own: picked, freed and bound later, they collide."""

    def __init__(self, **options):
        super().__init__(**options)
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        base = 41_000 + 500 * worker + PORTS * (os.getpid() % 90)
        names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
        for offset, name in enumerate(names):
            setattr(self, name, base + offset)
        self.cache_ports = False


def run(path: Path) -> Run:
    """Runs a notebook from its first to its last cell in a kernel of its own.

    Raises:
        CellExecutionError: if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    peaks, cpu, pictures, ends = [0.0], [0.0], [], []
    began = time.perf_counter()

    def look(cell, cell_index, **_) -> None:
        process = psutil.Process(client.km.provisioner.process.pid)
        peaks.append(_memory_mb(process))
        cpu.append(sum(process.cpu_times()[:2]))  # user, system
        ends.append(time.perf_counter())
        if not pictures and any("image/png" in o.get("data", {}) for o in cell.get("outputs", [])):
            pictures.append(ends[-1] - began)

    client = NotebookClient(
        notebook,
        timeout=int(CELL_SECONDS * SLACK),
        kernel_manager_class=_Manager,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        on_cell_executed=look,
    )
    client.execute()
    seconds = time.perf_counter() - began
    slowest = max((after - before for before, after in pairwise(ends)), default=seconds)
    first_picture = pictures[0] if pictures else float("nan")
    return Run(notebook, seconds, first_picture, slowest, cpu[-1], max(peaks))


def _memory_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():  # Linux remembers the peak
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return process.memory_info().rss / 2**20


def clean(notebook: nbformat.NotebookNode) -> None:
    """Takes out what depends on the machine or the minute: widget state, times, environments."""
    notebook.metadata = {
        key: notebook.metadata[key] for key in ("kernelspec", "title") if key in notebook.metadata
    } | {"language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop("application/vnd.jupyter.widget-view+json", None) and _is_bar(data):
                data.clear()
        if cell.cell_type == "code":
            # What a progress bar said is of that minute.
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr" and _shown(o)]


def _is_bar(data: dict[str, str]) -> bool:
    return set(data) == {"text/plain"} and "%|" in data["text/plain"]


def _shown(output) -> bool:
    return output.output_type == "stream" or bool(output.get("data"))


def _store_picture(notebook: nbformat.NotebookNode, target: Path) -> None:
    """Keeps the picture of the cell tagged `readme-picture`, which the README shows."""
    for cell in notebook.cells:
        if "readme-picture" in cell.metadata.get("tags", []):
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(base64.b64decode(cell.outputs[0].data["image/png"]))


def with_costs(lectures: str, root: Path) -> str:
    """Fills the last two columns of the README's lectures: minutes of Run All, and memory."""

    def filled(row: re.Match) -> str:
        costs = nbformat.read(root / row["notebook"], as_version=4).metadata.get("imi")
        if not costs:
            return f"{row['told']}| | |"
        minutes, memory = costs["seconds"] / 60, costs["megabytes"]
        return f"{row['told']}| {minutes:.1f} min | {memory} MB |"

    return ROW.sub(filled, lectures)


def main(paths: list[str]) -> None:
    """Runs the notebooks and stores them with their outputs."""
    for path in map(Path, paths):
        done = run(path)
        clean(done.notebook)
        costs = {"seconds": round(done.seconds), "megabytes": round(done.peak_mb)}
        done.notebook.metadata["imi"] = costs
        nbformat.write(done.notebook, path)
        if path.stem in PICTURES:
            _store_picture(done.notebook, path.parents[1] / "docs" / PICTURES[path.stem])
        print(
            f"{path}: {done.seconds:.0f} s ({done.cpu_seconds:.0f} s of CPU), "
            f"first picture {done.first_picture:.1f} s, slowest cell {done.slowest_cell:.1f} s, "
            f"{done.peak_mb:.0f} MB"
        )
    put_between(README, "lectures", with_costs(between(README, "lectures"), README.parent))


if __name__ == "__main__":
    main(sys.argv[1:])
