"""The exercises of lecture 12: the best span, tags of pieces, F1 of answers, entities of tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from imi import metrics

SPLIT = {"Jim": ["jim"], "Henson": ["hen", "##son"], "left": ["left"], "Muppetville":
         ["mu", "##pp", "##et", "##ville"], ".": ["."]}  # fmt: skip


def solution_span(starts: Tensor, ends: Tensor, most: int) -> tuple[int, int]:
    """Returns the places i <= j, at most `most` of them, with the highest S.T_i + E.T_j."""
    sums = starts[:, None] + ends  # (S, S)
    allowed = torch.ones_like(sums, dtype=torch.bool).triu().tril(most - 1)
    return divmod(int(sums.masked_fill(~allowed, -torch.inf).argmax()), len(ends))


def _scores(peaks: dict[int, float]) -> Tensor:
    """Returns scores of nine places, 0 where there is no peak."""
    made = torch.zeros(9)
    for place, score in peaks.items():
        made[place] = score
    return made


# Where starts and ends peak, how long a span may be, and what is wrong with some answers.
_SPANS = (
    ({2: 3.0}, {3: 2.0}, 9, {
        (2, 4): "j is the last place of the span itself, not the one after it",
        (3, 2): "i is where the span begins: the first place comes first",
    }),
    ({2: 3.0, 6: 5.0}, {3: 5.0, 7: 2.0}, 9, {
        (6, 3): "the best start lies behind the best end: a span needs i <= j",
        (3, 6): "swapping i and j does not help: each has a score of its own, for start or end",
        (6, 7): "the best start need not belong to the best span: compare the sums of all pairs",
    }),
    ({2: 1.0, 6: 5.0}, {3: 5.0, 7: 3.0}, 9, {
        (2, 3): "the best end need not belong to the best span: compare the sums of all pairs",
    }),
    ({4: 5.0, 1: 1.0}, {4: 5.0, 7: 1.0}, 9, {
        (4, 7): "a span may be one place long: i == j is allowed",
        (1, 4): "a span may be one place long: i == j is allowed",
    }),
    ({1: 5.0}, {8: 5.0, 4: 2.0, 3: 1.0, 2: 0.5}, 3, {
        (1, 8): "this span is longer than `most` places",
        (1, 4): "from 1 to 4 are four places, and `most` is 3: both ends count",
        (1, 2): "from 1 to 3 are three places, as many as `most` allows",
    }),
)  # fmt: skip


def check_span(attempt: Callable[[Tensor, Tensor, int], tuple[int, int]]) -> None:
    """Checks spans whose best ends do not fit together, then fifty random ones.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    for begins, stops, most, hints in _SPANS:
        starts, ends = _scores(begins), _scores(stops)
        found = _places(attempt(starts.clone(), ends.clone(), most))
        assert found not in hints, hints[found]
        _compare_spans(found, starts, ends, most)
    generator = torch.Generator().manual_seed(2019)
    for size in range(1, 51):
        starts, ends = torch.randn(2, size, generator=generator)
        _compare_spans(_places(attempt(starts.clone(), ends.clone(), 7)), starts, ends, 7)


def _places(found: Iterable) -> tuple[int, int]:
    """Reads two places, which may be tensors of one number."""
    found = tuple(found)
    assert len(found) == 2, f"two places are wanted, i and j, not {len(found)}"
    return int(found[0]), int(found[1])


def _compare_spans(found: tuple[int, int], starts: Tensor, ends: Tensor, most: int) -> None:
    i, j = found
    size = len(starts)
    assert 0 <= i < size and 0 <= j < size, f"places go from 0 to {size - 1}, not {i} to {j}"
    assert i <= j, f"a span cannot begin at {i} and end at {j}"
    assert j - i < most, f"from {i} to {j} are {j - i + 1} places, and `most` is {most}"
    wanted = solution_span(starts, ends, most)
    best, ours = (starts[a] + ends[b] for a, b in (wanted, found))
    assert ours >= best - 1e-6, (
        f"{wanted[0]} to {wanted[1]} scores {best:.2f}, {i} to {j} only {ours:.2f}: look at all "
        "pairs i <= j"
    )


def solution_pieces(
    words: Sequence[str], tags: Sequence[str], split: Callable[[str], list[str]]
) -> tuple[list[str], list[str | None]]:
    """Returns the pieces of a sentence with their marks, and the tag that is asked of each."""
    pieces, asked = ["[CLS]"], [None]
    for word, tag in zip(words, tags, strict=True):
        cut = split(word)
        pieces += cut
        asked += [tag, *[None] * (len(cut) - 1)]
    return [*pieces, "[SEP]"], [*asked, None]


