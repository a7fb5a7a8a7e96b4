"""The phrasebook: one meaning, said in English, Japanese, Korean, French and German.

A synchronous grammar: a meaning is a tree without a language (`tree`), each language says it in
its own order and inflection, and every token knows which nodes of the tree it says, so that the
true word alignment of any two languages follows (`alignment`).

Source: synchronous grammars as in Chiang, "A Hierarchical Phrase-Based Model for Statistical
    Machine Translation", ACL 2005, section 2; here the two sides share a tree, not rules.
Lecture: 05_seq2seq_2014, 07_attention_2016, 09_multilingual_2016
Differs: no sentence is taken from a corpus; words and rules are this project's own, in
    `data/phrasebook/`.
"""

from __future__ import annotations

from imi.data.phrasebook.lexicon import lexicon
from imi.data.phrasebook.meanings import Meaning, meanings, pairs, passive, swapped, transitive
from imi.data.phrasebook.sentences import Sentence, alignment
from imi.data.phrasebook.triples import Triple, triples
from imi.data.phrasebook.words import LANGUAGES

__all__ = [
    "LANGUAGES", "Meaning", "Sentence", "Triple", "alignment", "lexicon", "meanings", "pairs",
    "passive", "swapped", "transitive", "triples",
]  # fmt: skip
