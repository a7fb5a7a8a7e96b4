"""Numbers to figures: one look, legible from the last row, safe for the colour-blind."""

from imi.plots.arrows import angle, network, offsets, space
from imi.plots.canvas import COLOURS, GREY, MARKERS, Drawing, png
from imi.plots.charts import bars, curve, lines
from imi.plots.hover import HoverMap
from imi.plots.maps import heatmap, word_map
from imi.plots.panels import bits, map_pair, pictures, side_by_side, three_steps

__all__ = [
    "COLOURS",
    "GREY",
    "MARKERS",
    "Drawing",
    "HoverMap",
    "angle",
    "bars",
    "bits",
    "curve",
    "heatmap",
    "lines",
    "map_pair",
    "network",
    "offsets",
    "pictures",
    "png",
    "side_by_side",
    "space",
    "three_steps",
    "word_map",
]
