"""Numbers to figures: one look, legible from the last row, safe for the colour-blind."""

from imi.plots.canvas import COLOURS, GREY, MARKERS, Drawing, png
from imi.plots.charts import bars, curve, lines
from imi.plots.hover import HoverMap
from imi.plots.maps import heatmap, word_map
from imi.plots.networks import unrolled
from imi.plots.texts import coloured_text

__all__ = [
    "COLOURS",
    "GREY",
    "MARKERS",
    "Drawing",
    "HoverMap",
    "bars",
    "coloured_text",
    "curve",
    "heatmap",
    "lines",
    "png",
    "unrolled",
    "word_map",
]
