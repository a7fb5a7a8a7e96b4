"""Five shapes of tasks: from an example to what BERT reads, from its scores to an answer.

Source: Devlin et al., "BERT" (2019), section 4 and figure 4 in the appendix.
    [CLS] A [SEP]                        C    a class
    [CLS] A [SEP] B [SEP]                C    a class or a number
    [CLS] A [SEP] choice [SEP]           C    a score for each choice
    [CLS] question [SEP] passage [SEP]   T_i  where the answer begins and ends
    [CLS] words [SEP]                    T_i  a tag for each word
Lecture: notebooks/12_bert_finetuning_2019.ipynb
Shapes: B examples, N choices, S places, K scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from imi.batches import padded
from imi.bertpieces import BertPieces
from imi.models.bert_heads import span_scores
from imi.spans import Found, Window, best_span, places_of, windows

UNASKED = -100  # a place whose tag nobody asks for


class Row(NamedTuple):
    """What BERT reads: ids and segments (S,)."""

    ids: list[int]
    segments: list[int]


class Encoded(NamedTuple):
    """An example, or a part of one.

    Attributes:
        rows: what is read, one row a choice.
        target: what is true of it.
        window: of a passage, where its characters are; None elsewhere.
    """

    rows: tuple[Row, ...]
    target: Any
    window: Window | None = None


class Batch(NamedTuple):
    """Some examples: ids and segments (B, S) or (B, N, S), lengths (B,) or (B, N), targets."""

    ids: Tensor
    lengths: Tensor
    segments: Tensor
    targets: Tensor


class Shape(Protocol):
    """One way to ask BERT something.

    Attributes:
        outputs: K of the layer on top.
        reads: "C" or "T".
    """

    outputs: int
    reads: str

    def encode(self, pieces: BertPieces, example: Any, longest: int) -> list[Encoded]:
        """Lays an example out in rows of at most `longest` places; a long passage gives several."""

    def targets(self, found: Sequence[Any]) -> Tensor:
        """Puts what is true of some examples in a tensor."""

    def loss(self, scores: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """Returns the sum of the loss, and over how many answers."""

    def answer(self, example: Any, parts: Sequence[Encoded], scores: Sequence[Tensor]) -> Any:
        """Returns the answer from the scores of an example's parts."""


def row(pieces: BertPieces, first: str, second: str | None, longest: int) -> Row:
    """Lays out [CLS] A [SEP] or [CLS] A [SEP] B [SEP].

    What is too long is cut at its end, piece by piece from the longer text, as in the authors'
    own code.

    Raises:
        ValueError: if there is nothing to read.
    """
    texts = [pieces.encode(text) for text in (first, second) if text is not None]
    if not all(texts):
        raise ValueError("there is nothing to read; type a sentence")
    room = longest - 1 - len(texts)
    while sum(map(len, texts)) > room:
        max(texts, key=len).pop()
    return Row(*pieces.with_marks(*texts))


