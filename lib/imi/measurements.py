"""Figures that took long to measure, kept as the recipe that measured them wrote them."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imi import places, processes


def save(folder: Path, name: str, *, rows: list[dict[str, Any]], **about: Any) -> Path:
    """Writes `rows` and what is worth knowing about them to `folder/NAME.json`."""
    record = {"recipe": name, **about, "python": platform.python_version(), "rows": rows}
    path = folder / f"{name}.json"
    processes.write({path: (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()})
    return path


def take(
    folder: Path,
    name: str,
    measure: Callable[[], tuple[dict[str, float], list[dict[str, Any]]]],
    **about: Any,
) -> Path:
    """Measures figures and rows, and saves them with the seconds that it took."""
    began = time.perf_counter()
    figures, rows = measure()
    seconds = round(time.perf_counter() - began)
    return save(folder, name, rows=rows, figures=figures, **about, seconds=seconds)


def exists(name: str) -> bool:
    """Tells whether the measurement `name` was made."""
    return _path(name).exists()


def _path(name: str) -> Path:
    return places.data_dir() / "measurements" / f"{name}.json"


def load(name: str) -> dict[str, Any]:
    """Reads the measurement `name`.

    Raises:
        ValueError: if it was never made.
    """
    if not exists(name):
        raise ValueError(f"nothing was measured as {name!r}; run `python -m imi.train {name}`")
    return json.loads(_path(name).read_text(encoding="utf-8"))
