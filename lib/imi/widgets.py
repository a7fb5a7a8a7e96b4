"""Controls around a drawing, code on show, a curve that falls while a model learns.

Every display carries a picture that needs no kernel: where the widget cannot run, on a web page
or on paper, the first drawing stands in its place.
"""

from __future__ import annotations

import gc
import html
import inspect
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
from IPython.display import HTML, DisplayHandle, Image, display

from imi import plots
from imi.data.sources import DataError
from imi.training import Step

Drawing = Any  # a matplotlib Figure or a HoverMap, a text, both, or an iterator of these
_FRAMES_A_SECOND = 3
_PAPER = "background:#fff;color:#222;border-left:3px solid #0072B2;padding:4px 10px"
_CODE = "font-family:monospace;line-height:1.35;margin:4px 0"


class Explorer:
    """Controls and the drawing that follows them.

    Attributes:
        controls: the widgets by the name of the value that each gives.
        map: the plotly figure on show, where the drawing is a `HoverMap`.
        picture: the PNG on show, or the SVG of a `plots.Lettered`; the last good one stays when a
            value is refused.
        message: what the drawing says in words, or what was wrong with a value.
    """

    def __init__(
        self,
        draw: Callable[..., Drawing],
        controls: dict[str, ipywidgets.Widget],
        click: str | None = None,
        code: bool = False,
    ):
        self.draw, self.controls, self.click, self.code = draw, controls, click, code
        self.picture, self.map = b"", None
        self._heard: set[str] = set()  # traces of the map that can be clicked
        self.message = ""
        self._image = ipywidgets.Image(format="png", layout={"display": "none"})
        self._text = ipywidgets.HTML()
        for name, control in controls.items():
            control.style.description_width = "initial"
            control.description = control.description or name.replace("_", " ")
            if isinstance(control, ipywidgets.Text):
                control.continuous_update = False  # a word is read when it is complete
            control.observe(lambda _: self.redraw(), names="value")
        # A lecture holds millions of words; looking through them all for garbage would now and
        # then stop a drawing for half a second. What is here already is looked at no more.
        gc.collect()
        gc.freeze()
        self.box = ipywidgets.VBox([*controls.values(), self._text, self._image])
        self.redraw()

    def redraw(self) -> None:
        """Draws with the values that the controls have now; a bad value becomes one sentence."""
        values = {name: control.value for name, control in self.controls.items()}
        try:
            drawn = self.draw(**values)
            for part in drawn if isinstance(drawn, Iterator) else (drawn,):
                self._show(part)
        except (ValueError, DataError) as error:
            self._say(str(error))

    def _show(self, drawn: Drawing) -> None:
        figure, text = drawn if isinstance(drawn, tuple) else (drawn, "")
        if isinstance(figure, str):
            figure, text = None, figure
        if isinstance(figure, plots.HoverMap):
            self._show_map(figure)
        elif isinstance(figure, plots.Lettered):
            self._show_picture(plots.svg(figure).encode(), "svg+xml")
        elif figure is not None:
            self._show_picture(plots.png(figure))
        self._say(text)

    def _show_picture(self, picture: bytes, form: str = "png") -> None:
        self.picture = picture
        with self._image.hold_sync():
            self._image.format, self._image.value = form, picture
        self._image.layout.display = None  # an image without a picture is drawn as a broken one

    def _show_map(self, drawn: plots.HoverMap) -> None:
        """Shows or updates a map; without plotly's widget a still picture takes its place."""
        if self.map is not None:
            drawn.update(self.map)
            self._listen(drawn)
            return
        self.picture = plots.png(drawn.still())
        try:
            self.map = drawn.live()
        except ImportError:
            self._show_picture(self.picture)
            return
        self._listen(drawn)
        self.box.children = [*self.controls.values(), self._text, self.map]

    def _listen(self, drawn: plots.HoverMap) -> None:
        """Lets points that are new on the map be clicked."""
        for trace, rows in zip(self.map.data, drawn.traces.values(), strict=False):
            if trace.uid not in self._heard:
                self._heard.add(trace.uid)
                names = [drawn.names[row] for row in rows]
                trace.on_click(lambda _, points, __, names=names: self._clicked(points, names))

    def _clicked(self, points: Any, names: Sequence[str]) -> None:
        if self.click is not None and points.point_inds:
            self.controls[self.click].value = names[points.point_inds[0]]

    def _say(self, text: str) -> None:
        self.message = text
        shown = html.escape(text)  # somebody may have typed a tag
        style = "line-height:1.4;white-space:pre-wrap" + (";font-family:monospace" * self.code)
        self._text.value = f'<div role="status" style="{style}">{shown}</div>'

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        """Gives the live widget, and beside it the picture for readers without a kernel."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        bundle: dict[str, Any] = {
            "application/vnd.jupyter.widget-view+json": view,
            "text/plain": self.message or "an interactive figure",
        }
        if self.picture and self._image.format == "png":
            bundle["image/png"] = self.picture
        elif self.picture:
            bundle["image/svg+xml"] = self.picture.decode()
        return bundle


def explore(
    draw: Callable[..., Drawing],
    *,
    click: str | None = None,
    code: bool = False,
    **controls: ipywidgets.Widget,
) -> Explorer:
    """Shows controls and the drawing `draw(**values)`, which follows them.

    Args:
        draw: returns a figure or a `HoverMap`, a text, or a pair of both; or yields them, to be
            shown one after another. A ValueError becomes one sentence.
        click: which control gets the name of a point that is clicked in a map.
        code: whether the text is shown in letters of one width.
        controls: widgets with a `value`, by the name of the argument that it is passed as.
    """
    explorer = Explorer(draw, controls, click, code)
    display(explorer)
    return explorer


def source(*objects: Callable | type) -> None:
    """Shows the code of functions or classes as it stands in the library."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    formatter = HtmlFormatter(noclasses=True, nobackground=True, prestyles=_CODE)
    for thing in objects:
        code, first = inspect.getsourcelines(thing)
        file = Path(inspect.getsourcefile(thing))
        where = f"{'/'.join(file.parts[file.parts.index('imi') :])}, line {first}"
        body = highlight(textwrap.dedent("".join(code)), PythonLexer(), formatter)
        shown = f'<div style="{_PAPER}"><small>{html.escape(where)}</small>{body}</div>'
        display({"text/html": shown, "text/plain": "".join(code)}, raw=True)


