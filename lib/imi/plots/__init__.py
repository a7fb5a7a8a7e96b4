"""Numbers to figures: one look, legible from the last row, safe for the colour-blind."""

from imi.plots.arrows import angle, network, offsets, space
from imi.plots.canvas import COLOURS, GREY, MARKERS, Drawing, png
from imi.plots.charts import bars, curve, lines
from imi.plots.hover import HoverMap
from imi.plots.maps import heatmap, word_map

__all__ = [
    "COLOURS",
    "GREY",
    "MARKERS",
    "Drawing",
    "HoverMap",
    "angle",
    "bars",
    "curve",
    "heatmap",
    "lines",
    "network",
    "offsets",
    "png",
    "space",
    "word_map",
]
