"""A translator at work, one written piece at a time: what it looks at, its state, its choices.

Lecture: notebooks/07_attention_2016.ipynb
Shapes: S pieces of the sentence and what it is filled up with, n hidden units, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from imi.batches import pair_batch
from imi.text import BEGIN_ID, END_ID, PAD, PAD_ID
from imi.translation import MARKS, Translator


@dataclass(frozen=True)
class Moment:
    """What there was to see when one piece was written.

    Attributes:
        piece: the likeliest one, which was written.
        choices: the likeliest pieces with their probabilities, the best first.
        state: s_i of a model with attention, of another the top layer's h, (n,).
        alpha: how much each source piece was looked at (S,), if the model has attention.
    """

    piece: str
    choices: list[tuple[str, float]]
    state: Tensor
    alpha: Tensor | None


@dataclass(frozen=True)
class Course:
    """A sentence and the moments of its translation.

    Attributes:
        source: its pieces, then the filling.
        moments: one for each piece that was written, the end mark last.
        text: the translation.
    """

    source: list[str]
    moments: list[Moment]
    text: str

    def alpha(self) -> Tensor:
        """Returns all weights, (T, S).

        Raises:
            ValueError: if the model has no attention.
        """
        if self.moments[0].alpha is None:
            raise ValueError("this model has no attention to show")
        return torch.stack([moment.alpha for moment in self.moments])


def follow(
    translator: Translator,
    sentence: str,
    *,
    hard: bool = False,
    masked: bool = True,
    filling: int = 0,
    choices: int = 8,
) -> Course:
    """Lets a translator write greedily, the likeliest piece each time, and notes every moment.

    Args:
        hard: looks at one source piece at a time.
        masked: whether the filling is hidden, as it was in training.
        filling: with how many empty places the sentence is filled up, as beside a longer one.
        choices: how many of the likeliest pieces to note.

    Raises:
        ValueError: if the sentence is empty or too long, or there is no attention to change or no
            state to show.
    """
    model, (row,) = translator.model, translator.read([sentence])
    if (hard or not masked) and not hasattr(model, "attention"):
        raise ValueError("this model has no attention to change")
    source = torch.tensor([[*row, *[PAD_ID] * filling]])
    about: dict[str, Any] = {"hard": True} if hard else {}
    moments, token = [], torch.tensor([BEGIN_ID])
    with torch.no_grad():
        state = model.encode(source, torch.tensor([len(row)]))
        if not (hasattr(state, "s") or hasattr(state, "h")):
            raise ValueError("this model carries no state from word to word that could be shown")
        if not masked:
            seen = torch.ones_like(state.memory.visible)
            state = state._replace(memory=state.memory._replace(visible=seen))
        for _ in range(2 * len(row) + 10):
            logits, state = model.step(token, state, **about)
            found = logits[0].float().softmax(dim=-1).topk(min(choices, logits.shape[-1]))
            pieces = translator.target.vocabulary.decode(found.indices.tolist())
            token = found.indices[:1]
            alpha = state.alpha[0] if hasattr(state, "alpha") else None
            inner = state.s[0] if alpha is not None else state.h[0, -1]
            ranked = list(zip(pieces, found.values.tolist(), strict=True))
            moments.append(Moment(pieces[0], ranked, inner, alpha))
            if token.item() == END_ID:
                break
    text = translator.target.join(moment.piece for moment in moments)
    return Course([*translator.source.vocabulary.decode(row), *[PAD] * filling], moments,
                  text[:1].upper() + text[1:])  # fmt: skip


@dataclass(frozen=True)
class Glances:
    """A translation and all looks that led to it, of a model that looks with many heads.

    Attributes:
        source: the pieces of the sentence.
        written: what the decoder read at each place: the begin mark, then the translation.
        text: the translation.
        attention: the weights of one sentence, by kind: `encoder` (L, H, S, S), `decoder`
            (L, H, T, T), `across` (L, H, T, S); row t of the last two leads to piece t.
    """

    source: list[str]
    written: list[str]
    text: str
    attention: dict[str, Tensor]


def glances(translator: Translator, sentence: str, *, beams: int = 5) -> Glances:
    """Translates a sentence and collects what every head of every layer looked at meanwhile.

    Raises:
        ValueError: if the sentence is empty or too long, or the model has no heads to show.
    """
    model, (row,) = translator.model, translator.read([sentence])
    if not hasattr(model.config, "heads"):
        raise ValueError("this model does not look with heads; take a Transformer")
    (found,) = translator.translate([sentence], beams=beams)
    batch = pair_batch([row], [found.search.best.tokens], pad=PAD_ID, marks=MARKS)
    with torch.no_grad():
        seen = model(batch.source, batch.lengths, batch.inputs, weights=True).attention
    written = translator.target.vocabulary.decode(batch.inputs[0].tolist())
    weights = {kind: looks[0] for kind, looks in seen._asdict().items()}
    return Glances(found.source, written, found.text, weights)
