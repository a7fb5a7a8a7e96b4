"""The command `python -m imi.train NAME`: makes a shipped checkpoint or measurement again."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from imi import device as devices
from imi import places, processes, throughput
from imi.recipes import Recipe, Request, recipes


def main(arguments: list[str] | None = None) -> int:
    """Runs the recipes that are asked for; returns the exit status.

    It is 0 if all were finished, 3 if one stopped early as asked (0 under `torchrun`), 2 if the
    request was wrong.
    """
    known = recipes()
    options = _parser().parse_args(arguments)
    names = list(known) if options.all else options.names
    unknown = [name for name in names if name not in known]
    if not names or unknown:
        problem = f"no recipe {unknown[0]!r}; " if unknown else ""
        print(f"{problem}there are:", file=sys.stderr)
        for recipe in known.values():
            print(f"  {recipe.name:24} {recipe.summary} ({recipe.minutes:g} min)", file=sys.stderr)
        return 2
    try:
        device = devices.pick(options.device)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    devices.use_all_cores()
    with processes.distributed(device) as own_device:
        finished = [_run(known[name], options, own_device) for name in names]
    # torchrun takes any other status for a crash, and a run that stopped as asked is none.
    return 0 if all(finished) or processes.launched() else 3


def _run(recipe: Recipe, options: argparse.Namespace, device) -> bool:
    began = time.perf_counter()
    state = places.cache_dir() / "runs" / recipe.name
    _say(f"{recipe.name}: {recipe.summary}; about {recipe.minutes:g} minutes on 2 cores")
    with throughput.metered() as meter:
        finished = recipe.run(Request(options.out, device, state, options.minutes))
    processes.wait_for_all()
    minutes = (time.perf_counter() - began) / 60
    if finished and processes.is_first():
        shutil.rmtree(state, ignore_errors=True)
    how = (
        f"done in {minutes:.1f} minutes, written below {options.out}"
        if finished
        else f"stopped after {minutes:.1f} minutes; the same command goes on"
    )
    _say(f"{recipe.name}: {how}")
    if meter.updates:
        _say(f"{recipe.name}: {meter}")
    return finished


def _say(sentence: str) -> None:
    """Prints once, however many processes there are."""
    if processes.is_first():
        print(sentence)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imi.train", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to make")
    parser.add_argument("--all", action="store_true", help="make everything")
    parser.add_argument("--out", type=Path, default=places.data_dir(), help="where to write")
    parser.add_argument("--device", help="cuda, mps or cpu; by default the fastest here")
    parser.add_argument("--minutes", type=float, help="stop, saved, after so many minutes a recipe")
    return parser


if __name__ == "__main__":
    sys.exit(main())
