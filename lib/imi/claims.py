"""The ledger: what each paper claimed, what we measured, and whether the claim held.

`data/claims.toml` says in words and in a comparison what a paper claims. Our figures are never
typed there: they come from `data/measurements/`, where recipes write them, and `check` measures
them again from the shipped weights.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import operator
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from imi import measurements, places
from imi.markdown import put_between, table

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

_OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
}


@dataclass(frozen=True)
class Claim:
    """One claim of one paper.

    Attributes:
        id: its name in the ledger.
        lecture: the notebook that teaches it, without the suffix.
        paper: authors and year; `where`: the table, figure or section.
        statement: the claim, in a sentence.
        paper_numbers: the paper's figures, by what they are.
        measurement: which file of `data/measurements/` and which recipe module hold ours.
        ours: our figures' names in it, by what they are.
        direction: a comparison of our figures' names and numbers, such as "n5 < n3".
        unit: of all figures.
        scale: how our data, sizes and hours differ from the paper's.
        holds: whether the direction came out true here.
        why: where it did not, the reason as far as we know it.
        tolerance: by which share a figure may differ when it is measured again.
    """

    id: str
    lecture: str
    paper: str
    where: str
    statement: str
    measurement: str
    ours: Mapping[str, str]
    direction: str
    unit: str
    scale: str
    holds: bool
    paper_numbers: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    tolerance: float = 0.01

    def figures(self) -> dict[str, float]:
        """Returns our recorded figures, by what they are.

        Raises:
            ValueError: if the measurement was never made or lacks a figure.
        """
        recorded = measurements.load(self.measurement)["figures"]
        missing = [key for key in self.ours.values() if key not in recorded]
        if missing:
            raise ValueError(f"{self.id}: the measurement {self.measurement} lacks {missing}")
        return {label: recorded[key] for label, key in self.ours.items()}


@dataclass(frozen=True)
class Result:
    """What became of a claim when it was measured again; an empty `problem` means all is well.

    Attributes:
        figures: as measured again.
        recorded: which of our figures were not, and stand as the recipe once wrote them.
        skipped: nothing could be measured, for want of data.
    """

    claim: Claim
    figures: Mapping[str, float]
    problem: str = ""
    skipped: bool = False
    recorded: tuple[str, ...] = ()

    def __str__(self) -> str:
        known = "recorded" if self.recorded else "ok"
        verdict = "skipped" if self.skipped else "FAILED" if self.problem else known
        shown = _listed(self.figures, self.claim.unit) if self.figures else ""
        missing = f"not measured again: {', '.join(self.recorded)}" if self.recorded else ""
        about = "; ".join(filter(None, (shown, missing, self.problem)))
        return f"{verdict:10}{self.claim.id:40}{about}"


def ledger(lecture: str | None = None) -> list[Claim]:
    """Reads the ledger, or one lecture's part of it, in its order."""
    content = (places.data_dir() / "claims.toml").read_text(encoding="utf-8")
    claims = [Claim(**entry) for entry in tomllib.loads(content)["claim"]]
    return [claim for claim in claims if lecture in (None, claim.lecture)]


def evaluate(direction: str, figures: Mapping[str, float]) -> bool:
    """Tells whether a comparison of figures is true: names, numbers, + - * /, < <= > >= ==, and.

    Raises:
        ValueError: if it holds anything else, or a name without a figure.
    """
    return bool(_value(ast.parse(direction, mode="eval").body, direction, figures))


def _value(node: ast.expr, direction: str, figures: Mapping[str, float]):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name) and node.id in figures:
        return figures[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = (_value(side, direction, figures) for side in (node.left, node.right))
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Compare) and all(type(op) in _OPERATORS for op in node.ops):
        sides = [_value(side, direction, figures) for side in (node.left, *node.comparators)]
        pairs = zip(node.ops, sides, sides[1:], strict=False)
        return all(_OPERATORS[type(op)](left, right) for op, left, right in pairs)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return all(_value(part, direction, figures) for part in node.values)
    raise ValueError(f"cannot evaluate {direction!r}; known figures: {', '.join(figures)}")


