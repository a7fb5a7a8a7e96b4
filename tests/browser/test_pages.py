"""A real browser opens pages and slides as files, with no network at all."""

from __future__ import annotations

import json
import os
import struct
import sys
from pathlib import Path

import pytest

from imi.data import sources
from publish import decks, site, stills
from publish.lectures import read

sys.path.insert(0, str(Path(__file__).parent))
import lab

ROOT = Path(__file__).parents[2]
NAMES = ("03_rnn_generation_2011", "06_char_rnn_2015")
SLACK = float(os.environ.get("IMI_SLACK", "2.5"))
PLAIN = {"image/svg+xml", "image/png", "image/jpeg"}

pytestmark = [
    pytest.mark.skipif(not lab.CHROMIUM, reason="there is no Chromium; set CHROMIUM"),
    pytest.mark.skipif(
        not (sources.available("mathjax") and sources.available("reveal")),
        reason="run `python -m imi.data fetch mathjax reveal`",
    ),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Builds the pages of two lectures and the slides of the first."""
    out = tmp_path_factory.mktemp("pages")
    paths = [ROOT / "notebooks" / f"{name}.ipynb" for name in NAMES]
    site.build([read(path, ROOT) for path in paths], out / "site", ROOT)
    decks.build([read(paths[0], ROOT)], out / "slides", ROOT)
    return out


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is missing")
    with playwright.sync_playwright() as tools:
        running = tools.chromium.launch(
            executable_path=lab.CHROMIUM, args=lab.FLAGS, timeout=30_000 * SLACK
        )
        yield running
        running.close()


@pytest.fixture
def page(chromium):
    """A page that is offline; the test fails if it asks for anything but files, or if it errs."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    context.set_default_timeout(30_000 * SLACK)
    opened, problems, asked = context.new_page(), [], []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("requestfailed", lambda request: problems.append(request.url[:200]))
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    assert problems == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def figures(name: str, skipped: bool) -> int:
    """Counts the figures that a notebook stores, with or without its skipped cells."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return sum(
        "text/html" not in output.get("data", {}) and not PLAIN.isdisjoint(output.get("data", {}))
        for cell in notebook["cells"]
        if skipped or cell["metadata"]["slideshow"]["slide_type"] != "skip"
        for output in cell.get("outputs", [])
    )


def shoot(page, name: str) -> None:
    """Keeps a screenshot where IMI_SCREENSHOTS names a folder."""
    if os.environ.get("IMI_SCREENSHOTS"):
        page.screenshot(path=f"{os.environ['IMI_SCREENSHOTS']}/{name}.png")


def test_a_lecture_shows_all_its_figures_and_formulas_in_light_and_dark(page, folder):
    page.goto((folder / "site" / f"{NAMES[0]}.html").as_uri())
    page.locator("mjx-container svg").first.wait_for()
    assert page.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    images = page.locator("main .output img")
    assert images.count() == figures(NAMES[0], skipped=True) > 0
    for number in range(images.count()):
        images.nth(number).scroll_into_view_if_needed()
        page.wait_for_function(
            "image => image.complete && image.naturalWidth > 1",
            arg=images.nth(number).element_handle(),
        )
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        shoot(page, f"lecture-{scheme}")
    assert colours[0] == "rgb(255, 255, 255)" != colours[1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_search_leads_to_the_section_that_holds_the_word(page, folder):
    page.goto((folder / "site" / "index.html").as_uri())
    assert page.locator(".lectures li").count() == len(NAMES)
    shoot(page, "index")
    page.locator("#search").fill("zzyzx")
    page.get_by_text("nothing found").wait_for()
    page.locator("#search").fill("gradient")
    hits = page.locator("#found a")
    hits.first.wait_for()
    assert all("gradient" in text.lower() for text in hits.all_inner_texts())
    shoot(page, "search")
    wanted = hits.first.locator("b").inner_text()
    hits.first.click()
    page.wait_for_url("**/0*.html#*")
    heading = page.locator("h2", has_text=wanted).first
    heading.wait_for()
    page.wait_for_function(
        "h => { const top = h.getBoundingClientRect().top; return top >= 0 && top < innerHeight; }",
        arg=heading.element_handle(),
    )


# Of the slide on show: whether it is wider than the screen, and how much of it lies below.
OVER = """() => {
  const slide = Reveal.getCurrentSlide();
  return [slide.scrollWidth > slide.clientWidth + 1, slide.scrollHeight - slide.clientHeight];
}"""


def test_a_deck_goes_on_from_slide_to_slide(page, folder):
    page.goto((folder / "slides" / f"{NAMES[0]}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert page.locator(".slides .output img").count() == figures(NAMES[0], skipped=False)
    page.wait_for_function("document.querySelectorAll('.slides mjx-container svg').length > 0")
    title = page.locator("section.present section.present h1")
    assert title.is_visible() and title.inner_text().startswith(NAMES[0][:2])
    shoot(page, "slide-1")
    total = page.evaluate("Reveal.getTotalSlides()")
    seen = set()
    for number in range(2, total + 1):
        page.keyboard.press("Space")
        seen.add(page.evaluate("JSON.stringify(Reveal.getIndices())"))
        assert page.locator("section.present:not(.stack)").is_visible()
        wide, below = page.evaluate(OVER)
        assert not wide and below < 360, page.url
        if number % 6 == 2:
            shoot(page, f"slide-{number}")
    assert len(seen) == total - 1
    assert not title.is_visible()


def test_the_still_picture_of_widgets_is_twice_as_fine_as_its_page(tmp_path, chromium):
    target = tmp_path / "still.png"
    stills.photograph("<body style='margin: 0'><p style='height: 700px'>x", target, chromium)
    width, height = struct.unpack(">II", target.read_bytes()[16:24])
    assert width == 2 * stills.WIDTH and height >= 1400
