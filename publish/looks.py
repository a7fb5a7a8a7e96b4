"""Templates and style sheets: how pages and slides look."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pygments.formatters import HtmlFormatter

FOLDER = Path(__file__).parent / "templates"
LIGHT, DARK = "tango", "github-dark"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def fill(template: str, **values: Any) -> str:
    """Returns a template with its values filled in; text is escaped."""
    return _templates().get_template(template).render(**values)


def text(name: str) -> str:
    """Returns a file that is used as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")


def styles(*names: str, dark: bool = False) -> str:
    """Returns style sheets after the colours of code, for dark screens as well if so asked."""
    sheets = [HtmlFormatter(style=LIGHT).get_style_defs(".highlight")]
    if dark:
        colours = HtmlFormatter(style=DARK).get_style_defs(".highlight")
        sheets.append(f"@media screen and (prefers-color-scheme: dark) {{\n{colours}\n}}")
    return "\n".join((*sheets, *(text(f"{name}.css") for name in names)))
