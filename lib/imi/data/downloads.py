"""One file from a folder or over http: resumed where it was cut off, checked before it is kept."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path

from tqdm.auto import tqdm

ATTEMPTS = 4
PAUSE = 0.2  # seconds, doubled before each further attempt
TIMEOUT = 30.0  # seconds without a byte
CHUNK = 1 << 17


class DownloadError(OSError):
    """A file was not there, not whole or not the right one."""


def sha256(path: Path) -> str:
    """Returns the sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def download(place: str, target: Path, *, digest: str, size: int, progress: bool = True) -> None:
    """Brings the file at `place`, a path or an http address, to `target`.

    What arrives lies under `target.part` until it is whole and right, so that nothing half-written
    ever has the final name; a later call goes on with it.

    Raises:
        DownloadError: if it is not there, breaks off again and again, or has another sha256.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    if place.startswith(("http://", "https://")):
        _over_http(place, part, size=size, progress=progress)
    else:
        try:
            shutil.copyfile(place, part)
        except OSError as error:
            raise DownloadError(f"{place} is not there ({error.strerror})") from error
    if sha256(part) != digest:
        part.unlink()
        raise DownloadError(f"{place} is not the expected file (its sha256 differs)")
    os.replace(part, target)


def open_url(address: str, **headers: str) -> http.client.HTTPResponse:
    """Opens an http address, with the certificates that pip was told to use, if any."""
    own = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
    context = ssl.create_default_context(cafile=own) if address.startswith("https:") else None
    request = urllib.request.Request(address, headers={"User-Agent": "imi", **headers})
    return urllib.request.urlopen(request, timeout=TIMEOUT, context=context)


def _over_http(address: str, part: Path, *, size: int, progress: bool) -> None:
    problem = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2**attempt)
        try:
            _go_on(address, part, size=size, progress=progress)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise DownloadError(f"{address} answered {error.code} {error.reason}") from error
            problem = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            problem = str(error) or type(error).__name__
        else:
            if part.stat().st_size >= size:
                return
            problem = f"broke off at {part.stat().st_size:,} of {size:,} bytes"
    raise DownloadError(f"{address} failed {ATTEMPTS} times ({problem})")


def _go_on(address: str, part: Path, *, size: int, progress: bool) -> None:
    """Fetches what is missing of a file; starts anew where the server cannot go on."""
    have = part.stat().st_size if part.exists() else 0
    if have == size:
        return
    if have > size:  # a leftover of something else
        have = 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with open_url(address, **headers) as response:
        if have and response.status != 206:
            have = 0
        bar = tqdm(total=size, initial=have, unit="B", unit_scale=True, disable=not progress)
        bar.set_description(part.name.removesuffix(".part"))
        with part.open("ab" if have else "wb") as file, bar:
            while have <= size and (chunk := response.read1(CHUNK)):
                file.write(chunk)
                have += len(chunk)
                bar.update(len(chunk))
