"""Is all there that the lectures need? What was found, and in plain words what to do.

Lecture: notebooks/00_introduction.ipynb
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from imi import device
from imi.data import sources

PYTHON, TORCH = (3, 10), (2, 4)
MEMORY = 2.0  # 10^9 bytes; a lecture's kernel takes up to 1.2, the browser and Jupyter the rest
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        what: it is.
        found: in words.
        advice: what to do; empty if all is well.
    """

    what: str
    found: str
    advice: str = ""


def memory() -> float | None:
    """Returns how much memory this process may fill, in 10^9 bytes, or None if nobody tells."""
    known = []
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows does not tell
        known.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with contextlib.suppress(KeyError, ValueError):
        known.append(int(os.environ["MEM_LIMIT"]))  # as Binder sets it
    for limit in LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max" is no number: no limit
            known.append(int(Path(limit).read_text()))
    told = [size for size in known if size > 0]  # 0 and -1 mean that nobody knows
    return min(told) / 1e9 if told else None


def newer(what: str, version: Sequence[int], wanted: tuple[int, ...], remedy: str) -> Finding:
    """Compares the first numbers of a version with what is wanted."""
    asked = ".".join(map(str, wanted))
    if tuple(version[: len(wanted)]) >= wanted:
        return Finding(what, f"{asked} or newer")
    return Finding(what, ".".join(map(str, version)), f"{asked} or newer is needed: {remedy}")


def torch_version() -> tuple[int, ...]:
    """Returns the first two numbers of PyTorch's version."""
    return tuple(int(part) for part in torch.__version__.split(".")[:2])


def room(found: float | None) -> Finding:
    """Tells whether memory of `found` times 10^9 bytes is enough."""
    if found is None:
        return Finding("memory", "not told by this system")
    if found >= MEMORY:
        return Finding("memory", "enough")
    return Finding(
        "memory", f"{math.floor(10 * found) / 10:.1f} GB",  # rounded up it would seem enough
        f"lectures may need {MEMORY:.0f} GB: close other programs, run one lecture at a time, and "
        "shut a lecture's kernel down before the next",
    )  # fmt: skip


def accelerator() -> Finding:
    """Tells whether there is a GPU; no lecture needs one."""
    try:
        there = device.pick().type != "cpu"
    except ValueError as error:
        return Finding("GPU", "none", str(error))
    return Finding("GPU", "there is one" if there else "none; no lecture needs one")


def data() -> Finding:
    """Tells whether the data that the lectures need is there; asks no network."""
    core = [entry for entry in sources.sources().values() if entry.core]
    missing = [entry for entry in core if not sources.available(entry.name)]
    if not missing:
        return Finding("data", f"all {len(core)} files of the lectures")
    names = ", ".join(entry.name for entry in missing)
    size = max(1, round(sum(entry.download_bytes or entry.bytes for entry in missing) / 1e6))
    return Finding(
        "data", f"{len(core) - len(missing)} of {len(core)} files; missing: {names}",
        f"connect to the internet and run `python -m imi.data fetch --core` once ({size} MB); "
        "a lecture that needs a missing file fetches it by itself",
    )  # fmt: skip


def findings() -> list[Finding]:
    """Looks at Python, PyTorch, memory, the GPU and the data."""
    return [
        newer("Python", sys.version_info[:3], PYTHON, "make a new environment, then `make lab`"),
        newer("PyTorch", torch_version(), TORCH, "run `python -m pip install -U torch`"),
        room(memory()),
        accelerator(),
        data(),
    ]
