"""Codes as addresses: bits by hand, balls against a full comparison, bad input."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from imi.hashing import AddressBook, distances, pack, ring, sha1_code, unpack
from imi.recipes import hashing_times, semantic_hashing

WIDTH = 11


def codes(rows: int = 1_003) -> np.ndarray:
    return np.random.default_rng(2007).integers(1 << WIDTH, size=rows).astype(np.uint64)


def test_packing_reads_a_code_as_a_binary_number_and_unpacking_undoes_it():
    bits = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 1]], dtype=bool)
    assert pack(bits).tolist() == [5, 1, 7]
    wide = np.random.default_rng(1).integers(2, size=(29, 64)).astype(bool)
    assert [f"{int(code):064b}" for code in pack(wide)] == [
        "".join(map(str, row.astype(int))) for row in wide
    ]
    assert np.array_equal(unpack(pack(wide), 64), wide)


def test_distances_count_the_bits_that_differ():
    found = distances(codes(), 0b10110011101)
    by_hand = [bin(int(code) ^ 0b10110011101).count("1") for code in codes()]
    assert found.tolist() == by_hand


def test_a_ring_holds_every_mask_of_so_many_bits_once():
    masks = ring(7, 3)
    assert len(set(masks.tolist())) == len(masks) == 35
    assert all(bin(mask).count("1") == 3 and mask < 128 for mask in masks)
    assert ring(7, 0).tolist() == [0]


@pytest.mark.parametrize("radius", [0, 1, 3, WIDTH])
def test_a_ball_holds_what_a_full_comparison_finds_the_nearest_first(radius):
    book, apart = AddressBook(codes(), WIDTH), distances(codes(), 77)
    found = book.ball(77, radius)
    assert sorted(found) == np.flatnonzero(apart <= radius).tolist()
    assert (np.diff(apart[found].astype(int)) >= 0).all()


def test_a_ball_widens_until_it_holds_enough():
    book, apart = AddressBook(codes(), WIDTH), distances(codes(), 300)
    found = book.nearest(300, 50)
    reach = apart[found].max()
    assert len(found) >= 50 and (apart <= reach).sum() == len(found) > (apart < reach).sum()
    assert (apart < reach).sum() < 50
    assert len(book.nearest(300, 10_000)) == len(book) == 1_003


def test_a_code_of_sha1_is_the_beginning_of_the_digest():
    digest = int(hashlib.sha1(b"a cat").hexdigest(), 16)
    assert sha1_code("a cat", 20) == digest >> 140
    assert sha1_code("a cat", 64) == digest >> 96


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: pack(np.zeros((2, 65), dtype=bool)), "from 1 to 64 bits, got 65"),
        (lambda: AddressBook(codes(), 25), "from 1 to 24 bits, got 25"),
        (lambda: AddressBook(codes(), 10), "has more than 10 bits"),
        (lambda: AddressBook(codes(), WIDTH).ball(1 << WIDTH, 1), "is below 2,048"),
        (lambda: AddressBook(codes(), WIDTH).ball(1, 12), "radius must be from 0 to 11"),
        (lambda: sha1_code("x", 0), "from 1 to 64 bits, got 0"),
    ],
)
def test_impossible_codes_are_refused(action, message):
    with pytest.raises(ValueError, match=message):
        action()


def test_looking_up_by_address_finds_what_comparing_all_codes_finds():
    codes = torch.rand(1_003, WIDTH, generator=torch.Generator().manual_seed(3))
    ways = hashing_times.look_ups(codes)
    for query in (0, 500, 1_002):
        found = ways["address"](query)
        assert query in found and np.array_equal(np.sort(found), ways["hamming"](query))
        assert query in ways["cosine"](query)


def test_a_shortlist_holds_the_nearest_and_at_least_as_many_as_asked_for():
    numbers = codes(rows=301)
    near = semantic_hashing.shortlisted(numbers, WIDTH, 40).numpy()
    for row, code in enumerate(numbers):
        apart = distances(numbers, int(code))
        assert near[row].sum() >= 40 and apart[near[row]].max() < apart[~near[row]].min()
