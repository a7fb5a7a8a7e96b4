"""The command `python -m publish`: builds the site or the slides of the executed lectures."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from imi.data.sources import DataError
from publish import decks, site
from publish.lectures import LectureError, find, read

ROOT = Path(__file__).resolve().parents[1]
BUILDERS = {"site": site.build, "slides": decks.build}


def main(arguments: list[str] | None = None) -> int:
    """Builds what is asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m publish", description=__doc__)
    parser.add_argument("what", choices=BUILDERS)
    parser.add_argument("notebooks", nargs="*", type=Path, help="all lectures, if none is named")
    parser.add_argument("--out", type=Path, help="the folder to write to")
    options = parser.parse_args(arguments)
    folder = options.out or ROOT / "build" / options.what
    began = time.perf_counter()
    try:
        chosen = options.notebooks or find(ROOT / "notebooks")
        lectures = [read(path, ROOT) for path in chosen]
        pages = BUILDERS[options.what](lectures, folder, ROOT)
    except (LectureError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    seconds = time.perf_counter() - began
    print(f"{len(pages)} pages, {size / 1e6:.1f} MB, {seconds:.0f} s; open {pages[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
