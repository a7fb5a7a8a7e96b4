"""t-SNE of digits by openTSNE, as the lectures use it, and by scikit-learn: seconds, neighbours.

Both get the same images and settings, and begin with their principal components.

Usage: python tests/benchmarks/maps.py [IMAGES]   (1,000 by default)
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import report
import torch
from report import Row

from imi import device
from imi.metrics import neighbour_accuracy

SETTINGS = {"perplexity": 30, "random_state": 2016}


def digits(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns images of 8 x 8 pixels, and the digits that they show."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.data[:size], found.target[:size]


def timed(fit: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> tuple[np.ndarray, float]:
    """Returns a map and the seconds that it took, compiling aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(images[:200])
        began = time.perf_counter()
        places = fit(images)
    return np.asarray(places, dtype=np.float32), time.perf_counter() - began


def rows(size: int) -> Iterator[Row]:
    """Draws both maps, one after the other."""
    import openTSNE
    from sklearn.manifold import TSNE

    threads, (images, shown) = device.use_all_cores(), digits(size)
    ours, seconds = timed(openTSNE.TSNE(**SETTINGS, n_jobs=threads).fit, images)
    theirs, their_seconds = timed(TSNE(**SETTINGS, n_jobs=threads).fit_transform, images)
    what, topics = f"t-SNE of {len(images):,} digits, openTSNE", torch.from_numpy(shown)
    yield Row(what, "s", seconds, "scikit-learn", their_seconds, fewer=True)
    right, their_right = (neighbour_accuracy(torch.from_numpy(places), topics)
                          for places in (ours, theirs))  # fmt: skip
    yield Row("its digits that ten neighbours name", "share", right, "scikit-learn", their_right)


if __name__ == "__main__":
    report.main(rows, 1_000, "images")
