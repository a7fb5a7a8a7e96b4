"""An executed notebook as HTML, cell by cell."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import nbformat
from bs4 import BeautifulSoup, NavigableString, Tag
from nbconvert import HTMLExporter

HEADINGS = ("h1", "h2", "h3", "h4")
BLOCKS = {*HEADINGS, "p", "li", "td", "th", "pre", "div", "br"}  # begin apart from what is before
EXPLORERS = re.compile(r"^explore\(", re.MULTILINE)


class LectureError(ValueError):
    """A lecture cannot be shown; the message says which one and why."""


@dataclass
class Lecture:
    """One lecture as it is shown.

    Attributes:
        page: where its page lies below the folder of all pages.
        promise: the line below the title, which says what a reader will see.
        body: the HTML of all cells.
        cells: the element of each cell in `body`, with its type of slide.
    """

    path: Path
    page: PurePosixPath
    language: str
    title: str
    promise: str
    body: BeautifulSoup
    cells: list[tuple[str, Tag]]

    @property
    def up(self) -> str:
        """The way from its page to the folder of all pages."""
        return "../" * (len(self.page.parts) - 1)

    def sections(self) -> Iterator[tuple[Tag | None, list[Tag]]]:
        """Yields each heading `##` with the cells from it to the next one."""
        heading, cells = None, []
        for _, cell in self.cells:
            found = cell.h2
            if found is not None and cells:
                yield heading, cells
                heading, cells = None, []
            heading = heading or found
            cells.append(cell)
        yield heading, cells


def find(folder: Path) -> list[Path]:
    """Returns the lectures below `folder`, in their order, the English ones first."""
    found = (*folder.glob("[0-9][0-9]_*.ipynb"), *folder.glob("??/[0-9][0-9]_*.ipynb"))
    return sorted(found, key=lambda path: (path.parent, path.name))


def read(path: Path, root: Path) -> Lecture:
    """Converts a notebook that has been executed; `root` is the folder of the project.

    Raises:
        LectureError: if it is no notebook, or was not executed, or has no title.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise LectureError(f"{path.name} cannot be read as a notebook: {error}") from error
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if any(cell.execution_count is None for cell in code):
        raise LectureError(f"{path.name} has cells that were not run; run `make notebooks`")
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type != "raw"]
    body = _converted(notebook)
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type", "-") for cell in notebook.cells]
    elements = body.find_all("div", class_="cell", recursive=False)
    if body.h1 is None:
        raise LectureError(f"{path.name} has no title: its first cell must begin with `# `")
    inside = path.resolve().parent.relative_to((root / "notebooks").resolve())
    lecture = Lecture(
        path=path.resolve(),
        page=PurePosixPath(inside.as_posix(), f"{path.stem}.html"),
        language=inside.name or "en",
        title=words(body.h1),
        promise=words(body.em) if body.em is not None else "",
        body=body,
        cells=list(zip(kinds, elements, strict=True)),
    )
    for cell, (_, element) in zip(notebook.cells, lecture.cells, strict=True):
        if cell.cell_type == "code" and EXPLORERS.search(cell.source):
            element["class"].append("explorer")
    _describe_figures(lecture)
    return lecture


def words(element: Tag) -> str:
    """Returns what an element says, in one line, without the marks of its links."""
    pieces = []
    for part in element.descendants:
        if type(part) is NavigableString:  # a comment is another type
            pieces.append(part)
        elif part.name in BLOCKS:
            pieces.append(" ")
    return " ".join("".join(pieces).replace("¶", "").split())


def picture(kind: str, content: bytes) -> str:
    """Returns an image as an address that holds it; `kind` is such as `image/png`."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _converted(notebook) -> BeautifulSoup:
    exporter = HTMLExporter(
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True
    )
    exporter.log.setLevel("ERROR")  # it warns of images without a description, which get one here
    body = BeautifulSoup(exporter.from_notebook_node(notebook)[0], "html.parser")
    taken: set[str] = set()
    for heading in body.find_all(HEADINGS):
        if not heading.get("id"):
            continue
        # nbconvert escapes an id as if it were an address; a browser looks for the plain one.
        name = plain = unquote(heading["id"])
        number = 1
        while name in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name)
        heading["id"] = name
        for mark in heading.find_all("a", class_="anchor-link"):
            mark["href"] = f"#{name}"
    return body


def _describe_figures(lecture: Lecture) -> None:
    """Says in which section a figure stands, for those who cannot see it."""
    for heading, cells in lecture.sections():
        name = words(heading) if heading is not None else lecture.title
        for cell in cells:
            for image in cell.select(".output img"):
                image["alt"] = name
