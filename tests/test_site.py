"""Pages and slides of lectures: whole, linked, searchable, and loading nothing from a network."""

from __future__ import annotations

import base64
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from publish import __main__ as command
from publish import decks, links, looks, site
from publish.lectures import LectureError, find, read

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="5"><path d="M0 0h9"/></svg>'
HOME = "https://github.com/imi-course/imi/blob/main"
FIRST = """# 01 · Bags & boxes

*In one lecture you will see {thing}.*

[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/o/r?labpath=a)
"""


def shown(data: dict, source: str, **metadata) -> nbformat.NotebookNode:
    """Returns a code cell that was run and shows `data`."""
    output = new_output("display_data", data={"text/plain": "a figure", **data})
    return new_code_cell(source, execution_count=1, outputs=[output], metadata=metadata)


def slide(kind: str) -> dict:
    return {"slideshow": {"slide_type": kind}}


def cells(extra: str = "") -> list:
    pixel = base64.b64encode(PIXEL).decode()
    return [
        new_markdown_cell(FIRST.format(thing="a < b"), metadata=slide("slide")),
        new_code_cell("import hidden", execution_count=1, metadata=slide("skip")),
        new_markdown_cell("## Why?\n\nThe norm $|x|_2$ is small.", metadata=slide("slide")),
        new_markdown_cell("Tell the story of the zebra.", metadata=slide("notes")),
        shown({"image/png": pixel}, "explore(draw)", **slide("subslide")),
        shown({"image/svg+xml": DRAWING}, "draw()", **slide("fragment")),
        new_markdown_cell(f"## Why?\n\nThe [map](../docs/map.png). {extra}", metadata=slide("-")),
        shown({"text/html": "<table><tr><td>quagga</td><td>gnu</td></tr></table>"}, "table()"),
    ]


def set_up(root: Path, monkeypatch) -> Path:
    """Makes a project of two English lectures and a Japanese one."""
    monkeypatch.setattr(decks, "mathjax", lambda: "/* sets formulas */")
    monkeypatch.setattr(
        decks, "reveal", lambda: dict.fromkeys(("reveal_js", "reveal_css", "notes_js"), "")
    )
    (root / "pyproject.toml").write_text(
        f'[project]\nurls = {{ Repository = "{HOME.removesuffix("/blob/main")}" }}\n'
    )
    for name in ("docs/word-map.png", "docs/map.png"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(PIXEL)
    write(root, "01_a.ipynb", cells("Then [boxes](02_b.ipynb#Why?-2) and [up](#Why?)."))
    write(root, "02_b.ipynb", cells("Back to [bags](01_a.ipynb). ![](../docs/map.png)"))
    write(root, "ja/01_a.ipynb", cells()[:3])
    return root


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose lectures a test may change."""
    return set_up(tmp_path, monkeypatch)


@pytest.fixture(scope="module", params=["site", "slides"])
def built(request, tmp_path_factory):
    """The kind of pages, the folder they are in, and each page by its name."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        root = set_up(tmp_path_factory.mktemp("project"), monkeypatch)
        command.BUILDERS[request.param](lectures(root), root / "out", root)
    return request.param, root / "out", parsed(root / "out")


@pytest.fixture
def pages(built):
    """The pages of the site by their names."""
    return built[2]


only_the_site = pytest.mark.parametrize("built", ["site"], indirect=True)


def write(project: Path, name: str, content: list) -> Path:
    path = project / "notebooks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=content), path)
    return path


def lectures(project: Path) -> list:
    return [read(path, project) for path in find(project / "notebooks")]


def parsed(folder: Path) -> dict[str, BeautifulSoup]:
    """Returns each page in a folder by its name."""
    return {
        path.relative_to(folder).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in folder.rglob("*.html")
    }


@only_the_site
def test_every_link_of_every_page_leads_to_a_file_and_an_element(pages):
    assert set(pages) == {"index.html", "01_a.html", "02_b.html", "ja/index.html", "ja/01_a.html"}
    followed = 0
    for name, page in pages.items():
        for link in page.select("a[href]"):
            if "://" in link["href"]:
                continue
            file, _, anchor = link["href"].partition("#")
            way = posixpath.join(posixpath.dirname(name), unquote(file)) if file else name
            target = posixpath.normpath(way)
            assert target in pages, f"{name}: {link['href']}"
            assert not anchor or pages[target].find(id=unquote(anchor)), link["href"]
            followed += 1
    assert followed > 25


@only_the_site
def test_links_between_notebooks_lead_from_page_to_page(pages):
    page = pages["01_a.html"]
    assert page.find("a", string="boxes")["href"] == "02_b.html#Why%3F-2"
    assert page.find("a", string="up")["href"] == "#Why%3F"
    assert page.find("a", string="map")["href"] == f"{HOME}/docs/map.png"
    assert page.find("a", string="Binder")["href"] == "https://mybinder.org/v2/gh/o/r?labpath=a"
    assert page.find("a", rel="next")["href"] == "02_b.html" and not page.find("a", rel="prev")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[x](03_c.ipynb)", "01_a.ipynb links to 03_c.ipynb"),
        ("[x](02_b.ipynb#How)", "01_a.ipynb links to 02_b.ipynb#How"),
        ("[x](#Where)", "01_a.ipynb links to #Where"),
        ("[x](../docs/gone.md)", "01_a.ipynb links to ../docs/gone.md"),
        ("[x](../../etc)", "01_a.ipynb links to ../../etc"),
        ("![x](../docs/gone.png)", "01_a.ipynb shows ../docs/gone.png"),
    ],
)
def test_a_link_that_leads_nowhere_is_named_in_one_sentence(project, written, said):
    (project.parent / "etc").mkdir(exist_ok=True)
    write(project, "01_a.ipynb", cells(written))
    with pytest.raises(links.DeadLinkError) as error:
        site.build(lectures(project), project / "out", project)
    assert str(error.value) == f"{said}, which is not there"
    assert not (project / "out").exists()


