"""Fetching real data: cut off, corrupted, slow, missing, hostile, and by two at once."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from imi.data import __main__ as command
from imi.data import downloads, sources
from imi.data.archives import ArchiveError, extract
from imi.data.downloads import DownloadError, download
from imi.data.sources import DataError

CONTENT = bytes(range(256)) * 4_001  # about a megabyte
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one file, badly: `behave` says how, `asked` holds the Range headers that came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []
        self.behave = lambda count: "whole"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers with the content, cut, changed, late, or not at all."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        way = self.server.behave(len(self.server.asked))
        if way == "missing":
            self.send_error(404)
            return
        if way == "broken":
            self.send_error(503)
            return
        start = int(wanted[6:-1]) if wanted and way != "no ranges" else 0
        content = CONTENT[::-1] if way == "corrupted" else CONTENT
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if way == "slow":
            time.sleep(1.0)
        self.wfile.write(body[: len(body) // 3] if way == "cut" else body)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(downloads, "PAUSE", 0.0)
    monkeypatch.setattr(downloads, "TIMEOUT", 0.4)
    running = Server()
    yield running
    running.shutdown()
    running.server_close()


def get(server, target, **changes):
    about = {"digest": DIGEST, "size": len(CONTENT), "progress": False, **changes}
    download(f"{server.address}/file", target, **about)


def test_a_whole_file_arrives(server, tmp_path):
    get(server, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_cut_download_goes_on_where_it_broke_off(server, tmp_path):
    server.behave = lambda count: "cut" if count < 3 else "whole"
    get(server, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert server.asked[0] is None
    assert server.asked[1] == f"bytes={len(CONTENT) // 3}-"
    assert len(server.asked) == 3


def test_a_download_cut_for_ever_leaves_nothing_under_the_final_name(server, tmp_path):
    server.behave = lambda count: "cut"
    with pytest.raises(DownloadError, match=r"failed 4 times \(broke off at"):
        get(server, tmp_path / "f")
    assert [path.name for path in tmp_path.iterdir()] == ["f.part"]
    server.behave = lambda count: "whole"
    get(server, tmp_path / "f")  # a later call goes on with the part
    assert server.asked[-1] is not None
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_server_that_cannot_go_on_sends_all_again(server, tmp_path):
    server.behave = lambda count: "cut" if count == 1 else "no ranges"
    get(server, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_corrupted_file_is_refused_and_not_kept(server, tmp_path):
    server.behave = lambda count: "corrupted"
    with pytest.raises(DownloadError, match="sha256 differs"):
        get(server, tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("way", "message", "asked"), [("missing", "404", 1), ("broken", "503", 4), ("slow", "timed", 4)]
)
def test_a_server_that_does_not_help_is_named(server, tmp_path, way, message, asked):
    server.behave = lambda count: way
    with pytest.raises(DownloadError, match=message):
        get(server, tmp_path / "f")
    assert len(server.asked) == asked


def zipped(path, members: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path, name: str, content: bytes = b"x", **changes):
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        for key, value in changes.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(content))
    return path


def test_members_are_taken_from_zip_and_tar(tmp_path):
    archive = zipped(tmp_path / "a.whl", {"p/b.txt": b"bee", "p/a.txt": b"ay", "q/c": b"c"})
    assert extract(archive, ["p/b.txt"], most_bytes=9) == b"bee"
    packed = zipfile.ZipFile(io.BytesIO(extract(archive, ["p/*"], most_bytes=9)))
    assert {name: packed.read(name) for name in packed.namelist()} == {
        "p/a.txt": b"ay",
        "p/b.txt": b"bee",
    }
    assert extract(tarred(tmp_path / "a.tgz", "p/x", b"ex"), ["p/x"], most_bytes=2) == b"ex"


@pytest.mark.parametrize("name", ["p/../../x", "/p/x", "c:/p/x", "p\\..\\..\\x"])
def test_names_that_lead_outside_are_refused(tmp_path, name):
    for archive in (zipped(tmp_path / "a.zip", {name: b"x"}), tarred(tmp_path / "a.tgz", name)):
        with pytest.raises(ArchiveError, match="leads outside"):
            extract(archive, ["*x"], most_bytes=9)


def test_links_and_bombs_are_refused(tmp_path):
    link = tarred(tmp_path / "l.tgz", "p/x", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
    with pytest.raises(ArchiveError, match="is no file"):
        extract(link, ["p/x"], most_bytes=9)
    bomb = zipped(tmp_path / "b.zip", {"x": b"\0" * 10_000_000})
    with pytest.raises(ArchiveError, match="more than the 1,000 bytes"):
        extract(bomb, ["x"], most_bytes=1_000)


def test_damaged_and_empty_archives_are_named(tmp_path):
    (tmp_path / "d.whl").write_bytes(b"no archive at all")
    with pytest.raises(ArchiveError, match="is damaged"):
        extract(tmp_path / "d.whl", ["x"], most_bytes=9)
    with pytest.raises(ArchiveError, match="holds no y"):
        extract(zipped(tmp_path / "e.zip", {"x": b"x"}), ["y"], most_bytes=9)


@pytest.fixture
def project(monkeypatch, tmp_path):
    """A manifest with one url file and one package member, an empty cache and a mirror folder."""
    cache, mirror = tmp_path / "cache", tmp_path / "mirror"
    (mirror / "packages").mkdir(parents=True)
    (mirror / "o/r/c").mkdir(parents=True)
    (mirror / "o/r/c/text.txt").write_bytes(CONTENT)
    wheel = zipped(mirror / "packages" / "thing-1-py3-none-any.whl", {"thing/a": b"ay"})
    about = {"about": "a", "licence": "l", "citation": "c"}
    packed = {
        "tier": "package",
        "address": f"thing/{wheel.name}",
        "download_sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "download_bytes": wheel.stat().st_size,
        "members": ("thing/a",),
        "sha256": hashlib.sha256(b"ay").hexdigest(),
        "bytes": 2,
        **about,
    }
    plain = {"tier": "url", "address": "o/r/c/text.txt", "sha256": DIGEST, **about}
    entries = {
        "plain": sources.Source("plain", file="plain.txt", bytes=len(CONTENT), **plain),
        "packed": sources.Source("packed", file="packed.txt", core=True, **packed),
    }
    monkeypatch.setattr(sources, "sources", lambda: entries)
    monkeypatch.setattr(command, "sources", lambda: entries)
    monkeypatch.setenv("IMI_DATA", str(cache))
    monkeypatch.setenv("IMI_MIRROR", str(mirror))
    return mirror


def test_a_mirror_folder_serves_both_tiers(project):
    assert sources.available("plain") and sources.available("packed")
    assert sources.path("plain").read_bytes() == CONTENT
    assert sources.path("packed").read_bytes() == b"ay"
    kept = {p.name for p in sources.path("plain").parent.iterdir() if not p.name.startswith(".")}
    assert kept == {"plain.txt", "packed.txt"}
    assert sources.verify() == []


def test_a_mirror_address_comes_before_the_files_home(project, server, monkeypatch):
    monkeypatch.setenv("IMI_MIRROR", server.address)
    assert not sources.available("plain")
    assert sources.path("plain").read_bytes() == CONTENT


class Page(io.BytesIO):
    """An answer of the index: bytes with headers."""


def test_the_index_is_asked_in_both_of_its_languages(project, server, monkeypatch):
    pages = {
        "application/json": b'{"files": [{"filename": "a-1.whl", "url": "f/a"}]}',
        "text/html": b'<a href="../f/a-1.whl#sha256=12">a</a>',
    }
    for kind, page in pages.items():
        answer = Page(page)
        answer.headers = {"Content-Type": kind}
        monkeypatch.setattr(sources, "open_url", lambda *_, answer=answer, **__: answer)
        monkeypatch.setenv("PIP_INDEX_URL", "http://index/simple")
        sources._index.cache_clear()
        found = sources._on_index("a", "a-1.whl")
        assert found in ("http://index/simple/a/f/a", "http://index/simple/f/a-1.whl")
    sources._index.cache_clear()


def test_data_that_is_nowhere_gives_one_sentence(project, server, monkeypatch):
    (project / "o/r/c/text.txt").unlink()
    monkeypatch.setattr(sources, "REPOSITORIES", server.address + "/")
    server.behave = lambda count: "missing"
    with pytest.raises(DataError, match=r"'plain' is not to be had: .*text.txt.*fetch plain"):
        sources.path("plain")
    with pytest.raises(DataError, match="no data 'plane'; there are: plain, packed"):
        sources.path("plane")


def test_a_package_with_another_member_is_refused(project):
    zipped(project / "packages" / "thing-1-py3-none-any.whl", {"thing/a": b"XX"})
    with pytest.raises(DataError, match="sha256 differs"):
        sources.path("packed")


def test_verify_finds_a_damaged_file(project, capsys):
    sources.path("plain").write_bytes(b"damaged")
    assert len(sources.verify()) == 1
    assert command.main(["verify"]) == 1
    assert "plain.txt is damaged; delete it" in capsys.readouterr().out


def test_the_command_lists_fetches_and_says_what_is_wrong(project, capsys):
    assert command.main(["list"]) == 0
    assert "[ ] plain" in capsys.readouterr().out
    assert command.main(["fetch", "--core"]) == 0
    assert command.main(["list"]) == 0
    assert "[x] packed" in capsys.readouterr().out
    assert command.main(["fetch"]) == 2
    assert command.main(["fetch", "nothing"]) == 1
    assert "there is no data 'nothing'" in capsys.readouterr().err
    assert command.main(["verify"]) == 0


def test_an_interrupt_says_how_to_go_on(project, monkeypatch, capsys):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "fetch", stopped)
    assert command.main(["fetch", "plain"]) == 130
    assert "goes on where this one ended" in capsys.readouterr().err


def test_two_processes_fetch_at_once(tmp_path):
    entry = sources.source("brown")
    archive = tmp_path / "mirror" / entry.mirrored()
    archive.parent.mkdir(parents=True)
    archive.write_bytes(CONTENT)
    program = (
        "import dataclasses, sys; from imi.data import sources\n"
        "entry = dataclasses.replace(sources.source('brown'), "
        f"sha256={DIGEST!r}, bytes={len(CONTENT)})\n"
        "sources.sources = lambda: {'brown': entry}\n"
        "sources.fetch(['brown'], progress=False)"
    )
    environment = {**os.environ, "IMI_DATA": str(tmp_path / "cache"),
                   "IMI_MIRROR": str(tmp_path / "mirror")}  # fmt: skip
    running = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in running:
        assert process.communicate(timeout=60)[1] == b""
    assert (tmp_path / "cache" / "brown.zip").read_bytes() == CONTENT


def test_every_entry_of_the_manifest_says_whose_it_is():
    entries = sources.sources()
    assert {"wikipedia-leads", "tatoeba", "brown"} <= set(entries)
    for entry in entries.values():
        assert entry.licence and entry.citation and len(entry.sha256) == 64 and entry.bytes > 0
        assert entry.tier in ("package", "url")
        if entry.tier == "package":
            assert entry.members and len(entry.download_sha256) == 64 and entry.download_bytes > 0
        assert not set(entry.file) & set("/\\:")
    assert len({entry.file for entry in entries.values()}) == len(entries)
    assert entries["brown"].mirrored().startswith("nltk/nltk_data/")
