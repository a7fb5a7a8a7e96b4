"""The command `python -m imi.data`: what real data there is, and how to get it."""

from __future__ import annotations

import argparse
import sys

from imi.data.sources import DataError, fetch, source, sources, verify


def main(arguments: list[str] | None = None) -> int:
    """Lists, fetches or verifies the data; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return {"list": _list, "fetch": _fetch, "verify": _verify}[options.command](options)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on where this one ended", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imi.data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what there is, and what is in the cache")
    fetching = commands.add_parser("fetch", help="bring data into the cache")
    fetching.add_argument("names", nargs="*", metavar="NAME")
    fetching.add_argument("--core", action="store_true", help="what the lectures need")
    fetching.add_argument("--all", action="store_true", help="everything")
    verifying = commands.add_parser("verify", help="compare the cache with the manifest")
    verifying.add_argument("names", nargs="*", metavar="NAME")
    return parser


def _list(options: argparse.Namespace) -> int:
    for entry in sources().values():
        mark = "x" if entry.cached.exists() else " "
        core = "core" if entry.core else ""
        size = f"{entry.bytes / 1e6:.1f} MB"
        print(f"[{mark}] {entry.name:17}{size:>9}  {core:5}{entry.licence:20}{entry.about}")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    names = list(options.names)
    if options.core or options.all:
        names += [entry.name for entry in sources().values() if entry.core or options.all]
    if not names:
        print("name some data, or give --core or --all; `list` shows what there is")
        return 2
    fetch(names)
    return 0


def _verify(options: argparse.Namespace) -> int:
    names = [source(name).name for name in options.names] or None
    problems = verify(names)
    print("\n".join(problems) or "all that is in the cache is as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
