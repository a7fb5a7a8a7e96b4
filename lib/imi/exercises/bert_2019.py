"""The exercises of lecture 11: hidden pieces, their loss, the input, and whole words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

PIECES = 30  # of the little vocabularies that the checks use
CLS, SEP, MASK = 2, 3, 4


def solution_hidden(
    ids: Tensor, chosen: Tensor, lots: Tensor, drawn: Tensor, mask_id: int
) -> Tensor:
    """Returns what the model reads, (S,): of the chosen 80 % [MASK], 10 % drawn, 10 % as it was."""
    masked = chosen & (lots < 0.8)
    swapped = chosen & (lots >= 0.8) & (lots < 0.9)
    return torch.where(masked, torch.tensor(mask_id), torch.where(swapped, drawn, ids))


def check_hidden(attempt: Callable[..., Tensor]) -> None:
    """Checks which pieces are hidden, and how, in a text of 400 pieces.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    generator = torch.Generator().manual_seed(2019)
    ids, drawn = (torch.randint(5, PIECES, (400,), generator=generator) for _ in range(2))
    lots, chosen = torch.rand(400, generator=generator), torch.zeros(400, dtype=torch.bool)
    chosen[::3] = True
    kept = ids.clone()
    found = attempt(ids, chosen, lots, drawn, MASK)
    assert torch.equal(kept, ids), "ids itself was changed: make a new tensor, as torch.where does"
    assert found.shape == ids.shape, f"{tuple(ids.shape)} is wanted, not {tuple(found.shape)}"
    assert torch.equal(found[~chosen], ids[~chosen]), "a place that was not chosen must stay"
    every = torch.where(chosen, torch.tensor(MASK), ids)
    assert not torch.equal(found, every), (
        "each chosen piece is [MASK] now; that is right for 80 % of them, those with lots < 0.8"
    )
    masked = chosen & (lots < 0.8)
    assert (found[masked] == MASK).all(), "a chosen place with a lot below 0.8 becomes [MASK]"
    last = chosen & (lots >= 0.9)
    assert torch.equal(found[last], ids[last]), (
        "a chosen place with a lot of 0.9 or more keeps its piece, and is asked for all the same"
    )
    assert torch.equal(found, solution_hidden(ids, chosen, lots, drawn, MASK)), (
        "a chosen place with a lot from 0.8 to 0.9 gets the piece that was drawn for it"
    )


def solution_loss(scores: Tensor, ids: Tensor, chosen: Tensor) -> Tensor:
    """Returns the masked LM loss of a text, nats a piece: scores (S, V), ids and chosen (S,)."""
    log_chances = scores.log_softmax(dim=-1)
    return -log_chances[chosen].gather(1, ids[chosen][:, None]).mean()


