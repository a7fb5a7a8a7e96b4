"""Shipped recipes on worlds of a few sentences, run as `python -m imi.train` runs them.

A file of its own: the processes that `torchrun` starts import it, too.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import test_character_recipes as characters
import test_pretraining as pretraining
import test_recipes as windows
import test_transformer_recipes as pairs
from imi import device as devices
from imi import places, train
from imi.data import running
from imi.models.char_lstm import CharLSTMConfig
from imi.recipes import (
    bert_nets,
    bert_task,
    char_rnn_nets,
    nplm_english,
    phrasebook,
    transformer,
    translation,
)

# Nothing is left out at random: processes would leave out other things than one process does.
CERTAIN = {"dropout": 0.0}


def nplm(patch: pytest.MonkeyPatch) -> str:
    """A language model over windows."""
    sizes = {"context_size": 2, "embedding_dim": 3, "hidden_dim": 5}
    patch.setattr(nplm_english, "english_corpus", windows.corpus)
    patch.setattr(nplm_english, "SIZES", sizes | CERTAIN)
    patch.setattr(nplm_english, "SETTINGS", windows.SETTINGS)
    patch.setattr(nplm_english, "meaning", lambda vectors: {})  # nobody judged these words
    return nplm_english.NAME


def char_lstm(patch: pytest.MonkeyPatch) -> str:
    """A language model that carries its state; of three rows two processes get two and one."""
    settings = dataclasses.replace(characters.SETTINGS, forget=0.0)
    patch.setitem(char_rnn_nets.TEXTS, "c", characters.text)
    patch.setitem(char_rnn_nets.NETS, "c", (CharLSTMConfig(hidden_dim=11), settings))
    return char_rnn_nets.name_of("c")


def translator(patch: pytest.MonkeyPatch) -> str:
    """A Transformer whose last weights are averaged."""
    patch.setattr(phrasebook, "task", pairs.task)
    make = translation.transformer(**{**pairs.SIZES, **CERTAIN})
    patch.setitem(transformer.MODELS, transformer.PHRASEBOOK, (make, pairs.SETTINGS))
    return transformer.PHRASEBOOK


def bert(patch: pytest.MonkeyPatch) -> str:
    """BERT in both phases, short rows and then long ones."""
    long = dataclasses.replace(pretraining.SETTINGS, steps=6, long_share=1.0, seed=2020,
                               validations=2)  # fmt: skip
    patch.setattr(running, "documents", lambda names: pretraining.world())
    patch.setattr(bert_task, "VOCABULARY", 90)
    patch.setattr(bert_task, "TEST_LONGEST", 40)
    of = bert_task.read(names=("recipes", "tatoeba"))
    patch.setattr(bert_task, "read", lambda *given, **about: of)
    phases = (pretraining.SETTINGS, long)
    patch.setitem(bert_nets.MODELS, bert_nets.NAME, (pretraining.SIZES, phases))
    return bert_nets.NAME


FAMILIES = {each.__name__: each for each in (nplm, char_lstm, translator, bert)}


def make(family: str, folder: Path) -> Path:
    """Runs the recipe of a family below a folder; returns the folder of its checkpoint."""
    with pytest.MonkeyPatch.context() as patch:
        name = FAMILIES[family](patch)
        # Half a batch is rounded otherwise than a whole one, and Adam makes much of that.
        patch.setattr(devices, "has_fast_bf16", lambda device: False)
        patch.setattr(places, "cache_dir", lambda: folder / "cache")
        assert train.main([name, "--device", "cpu", "--out", str(folder)]) == 0
    return folder / "checkpoints" / name
