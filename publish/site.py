"""The site: a page a lecture, a list of all, and a search that needs no server."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bs4 import Tag

from publish import decks, links, looks
from publish.lectures import Lecture, words

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

FORMS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/svg+xml": "svg"}
MAP = "docs/word-map.png"


def build(lectures: Sequence[Lecture], folder: Path, root: Path) -> list[Path]:
    """Writes the site into `folder`; returns the paths of its pages, the first list first.

    Raises:
        DeadLinkError: if a link or an image leads nowhere.
        DataError: if MathJax is not to be had.
    """
    links.rewrite(lectures, root)
    _write(folder / "assets" / "style.css", looks.styles("cells", "site", dark=True))
    _write(folder / "assets" / "site.js", looks.text("site.js"))
    _write(folder / "assets" / "mathjax.js", decks.mathjax())
    (folder / "assets" / "word-map.png").write_bytes((root / MAP).read_bytes())
    written = []
    for language in dict.fromkeys(lecture.language for lecture in lectures):
        chosen = [lecture for lecture in lectures if lecture.language == language]
        sections = [record for lecture in chosen for record in searched(lecture)]
        place = folder / chosen[0].page.parent
        found = json.dumps(sections, ensure_ascii=False)
        _write(place / "search-index.js", f"window.sections = {found};\n")
        shared = {
            "said": tomllib.loads(looks.text("words.toml"))[language],
            "language": language,
            "up": chosen[0].up,
            "home": links.repository(root),
        }
        others = _others(language, lectures)
        page = looks.fill("index.html", lectures=chosen, others=others, **shared)
        written.append(_write(place / "index.html", page))
        written += _pages(chosen, lectures, folder, shared)
    return written


def _pages(
    chosen: Sequence[Lecture], lectures: Sequence[Lecture], folder: Path, shared: dict[str, Any]
) -> Iterator[Path]:
    """Writes the pages of one language."""
    for number, lecture in enumerate(chosen):
        _store_images(lecture, folder)
        _remark(lecture, shared["said"])
        headings = [heading for heading, _ in lecture.sections() if heading is not None]
        page = looks.fill(
            "lecture.html",
            lecture=lecture,
            contents=[(heading["id"], words(heading)) for heading in headings],
            before=chosen[number - 1] if number else None,
            after=chosen[number + 1] if number + 1 < len(chosen) else None,
            others=[
                (other.language, f"{lecture.up}{other.page}")
                for other in lectures
                if other.page.name == lecture.page.name and other is not lecture
            ],
            **shared,
        )
        yield _write(folder / lecture.page, page)


def _remark(lecture: Lecture, said: dict[str, str]) -> None:
    """Says below each still that it is one, and folds what only sets up the kernel."""
    for explorer in lecture.body.select(".explorer .output"):
        note = lecture.body.new_tag("p", attrs={"class": "still"})
        note.string = said["still"]
        explorer.append(note)
    for kind, cell in lecture.cells:
        if kind == "skip" and cell.select_one(".output") is None:
            fold = cell.wrap(lecture.body.new_tag("details", attrs={"class": "setup"}))
            summary = lecture.body.new_tag("summary")
            summary.string = said["setup"]
            fold.insert(0, summary)


def searched(lecture: Lecture) -> list[dict[str, str]]:
    """Returns what a search looks through: one record a section, all its prose, code and output."""
    return [
        {
            "page": lecture.page.name,
            "lecture": lecture.title,
            "anchor": heading["id"] if heading is not None else "",
            "heading": words(heading) if heading is not None else lecture.title,
            "text": " ".join(map(words, cells)),
        }
        for heading, cells in lecture.sections()
    ]


def _others(language: str, lectures: Sequence[Lecture]) -> list[tuple[str, str]]:
    """Returns the other languages and the way to their lists."""
    firsts = {lecture.language: lecture for lecture in reversed(lectures)}
    up = firsts[language].up
    return [
        (other, f"{up}{(first.page.parent / 'index.html').as_posix()}")
        for other, first in firsts.items()
        if other != language
    ]


def _store_images(lecture: Lecture, folder: Path) -> None:
    """Moves the images of a lecture out of its page, so that a browser fetches what it shows."""
    place = folder / "images" / lecture.page.with_suffix("")
    place.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(lecture.body.select("img[src]"), start=1):
        kind, content = _content(image)
        name = f"{number:02}.{FORMS[kind]}"
        (place / name).write_bytes(content)
        image["src"] = f"{lecture.up}images/{lecture.page.with_suffix('')}/{name}"
        image["loading"] = "lazy"
        if kind == "image/png":  # known sizes keep the page from jumping while images arrive
            width, height = struct.unpack(">II", content[16:24])
            if not image.get("width"):
                image["width"], image["height"] = str(width), str(height)


def _content(image: Tag) -> tuple[str, bytes]:
    head, _, content = image["src"].removeprefix("data:").partition(",")
    return head.removesuffix(";base64"), base64.b64decode(content)


def _write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path