class Classes:
    """One of several classes, for a sentence or a pair: softmax(C W^T)."""

    reads = "C"

    def __init__(self, *names: str):
        self.names, self.outputs = names, len(names)

    def encode(self, pieces: BertPieces, example: Any, longest: int) -> list[Encoded]:
        """Lays out one sentence or two."""
        return [Encoded((row(pieces, example.first, example.second, longest),), example.label)]

    def targets(self, found: Sequence[int]) -> Tensor:
        """Returns the numbers of the classes (B,)."""
        return torch.tensor(found)

    def loss(self, scores: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """Sums the cross-entropy of the classes, in nats."""
        loss = nn.functional.cross_entropy(scores.float(), batch.targets, reduction="sum")
        return loss, len(batch.targets)

    def answer(self, example: Any, parts: Sequence[Encoded], scores: Sequence[Tensor]) -> int:
        """Returns the number of the likeliest class."""
        return int(scores[0].argmax())


class Number(Classes):
    """A number from 0 to `most`, for a pair: C w^T, of which the squared error counts.

    It is learned as a share of `most`, so that a net begins near it.
    """

    def __init__(self, most: float):
        super().__init__("number")
        self.most = most

    def targets(self, found: Sequence[float]) -> Tensor:
        """Returns shares of the largest number (B,)."""
        return torch.tensor(found, dtype=torch.float32) / self.most

    def loss(self, scores: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """Sums the squared errors, of shares."""
        return (scores[:, 0].float() - batch.targets).square().sum(), len(batch.targets)

    def answer(self, example: Any, parts: Sequence[Encoded], scores: Sequence[Tensor]) -> float:
        """Returns the number."""
        return scores[0].item() * self.most


class Choices(Classes):
    """One of several continuations: C of "[CLS] A [SEP] choice [SEP]" by a vector, section 4.4."""

    def __init__(self):
        super().__init__("choice")

    def encode(self, pieces: BertPieces, example: Any, longest: int) -> list[Encoded]:
        """Lays out a pair for each choice."""
        rows = tuple(row(pieces, example.first, option, longest) for option in example.options)
        return [Encoded(rows, example.label)]


class Spans:
    """Where a passage answers a question: S.T_i + E.T_j; [CLS] says nowhere, sections 4.2, 4.3."""

    outputs, reads = 2, "T"

    def encode(self, pieces: BertPieces, example: Any, longest: int) -> list[Encoded]:
        """Lays out each window of the passage; of several answers the first is learned."""
        cut = windows(pieces, example.question, example.passage, longest=longest)
        found = []
        for window in cut:
            target = None
            if example.answers:
                start, text = example.answers[0]
                target = places_of(window, start, start + len(text))
            rows = (Row(window.ids, window.segments),)
            found.append(Encoded(rows, target or (0, 0), window))
        return found

    def targets(self, found: Sequence[tuple[int, int]]) -> Tensor:
        """Returns the first and last places of the answers (B, 2)."""
        return torch.tensor(found)

    def loss(self, scores: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """Sums the means of -log p of both ends, over all places of the text."""
        both = span_scores(scores.float(), batch.lengths)  # (2, B, S)
        losses = [nn.functional.cross_entropy(each, wanted, reduction="sum")
                  for each, wanted in zip(both, batch.targets.T, strict=True)]  # fmt: skip
        return sum(losses) / 2, len(batch.targets)

    def answer(self, example: Any, parts: Sequence[Encoded], scores: Sequence[Tensor]) -> Found:
        """Returns the best span of all windows."""
        cut = [part.window for part in parts]
        starts, ends = zip(*(each.unbind(dim=-1) for each in scores), strict=True)
        return best_span(example.passage, cut, starts, ends)


class Tags:
    """A tag for each word, from T_i of its first piece, section 5.3."""

    reads = "T"

    def __init__(self, *names: str):
        self.names, self.outputs = names, len(names)

    def encode(self, pieces: BertPieces, example: Any, longest: int) -> list[Encoded]:
        """Lays out words; what lies beyond `longest` is left out, and no tag is asked there."""
        ids, tags = [pieces.cls_id], [UNASKED]
        for word, tag in zip(example.words, example.tags, strict=True):
            cut = pieces.encode(word) or [pieces.unknown_id]
            if len(ids) + len(cut) >= longest:
                break
            ids += cut
            tags += [self.names.index(tag), *[UNASKED] * (len(cut) - 1)]
        ids, tags = [*ids, pieces.sep_id], [*tags, UNASKED]
        return [Encoded((Row(ids, [0] * len(ids)),), tags)]

    def targets(self, found: Sequence[list[int]]) -> Tensor:
        """Returns the number of the tag where one is asked for, (B, S)."""
        return padded(found, UNASKED)[0]

    def loss(self, scores: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """Sums the cross-entropy of the tags of first pieces."""
        flat, wanted = scores.float().flatten(0, 1), batch.targets.flatten()
        loss = nn.functional.cross_entropy(flat, wanted, reduction="sum", ignore_index=UNASKED)
        return loss, int((wanted != UNASKED).sum())

    def answer(self, example: Any, parts: Sequence[Encoded], scores: Sequence[Tensor]) -> list[str]:
        """Returns a tag a word; O for words beyond the row."""
        places = [place for place, tag in enumerate(parts[0].target) if tag != UNASKED]
        found = [self.names[number] for number in scores[0].argmax(dim=-1)[places].tolist()]
        return found + ["O"] * (len(example.words) - len(found))
