"""Training steps of a Transformer, here and with `torch.nn.Transformer`: the same pairs and sizes.

Both have vectors, positions, tied scores, loss and optimizer in common; between them stands our
encoder and decoder or torch's. Both train in float32 and, where the machine gains from it, in
bfloat16; each's faster way counts. Then greedy search with the cache of `step` is timed against
reading everything anew at each place, which is what `torch.nn.Transformer` offers.

Usage: python tests/benchmarks/transformer.py [STEPS]   (48 by default)
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import report
import torch
from report import Row, Skipped
from torch import Tensor, nn

from imi import device
from imi.batches import PairBatch, bucketed, padded
from imi.beam import beam_search
from imi.data import pairs, sources
from imi.layers import visible
from imi.models.transformer import Transformer, TransformerConfig
from imi.text import BEGIN_ID, END_ID, PAD_ID, Vocabulary, words
from imi.training import PairLoss, train
from imi.wordpiece import SPECIAL

SIZES = {"dim": 256, "heads": 8, "hidden_dim": 512, "layers": 3, "dropout": 0.1}
VOCABULARY, WARM, ROWS, WRITTEN = 3_000, 4, 64, 24
FASTER_TRAINING, FASTER_SEARCH = 1.0, 2.0


class Scores(NamedTuple):
    """What a loss asks for."""

    logits: Tensor


class Theirs(Transformer):
    """Our vectors, positions and scores around torch's encoder and decoder."""

    def __init__(self, config: TransformerConfig):
        super().__init__(config)
        self.encoder = self.decoder = None
        self.core = nn.Transformer(
            config.dim, config.heads, config.layers, config.layers, config.hidden_dim,
            dropout=config.dropout, batch_first=True,
        )  # fmt: skip

    def forward(self, source, lengths, inputs, *, kept=None):
        """Scores the word after each of `inputs`."""
        filled = ~visible(lengths, source.shape[1])
        later = torch.ones(inputs.shape[1], inputs.shape[1], dtype=torch.bool).triu(1)
        hidden = self.core(
            self._embedded(self.source_embedding, source),
            self._embedded(self.target_embedding, inputs),
            tgt_mask=later, src_key_padding_mask=filled, memory_key_padding_mask=filled,
        )  # fmt: skip
        return Scores(self._score(hidden if kept is None else hidden[kept]))


def batches(steps: int) -> tuple[list[PairBatch], list[list[int]]]:
    """Makes batches of captions, and sentences to be translated, all of whole words."""
    sides = []
    for side in (0, 1):
        tokens = [words(pair[side].lower()) for pair in pairs.multi30k("train")]
        known = Vocabulary.from_tokens((word for row in tokens for word in row),
                                       max_size=VOCABULARY - 3)  # fmt: skip
        known = Vocabulary([*SPECIAL[1:], *known.words[1:]])
        sides.append([known.encode(row) for row in tokens])
    made = bucketed(*(side[ROWS:] for side in sides), tokens=1_500, pad=PAD_ID,
                    marks=(BEGIN_ID, END_ID), seed=1)  # fmt: skip
    return [batch for _, batch in zip(range(steps + WARM), made, strict=False)], sides[0][:ROWS]


def trained(make: type[Transformer], made: list[PairBatch], *, mixed: bool) -> float:
    """Returns target words a second in training."""
    device.seed_everything(2017)
    model = make(TransformerConfig(VOCABULARY, VOCABULARY, **SIZES))
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), fused=True)
    steps = train(model, iter(made), PairLoss(0.1), adam, steps=len(made), clip_norm=1.0,
                  mixed_precision=mixed, progress=False)  # fmt: skip
    tokens, began = 0, 0.0
    for step, batch in zip(steps, made, strict=True):
        if step.number == WARM:
            began = step.seconds
        tokens += int(batch.kept.sum()) if step.number > WARM else 0
    return tokens / (step.seconds - began)


def searched(rows: list[list[int]]) -> dict[str, float]:
    """Returns sentences a second in greedy search, none of which may end early."""
    model = Transformer(TransformerConfig(VOCABULARY, VOCABULARY, **SIZES)).eval()
    source, lengths = padded(rows, PAD_ID)

    def cached(ids, state):
        logits, state = model.step(ids, state)
        logits[:, END_ID] = -torch.inf
        return logits, state

    def anew(ids, state):
        memory, written = state
        written = torch.cat([written, ids[:, None]], dim=1)
        hidden, _, _ = model._decode(written, memory)
        logits = model._score(hidden[:, -1])
        logits[:, END_ID] = -torch.inf
        return logits, (memory, written)

    speeds = {}
    with torch.no_grad():
        begun = model.encode(source, lengths)
        starts = {"cached": (cached, begun),
                  "anew": (anew, (begun, torch.zeros(len(rows), 0, dtype=torch.long)))}  # fmt: skip
        for name, (step, state) in starts.items():
            began = time.perf_counter()
            beam_search(step, state, begin=BEGIN_ID, end=END_ID, beams=1,
                        max_lengths=torch.full_like(lengths, WRITTEN))  # fmt: skip
            speeds[name] = len(rows) / (time.perf_counter() - began)
    return speeds


def rows(steps: int) -> Iterator[Row]:
    """Trains both, one after the other, then searches."""
    if not sources.available("multi30k-train-de"):
        raise Skipped("Multi30k is not here; run `python -m imi.data fetch` or set IMI_MIRROR")
    device.use_all_cores()
    made, sentences = batches(steps)
    both = {False, device.has_fast_bf16(torch.device("cpu"))}
    theirs, ours = (max(trained(make, made, mixed=mixed) for mixed in both)
                    for make in (Theirs, Transformer))  # fmt: skip
    what = f"Transformer, {SIZES['dim']} wide, {SIZES['layers']} and {SIZES['layers']} layers"
    yield Row(f"{what}, training", "words/s", ours, "torch.nn.Transformer", theirs,
              target=FASTER_TRAINING)  # fmt: skip
    search = searched(sentences)
    yield Row(f"{what}, greedy search with a cache", "sentences/s", search["cached"],
              "all read anew", search["anew"], target=FASTER_SEARCH)  # fmt: skip


if __name__ == "__main__":
    report.main(rows, 48, "steps")
