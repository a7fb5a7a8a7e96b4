"""A still picture of three widgets: `python -m publish.stills` writes `docs/widgets.png`.

It shows what the notebooks store beside a widget for readers without a kernel. A browser draws it,
since some of these pictures are vectors; `CHROMIUM` says where one is, if not on the path.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from publish import looks
from publish.lectures import LectureError, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
WIDGETS = {  # a lecture, and the function that its widget draws with; the first is the widest
    "00_introduction": "find",
    "07_attention_2016": "look",
    "09_multilingual_2016": "interlingua_map",
}
WIDTH = 900


def stored(path: Path, draw: str) -> tuple[str, str]:
    """Returns how a lecture is called, and what `explore(draw, ...)` stored, as an image's address.

    Raises:
        LectureError: if there is no such widget, or it was not run.
    """
    notebook = nbformat.read(path, as_version=4)
    title = re.match(r"# ([^\n:]+)", notebook.cells[0].source)[1]
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(rf"\bexplore\(\s*{draw}\b", cell.source):
            for output in cell.outputs:
                data = output.get("data", {})
                if "image/svg+xml" in data:
                    return title, picture("image/svg+xml", data["image/svg+xml"].encode())
                if "image/png" in data:
                    return title, picture("image/png", base64.b64decode(data["image/png"]))
    raise LectureError(f"{path.name} stores no picture of explore({draw}, ...)")


def page(folder: Path) -> str:
    """Returns the three pictures as a page, each below the title of its lecture."""
    shown = [stored(folder / f"{name}.ipynb", draw) for name, draw in WIDGETS.items()]
    return looks.fill("stills.html", shown=shown, width=WIDTH)


def photograph(html: str, target: Path, browser: Browser) -> None:
    """Draws a page and keeps it as a PNG, twice as fine as it is shown."""
    view = browser.new_page(viewport={"width": WIDTH, "height": 600}, device_scale_factor=2)
    view.set_content(html)
    view.screenshot(path=target, full_page=True)
    view.close()


def main() -> None:
    """Writes the picture."""
    from playwright.sync_api import sync_playwright  # an extra, which the pages do without

    html = page(ROOT / "notebooks")
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        photograph(html, ROOT / "docs" / "widgets.png", browser)
        browser.close()


if __name__ == "__main__":
    try:
        main()
    except LectureError as error:
        sys.exit(str(error))
