"""Numbers to figures: one look, legible from the last row, safe for the colour-blind."""

from imi.plots.alignments import alignment, writing
from imi.plots.arrows import angle, network, offsets, space
from imi.plots.canvas import COLOURS, GREY, MARKERS, Drawing, Lettered, png, svg
from imi.plots.charts import bars, curve, lines
from imi.plots.guesses import guesses
from imi.plots.hover import HoverMap
from imi.plots.looks import looks
from imi.plots.maps import heatmap, paths, word_map
from imi.plots.marks import marked
from imi.plots.networks import encoder_decoder, towers, unrolled
from imi.plots.panels import bits, map_pair, pictures, side_by_side, three_steps
from imi.plots.plans import plan
from imi.plots.progress import progress
from imi.plots.rankings import rankings
from imi.plots.shapes import Matrix, Product, products
from imi.plots.texts import coloured_text
from imi.plots.timelines import Milestone, timeline
from imi.plots.trees import search_tree

__all__ = [
    "COLOURS",
    "GREY",
    "MARKERS",
    "Drawing",
    "HoverMap",
    "Lettered",
    "Matrix",
    "Milestone",
    "Product",
    "alignment",
    "angle",
    "bars",
    "bits",
    "coloured_text",
    "curve",
    "encoder_decoder",
    "guesses",
    "heatmap",
    "lines",
    "looks",
    "map_pair",
    "marked",
    "network",
    "offsets",
    "paths",
    "pictures",
    "plan",
    "png",
    "products",
    "progress",
    "rankings",
    "search_tree",
    "side_by_side",
    "space",
    "svg",
    "three_steps",
    "timeline",
    "towers",
    "unrolled",
    "word_map",
    "writing",
]
