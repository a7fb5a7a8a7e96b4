"""Tables in Markdown, and documents that hold what a command printed, between two marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Renders a table."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "/") for c in line) + " |" for line in lines)


def _parts(path: Path, mark: str) -> tuple[str, str, str]:
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, opened, rest = path.read_text(encoding="utf-8").partition(begin)
    content, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"{path.name} has no place between {begin} and {end}")
    return before + begin, content, end + after


def between(path: Path, mark: str) -> str:
    """Returns what a document holds between `<!-- mark -->` and `<!-- /mark -->`.

    Raises:
        ValueError: if it lacks one of the two.
    """
    return _parts(path, mark)[1].strip()


def put_between(path: Path, mark: str, content: str) -> None:
    """Puts `content` between the two marks, in place of what is there.

    Raises:
        ValueError: if the document lacks one of the two.
    """
    before, _, after = _parts(path, mark)
    path.write_text(f"{before}\n{content}\n{after}", encoding="utf-8")
