"""A sentence in, a sentence out: word pieces, a model and beam search put together.

Lecture: notebooks/05_seq2seq_2014.ipynb, notebooks/07_attention_2016.ipynb
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from imi import checkpoints
from imi.batches import padded, pair_batch
from imi.beam import Search, beam_search
from imi.checkpoints import Checkpoint
from imi.text import BEGIN_ID, END_ID, PAD_ID
from imi.wordpiece import WordPieces

MARKS = (BEGIN_ID, END_ID)
LONGEST = 200  # pieces of a sentence; no model here has seen half as many


@dataclass(frozen=True)
class Translation:
    """A sentence and what became of it.

    Attributes:
        text: the translation.
        source: pieces of the sentence, as the model read them.
        target: pieces of the translation, as it wrote them, the end mark last.
        search: all that was found, and how.
        alpha: how much each source piece was looked at for each target piece (T, S), if the model
            has attention.
    """

    text: str
    source: list[str]
    target: list[str]
    search: Search
    alpha: Tensor | None = None


@dataclass(frozen=True)
class Translator:
    """A model with the pieces of both languages."""

    model: nn.Module
    source: WordPieces
    target: WordPieces

    @classmethod
    def load(cls, name: str | Checkpoint) -> Translator:
        """Loads a shipped translator by name.

        Raises:
            CheckpointError: if there is none, or it is damaged.
        """
        shipped = checkpoints.load(name) if isinstance(name, str) else name
        if set(shipped.vocabularies) != {"source", "target"}:
            raise checkpoints.CheckpointError("this model translates nothing: it has one language")
        pieces = (WordPieces(shipped.vocabularies[side]) for side in ("source", "target"))
        return cls(shipped.model, *pieces)

    def read(self, sentences: Sequence[str]) -> list[list[int]]:
        """Maps sentences to ids.

        Raises:
            ValueError: if one is empty or too long.
        """
        rows = [self.source.encode(sentence) for sentence in sentences]
        if not all(rows):
            raise ValueError("there is nothing to translate; type a sentence")
        longest = max(map(len, rows), default=0)
        if longest > LONGEST:
            raise ValueError(f"a sentence has {longest} pieces; the models read {LONGEST} at most")
        return rows

    def translate(
        self,
        sentences: Sequence[str],
        *,
        beams: int = 5,
        alpha: float = 1.0,
        beta: float = 0.0,
        hard: bool = False,
        batch_size: int = 64,
    ) -> list[Translation]:
        """Translates sentences, those of about one length together.

        Args:
            beams: how many hypotheses go on side by side; 1 is greedy.
            alpha: of the length penalty.
            beta: of the coverage penalty, for models with attention.
            hard: looks at one source piece at a time.

        Raises:
            ValueError: if a sentence is empty or too long, or a setting makes no sense.
        """
        if hard and not hasattr(self.model, "attention"):
            raise ValueError("this model has no attention that could look at one piece alone")
        rows = self.read(sentences)
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        found: dict[int, Translation] = {}
        about = {"beams": beams, "alpha": alpha, "beta": beta}
        for start in range(0, len(order), batch_size):
            numbers = order[start : start + batch_size]
            searches = self._search([rows[n] for n in numbers], about, hard=hard)
            for number, search in zip(numbers, searches, strict=True):
                found[number] = self._told(rows[number], search, hard=hard)
        return [found[number] for number in range(len(rows))]

    def texts(self, sentences: Sequence[str], **about: Any) -> list[str]:
        """Translates sentences as `translate` does and returns the text alone."""
        return [translation.text for translation in self.translate(sentences, **about)]

    def vectors(self, sentences: Sequence[str]) -> Tensor:
        """Returns each sentence as one vector, the hidden states after its last word (N, L*H).

        Raises:
            ValueError: if a sentence is empty or too long, or the model looks back at words: then
                no one vector holds the sentence.
        """
        rows, device = self.read(sentences), next(self.model.parameters()).device
        if not rows:
            raise ValueError("there is nothing to read; type a sentence")
        source, lengths = (part.to(device) for part in padded(rows, PAD_ID))
        with torch.no_grad():
            state = self.model.encode(source, lengths)
        if not hasattr(state, "h"):
            raise ValueError("a model with attention keeps no one vector of a sentence")
        return state.h.flatten(1).cpu()

    def _search(self, rows: list[list[int]], about: dict[str, Any], *, hard: bool) -> list[Search]:
        device = next(self.model.parameters()).device
        source, lengths = (part.to(device) for part in padded(rows, PAD_ID))
        with torch.no_grad():
            state = self.model.encode(source, lengths)
        if hasattr(state, "alpha"):
            visible = source != PAD_ID
            about = {**about, "attention": lambda state: state.alpha, "visible": visible}
        return beam_search(
            partial(self.model.step, hard=True) if hard else self.model.step,
            state,
            begin=BEGIN_ID,
            end=END_ID,
            max_lengths=2 * lengths + 10,
            **about,
        )

    def _told(self, row: list[int], search: Search, *, hard: bool) -> Translation:
        tokens = search.best.tokens
        text = self.target.decode(tokens)
        text = text[:1].upper() + text[1:]  # models learn to begin in lower case
        pieces = self.target.vocabulary.decode([*tokens, END_ID])
        alpha = self.alpha(row, tokens, hard=hard) if hasattr(self.model, "attention") else None
        return Translation(text, self.source.vocabulary.decode(row), pieces, search, alpha)

    def alpha(self, row: list[int], tokens: list[int], *, hard: bool = False) -> Tensor:
        """Returns what a model with attention looks at when it writes `tokens`, (T, S)."""
        batch = pair_batch([row], [tokens], pad=PAD_ID, marks=MARKS)
        device = next(self.model.parameters()).device
        with torch.no_grad():
            given = (part.to(device) for part in (batch.source, batch.lengths, batch.inputs))
            return self.model(*given, hard=hard).alpha[0].cpu()
