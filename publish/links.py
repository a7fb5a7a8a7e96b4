"""Links between lectures, made to lead from page to page; one that leads nowhere is an error."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from bs4 import Tag

from publish.lectures import Lecture, LectureError, picture

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib


class DeadLinkError(LectureError):
    """Links lead nowhere; the message has one sentence for each."""


def repository(root: Path) -> str:
    """Returns the address at which the project's files can be read."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['urls']['Repository']}/blob/main"


def rewrite(lectures: Sequence[Lecture], root: Path) -> None:
    """Makes all links and images of the lectures work on their pages.

    A link to a lecture leads to its page, one to another file of the project to where it can be
    read; an image of the project is put into the page, and one from elsewhere becomes its
    description, since a page loads nothing from a network.

    Raises:
        DeadLinkError: if a lecture, an anchor, a file or an image is not there.
    """
    pages = {lecture.path: lecture for lecture in lectures}
    anchors = {
        lecture.path: {element["id"] for element in lecture.body.find_all(id=True)}
        for lecture in lectures
    }
    address, dead = repository(root), []
    for lecture in lectures:
        for image in lecture.body.select("img[src]"):
            if not _embed(image, lecture):
                dead.append(_sentence(lecture, "shows", image["src"]))
        for link in lecture.body.select("a[href]"):
            target = link["href"]
            if not urlsplit(target).scheme:
                link["href"] = _address(target, lecture, pages, anchors, root, address)
            if not link["href"]:
                dead.append(_sentence(lecture, "links to", target))
    if dead:
        raise DeadLinkError("\n".join(dead))


def _sentence(lecture: Lecture, does: str, target: str) -> str:
    where = "/".join((*lecture.page.parts[:-1], lecture.path.name))
    return f"{where} {does} {unquote(target)}, which is not there"


def _embed(image: Tag, lecture: Lecture) -> bool:
    """Puts an image into the page; returns whether there is one."""
    source = urlsplit(image["src"])
    if source.scheme == "data":
        return True
    if source.scheme or source.netloc:
        if image.parent.name == "a":
            image.parent["class"] = "button"  # a badge: the picture of a button
        image.replace_with(image.get("alt") or image["src"])
        return True
    file = lecture.path.parent / unquote(source.path)
    if not file.is_file():
        return False
    image["src"] = picture(mimetypes.guess_type(file.name)[0] or "image/png", file.read_bytes())
    return True


def _address(
    target: str,
    lecture: Lecture,
    pages: dict[Path, Lecture],
    anchors: dict[Path, set[str]],
    root: Path,
    address: str,
) -> str:
    """Returns where a link of a notebook leads on its page, or nothing if that is nowhere."""
    parts = urlsplit(target)
    file = Path(os.path.normpath(lecture.path.parent / unquote(parts.path)))
    if not parts.path:
        file = lecture.path
    anchor = unquote(parts.fragment)
    if file in pages:
        if anchor and anchor not in anchors[file]:
            return ""
        page = pages[file].page if file != lecture.path else None
        way = f"{lecture.up}{quote(page.as_posix())}" if page else ""
        return f"{way}#{quote(anchor)}" if anchor else way or quote(lecture.page.name)
    if not file.exists() or not file.is_relative_to(root.resolve()):
        return ""
    inside = PurePosixPath(file.relative_to(root.resolve()).as_posix())
    return f"{address}/{quote(inside.as_posix())}" + (f"#{quote(anchor)}" if anchor else "")
