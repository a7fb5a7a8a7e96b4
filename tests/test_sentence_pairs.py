"""Pairs of texts and their batches: every rule by brute force, on small documents."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from imi.batches import share
from imi.masked_batches import Reader, assembled
from imi.masking import Marks
from imi.sentence_pairs import (
    IS_NEXT,
    NOT_NEXT,
    UNASKED,
    Library,
    Pairs,
    _swapped,
    _truncated,
    pairs,
)

MARKS = Marks(pad=0, unknown=1, cls=2, sep=3, mask=4)
LONGEST = 29


def documents(count: int = 83, seed: int = 3):
    """Documents of 1 to 9 sentences of 1 to 13 pieces; no piece comes twice.

    Those of source 2 are of one sentence; some stand among the others, some in a row.
    """
    rng, free, found, sources = np.random.default_rng(seed), 5, [], []
    for number in range(count):
        alone = number % 80 >= 60 or number % 5 in (2, 4)
        sources.append(2 if alone else number % 2)
        sentences = []
        for _ in range(1 if alone else rng.integers(1, 10)):
            size = int(rng.integers(1, 14))
            sentences.append(list(range(free, free + size)))
            free += size
        found.append(sentences)
    return found, sources, free


FOUND, SOURCES, VOCAB = documents()
LIBRARY = Library.of(FOUND, SOURCES)
DOCUMENT = {i: n for n, document in enumerate(FOUND) for row in document for i in row}
BEGINS = {row[0] for document in FOUND for row in document}


def drawn(seed: int, **about):
    return pairs(LIBRARY, longest=LONGEST, rng=np.random.default_rng(seed), **about)


def texts(row) -> tuple[list[int], list[int]]:
    ids = LIBRARY.ids.tolist()
    return ids[row[0] : row[1]], ids[row[2] : row[3]]


def rows(found):
    return list(zip(*(column.tolist() for column in found), strict=True))


def test_a_library_holds_every_piece_once_and_knows_where_it_is():
    assert LIBRARY.ids.tolist() == [i for document in FOUND for row in document for i in row]
    for number, document in enumerate(FOUND):
        first, last = LIBRARY.documents[number : number + 2]
        starts = LIBRARY.sentences[first : last + 1]
        cut = [LIBRARY.ids[a:b].tolist() for a, b in pairwise(starts)]
        assert cut == document and LIBRARY.sources[number] == SOURCES[number]
    some = Library.of([[], [[], [7, 8]], [[]]], [4, 5, 6])
    assert some.ids.tolist() == [7, 8] and some.sources.tolist() == [5]
    with pytest.raises(ValueError, match="no text"):
        Library.of([[], [[]]], [0, 1])


def test_what_is_next_follows_and_what_is_not_comes_from_another_document():
    kinds = {IS_NEXT: 0, NOT_NEXT: 0, UNASKED: 0}
    for seed in range(20):
        for row in rows(drawn(seed)):
            first, second = texts(row)
            kinds[row[4]] += 1
            if row[4] == UNASKED:
                assert not second and row[5] == row[6] and len(first) <= LONGEST - 2
                assert {SOURCES[DOCUMENT[i]] for i in first} == {row[5]}
                assert first == list(range(first[0], first[-1] + 1)) and first[0] in BEGINS
                assert all(len(FOUND[DOCUMENT[i]]) == 1 for i in first)
                continue
            assert len({DOCUMENT[i] for i in first}) == len({DOCUMENT[i] for i in second}) == 1
            # The second text begins where a sentence does, and no text is cut in the wrong end.
            assert second[0] in BEGINS and len(first) + len(second) <= LONGEST - 3
            assert SOURCES[DOCUMENT[first[0]]] == row[5] and SOURCES[DOCUMENT[second[0]]] == row[6]
            same = DOCUMENT[first[-1]] == DOCUMENT[second[0]]
            assert (second[0] == first[-1] + 1) == same == (row[4] == IS_NEXT)
    asked = kinds[IS_NEXT] + kinds[NOT_NEXT]
    assert abs(kinds[NOT_NEXT] - asked / 2) < 4 * (asked / 4) ** 0.5


def test_every_sentence_is_read_in_an_epoch_unless_it_was_too_long():
    for seed in range(5):
        found = pairs(LIBRARY, longest=400, rng=np.random.default_rng(seed))
        seen = {i for row in rows(found) for text in texts(row) for i in text}
        assert seen == set(DOCUMENT)


def test_no_row_is_too_long_and_the_longer_text_gives_way():
    found = drawn(1)
    assert found.lengths().max() <= LONGEST
    room = LONGEST - 3
    for row in rows(found):
        first, second = map(len, texts(row))
        if row[4] != UNASKED and first + second == room:
            continue
        if row[4] == IS_NEXT:  # what was not too long lost nothing
            assert row[0] in LIBRARY.sentences and row[3] in LIBRARY.sentences
    for a in range(1, 31):
        for b in range(1, 31):
            left, right = a, b
            while left + right > room:  # as the paper's code does, one piece after the other
                left, right = (left - 1, right) if left > right else (left, right - 1)
            ends = [np.array([n]) for n in (100, 100 + a, 300, 300 + b, 0, 0, 0)]
            cut = _truncated(Pairs(*ends), room)
            assert (cut.a_end - cut.a_start).item() == left and cut.a_end.item() == 100 + a
            assert (cut.b_end - cut.b_start).item() == right and cut.b_start.item() == 300


def test_lengths_do_not_tell_what_is_next():
    many, sources, _ = documents(4_001)
    library = Library.of(many, sources)
    drawings = [
        pairs(library, longest=LONGEST, rng=np.random.default_rng(seed)) for seed in range(3)
    ]
    second, both = [], []
    for kind in (IS_NEXT, NOT_NEXT):
        chosen = [found.rows(found.next == kind) for found in drawings]
        second.append(np.concatenate([found.b_end - found.b_start for found in chosen]))
        both.append(np.concatenate([found.lengths() for found in chosen]))
    for one, other in (second, both):
        deviation = np.sqrt(one.var() / len(one) + other.var() / len(other))
        assert abs(one.mean() - other.mean()) < 4 * deviation


def test_a_second_text_is_exchanged_for_one_of_about_its_length():
    rng = np.random.default_rng(0)
    lengths, documents = rng.integers(1, 60, size=2_000), np.arange(2_000) % 700
    taken = _swapped(lengths, documents, rng)
    assert sorted(taken) == list(range(2_000)) and (documents[taken] != documents).all()
    assert np.abs(lengths[taken] - lengths).mean() < 2


def test_sentences_without_a_document_fill_a_row_together():
    found = drawn(0)
    alone = found.rows(found.next == UNASKED)
    several = [len({DOCUMENT[i] for i in texts(row)[0]}) for row in rows(alone)]
    assert max(several) > 2
    assert {i for row in rows(alone) for i in texts(row)[0]} == {
        i for document in FOUND if len(document) == 1 for i in document[0]
    }


def test_the_other_text_can_be_asked_to_come_from_the_same_source():
    near = [drawn(seed, within=1.0) for seed in range(5)]
    for found in near:
        apart = found.next == NOT_NEXT
        assert apart.any() and (found.source[apart] == found.other[apart]).all()
    anywhere = [drawn(seed) for seed in range(5)]
    assert any((f.source != f.other)[f.next == NOT_NEXT].any() for f in anywhere)


def test_one_document_alone_has_no_other():
    alone = Library.of([[[n, n] for n in range(5, 90)]], [0])
    for seed in range(5):
        found = pairs(alone, longest=9, rng=np.random.default_rng(seed))
        assert (found.next == IS_NEXT).all() and (found.b_start == found.a_end).all()
    with pytest.raises(ValueError, match="no room"):
        pairs(alone, longest=6, rng=np.random.default_rng(0))


def test_rows_are_laid_out_as_in_figure_2():
    found = drawn(4)
    ids, lengths, segments = assembled(LIBRARY, found, MARKS)
    assert ids.shape == segments.shape == (len(found.next), found.lengths().max())
    for number, row in enumerate(rows(found)):
        first, second = texts(row)
        wanted = [MARKS.cls, *first, MARKS.sep]
        kinds = [0] * len(wanted)
        if second:
            wanted += [*second, MARKS.sep]
            kinds += [1] * (len(second) + 1)
        filling = [0] * (ids.shape[1] - len(wanted))
        assert ids[number].tolist() == wanted + filling and lengths[number] == len(wanted)
        assert segments[number].tolist() == kinds + filling


def reader(**changes) -> Reader:
    return Reader(LIBRARY, MARKS, VOCAB, longest=LONGEST, **{"tokens": 151, "seed": 9, **changes})


def first(start: int, count: int, **changes):
    stream = reader(**changes).batches(start)
    return [next(stream) for _ in range(count)]


def test_an_epoch_reads_every_row_once_and_keeps_to_its_places():
    found, cut = reader().epoch(0)
    assert sorted(np.concatenate(cut).tolist()) == list(range(len(found.next)))
    batches = first(0, len(cut))
    assert all(batch.ids.numel() <= 151 for batch in batches)
    places = sum(batch.ids.numel() for batch in batches)
    assert sum(batch.lengths.sum() for batch in batches) > 0.9 * places


def test_a_batch_hides_what_it_asks_for_and_nothing_else():
    for batch in first(0, 30):
        assert torch.equal(batch.ids[~batch.chosen], batch.targets[~batch.chosen])
        assert not batch.chosen[batch.targets < 5].any()
        maskable = (batch.targets > 4).sum(dim=1)
        assert torch.equal(batch.chosen.sum(dim=1), (0.15 * maskable).round().clamp(min=1).long())


def test_the_next_epoch_hides_other_pieces_and_draws_other_pairs():
    count = len(reader().epoch(0)[1])
    one, two = (first(start, count) for start in (0, count))
    chosen = [{i for b in part for i in b.targets[b.chosen].tolist()} for part in (one, two)]
    assert chosen[0] != chosen[1]
    assert reader().epoch(0)[0].a_end.tolist() != reader().epoch(1)[0].a_end.tolist()


@pytest.mark.parametrize("start", [1, 17, 70, 200])
def test_a_stopped_run_goes_on_with_the_same_batches(start):
    whole, rest = first(0, start + 3), first(start, 3)
    for wanted, found in zip(whole[start:], rest, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(wanted, found, strict=True))
    other = first(start, 1, seed=10)[0]
    assert not torch.equal(other.targets[:1, :5], rest[0].targets[:1, :5])


def test_processes_share_the_rows_of_a_batch():
    batch = first(3, 1)[0]
    parts = [share(batch, rank, 2) for rank in range(2)]
    assert sum(len(part.next) for part in parts) == len(batch.next)
    assert torch.equal(parts[1].chosen, batch.chosen[1::2])
