"""The picture of three widgets is made of what the notebooks store."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from publish import stills
from publish.lectures import LectureError, picture

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="5"><path d="M0 0h9"/></svg>'


def lecture(folder, name, draw, data):
    outputs = [new_output("stream", text="said"), new_output("display_data", data=data)]
    code = f"def {draw}():\n    pass\n\n\nexplore(\n    {draw},\n    x=1,\n)"
    title = new_markdown_cell(f"# 07 · {name}: a lecture (2015)\n\n*A promise.*")
    other = new_code_cell(f"explore({draw}_2)", outputs=[outputs[0]])
    path = folder / f"{name}.ipynb"
    cells = [title, other, new_code_cell(code, outputs=outputs)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_widget_is_found_by_what_it_draws_with(tmp_path):
    path = lecture(tmp_path, "Attention", "look", {"image/png": "AAEC", "text/plain": "x"})
    assert stills.stored(path, "look") == (
        "07 · Attention", picture("image/png", b"\x00\x01\x02")
    )  # fmt: skip
    with pytest.raises(LectureError, match=r"Attention.ipynb stores no picture of explore\(gaze"):
        stills.stored(path, "gaze")


def test_a_vector_picture_is_taken_before_a_png(tmp_path):
    path = lecture(tmp_path, "A", "look", {"image/png": "AAEC", "image/svg+xml": DRAWING})
    assert stills.stored(path, "look")[1] == picture("image/svg+xml", DRAWING.encode())


def test_the_page_shows_three_widgets_of_the_lectures():
    html = stills.page(stills.ROOT / "notebooks")
    assert html.count('<img src="data:image/') == len(stills.WIDGETS) == 3
    assert f"width: {stills.WIDTH}px" in html and "07 · Attention" in html