def check(claims: list[Claim], *, report: Callable[[str], None] = print) -> list[Result]:
    """Measures every claim again from the shipped weights and compares it with the ledger."""
    measured: dict[str, Mapping[str, float] | Exception] = {}
    results = []
    for claim in claims:
        if claim.measurement not in measured:
            report(f"measuring {claim.measurement} again ...")
            measured[claim.measurement] = _measure(claim.measurement)
        results.append(_compare(claim, measured[claim.measurement]))
    return results


def _measure(name: str) -> Mapping[str, float] | Exception:
    from imi.data.sources import DataError

    try:
        return importlib.import_module(f"imi.recipes.{name}").measure()
    except DataError as error:
        return error


def _compare(claim: Claim, measured: Mapping[str, float] | Exception) -> Result:
    recorded = claim.figures()
    if isinstance(measured, Exception):
        return Result(claim, recorded, str(measured), skipped=True)
    figures = {label: measured[key] for label, key in claim.ours.items() if key in measured}
    result = Result(claim, figures, recorded=tuple(k for k in claim.ours if k not in figures))
    for label, value in figures.items():
        if abs(value - recorded[label]) > claim.tolerance * abs(recorded[label]):
            return replace(result, problem=f"{label} is {value:.4g}, not {recorded[label]:.4g}")
    if evaluate(claim.direction, {**recorded, **figures}) != claim.holds:
        return replace(result, problem=f"`{claim.direction}` is {not claim.holds} now")
    return result


def rows(claims: list[Claim]) -> list[tuple[str, str, str, str, str]]:
    """Returns the ledger as text cells: claim, paper's figures, ours, scale gap, verdict."""
    return [
        (
            f"{claim.statement} ({claim.paper}, {claim.where})",
            _listed(claim.paper_numbers, claim.unit),
            _listed(claim.figures(), claim.unit),
            claim.scale,
            "holds" if claim.holds else f"does not hold here: {claim.why}",
        )
        for claim in claims
    ]


def _listed(figures: Mapping[str, float], unit: str) -> str:
    if not figures:
        return "no figure given"
    shown = ", ".join(f"{re.sub('_', ' ', label)} {value:.4g}" for label, value in figures.items())
    return f"{shown} ({unit})"


HEADINGS = ("Claim", "Paper", "Here", "Scale gap", "Verdict")


def markdown(claims: list[Claim]) -> str:
    """Renders the ledger as Markdown: a heading and a table for each lecture."""
    parts = (f"## {name}\n\n{table(HEADINGS, rows(own))}" for name, own in _lectures(claims))
    return "\n\n".join(parts)


def tally(claims: list[Claim]) -> str:
    """Renders how many claims were measured and how many held: a sentence, then by lecture."""
    counts = [(f"[{name}](docs/ledger.md#{name})", *_count(own)) for name, own in _lectures(claims)]
    told = "{} claims were measured: {} held here, {} did not.".format(*_count(claims))
    return f"{told}\n\n{table(('Lecture', 'Claims', 'Held', 'Not held'), counts)}"


def _lectures(claims: list[Claim]) -> list[tuple[str, list[Claim]]]:
    names = sorted({claim.lecture for claim in claims})
    return [(name, [claim for claim in claims if claim.lecture == name]) for name in names]


def _count(claims: list[Claim]) -> tuple[str, str, str]:
    held = sum(claim.holds for claim in claims)
    return str(len(claims)), str(held), str(len(claims) - held)


def main(arguments: list[str] | None = None) -> int:
    """Prints the ledger; with --check, measures it again and returns 1 where a claim fails."""
    parser = argparse.ArgumentParser(prog="python -m imi.claims", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="measure again from shipped weights")
    parser.add_argument("--lecture", help="only this lecture, such as 01_nplm_2003")
    parser.add_argument("--docs", action="store_true", help="write docs/ledger.md, count in README")
    options = parser.parse_args(arguments)
    if options.docs:
        root = places.data_dir().parent
        put_between(root / "docs" / "ledger.md", "ledger", markdown(ledger()))
        put_between(root / "README.md", "results", tally(ledger()))
        return 0
    claims = ledger(options.lecture)
    if not options.check:
        print(markdown(claims))
        return 0
    results = check(claims)
    print(*results, sep="\n")
    return int(any(result.problem and not result.skipped for result in results))


if __name__ == "__main__":
    sys.exit(main())
