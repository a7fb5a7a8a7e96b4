"""n-gram language models: counts of runs of n words, smoothed in three ways.

Source: Kneser & Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995; Chen &
    Goodman, "An empirical study of smoothing techniques", CSL 13 (1999), section 3; Jelinek &
    Mercer (1980) as described in Bengio et al. (2003), section 4.2.
Lecture: notebooks/01_nplm_2003.ipynb
Shapes: T predicted words, N distinct n-grams, V vocabulary, n the order.
Differs: every model ends in the uniform distribution 1/|V|, so that no word is impossible.

All counting is sorting: an n-gram is the pair (number of its context, its last word), packed into
one integer, so that numpy counts a million words in about a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """The distinct n-grams of one order, sorted, with their counts.

    Attributes:
        keys: (N,) context number * |V| + last word.
        counts: (N,) how often each was seen.
        contexts: (N,) the number of each n-gram's context in the table one order below.
    """

    keys: np.ndarray
    counts: np.ndarray
    contexts: np.ndarray
