"""What the papers' nets would cost at their full size: `python -m imi.scale` prints a table.

Parameters are counted in our own nets at the papers' sizes, on no device. What a paper does not say
is None, and the table says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from imi import costs, paper_sizes, places
from imi.markdown import put_between, table
from imi.paper_sizes import Paper

A100 = 312e12  # FLOPs a second, NVIDIA's data sheet: bfloat16, dense
SHARE = 0.3  # of that speed; what large Transformers reach, and more than recurrent nets do
MANY = 8
SILENT = "not said"
HEADINGS = ("Paper", "Parameters", "the paper's count", "Tokens", "FLOPs", "FLOPs its machines had",
            "Weights, gradients, Adam", "Activations of a batch", "The paper's machines",
            "One A100", f"{MANY} A100")  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """A paper's net, and what it costs.

    Attributes:
        flops: by the formula; None where the paper does not say how much was read.
        had: FLOPs that the paper's machines could have computed; None where that is unknown.
    """

    paper: Paper
    flops: float | None
    had: float | None
    memory: costs.Memory

    @classmethod
    def of(cls, paper: Paper) -> Cost:
        """Computes the costs of a paper's net."""
        known = all(part.tokens for part in paper.parts) and bool(paper.parts)
        machines = paper.machines
        had = machines.speed and costs.machine_flops(machines.count, machines.days, machines.speed)
        flops = costs.training_flops(paper.parts) if known else None
        return cls(paper, flops, had, costs.memory(paper.parameters, paper.parts))

    def days(self, count: int) -> float | None:
        """Returns the days on so many A100: of `flops`, or where they are unknown of `had`."""
        flops = self.flops or self.had
        return flops and costs.days(flops, count=count, speed=SHARE * A100)

    def cells(self) -> tuple[str, ...]:
        """Returns what the table shows."""
        paper, told = self.paper, self.paper.told
        return (
            f"{paper.name}: {paper.net}",
            _count(paper.parameters) if paper.counted else SILENT,
            _count(told) if told else SILENT,
            f"{_count(paper.tokens)} {paper.what}" if paper.tokens else SILENT,
            _power(self.flops),
            _power(self.had),
            _bytes(self.memory.fixed),
            _bytes(self.memory.activations) if self.memory.activations else SILENT,
            str(paper.machines),
            _duration(self.days(1)),
            _duration(self.days(MANY)),
        )


def _count(number: float) -> str:
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.3g} {name}"
    return f"{number:,.0f}"


def _power(flops: float | None) -> str:
    return SILENT if flops is None else f"{flops:.1e}".replace("e+", "e")


def _bytes(number: float) -> str:
    size, name = (1e9, "GB") if number >= 1e8 else (1e6, "MB")
    return f"{number / size:{'.2g' if number < 100 * size else '.0f'}} {name}"


def _duration(days: float | None) -> str:
    if days is None:
        return SILENT
    for size, name in ((1, "days"), (1 / 24, "hours"), (1 / 1440, "minutes")):
        if days >= size:
            return f"{days / size:.2g} {name}"
    return f"{days * costs.SECONDS_A_DAY:.2g} seconds"


def markdown(papers: Sequence[Paper]) -> str:
    """Renders the costs as a Markdown table, and below it what was taken from where."""
    rows = table(HEADINGS, [Cost.of(paper).cells() for paper in papers])
    notes = "\n".join(f"- {paper.name}, {paper.net}: {paper.note}" for paper in papers)
    return f"{rows}\n\n{notes}"


def main(arguments: list[str] | None = None) -> int:
    """Prints what the papers' nets would cost at their full size, in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m imi.scale", description=main.__doc__)
    parser.add_argument("--docs", action="store_true", help="write the table into docs/scale.md")
    options = parser.parse_args(arguments)
    found = markdown(paper_sizes.papers())
    if options.docs:
        put_between(places.data_dir().parent / "docs" / "scale.md", "scale", found)
    else:
        print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
