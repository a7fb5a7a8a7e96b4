"""Tables in Markdown, and documents that hold what a command printed."""

from __future__ import annotations

import pytest

from imi import markdown


def test_a_table_has_a_line_for_each_row_and_no_bar_inside_a_cell():
    assert markdown.table(("a", "b"), [("1", "2|3")]) == "| a | b |\n| --- | --- |\n| 1 | 2/3 |"


def test_only_what_stands_between_the_marks_changes(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- x -->\nold\n<!-- /x -->\nafter <!-- y -->7<!-- /y -->\n")
    markdown.put_between(path, "x", "new")
    markdown.put_between(path, "x", "newer")
    assert path.read_text() == (
        "before\n<!-- x -->\nnewer\n<!-- /x -->\nafter <!-- y -->7<!-- /y -->\n"
    )
    assert markdown.between(path, "x") == "newer" and markdown.between(path, "y") == "7"


@pytest.mark.parametrize("text", ["nothing", "<!-- x --> half"])
def test_a_document_without_the_marks_is_named(tmp_path, text):
    path = tmp_path / "page.md"
    path.write_text(text)
    with pytest.raises(ValueError, match="page.md has no place between <!-- x --> and <!-- /x"):
        markdown.put_between(path, "x", "new")
    assert path.read_text() == text
