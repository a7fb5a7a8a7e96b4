"""What every benchmark tells: rows of one form. Alone it prints them; `python tests/benchmarks`
runs all and puts their rows into one table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imi.markdown import table

HEADINGS = ("What", "Unit", "imi", "Beside it", "Times as good", "Target", "Met")


class Skipped(Exception):
    """Nothing can be compared here; the message says what is missing and how to get it."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: is measured, and of how much.
        ours: in `unit`.
        peer: what stands beside ours; empty where ours stands alone.
        theirs: in `unit`.
        fewer: whether less is better, as of seconds.
        target: how many times as good ours must be, at least; where it stands alone, what it must
            reach, or where fewer is better, may reach.
        times: how many times as good ours is, if it was measured otherwise than as the ratio.
        problem: why there are no figures; `failed` tells whether that is an error.
    """

    what: str
    unit: str = ""
    ours: float | None = None
    peer: str = ""
    theirs: float | None = None
    fewer: bool = False
    target: float | None = None
    times: float | None = None
    problem: str = ""
    failed: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times as good ours is; None where it stands alone."""
        if self.times is not None or self.ours is None or self.theirs is None:
            return self.times
        return self.theirs / self.ours if self.fewer else self.ours / self.theirs

    @property
    def met(self) -> bool:
        """Whether the target is met; True where there is none."""
        if self.problem or self.target is None:
            return not self.failed
        if self.ratio is not None:
            return self.ratio >= self.target
        return self.ours <= self.target if self.fewer else self.ours >= self.target

    def cells(self) -> tuple[str, ...]:
        """Returns what a table shows."""
        if self.problem:
            said = f"{'failed' if self.failed else 'skipped'}: {self.problem}"
            return (self.what, self.unit, "", said, "", "", "no" if self.failed else "")
        ratio, beside = self.ratio, self.peer
        if self.theirs is not None:
            beside = f"{shown(self.theirs)} ({self.peer})"
        target = verdict = ""
        if self.target is not None:
            side = "at least" if ratio is not None or not self.fewer else "at most"
            target = f"{side} {shown(self.target)}"
            verdict = "yes" if self.met else "**no**"
        times = "" if ratio is None else shown(ratio)
        return (self.what, self.unit, shown(self.ours), beside, times, target, verdict)


def shown(value: float) -> str:
    """Writes a figure with three digits, or all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(rows: Iterable[Row]) -> str:
    """Renders rows as a Markdown table."""
    return table(HEADINGS, [row.cells() for row in rows])


def measured(rows: Callable[[Any], Iterable[Row]], name: str, size: Any) -> list[Row]:
    """Collects a benchmark's rows; where its peer or its data is missing, one row says so.

    Raises:
        ModuleNotFoundError: if a part of imi is missing.
    """
    found: list[Row] = []
    try:
        for row in rows(size):
            found.append(row)
    except Skipped as missing:
        found.append(Row(name, problem=str(missing)))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "imi":
            raise
        found.append(Row(name, problem=f"{error.name} is not installed"))
    return found


def write(rows: Sequence[Row], path: Path) -> None:
    """Writes rows for the process that puts all into one table."""
    path.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def read(path: Path) -> list[Row]:
    """Reads what `write` wrote."""
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def main(rows: Callable[[Any], Iterable[Row]], size: Any, about: str) -> None:
    """Runs one benchmark, prints its table, and exits with 1 where a target is missed.

    Args:
        rows: measures; is given the size.
        size: by default.
        about: what the size counts.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("size", nargs="?", type=type(size), default=size, help=about)
    parser.add_argument("--rows", type=Path, help="a file to write the rows to")
    options = parser.parse_args()
    found = measured(rows, Path(sys.argv[0]).stem, options.size)
    print(markdown(found))
    if options.rows:
        write(found, options.rows)
    sys.exit(0 if all(row.met for row in found) else 1)