def test_no_page_loads_anything_from_a_network(built):
    kind, folder, pages = built
    for name, page in pages.items():
        for element in page.select("script[src], link[href], img[src], iframe, object, video"):
            address = element.get("src") or element.get("href", "")
            if kind == "slides":  # a deck is one file
                assert address.startswith("data:"), f"{name}: {address}"
            else:
                assert not re.match(r"\w+:|//", address), f"{name}: {address}"
                assert ((folder / name).parent / address).is_file(), f"{name}: {address}"
    for sheet in looks.FOLDER.glob("*.css"):
        assert not re.search(r"@import|url\(", sheet.read_text(encoding="utf-8")), sheet.name


def test_every_figure_is_on_the_page_and_is_described(built):
    pages = built[2]
    for name, figures in (("01_a.html", 2), ("02_b.html", 3), ("ja/01_a.html", 0)):
        found = pages[name].select(".cell img")
        assert len(found) == figures
        assert all(image["alt"] == "Why?" for image in found if image.find_parent(class_="output"))
    assert pages["01_a.html"].find("td", string="quagga")


@only_the_site
def test_stored_figures_are_those_of_the_notebook(built):
    _, folder, pages = built
    page = pages["01_a.html"]
    first, second = ((folder / image["src"]).read_bytes()
                     for image in page.select(".output img"))  # fmt: skip
    assert first == PIXEL and b"<path" in second
    assert (page.img["width"], page.img["height"]) == ("1", "1")


@only_the_site
def test_a_still_says_that_it_is_one_and_set_up_is_folded(pages):
    page = pages["01_a.html"]
    notes = page.select(".still")
    assert len(notes) == 1 and "explore(draw)" in notes[0].find_parent(class_="cell").get_text()
    assert [fold.pre.get_text().strip() for fold in page.select(".setup")] == ["import hidden"]


