"""Where things lie: the project's own data, and the cache of other people's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir() -> Path:
    """Returns the project's `data/`: manifest, ledger, measurements, checkpoints.

    Raises:
        FileNotFoundError: if neither a checkout nor an installed package holds it.
    """
    for folder in (_PACKAGE.parents[1] / "data", _PACKAGE / "_data"):
        if (folder / "sources.toml").exists():
            return folder
    raise FileNotFoundError(f"imi's data lies neither beside {_PACKAGE.parent} nor in the package")


def cache_dir() -> Path:
    """Returns where fetched data is kept: IMI_DATA, else `imi` in the user's cache folder."""
    if os.environ.get("IMI_DATA"):
        return Path(os.environ["IMI_DATA"]).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "imi"