def check_loss(attempt: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Compares the loss of a text of seven pieces, three of them chosen, with torch's.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    generator = torch.Generator().manual_seed(2019)
    scores = 2 * torch.randn(7, 11, generator=generator)
    ids = torch.randint(11, (7,), generator=generator)
    chosen = torch.tensor([False, True, False, True, True, False, False])
    entropy = nn.functional.cross_entropy
    each = entropy(scores, ids, reduction="none")
    hints = {
        "all places are asked; only the chosen ones count, the others see their own answer": (
            each.mean()
        ),
        "a sum over the chosen places is wanted as a mean: nats per piece": each[chosen].sum(),
        "the chosen places are summed, but divided by all": each[chosen].sum() / 7,
        "its sign is turned: the loss is minus the log of the probability": -each[chosen].mean(),
        "log of the probability is wanted, scores are none: log_softmax first": (
            -scores[chosen].gather(1, ids[chosen][:, None]).mean()
        ),
        "the probability is there, its logarithm is missing": (
            -scores.softmax(dim=-1)[chosen].gather(1, ids[chosen][:, None]).mean()
        ),
        "the softmax goes over the pieces of the vocabulary, dim=-1, not over the places": (
            -scores.log_softmax(dim=0)[chosen].gather(1, ids[chosen][:, None]).mean()
        ),
    }
    found = torch.as_tensor(attempt(scores, ids, chosen))
    assert found.dim() == 0, f"one number is wanted, not a tensor of shape {tuple(found.shape)}"
    for hint, wrong in hints.items():
        assert not torch.allclose(found, wrong, atol=1e-5), hint
    wanted = entropy(scores[chosen], ids[chosen])
    assert torch.allclose(found, wanted, atol=1e-5), (
        f"{wanted:.4f} nats are wanted, not {found:.4f}: the mean of -log p of the chosen pieces"
    )


def solution_input(a: Sequence[int], b: Sequence[int], room: int) -> tuple[list[int], list[int]]:
    """Returns ids and segments of [CLS] A [SEP] B [SEP], the longer text cut until `room` holds."""
    a, b = list(a), list(b)
    while len(a) + len(b) + 3 > room:
        (a if len(a) > len(b) else b).pop()
    return [CLS, *a, SEP, *b, SEP], [0] * (len(a) + 2) + [1] * (len(b) + 1)


def check_input(attempt: Callable[..., tuple[list[int], list[int]]]) -> None:
    """Checks how two texts become one input: marks, segments, and what is cut.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    a, b = list(range(10, 14)), list(range(20, 27))
    kept = (list(a), list(b))
    ids, segments = map(list, attempt(a, b, 40))
    assert (a, b) == kept, "the texts themselves were changed: cut copies of them"
    assert ids[:1] == [CLS], "the input begins with [CLS]"
    assert ids.count(SEP) == 2, f"there are two [SEP], one behind each text, not {ids.count(SEP)}"
    assert ids == [CLS, *a, SEP, *b, SEP], "[CLS] A [SEP] B [SEP] is wanted"
    assert len(segments) == len(ids), f"{len(ids)} places need as many segments: {len(segments)}"
    first = len(a) + 2
    assert segments[first - 1] == 0, "the first [SEP] ends A: it belongs to segment 0"
    assert segments == [0] * first + [1] * (len(ids) - first), "0 up to the first [SEP], then 1"
    for room in (13, 12, 10, 9):
        ids, segments = map(list, attempt(a, b, room))
        assert len(ids) == room == len(segments), (
            f"there is room for {room} places, and [CLS] and both [SEP] are among them; "
            f"the input has {len(ids)}"
        )
        assert ids.count(SEP) == 2, "the marks stay; the texts are cut before the marks are set"
        of_a = ids.index(SEP) - 1
        of_b = room - 3 - of_a
        fair = abs(of_a - of_b) <= 1 or (of_a == len(a) and of_b > of_a)
        assert fair, (
            f"{of_a} pieces of A and {of_b} of B are left: take one after the other from the "
            "longer text until both fit"
        )
        assert ids == [CLS, *a[:of_a], SEP, *b[:of_b], SEP], "cut at the end of a text"
        assert segments == [0] * (of_a + 2) + [1] * (of_b + 1), "0 up to the first [SEP], then 1"


def solution_words(pieces: Sequence[str], share: float) -> list[bool]:
    """Chooses whole words: about `share` of the pieces, all pieces of a word or none."""
    words: list[list[int]] = []
    for place, piece in enumerate(pieces):
        if piece in ("[CLS]", "[SEP]"):
            continue
        if piece.startswith("##") and words:
            words[-1].append(place)
        else:
            words.append([place])
    wanted, chosen = share * sum(map(len, words)), set()
    for number in torch.randperm(len(words)).tolist():
        if len(chosen) + len(words[number]) / 2 <= wanted:
            chosen |= set(words[number])
    return [place in chosen for place in range(len(pieces))]


WORDS = ("[CLS] penguin ##s are flight ##less birds [SEP] they swim , and they un ##der ##stand "
         "each other [SEP]").split()  # fmt: skip


def check_words(attempt: Callable[[Sequence[str], float], Sequence[bool]]) -> None:
    """Checks a choice of whole words, over two thousand draws.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    torch.manual_seed(2019)
    real = [place for place, piece in enumerate(WORDS) if piece not in ("[CLS]", "[SEP]")]
    for share in (0.15, 0.4):
        found = torch.tensor([list(map(bool, attempt(list(WORDS), share))) for _ in range(1_000)])
        assert found.shape[1] == len(WORDS), (
            f"a truth value for each of the {len(WORDS)} pieces is wanted, not {found.shape[1]}"
        )
        how_often = found.float().mean(dim=0)
        for place, piece in enumerate(WORDS):
            if place not in real:
                assert how_often[place] == 0, f"{piece} is no word and must never be chosen"
            if piece.startswith("##"):
                assert torch.equal(found[:, place], found[:, place - 1]), (
                    f"{WORDS[place - 1]} and {piece} are one word: choose both or neither"
                )
        chosen = how_often[real].mean().item()
        assert abs(chosen - share) < 0.2 * share, (
            f"{chosen:.0%} of the pieces were chosen on average, about {share:.0%} are wanted"
        )
        rarest, commonest = how_often[real].min().item(), how_often[real].max().item()
        assert rarest > 0.3 * commonest, (
            f"a word is chosen {rarest:.0%} of the time, another {commonest:.0%}: draw at random, "
            "anew each time"
        )
