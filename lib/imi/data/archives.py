"""Members of a zip or tar archive, read one by one and never unpacked to where they say.

Nothing in an archive is trusted: not its names, not the sizes it tells, not its links.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO


class ArchiveError(ValueError):
    """An archive is damaged, lacks a member, or holds one that is not safe to read."""


def extract(archive: Path, patterns: Sequence[str], *, most_bytes: int) -> bytes:
    """Returns the one member that matches, or one uncompressed zip of all that do.

    Args:
        patterns: of member names, with `*` for anything.
        most_bytes: how large the members may be together.

    Raises:
        ArchiveError: if the archive is damaged, no member matches, or one is not safe.
    """
    found: dict[str, bytes] = {}
    left = most_bytes
    try:
        for name, stream in _matching(archive, patterns):
            found[name] = stream.read(left + 1)
            left -= len(found[name])
            if left < 0:
                raise ArchiveError(f"{archive.name} holds more than the {most_bytes:,} bytes due")
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(f"{archive.name} is damaged: {error}") from error
    if not found:
        raise ArchiveError(f"{archive.name} holds no {', '.join(patterns)}")
    return next(iter(found.values())) if len(found) == 1 else _zipped(found)


def _matching(archive: Path, patterns: Sequence[str]) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as members:
            for entry in members.infolist():
                if _wanted(entry.filename, patterns):
                    _refuse_unsafe(archive, entry.filename, is_file=not _is_link(entry))
                    with members.open(entry) as stream:
                        yield entry.filename, stream
    else:
        with tarfile.open(archive, "r|*") as members:
            for entry in members:
                if _wanted(entry.name, patterns):
                    _refuse_unsafe(archive, entry.name, is_file=entry.isreg())
                    yield entry.name, members.extractfile(entry)


def _wanted(name: str, patterns: Sequence[str]) -> bool:
    return not name.endswith("/") and any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return (entry.external_attr >> 28) == 0o12  # the file type that Unix keeps in the upper bits


def _refuse_unsafe(archive: Path, name: str, *, is_file: bool) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or not is_file:
        raise ArchiveError(f"{archive.name} holds {name!r}, which leads outside or is no file")


def _zipped(members: dict[str, bytes]) -> bytes:
    """Packs members so that the bytes are the same on every machine: sorted, stored, undated."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            archive.writestr(info, members[name])
    return packed.getvalue()
