"""Hidden pieces: which are chosen, what becomes of them, and how often."""

from __future__ import annotations

import math

import pytest
import torch

from imi.masking import Marks, Rates, choose, mask, ordinary

MARKS = Marks(pad=0, unknown=1, cls=2, sep=3, mask=4)
PIECES = ordinary(57, MARKS)


def rows(count: int = 301, places: int = 41) -> torch.Tensor:
    """Rows of 23 pieces, two [SEP] and filling."""
    generator = torch.Generator().manual_seed(5)
    ids = torch.randint(5, 57, (count, places), generator=generator)
    ids[:, 0], ids[:, 11], ids[:, 25], ids[:, 26:] = MARKS.cls, MARKS.sep, MARKS.sep, MARKS.pad
    return ids


def within_band(found: int, trials: int, share: float) -> bool:
    """Whether a count lies within four standard deviations of a binomial one."""
    return abs(found - trials * share) <= 4 * math.sqrt(trials * share * (1 - share)) + 1e-9


def masked(ids: torch.Tensor, seed: int = 7, **rates):
    generator = torch.Generator().manual_seed(seed)
    return mask(ids, MARKS, PIECES, rates=Rates(**rates), generator=generator)


def test_marks_are_no_text():
    assert PIECES.tolist() == list(range(5, 57))
    assert ordinary(9, Marks(0, 7, 3, 2, 5)).tolist() == [1, 4, 6, 8]


def test_15_percent_of_each_row_are_chosen_and_never_a_mark():
    ids = rows()
    chosen = masked(ids).chosen
    assert not chosen[torch.isin(ids, torch.tensor([0, 2, 3]))].any()
    assert set(chosen.sum(dim=1).tolist()) == {round(0.15 * 23)}
    uneven = torch.arange(1, 32)[:, None] >= torch.arange(1, 32)[None]
    wanted = [max(1, round(0.15 * count)) for count in range(1, 32)]
    assert choose(uneven, 0.15).sum(dim=1).tolist() == wanted


def test_every_piece_is_chosen_as_often_as_any_other():
    ids = rows(4_001)
    often = masked(ids).chosen.sum(dim=0)[[*range(1, 11), *range(12, 25)]]
    assert all(within_band(count, 4_001, 3 / 23) for count in often.tolist())


@pytest.mark.parametrize("share, random", [(0.8, 0.1), (0.3, 0.6), (0.0, 0.0), (1.0, 0.0)])
def test_the_shares_of_what_becomes_of_a_chosen_piece(share, random):
    ids = rows(2_003)
    found = masked(ids, masked=share, random=random)
    before, after = ids[found.chosen], found.ids[found.chosen]
    count = len(before)
    assert within_band((after == MARKS.mask).sum().item(), count, share)
    # A random piece is, now and then, the one that was there.
    changed = ((after != before) & (after != MARKS.mask)).sum().item()
    assert within_band(changed, count, random * (1 - 1 / len(PIECES)))
    assert torch.equal(found.ids[~found.chosen], ids[~found.chosen])


def test_a_random_piece_is_any_piece_of_text_and_no_mark():
    found = masked(rows(2_003), masked=0.0, random=1.0)
    after = found.ids[found.chosen]
    often = after.bincount(minlength=57)
    assert often[:5].tolist() == [0] * 5
    assert all(within_band(count, len(after), 1 / 52) for count in often[5:].tolist())


def test_nothing_chosen_and_all_chosen():
    ids = rows(13)
    none, every = masked(ids, chosen=0.0), masked(ids, chosen=1.0, masked=1.0, random=0.0)
    assert not none.chosen.any() and torch.equal(none.ids, ids)
    assert (every.ids[ids > 4] == MARKS.mask).all() and (every.chosen == (ids > 4)).all()
    assert torch.equal(every.ids[ids <= 4], ids[ids <= 4])


def test_the_same_seed_hides_the_same_pieces():
    one, same, other = masked(rows(), 7), masked(rows(), 7), masked(rows(), 8)
    assert torch.equal(one.ids, same.ids) and not torch.equal(one.chosen, other.chosen)


@pytest.mark.parametrize(
    "rates", [{"chosen": -0.1}, {"masked": 1.2}, {"masked": 0.8, "random": 0.3}]
)
def test_shares_that_are_none_are_refused(rates):
    with pytest.raises(ValueError, match="share|all of it"):
        Rates(**rates)
