"""The nets of lecture 11: BERT, its smaller twins that lack one thing each, how all are trained.

What makes a masked language model learn quickly where the budget is minutes, not days:
- It predicts few pieces, so that each batch teaches little; there are thousands of small batches
  and not hundreds of large ones, at the high rate that a small net bears.
- 30 % of the pieces are hidden and not 15 %, until the last tenth of the updates: each text asks
  twice as many questions, and a small net has not the updates to be choosy (Wettig et al., "Should
  You Mask 15% in Masked Language Modeling?", EACL 2023).
- The vectors of words begin as lecture 04 counts them from neighbours, and not as noise. From noise
  the net guesses common words for a thousand updates, before it finds that neighbours matter.
- Nothing is computed in vain: rows are full, and only the chosen places are scored.
- 6,000 pieces: scoring costs as much as three layers, and rare pieces would never be learned.
- No dropout: each text is read two or three times, hidden elsewhere each time, and nothing is
  learned by heart that soon.
- The biases of the scores begin at how often pieces are, which nobody has to learn then.
- The vectors of positions begin as the waves of lecture 10 and not as noise, as loud as that would
  be: the same distance looks alike everywhere from the first update on. They are learned all the
  same.
- Next sentences are told by manner first (a verse does not follow a recipe), by matter later. A
  quarter of the foreign texts come from the same source, so that matter pays; more would hide the
  easy lesson, without which the hard one never begins.
As in appendix A.2, most updates read short rows and the last tenth long ones. That tenth, at a rate
near 0, taught these nets little of the far places: they found 40 % of the hidden pieces in rows of
64 places, 30 % in rows of 128. So a second phase reads long rows alone, and the rate rises once
more, as in the pre-training of You et al. (ICLR 2020). The far places begin it as their waves and
what the near ones have learned beside theirs; without that they learn five times as slowly.
The twins are nets of half the width, with the same data, updates, seeds and schedule: they differ
in one thing each. A snapshot of the big one would not do for that comparison, since its rate has
not fallen by then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from imi import device as devices
from imi.blocks import sinusoids
from imi.models.bert import BertConfig, BertForPretraining
from imi.recipes import bert_task
from imi.recipes.bert_task import Task

NAME = "bert"
BOTH, LEFT, RIGHT, NO_NSP = (f"bert_ablation_{one}" for one in ("both", "left", "right", "no_nsp"))


@dataclass(frozen=True)
class Settings:
    """How to pre-train in one phase; comments give the paper's numbers (appendix A.2).

    Attributes:
        tokens: places of a batch.
        short: places of a row at first.
        longest: places of a row in the last updates.
        long_share: how many of all updates these are.
        within: the share of NotNext texts that come from the same source.
        hidden: the share of pieces that the short rows hide; the long ones hide 15 %.
        counted: whether words begin as counts of neighbours have it, or at random as in the paper.
        waves: whether positions begin as waves, or at random as in the paper.
    """

    steps: int  # 1,000,000
    seed: int = 2019
    tokens: int = 2_048  # 128,000
    short: int = 64  # 128
    longest: int = 128  # 512
    long_share: float = 0.1  # 0.1
    learning_rate: float = 1e-3  # 1e-4
    warmup: float = 0.04  # 0.01 of all updates
    decay: float = 0.01  # 0.01
    betas: tuple[float, float] = (0.9, 0.98)  # 0.9, 0.999
    clip_norm: float = 1.0
    within: float = 0.25  # 0
    hidden: float = 0.3  # 0.15
    with_next: bool = True
    counted: bool = True
    waves: bool = True
    validations: int = 20

    @property
    def held_longest(self) -> int:
        """Places of the held-out rows by which the best weights are known."""
        return self.short if self.long_share < 1 else self.longest


BIG = {"dim": 256, "heads": 4, "layers": 4, "hidden_dim": 1_024, "dropout": 0.0}
SMALL = {"dim": 128, "heads": 4, "layers": 4, "hidden_dim": 512, "dropout": 0.0}
LIVE = {"dim": 128, "heads": 4, "layers": 2, "hidden_dim": 512, "dropout": 0.0}
LIVE_SETTINGS = Settings(600, long_share=0.0, learning_rate=2e-3, validations=6)
LOUD = 0.0176  # the deviation of random positions: normal, of 0.02, cut off at twice that

Phases = tuple[Settings, ...]
# Another seed, or the second phase would begin with the rows that the first one ended with.
LONG = {"seed": 2020, "long_share": 1.0, "learning_rate": 5e-4, "validations": 10}
ALL: Phases = (Settings(8_500), Settings(3_600, **LONG))
FEWER: Phases = (Settings(5_400, learning_rate=1.5e-3), Settings(2_000, **LONG))
WITHOUT_NEXT = tuple(replace(phase, with_next=False) for phase in FEWER)
MODELS: dict[str, tuple[dict[str, Any], Phases]] = {
    NAME: (BIG, ALL),
    BOTH: (SMALL, FEWER),
    LEFT: ({**SMALL, "sees": "left"}, FEWER),
    RIGHT: ({**SMALL, "sees": "right"}, FEWER),
    NO_NSP: (SMALL, WITHOUT_NEXT),
}


def new_model(of: Task, sizes: dict[str, Any], settings: Settings) -> BertForPretraining:
    """Makes a BERT that knows how common each piece is, and maybe what stands near it."""
    devices.seed_everything(settings.seed)
    size = len(of.pieces.vocabulary)
    model = BertForPretraining(BertConfig(size, **sizes))
    counts = of.libraries["train"].ids.bincount(minlength=size) + 0.5
    places = model.bert.places.weight
    with torch.no_grad():
        model.bias.copy_((counts / counts.sum()).log())
        if settings.counted:
            words = model.bert.words.weight
            vectors = torch.from_numpy(bert_task.counted_vectors(of, words.shape[1]))
            words.copy_(vectors * words.std() / vectors.std())
        if settings.waves:
            places.copy_(_waves(model))
    return model


def _waves(model: BertForPretraining) -> Tensor:
    """Returns what positions begin as, as loud as random vectors would be (S, D)."""
    waves = sinusoids(*model.bert.places.weight.shape)
    waves = waves - waves.mean(dim=0)  # what all have in common says nothing of a place
    return waves * LOUD / waves.std()


@torch.no_grad()
def teach_far_places(model: BertForPretraining, near: int) -> None:
    """Gives places from `near` on what the first ones have learned beside their waves."""
    places, waves = model.bert.places.weight, _waves(model)
    learned = places[:near] - waves[:near]
    for start in range(near, len(places), near):
        end = min(start + near, len(places))
        places[start:end] = waves[start:end] + learned[: end - start]
