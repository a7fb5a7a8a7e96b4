"""Maps of many points, which say who they are when the mouse comes near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from imi.plots.canvas import COLOURS, GREY, MARKERS, axes_of, checked, inches, legend

_SIGNS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "triangle-left",
          "triangle-right", "cross")  # fmt: skip
# The colours as a scale: a list of numbers is read a hundred times faster than one of names.
_PALETTE = [[n / len(COLOURS), colour] for n, colour in enumerate((*COLOURS, GREY))]


@dataclass(frozen=True)
class HoverMap:
    """Points of the plane, each with a name.

    Attributes:
        names: what each point is called; a click gives this name.
        places: where the points lie, (N, 2).
        title: stands above the map.
        groups: what each point belongs to, shown by colour and marker.
        legend: whether the groups are named; of very many the colours alone are shown.
        notes: what more is said under the mouse.
        background: the group that is drawn first and in grey.
        chosen: points to stand out, by the label that each gets.
        size: of a point, in pixels.
    """

    names: Sequence[str]
    places: np.ndarray
    title: str
    groups: Sequence[str] = ()
    legend: bool = True
    notes: Sequence[str] = ()
    background: str = ""
    chosen: Mapping[str, Sequence[float]] = field(default_factory=dict)
    size: float = 5

    def __post_init__(self):
        checked("a map", self.names, self.places[:, 0], self.places[:, 1])

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """Which points belong to each group, the groups in order of their names."""
        if not self.groups:
            return {"": np.arange(len(self.names))}
        groups = np.asarray(self.groups)
        kinds = sorted(np.unique(groups).tolist(), key=lambda kind: (kind != self.background, kind))
        return {str(kind): np.flatnonzero(groups == kind) for kind in kinds}

    def still(self) -> Figure:
        """Draws the map for readers without a kernel; only chosen points are named."""
        named = bool(self.groups) and self.legend
        right = 0.7 + inches(list(self.parts)) if named else 0.25
        figure, axes = axes_of(self.title, "", "", size=(8.0, 6.0), left=0.4, right=right)
        for number, (kind, rows) in enumerate(self.parts.items()):
            colour, sign = self._look(number)
            axes.scatter(
                *self.places[rows].T, s=self.size**2 / 2, color=colour, marker=MARKERS[sign],
                alpha=0.6, linewidths=0, label=kind,
            )  # fmt: skip
        for label, place in self.chosen.items():
            axes.scatter(*place, s=160, marker="*", color="black", zorder=3)
            axes.annotate(
                label, place, xytext=(8, 4), textcoords="offset points", fontsize=12,
                fontweight="bold", parse_math=False,
                bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        axes.tick_params(labelbottom=False, labelleft=False)
        if named:
            legend(axes)
            for handle in axes.get_legend().legend_handles:
                handle.set(sizes=[45], alpha=1)
        return figure

    def live(self) -> Any:
        """Makes the plotly `FigureWidget` of this map.

        Raises:
            ImportError: if plotly or anywidget, which it needs, are missing.
        """
        from plotly import graph_objects as go

        figure = go.FigureWidget(
            layout={
                "template": "plotly_white", "title": self.title, "height": 560, "width": 820,
                "margin": {"l": 20, "r": 20, "t": 50, "b": 20}, "hovermode": "closest",
                "xaxis": {"showticklabels": False}, "legend": {"itemsizing": "constant"},
                "yaxis": {"showticklabels": False, "scaleanchor": "x"},
            }
        )  # fmt: skip
        self.update(figure)
        return figure

    def update(self, figure: Any) -> None:
        """Lets a figure that `live` made show this map: points move, or are drawn anew.

        Points are drawn anew where there are others in a group than before, or other groups.
        """
        labels, places = list(self.chosen), np.array(list(self.chosen.values())).reshape(-1, 2)
        shown = [label.replace("<", "&lt;") for label in labels]  # plotly reads tags
        traces = self.traces
        kept = [(trace.name, len(trace.x)) for trace in figure.data[:-1]]
        if kept != [(name, len(rows)) for name, rows in traces.items()]:
            self._draw_anew(figure)
        with figure.batch_update():
            figure.layout.title.text = self.title
            for trace, rows in zip(figure.data, traces.values(), strict=False):
                if not np.array_equal(trace.x, self.places[rows, 0]):
                    trace.update(self._columns(rows))
            chosen = figure.data[-1]
            chosen.update(x=places[:, 0], y=places[:, 1], text=shown, hovertext=shown)

    @cached_property
    def traces(self) -> dict[str, np.ndarray]:
        """Which points are drawn together: those of a group, or of one sign if none is named.

        A trace for each of very many groups, or a list of signs, would take a second to draw.
        """
        if self.legend:
            return self.parts
        signs: dict[int, list[np.ndarray]] = {}
        for number, rows in enumerate(self.parts.values()):
            signs.setdefault(self._look(number)[1], []).append(rows)
        return {_SIGNS[sign]: np.concatenate(rows) for sign, rows in signs.items()}

    def _draw_anew(self, figure: Any) -> None:
        figure.data = ()
        colours = np.zeros(len(self.names), dtype=int)
        for number, rows in enumerate(self.parts.values()):
            colours[rows] = (*COLOURS, GREY).index(self._look(number)[0])
        for number, (kind, rows) in enumerate(self.traces.items()):
            marker = {"size": self.size, "opacity": 0.7}
            if self.legend:
                colour, sign = self._look(number)
                marker |= {"color": colour, "symbol": _SIGNS[sign]}
            else:
                marker |= {"color": colours[rows], "symbol": kind, "colorscale": _PALETTE,
                           "cmin": 0, "cmax": len(COLOURS)}  # fmt: skip
            figure.add_scattergl(
                name=kind, mode="markers", showlegend=bool(self.groups) and self.legend,
                hoverinfo="text", marker=marker, hovertext=self._hints(rows), **self._columns(rows),
            )  # fmt: skip
        figure.add_scatter(
            name="chosen", mode="markers+text", textposition="top center", showlegend=False,
            marker={"symbol": "star", "size": 14, "color": "black"}, hoverinfo="text",
            textfont={"size": 15, "color": "black"},
        )  # fmt: skip

    def _columns(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"x": self.places[rows, 0], "y": self.places[rows, 1]}

    def _hints(self, rows: np.ndarray) -> list[str]:
        """Returns what stands under the mouse: the name, and the note beneath it."""
        names = [str(self.names[row]).replace("<", "&lt;") for row in rows]
        if not self.notes:
            return names
        notes = (str(self.notes[row]).replace("<", "&lt;") for row in rows)
        return [f"<b>{name}</b><br>{note}" for name, note in zip(names, notes, strict=True)]

    def _look(self, number: int) -> tuple[str, int]:
        """Returns a group's colour and the number of its marker; only together are they unique."""
        if self.background in self.parts:  # without groups it is the only part
            if number == 0:
                return GREY, 0
            number -= 1
        sign = number + number // len(COLOURS)
        return COLOURS[number % len(COLOURS)], sign % len(MARKERS)