@only_the_site
@pytest.mark.parametrize(
    ("word", "anchors"), [("norm", ["Why?"]), ("table()", ["Why?-2"]), ("quagga gnu", ["Why?-2"]),
                          ("Bags & boxes", [""]), ("zzyzx", [])],
)  # fmt: skip
def test_the_search_index_finds_words_of_prose_code_and_output(built, word, anchors):
    _, folder, pages = built
    page = pages["01_a.html"]
    text = (folder / "search-index.js").read_text(encoding="utf-8")
    records = json.loads(re.fullmatch(r"window\.sections = (.*);\n", text)[1])
    assert {record["page"] for record in records} == {"01_a.html", "02_b.html"}
    found = [r["anchor"] for r in records if word in r["text"] and r["page"] == "01_a.html"]
    assert found == anchors
    assert all(page.find(id=anchor) for anchor in found if anchor)


@only_the_site
def test_the_list_shows_title_and_promise_as_they_were_written(pages):
    entry = pages["index.html"].select(".lectures li")[0]
    assert entry.a.get_text() == "01 · Bags & boxes"
    assert "In one lecture you will see a < b." in entry.get_text()


@only_the_site
def test_two_languages_lead_to_each_other(pages):
    for name, other, address in (
        ("index.html", "ja", "ja/index.html"), ("ja/index.html", "en", "../index.html"),
        ("01_a.html", "ja", "ja/01_a.html"), ("ja/01_a.html", "en", "../01_a.html"),
    ):  # fmt: skip
        assert pages[name].find("a", hreflang=other)["href"] == address
        assert pages[name].html["lang"] != other
    assert not pages["02_b.html"].find("a", hreflang=True)


def test_slides_stand_as_the_cells_say(project):
    lecture = read(project / "notebooks" / "02_b.ipynb", project)
    columns = decks.slides(lecture)
    assert [len(column) for column in columns] == [1, 2]
    everything = "".join(part for column in columns for slide in column for part in slide)
    assert "hidden" not in everything
    notes, prose = columns[1][0]
    assert notes.startswith('<aside class="notes">') and "zebra" in notes and "zebra" not in prose
    figure, fragment = columns[1][1]
    assert "explore" in figure and fragment.startswith('<div class="fragment">')
    assert "quagga" in fragment and fragment.count("<div") == fragment.count("</div>")


def test_a_program_inside_a_deck_holds_nothing_that_ends_it_early(project, monkeypatch):
    monkeypatch.setattr(decks, "mathjax", lambda: 'a = "<!-- <script> </SCRIPT>", a <b')
    decks.build(lectures(project)[1:2], project, project)
    deck = (project / "02_b.html").read_text(encoding="utf-8")
    assert r'<script>a = "\x3C!-- \x3Cscript> \x3C/SCRIPT>", a <b</script>' in deck


def test_a_lecture_that_was_not_run_or_has_no_title_is_refused(project):
    path = write(project, "03_c.ipynb", [*cells(), new_code_cell("1 + 1")])
    with pytest.raises(LectureError, match=r"03_c.ipynb has cells that were not run"):
        read(path, project)
    write(project, "03_c.ipynb", cells()[1:])
    with pytest.raises(LectureError, match="03_c.ipynb has no title"):
        read(path, project)
    path.write_text("{")
    with pytest.raises(LectureError, match="03_c.ipynb cannot be read"):
        read(path, project)


def test_the_command_says_what_is_wrong_and_fails(project, monkeypatch, capsys):
    monkeypatch.setattr(command, "ROOT", project)
    assert command.main(["site"]) == 0
    assert "5 pages" in capsys.readouterr().out
    assert (project / "build" / "site" / "index.html").exists()
    write(project, "01_a.ipynb", cells("[x](#Where)"))
    assert command.main(["slides"]) == 1
    assert capsys.readouterr().err == "01_a.ipynb links to #Where, which is not there\n"
