"""A Transformer with one part changed or switched off at a time: what each part is good for.

Source: Vaswani et al. (2017), table 3 (heads, learned positions); the other changes are mistakes
    that people make. All nets translate the same short sentences of the phrasebook, English to
    Japanese, and differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from imi import device as devices
from imi import measurements, metrics, training
from imi.batches import padded
from imi.beam import beam_search
from imi.data import phrasebook as book
from imi.data.pairs import Pair, Split
from imi.models.transformer import Transformer, TransformerConfig
from imi.recipes import Recipe, Request, phrasebook
from imi.recipes.translation import PaperSettings, training_batches
from imi.recipes.translation_task import Task, held_out
from imi.text import BEGIN_ID, END_ID, PAD_ID
from imi.translation import Translator

NAME = "transformer_ablations"
LENGTHS = {"min_words": 3, "max_words": 12}  # of the English sentence
COUNTS = {"train": 20_000, "valid": 300, "test": 200}
ROLES = {"train": 1_500, "test": 100}  # times "John admires Mary" and "Mary admires John"
PIECES = 900  # of each language
SIZES = {"dim": 128, "heads": 8, "layers": 2, "hidden_dim": 256, "dropout": 0.1}
SETTINGS = PaperSettings(900, seed=2017, tokens=1_000, learning_rate=0.5, warmup=200,
                         validations=9, averaged=0)  # fmt: skip
FILLING = 10  # empty places beside a sentence
NO_RISE = "no_warmup", "pre_norm_no_warmup"
CHANGES: dict[str, dict[str, Any]] = {
    "paper": {},
    "heads_1": {"heads": 1},
    "heads_4": {"heads": 4},
    "heads_16": {"heads": 16},
    "learned_positions": {"positions": "learned"},
    "no_positions": {"positions": "none"},
    "slow_waves": {},
    "places_of_rows": {},
    "no_causal_mask": {"causal": False},
    "no_padding_mask": {"masked": False},
    "no_scaling": {"scaled": False},
    "no_residuals": {"residual": False},
    "no_warmup": {},
    "pre_norm": {"pre_norm": True},
    "pre_norm_no_warmup": {"pre_norm": True},
}


class SlowWaves(Transformer):
    """Takes 2i twice, 10000^(4i / d_model): a slip in many programs, since i runs in steps of 2."""

    def __init__(self, config: TransformerConfig):
        super().__init__(config)
        rates = 10_000 ** (torch.arange(0, config.dim, 2) * 2 / config.dim)
        waves = torch.arange(config.longest)[:, None] / rates
        self.places = torch.stack([waves.sin(), waves.cos()], dim=-1).flatten(1)[:, : config.dim]


class PlacesOfRows(Transformer):
    """Mistakes sentences for words: all words of the first one are at place 0, and so on."""

    def _embedded(self, words: nn.Embedding, ids: Tensor, start: int = 0) -> Tensor:
        rows = torch.arange(len(ids), device=ids.device) % len(self.places)
        return self.dropout(words(ids) * self.config.dim**0.5 + self.places[rows][:, None])


NETS = {"slow_waves": SlowWaves, "places_of_rows": PlacesOfRows}


def net_of(name: str, given: Task, sizes: Mapping[str, Any] = SIZES) -> Transformer:
    """Makes the net with one change."""
    vocabularies = (len(given.source.vocabulary), len(given.target.vocabulary))
    config = TransformerConfig(*vocabularies, **{**sizes, **CHANGES[name]})
    return NETS.get(name, Transformer)(config)


def roles(part: str) -> list[Pair]:
    """Says who does what to whom, and the same the other way round, one after the other."""
    trios = islice(phrasebook.trios(part), ROLES[part])
    return [phrasebook.said(one) for trio in trios for one in (trio.active, trio.swapped)]


def task() -> Task:
    """Returns short sentences of the phrasebook, those about roles among them."""
    train, valid, test = ([phrasebook.said(meaning) for meaning in
                           islice(book.meanings(part, **LENGTHS), COUNTS[part])]
                          for part in ("train", "valid", "test"))  # fmt: skip
    return Task.of(Split(train + roles("train"), valid, test), size=PIECES, data=(),
                   tokenize=phrasebook.TOKENIZE)  # fmt: skip


def filled(translator: Translator, sentences: Sequence[str], filling: int) -> list[str]:
    """Translates greedily, all sentences in one batch with `filling` more empty places."""
    source, lengths = padded(translator.read(sentences), PAD_ID)
    empty = torch.full((len(source), filling), PAD_ID)
    with torch.no_grad():
        state = translator.model.encode(torch.cat([source, empty], dim=1), lengths)
        found = beam_search(translator.model.step, state, begin=BEGIN_ID, end=END_ID, beams=1,
                            max_lengths=2 * lengths + 10)  # fmt: skip
    return [translator.target.decode(search.best.tokens) for search in found]


def judged(translator: Translator, given: Task, swapped: Sequence[Pair]) -> dict[str, float]:
    """Lets a net write: BLEU, and shares (0 to 1) of what it got right.

    `exact`: translations that are the phrasebook's, word for word. `roles`: the same of sentences
    that differ from another in their order alone; `told_apart`: of these, pairs that do not become
    one and the same. `filling`: translations that change with empty places beside the sentence.
    """
    said, wanted = ([pair[side] for pair in given.pairs.test] for side in (0, 1))
    found = filled(translator, said, 0)
    shifted = filled(translator, said, FILLING)
    turned = filled(translator, [pair.source for pair in swapped], 0)

    def share(hits: Sequence[bool]) -> float:
        return sum(hits) / len(hits)

    return {
        "bleu": metrics.bleu(found, wanted, tokenize=given.tokenize).value,
        "exact": share([ours == pair for ours, pair in zip(found, wanted, strict=True)]),
        "roles": share([ours == pair.target for ours, pair in zip(turned, swapped, strict=True)]),
        "told_apart": share([a != b for a, b in zip(turned[::2], turned[1::2], strict=True)]),
        "filling": share([a != b for a, b in zip(found, shifted, strict=True)]),
    }


def fitted(model: nn.Module, given: Task, settings: PaperSettings) -> list[dict[str, Any]]:
    """Trains a net; returns its curve, in nats per piece. A loss that explodes ends it."""
    valid = held_out(*given.ids(given.pairs.valid))
    curve = [{"step": 0, "validation": metrics.pair_loss(model, valid)}]
    steps = training.train(
        model,
        training_batches(given, settings),
        training.PairLoss(settings.smoothing),
        settings.optimizer(model),
        steps=settings.steps,
        schedule=settings.schedule(model),
        clip_norm=settings.clip_norm,
        validate=lambda net: metrics.pair_loss(net, valid),
        validate_every=max(1, settings.steps // settings.validations),
    )
    try:
        for step in steps:
            if step.validation is not None:
                curve.append({"step": step.number, "loss": round(step.loss, 4),
                              "validation": round(step.validation, 4)})  # fmt: skip
    except ValueError as exploded:
        curve.append({"step": curve[-1]["step"], "stopped": str(exploded)})
    return curve


def measure_all(
    given: Task,
    names: Collection[str] = tuple(CHANGES),
    *,
    sizes: Mapping[str, Any] = SIZES,
    settings: PaperSettings = SETTINGS,
    device: torch.device | str = "cpu",
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Trains a net for each change; returns figures CHANGE/FIGURE, and a row for each net."""
    swapped, figures, rows = roles("test"), {}, []
    for name in names:
        about = replace(settings, rising=name not in NO_RISE)
        devices.seed_everything(about.seed)
        model = net_of(name, given, sizes).to(device)
        curve = fitted(model, given, about)
        translator = Translator(model.to("cpu").eval(), given.source, given.target)
        found = judged(translator, given, swapped)
        found["validation"] = min(p["validation"] for p in curve if "validation" in p)
        figures |= {f"{name}/{figure}": round(value, 4) for figure, value in found.items()}
        shown = [*given.pairs.test[:2], *swapped[:2]]
        texts = filled(translator, [pair.source for pair in shown], 0)
        rows.append({"net": name, "curve": curve, "written": [
            {"source": pair.source, "target": pair.target, "found": text}
            for pair, text in zip(shown, texts, strict=True)]})  # fmt: skip
    return figures, rows


def measure() -> dict[str, float]:
    """Measures nothing again: the nets are not kept, and training them takes long."""
    return {}


def run(request: Request) -> bool:
    """Trains the nets and writes `measurements/transformer_ablations.json`."""
    measurements.take(
        request.out / "measurements",
        NAME,
        lambda: measure_all(task(), device=request.device),
        settings=vars(SETTINGS) | SIZES | {"pieces": PIECES, "pairs": COUNTS["train"]},
    )
    return True


RECIPES = (Recipe(NAME, "Transformers with one part changed or switched off", run, minutes=20),)
