"""Runs benchmarks one after the other and puts what they tell into one table."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import report
from report import Row

from imi import device
from imi.markdown import between, put_between

PARTS = ("__main__", "report", "runner")  # of the machinery, no benchmarks
MARK = "bench"
README = Path(__file__).parents[2] / "README.md"


def names(folder: Path) -> list[str]:
    """Lists the benchmarks there are."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem not in PARTS)


def rows_of(path: Path) -> list[Row]:
    """Runs one benchmark; one that breaks is a row that says so, and the others go on."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "rows.json"
        command = [sys.executable, str(path), "--rows", str(found)]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if found.exists():
            return report.read(found)
    said = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
    return [Row(path.stem, problem=said[-1], failed=True)]


def machine() -> str:
    """Describes what the figures were measured on."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(errors="ignore").splitlines() if told.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    cores, torch = device.cores(), version("torch").partition("+")[0]
    return (f"{processor}, {cores} core{'s' * (cores > 1)}, Python {platform.python_version()}, "
            f"PyTorch {torch}.")  # fmt: skip


def main(folder: Path, arguments: list[str] | None = None, *, readme: Path = README) -> int:
    """Runs the benchmarks of a folder; returns 1 if a target is missed or one breaks."""
    known = names(folder)
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(known)}")
    if options.readme:
        between(readme, MARK)  # a document without the marks is known before the hours of work
    rows: list[Row] = []
    for name in options.names or known:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += rows_of(folder / f"{name}.py")
    table = f"{machine()}\n\n{report.markdown(rows)}"
    print(f"\n{table}")
    if options.readme:
        put_between(readme, MARK, table)
    return 0 if all(row.met for row in rows) else 1
