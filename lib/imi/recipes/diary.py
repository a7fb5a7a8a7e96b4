"""What earlier pieces of a run showed, kept beside the state from which the run goes on."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from imi import processes
from imi.recipes import Request


def state_file(request: Request, name: str, *about: Any) -> Path:
    """Returns where a run is kept: a run goes on only from one of the same sizes and settings."""
    return request.state / f"{name}-{zlib.crc32(repr(about).encode()):08x}.pt"


class Diary:
    """Notes of a run that is made in pieces.

    Attributes:
        notes: as the piece before wrote them; empty in the first one.
    """

    def __init__(self, state: Path):
        self.path = state.with_suffix(".json")
        there = self.path.exists()
        self.notes: list[Any] = json.loads(self.path.read_text("utf-8")) if there else []

    def write(self, *notes: Any) -> None:
        """Writes the notes in place of the earlier ones; of several processes the first does."""
        processes.write({self.path: json.dumps(notes).encode()})
