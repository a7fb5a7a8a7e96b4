"""The Huffman tree over a vocabulary, which hierarchical softmax walks down.

Source: Mikolov, Sutskever, Chen, Corrado, Dean, "Distributed Representations of Words and Phrases
    and their Compositionality" (2013), section 2.1; Huffman (1952).
Lecture: 04_word2vec_2013
Shapes: V words, L length of the longest path.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class HuffmanTree:
    """The way from the root to each word; common words stand near the root.

    Attributes:
        paths: the inner nodes n(w, 1), n(w, 2), ... on the way, root first, 0-padded, (V, L).
        turns: at each of them 1.0 for the first child and 0.0 for the second, 0-padded, (V, L).
        lengths: how many inner nodes there are on the way, (V,).
    """

    paths: np.ndarray
    turns: np.ndarray
    lengths: np.ndarray

    @classmethod
    def from_counts(cls, counts: Sequence[int]) -> HuffmanTree:
        """Builds the tree that makes the mean path, weighted by `counts`, as short as possible.

        Raises:
            ValueError: if there are fewer than two words.
        """
        size = len(counts)
        if size < 2:
            raise ValueError(f"a tree needs at least two words, got {size}")
        parent, turn = np.zeros(2 * size - 1, dtype=int), np.zeros(2 * size - 1)
        heap = [(int(count), node) for node, count in enumerate(counts)]
        heapq.heapify(heap)
        for node in range(size, 2 * size - 1):  # joins the two rarest, again and again
            (first_count, first), (second_count, second) = heapq.heappop(heap), heapq.heappop(heap)
            parent[[first, second]], turn[first] = node, 1.0
            heapq.heappush(heap, (first_count + second_count, node))
        root = 2 * size - 2
        ways = [list(_way_up(word, parent, root)) for word in range(size)]
        lengths = np.array([len(way) for way in ways], dtype=np.int32)
        paths = np.zeros((size, lengths.max()), dtype=np.int32)
        turns = np.zeros(paths.shape, dtype=np.float32)
        for word, way in enumerate(ways):
            for place, node in enumerate(reversed(way)):
                paths[word, place] = parent[node] - size  # inner nodes are numbered from 0
                turns[word, place] = turn[node]
        return cls(paths, turns, lengths)


def _way_up(node: int, parent: np.ndarray, root: int):
    while node != root:
        yield node
        node = parent[node]