def watch(
    steps: Iterable[Step],
    *,
    title: str,
    note: Callable[[], HTML] | None = None,
    **names: str,
) -> list[Step]:
    """Runs a training, drawing its falling curve meanwhile; returns the steps.

    An interrupt stops the training and keeps what was learned.

    Args:
        note: what else to show of the model as it is now, such as a `table`.
        names: the `y_title` and the `label` of the curve, if it is not of words.
    """
    history: list[Step] = []
    handle, beside = DisplayHandle(), DisplayHandle()
    handle.display(_curve(history, title, **names))
    if note is not None:
        beside.display(note())
    drawn, pause = time.perf_counter(), 1 / _FRAMES_A_SECOND
    try:
        for step in steps:
            history.append(step)
            began = time.perf_counter()
            if began - drawn > pause:
                handle.update(_curve(history, title, **names))
                if note is not None:
                    beside.update(note())
                drawn = time.perf_counter()
                # However slow the machine, at most a tenth of the time goes into drawing.
                pause = max(1 / _FRAMES_A_SECOND, 9 * (drawn - began))
    except KeyboardInterrupt:
        print(f"stopped after {len(history)} updates; the model keeps what it learned")
    handle.update(_curve(history, title, **names))
    if note is not None:
        beside.update(note())
    return history


def _curve(history: Sequence[Step], title: str, **names: str) -> Image:
    train = [(step.number, step.loss) for step in history]
    held_out = [(s.number, s.validation) for s in history if s.validation is not None]
    return Image(plots.png(plots.curve(train, held_out, title=title, **names)), format="png")


def table(rows: Iterable[Sequence[Any]], headings: Sequence[str], *, caption: str = "") -> HTML:
    """Returns rows as an HTML table that reads in light and dark themes; all text is escaped."""

    def line(cells: Sequence[Any], tag: str) -> str:
        style = "text-align:left;vertical-align:top;padding:3px 10px"
        inner = "".join(f'<{tag} style="{style}">{html.escape(str(c))}</{tag}>' for c in cells)
        return f"<tr>{inner}</tr>"

    body = "".join(line(row, "td") for row in rows)
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return HTML(f"<table>{title}<thead>{line(headings, 'th')}</thead><tbody>{body}</tbody></table>")
