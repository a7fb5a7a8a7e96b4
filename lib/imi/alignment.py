"""Which words say the same: links between two sentences, read off what a model looked at.

Source: Luong, Pham, Manning, "Effective Approaches to Attention-based Neural Machine Translation"
    (2015), section 5.4: each target word is linked to the source word that was looked at most
    while it was written; Och & Ney (2003) for sure and possible links.
Lecture: notebooks/07_attention_2016.ipynb
Shapes: S and T pieces of the two sides, I source words, J target words.
Differs: models here read pieces of words, so weights are brought to words first; a word that has
    no counterpart in the other language is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from imi.text import UNKNOWN
from imi.wordpiece import MARK

Links = set[tuple[int, int]]  # (place in the source, place in the target)


def words_of(pieces: Sequence[str]) -> list[str]:
    """Puts pieces together to words where the language writes blanks; Japanese pieces stand alone.

    Marks such as a full stop are words of their own.
    """
    words: list[str] = []
    for piece in pieces:
        before = words[-1] if words else MARK
        goes_on = before == "" or (before[-1].isalpha() and piece[0].isalpha() and piece < "\u2e80")
        if goes_on:
            words[-1] += piece.replace(MARK, "")
        else:
            words.append(piece.replace(MARK, ""))  # a mark alone begins the word that follows
    return words


def overlaps(words: Sequence[str], pieces: Sequence[str]) -> Tensor:
    """Counts the letters that each word shares with each piece of the same text, (words, pieces).

    Pieces may cross the borders of words, as they do in Japanese.

    Raises:
        ValueError: if the two are not the same text.
    """
    sizes = [[_letters(part) for part in side] for side in (words, pieces)]
    if sum(sizes[0]) != sum(sizes[1]):
        raise ValueError(f"{' '.join(words)!r} and {' '.join(pieces)!r} are not the same text")
    owners = [torch.repeat_interleave(torch.arange(len(part)), torch.tensor(part))
              for part in sizes]  # fmt: skip
    found = torch.zeros(len(words), len(pieces))
    return found.index_put_(tuple(owners), torch.ones(sum(sizes[0])), accumulate=True)


def _letters(part: str) -> int:
    """Counts the letters of a word or a piece, blanks and marks aside; an unknown piece is one."""
    return 1 if part == UNKNOWN else len("".join(part.split()).replace(MARK, ""))


def word_weights(
    alpha: Tensor,
    source_words: Sequence[str],
    source_pieces: Sequence[str],
    target_words: Sequence[str],
    target_pieces: Sequence[str],
) -> Tensor:
    """Brings weights between pieces (T, S) to weights between words (J, I); rows still sum to 1.

    What falls on the pieces of a source word is added up; a target word that was written in
    several pieces gets the mean of theirs, by their letters.

    Raises:
        ValueError: if words and pieces are not the same text.
    """
    of_source = overlaps(source_words, source_pieces)  # (I, S)
    of_target = overlaps(target_words, target_pieces)  # (J, T)
    letters = of_source.sum(dim=0).clamp(min=1)  # a piece that is a mark alone has none
    written = of_target / of_target.sum(dim=1, keepdim=True).clamp(min=1)
    weights = written @ alpha @ (of_source / letters).T
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)


def likeliest(weights: Tensor) -> Links:
    """Links each target word to the source word with the largest weight, (J, I) to J links."""
    return {(i, j) for j, i in enumerate(weights.argmax(dim=1).tolist())}


def above(weights: Tensor, threshold: float) -> Links:
    """Links all words with a weight of at least `threshold`."""
    return {(i, j) for j, i in (weights >= threshold).nonzero().tolist()}


def diagonal(source_length: int, target_length: int) -> Links:
    """Links each target word to the source word at the same share of the way: knows no language."""
    return {(j * source_length // target_length, j) for j in range(target_length)}


def sure(gold: Links) -> Links:
    """Keeps the links of target words that have one partner; of several, any one may be found."""
    partners = [j for _, j in gold]
    return {(i, j) for i, j in gold if partners.count(j) == 1}


def with_counterpart(found: Links, gold: Links) -> Links:
    """Leaves out the links of target words that have no partner: one language alone says them."""
    known = {j for _, j in gold}
    return {(i, j) for i, j in found if j in known}
