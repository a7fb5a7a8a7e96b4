"""Meaning by counting: which words stand beside which, weighed, and cut down to few numbers.

Source: Deerwester et al., "Indexing by Latent Semantic Analysis", JASIS 41 (1990), for the SVD;
    Dumais, "Improving the Retrieval of Information from External Sources", BRMIC 23 (1991), for
    the weights of words in passages; Church & Hanks, "Word Association Norms, Mutual Information,
    and Lexicography", CL 16 (1990), and Levy, Goldberg, Dagan, "Improving Distributional
    Similarity with Lessons Learned from Word Embeddings", TACL 3 (2015), for those of neighbours.
Lecture: notebooks/04_word2vec_2013.ipynb
Shapes: T words of text, P passages, V vocabulary, D dimensions kept.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

BUFFER = 1 << 22  # pairs that are counted at once: bounds the memory


def cooccurrences(
    ids: np.ndarray, starts: np.ndarray, vocab_size: int, window: int
) -> sparse.csr_matrix:
    """Counts how often each word stands within `window` words of each other word: (V, V).

    Entry (i, j) is the number of times j stands before or behind i; the matrix is symmetric.

    Args:
        ids: the words of all passages, one after another (T,).
        starts: where each passage begins, and last where the text ends, (P + 1,).

    Raises:
        ValueError: if the window is below 1, an id is not below `vocab_size`, or `starts` does not
            climb from 0 to T.
    """
    ids, passage = _checked(ids, starts, vocab_size)
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    ahead = sparse.csr_matrix((vocab_size, vocab_size), dtype=np.float32)
    step = max(1, BUFFER // window)
    for begin in range(0, len(ids), step):
        pairs = [
            _pairs(ids, passage, slice(begin, begin + step), distance, vocab_size)
            for distance in range(1, min(window, len(ids)) + 1)
        ]
        ahead = ahead + _counted(np.concatenate(pairs), vocab_size)
    return (ahead + ahead.T).tocsr()


def _checked(ids, starts, vocab_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the words and the number of the passage that each stands in, both (T,)."""
    ids, lengths = np.asarray(ids), np.diff(np.asarray(starts, dtype=np.int64))
    if len(ids) and not 0 <= ids.min() <= ids.max() < vocab_size:
        raise ValueError(f"word ids must be from 0 to {vocab_size - 1}")
    if len(starts) < 1 or starts[0] != 0 or starts[-1] != len(ids) or (lengths < 0).any():
        raise ValueError(f"starts must climb from 0 to the text's {len(ids)} words")
    return ids, np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)


def _pairs(ids, passage, part: slice, distance: int, vocab_size: int) -> np.ndarray:
    """Packs each word of a part and the one `distance` behind it into one integer."""
    first = slice(part.start, min(part.stop, max(part.start, len(ids) - distance)))
    second = slice(first.start + distance, first.stop + distance)
    together = passage[first] == passage[second]
    return ids[first][together].astype(np.int64) * vocab_size + ids[second][together]


def _counted(pairs: np.ndarray, vocab_size: int) -> sparse.csr_matrix:
    keys, counts = np.unique(pairs, return_counts=True)
    places = np.divmod(keys, vocab_size)
    shape = (vocab_size, vocab_size)
    return sparse.csr_matrix((counts.astype(np.float32), places), shape=shape)


def occurrences(ids: np.ndarray, starts: np.ndarray, vocab_size: int) -> sparse.csr_matrix:
    """Counts how often each word stands in each passage: (V, P), the matrix of LSA.

    Args:
        ids, starts: as in `cooccurrences`.

    Raises:
        ValueError: as `cooccurrences` does.
    """
    ids, passage = _checked(ids, starts, vocab_size)
    ones = np.ones(len(ids), dtype=np.float32)  # those of one place are added up
    shape = (vocab_size, len(starts) - 1)
    return sparse.coo_matrix((ones, (ids, passage)), shape=shape).tocsr()


def log_entropy(counts: sparse.spmatrix) -> sparse.csr_matrix:
    """Weighs counts (V, P) as LSA does: log(1 + count), times how unevenly the word is spread.

    The second factor is 1 + sum_p P(p|w) log P(p|w) / log P (Dumais 1991): 1 for a word of a
    single passage, 0 for one that all passages hold equally.

    Raises:
        ValueError: if there are fewer than two passages.
    """
    if counts.shape[1] < 2:
        raise ValueError(f"at least two passages are needed, got {counts.shape[1]}")
    pairs = counts.tocoo()
    totals = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    shares = pairs.data / totals[pairs.row]
    spread = np.bincount(pairs.row, shares * np.log(shares), minlength=counts.shape[0])
    weights = 1 + spread / np.log(counts.shape[1])
    weighed = (np.log1p(pairs.data) * weights[pairs.row]).astype(np.float32)
    return sparse.csr_matrix((weighed, (pairs.row, pairs.col)), counts.shape)


def ppmi(counts: sparse.spmatrix, *, smoothing: float = 1.0) -> sparse.csr_matrix:
    """Weighs counts (V, V) by positive pointwise mutual information.

    PPMI(w, c) = max(0, log P(w, c) / (P(w) P(c))): how much oftener word and context meet than
    chance would have it, in nats (Levy et al. 2015, section 3.1).

    Args:
        smoothing: alpha of P(c) = #(c)^alpha / sum #(c)^alpha; below 1, rare contexts weigh less;
            0.75 is usual (section 3.2 there).

    Raises:
        ValueError: if a count is negative or smoothing is not above 0.
    """
    if not smoothing > 0:
        raise ValueError(f"smoothing must be above 0, got {smoothing}")
    pairs = counts.tocoo()
    if pairs.nnz and pairs.data.min() < 0:
        raise ValueError("counts must not be negative")
    words = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()  # #(w)
    contexts = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel() ** smoothing
    with np.errstate(divide="ignore"):  # a stored 0 has information -inf, which counts as 0
        # log P(w, c) / (P(w) P(c)) = log #(w, c) - log #(w) - log P(c): the total cancels
        information = (
            np.log(pairs.data)
            - np.log(words)[pairs.row]
            - np.log(contexts / max(contexts.sum(), 1))[pairs.col]
        )
    positive = information > 0
    places = (pairs.row[positive], pairs.col[positive])
    return sparse.csr_matrix((information[positive].astype(np.float32), places), counts.shape)


def truncated_svd(
    matrix: sparse.spmatrix, dim: int, *, seed: int = 1990, power: float = 1.0
) -> np.ndarray:
    """Keeps the `dim` strongest directions of a matrix M = U S V^T: the rows of U S^power, (V, D).

    With power 1 the rows lie to each other as the rows of M do, as nearly as `dim` numbers can
    tell; for PPMI 0.5 is better (Levy et al. 2015). Each direction's sign is chosen so that its
    largest entry is positive.

    Raises:
        ValueError: if `dim` is not from 1 to one less than the smaller side.
    """
    if not 1 <= dim < min(matrix.shape):
        raise ValueError(f"dim must be from 1 to {min(matrix.shape) - 1}, got {dim}")
    start = np.random.default_rng(seed).normal(size=min(matrix.shape)).astype(np.float32)
    left, strengths, _ = svds(matrix.astype(np.float32), k=dim, v0=start)
    order = np.argsort(-strengths)
    left, strengths = left[:, order], strengths[order]
    largest = left[np.abs(left).argmax(axis=0), np.arange(dim)]
    return (left * np.where(largest < 0, -1, 1) * strengths**power).astype(np.float32)