def check_pieces(attempt: Callable[..., tuple[list[str], list[str | None]]]) -> None:
    """Checks the pieces and tags of a sentence in which two names are cut.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    words = ["Jim", "Henson", "left", "Muppetville", "."]
    tags = ["B-PER", "I-PER", "O", "B-LOC", "O"]
    pieces, asked = map(list, attempt(list(words), list(tags), lambda word: list(SPLIT[word])))
    wanted, right = solution_pieces(words, tags, SPLIT.__getitem__)
    assert pieces != wanted[1:-1], "[CLS] comes first and [SEP] last: BERT always reads them"
    assert pieces == wanted, f"the pieces are {' '.join(wanted)}"
    assert len(asked) == len(pieces), (
        f"{len(pieces)} places need a tag or None each, [CLS] and [SEP] too; here are {len(asked)}"
    )
    assert asked[0] is None and asked[-1] is None, "nobody asks [CLS] and [SEP]: None"
    inside = [place for place, piece in enumerate(pieces) if piece.startswith("##")]
    assert not any(str(asked[place]).startswith("B-") for place in inside), (
        "B- inside a word would begin a second name: only the first piece of a word is asked"
    )
    assert all(asked[place] is None for place in inside), (
        "only the first piece of a word is asked; those with ## get None"
    )
    assert None not in [asked[place] for place in range(1, 9) if place not in inside], (
        'a word outside of all names has the tag "O", which is asked: None is for nobody\'s'
    )
    assert asked == right, "each first piece has the tag of its word"


def solution_f1(guess: Sequence[str], answer: Sequence[str]) -> float:
    """Returns F1 of the words that two answers share, each as often as both have it."""
    if not guess or not answer:
        return float(list(guess) == list(answer))
    shared = (Counter(guess) & Counter(answer)).total()
    return 2 * shared / (len(guess) + len(answer))


def check_f1(attempt: Callable[[Sequence[str], Sequence[str]], float]) -> None:
    """Compares F1 with that of the library.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    guess, answer = "in 10th and 11th centuries".split(), "10th and 11th century".split()
    found = float(attempt(guess, answer))
    hints = {
        "this is the precision, the share of the guessed words that are right": 3 / 5,
        "this is the recall, the share of the wanted words that were guessed": 3 / 4,
        "this is the mean of precision and recall; F1 is their harmonic mean, 2PR / (P + R)": 0.675,
        "precision times recall is wanted twice: 2PR / (P + R)": 1 / 3,
        "this counts what both have among what either has; F1 is 2 · shared / (both lengths)": 1
        / 2,
    }
    for hint, wrong in hints.items():
        assert abs(found - wrong) > 1e-6, hint
    assert abs(found - 2 / 3) < 1e-6, f"three shared words of five and of four give 2/3: {found}"
    doubled = float(attempt("new york new york".split(), "new york city".split()))
    assert abs(doubled - 4 / 7) < 1e-6, (
        "a word counts as often as both have it: new york new york shares two words with new york "
        f"city, 4/7; yours is {doubled:.3f}"
    )
    try:
        apart = float(attempt(["paris"], ["rome"]))
        nothing = [float(attempt([], [])), float(attempt(["x"], [])), float(attempt([], ["x"]))]
    except ZeroDivisionError:
        raise AssertionError("nothing shared, or nothing said: do not divide by 0") from None
    assert apart == 0, f"nothing shared gives 0, not {apart}"
    assert nothing[0] == 1, "no answer is right where there is none: two empty ones give 1"
    assert nothing[1:] == [0, 0], "an answer where there is none, or none where there is one: 0"
    words = [f"w{number}" for number in range(6)]
    draw = torch.Generator().manual_seed(2019)
    for _ in range(50):
        one, other = ([words[n] for n in torch.randint(6, (5,), generator=draw)] for _ in "12")
        wanted = metrics.span_f1(" ".join(one), [" ".join(other)])
        assert abs(float(attempt(one, other)) - wanted) < 1e-6, f"{one}, {other}: {wanted:.3f}"


def solution_entities(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """Returns kind, first word and one past the last, of each entity of BIO tags."""
    found, first = set(), None
    for place, (before, tag) in enumerate(pairwise(["O", *tags, "O"])):
        goes_on = tag.startswith("I-") and before[2:] == tag[2:]
        if first is not None and not goes_on:
            found.add((before[2:], first, place))
            first = None
        if first is None and tag != "O":
            first = place
    return found


_TAGS = (
    ("O B-PER I-PER O", "a name of two words is one entity: B- begins it, I- goes on"),
    ("O O O", "without a name there is no entity"),
    ("O B-LOC", "an entity may end with the sentence"),
    ("B-PER B-PER I-PER", "B- begins a new entity, even right after one of its kind"),
    ("B-PER B-LOC", "B- begins a new entity, even right after another"),
    ("B-PER I-LOC I-LOC", "I- of another kind does not go on with it: a new entity begins"),
    ("O I-ORG I-ORG O", "an I- that follows on O begins an entity, as in CoNLL's own script"),
)


def check_entities(attempt: Callable[[Sequence[str]], Iterable[tuple[str, int, int]]]) -> None:
    """Compares the entities of some sentences with those of the library.

    Raises:
        AssertionError: with a hint, if it is wrong.
    """
    for text, hint in _TAGS:
        wanted, found = metrics.entities(text.split()), {tuple(x) for x in attempt(text.split())}
        assert found != {(kind, first, last - 1) for kind, first, last in wanted} or not wanted, (
            f"{text}: the third number is one past the last word"
        )
        assert found == wanted, f"{text}: {hint}; {sorted(wanted)} is wanted, not {sorted(found)}"
    draw, marks = torch.Generator().manual_seed(2019), ("O", "B-A", "I-A", "B-B", "I-B")
    for _ in range(50):
        tags = [marks[number] for number in torch.randint(5, (9,), generator=draw).tolist()]
        wanted, found = metrics.entities(tags), {tuple(each) for each in attempt(list(tags))}
        assert found == wanted, f"{' '.join(tags)}: {sorted(wanted)} is wanted"
