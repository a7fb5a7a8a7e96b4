"""One deck of slides a lecture: a single file, which any browser shows without a network."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from imi.data import sources
from publish import links, looks
from publish.lectures import Lecture

# What would change how a browser reads on, if it stood in a script within a page.
MARKS = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)


def build(lectures: Sequence[Lecture], folder: Path, root: Path) -> list[Path]:
    """Writes a deck for each lecture below `folder`; returns their paths.

    Raises:
        DeadLinkError: if a link or an image leads nowhere.
        DataError: if MathJax or reveal.js is not to be had.
    """
    links.rewrite(lectures, root)
    programs = {name: inlined(text) for name, text in {"mathjax": mathjax(), **reveal()}.items()}
    programs["cut"] = looks.text("deck.js")
    styles = looks.styles("cells", "deck")
    written = []
    for lecture in lectures:
        for mark in lecture.body.select("a.anchor-link, a.button"):
            mark.decompose()  # nobody clicks them in a lecture hall
        target = folder / lecture.page
        target.parent.mkdir(parents=True, exist_ok=True)
        deck = looks.fill(
            "deck.html", lecture=lecture, slides=slides(lecture), styles=styles, **programs
        )
        target.write_text(deck, encoding="utf-8")
        written.append(target)
    return written


def slides(lecture: Lecture) -> list[list[list[str]]]:
    """Returns the slides from left to right, each from top to bottom, each as parts of HTML.

    A cell of type `skip` is left out; `notes` are seen by the speaker alone; `-` goes on with
    what stands before it, and so belongs to the `fragment` that it follows.
    """
    columns: list[list[list[str]]] = []
    in_fragment = False
    for kind, cell in lecture.cells:
        if kind == "skip":
            continue
        if kind == "slide" or not columns:
            columns.append([[]])
        elif kind == "subslide":
            columns[-1].append([])
        slide, part = columns[-1][-1], str(cell)
        if kind == "notes":
            slide.insert(0, f'<aside class="notes">{part}</aside>')
            continue
        in_fragment = kind == "fragment" or (in_fragment and kind == "-" and bool(slide))
        if in_fragment and kind == "-":
            slide[-1] = slide[-1].removesuffix("</div>") + part + "</div>"
        else:
            slide.append(f'<div class="fragment">{part}</div>' if in_fragment else part)
    return columns


def inlined(program: str) -> str:
    """Returns a program that does the same and can stand between `<script>` and `</script>`."""
    return MARKS.sub(r"\\x3C", program)


def mathjax() -> str:
    """Returns the program that sets formulas.

    Raises:
        DataError: if it is neither in the cache nor to be had.
    """
    return sources.path("mathjax").read_text(encoding="utf-8")


def reveal() -> dict[str, str]:
    """Returns the files of reveal.js by their names, in which a dot is written `_`.

    Raises:
        DataError: if they are neither in the cache nor to be had.
    """
    with zipfile.ZipFile(sources.path("reveal")) as members:
        return {
            name.rpartition("/")[2].replace(".", "_"): members.read(name).decode("utf-8")
            for name in members.namelist()
        }
