"""Every net of the series that reads English, asked alike: sentences in, one vector each out.

Each makes of a sentence what its own lecture makes of it: the mean of its words' vectors, a code of
their counts, the state after the last letter or word, the mean of the annotations or of all T_i.
What no one word is known of lies at the origin, and is near to nothing.
Shapes: N sentences, D numbers a vector, V words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from imi import checkpoints, hugging_face, text
from imi.batches import padded
from imi.bertpieces import BertPieces
from imi.data import documents
from imi.models.bert import mean_place
from imi.recipes import bert_nets, gnmt, nplm_english, rnnlm, tatoeba, transformer, word2vec
from imi.recipes import multilingual_captions as captions
from imi.recipes.autoencoder_documents import name_of
from imi.recipes.bert_meaning import PUBLISHED, sentence_vectors
from imi.recipes.sentence_vectors import Vectors, bag_of_words, in_chunks
from imi.text import PAD_ID, Characters, Vocabulary
from imi.translation import Translator
from imi.vectors import WordVectors
from imi.wordpiece import tag

COUNTED = "counting"  # the level that the others are held against


@dataclass(frozen=True)
class Generation:
    """One way to make a vector of a sentence.

    Attributes:
        key: its name in figures.
        label: its name on a chart.
        year: of the paper.
        lecture: the notebook that teaches it, by its number.
        way: what it makes of a sentence, in words.
        checkpoint: what ships of it, or "" where others made it.
        load: returns what reads.
        words: whether single words differ for it by more than being the same or not.
    """

    key: str
    label: str
    year: int
    lecture: str
    way: str
    checkpoint: str
    load: Callable[[], Vectors]
    words: bool = True


def counting(vocabulary: Vocabulary, *, weighed: bool = True) -> Vectors:
    """Returns what counts each known word of a sentence, by default times log 1 / its frequency."""
    seen = torch.tensor(vocabulary.counts).clamp(min=1)
    weights = (seen.sum() / seen).log() if weighed else torch.ones(len(vocabulary))
    weights[0] = 0.0  # of the unknown words, which may be any

    def read(sentences: Sequence[str]) -> Tensor:
        counts = torch.zeros(len(sentences), len(vocabulary))
        for row, sentence in zip(counts, sentences, strict=True):
            ids = torch.tensor(vocabulary.encode(text.words(sentence.lower())), dtype=torch.long)
            row.index_add_(0, ids, torch.ones(len(ids)))
        return counts * weights

    return read


def weighed_words(vectors: Tensor, vocabulary: Vocabulary) -> Vectors:
    """Returns what adds up the vectors (V, D) of a sentence's words, the rare ones counting most.

    Source: Arora, Liang, Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR
        2017; the weights are log 1 / frequency, and no common direction is taken off.
    """
    counted, directions = counting(vocabulary), nn.functional.normalize(vectors, dim=1)
    return in_chunks(lambda sentences: counted(sentences) @ directions)


def codes(model: nn.Module, vocabulary: Vocabulary) -> Vectors:
    """Returns what encodes the stems of a sentence, as a document that says it ten times."""

    def read(sentences: Sequence[str]) -> Tensor:
        counts = documents.count_stems(map(documents.stems, sentences), vocabulary)
        with torch.no_grad():
            return model.encode(10 * counts) * counts.any(dim=1, keepdim=True)

    return read


def last_state(model: nn.Module) -> Vectors:
    """Returns what reads a sentence letter by letter, between blanks, and keeps the last state.

    Of an LSTM that is c, what its cells hold.
    """

    def read(sentences: Sequence[str]) -> Tensor:
        rows = [torch.tensor(Characters.encode(f" {text.plain(one)} ")) for one in sentences]
        found: dict[int, Tensor] = {}
        for length in set(map(len, rows)):
            numbers = [number for number, row in enumerate(rows) if len(row) == length]
            with torch.no_grad():
                state = model(torch.stack([rows[number] for number in numbers])).state
            kept = state if isinstance(state, Tensor) else state[1]
            found |= dict(zip(numbers, kept, strict=True))
        return torch.stack([found[number] for number in range(len(rows))])

    return read


def annotations(translator: Translator, *, mark: str = "") -> Vectors:
    """Returns what takes the mean of all annotations of a sentence.

    Args:
        mark: of a language, to be read before each sentence; its own annotation does not count.
    """
    first = 1 if mark else 0

    def read(sentences: Sequence[str]) -> Tensor:
        rows = translator.read([f"{mark} {one}".strip() for one in sentences])
        source, lengths = padded(rows, PAD_ID)
        with torch.no_grad():
            h = translator.model.encode(source, lengths).memory.annotations  # (N, S, D)
        return mean_place(h[:, first:], lengths - first)

    return in_chunks(read)


def _counting(*, weighed: bool) -> Vectors:
    return counting(checkpoints.load(nplm_english.NAME).vocabulary, weighed=weighed)


def _nplm() -> Vectors:
    shipped = checkpoints.load(nplm_english.NAME)
    weights = shipped.model.embedding.weight.detach()
    return bag_of_words(WordVectors(shipped.vocabulary.words[1:], weights[1:]))


def _codes() -> Vectors:
    shipped = checkpoints.load(name_of(10))
    return codes(shipped.model, shipped.vocabulary)


def _letters(name: str) -> Vectors:
    return last_state(checkpoints.load(name).model)


def _rnnlm() -> Vectors:
    shipped = checkpoints.load(rnnlm.NAME)
    return bag_of_words(rnnlm.word_vectors(shipped.model, shipped.vocabulary))


def _weighed_words() -> Vectors:
    shipped = checkpoints.load(word2vec.NAME)
    return weighed_words(shipped.model.input.weight.detach(), shipped.vocabulary)


def _one_vector() -> Vectors:
    return in_chunks(Translator.load(tatoeba.FIXED_NAME).vectors)


def _annotations(name: str, mark: str = "") -> Vectors:
    return annotations(Translator.load(name), mark=mark)


def _bert() -> Vectors:
    shipped = checkpoints.load(bert_nets.NAME)
    return sentence_vectors(shipped.model.bert, BertPieces(shipped.vocabulary), "mean")


def _published() -> Vectors:
    return sentence_vectors(*hugging_face.load(PUBLISHED), "mean")


WORDS, LOOKED_AT = "mean of its words' vectors", "mean of the annotations"
GENERATIONS = (
    Generation("counts", "counting words", 1957, "01", "how often each word is in it", "",
               partial(_counting, weighed=False), words=False),
    Generation(COUNTED, "counting, weighed", 1972, "02", "the same, the rare words most", "",
               partial(_counting, weighed=True), words=False),
    Generation("nplm", "NPLM", 2003, "01", WORDS, nplm_english.NAME, _nplm),
    Generation("autoencoder", "autoencoder", 2006, "02", "code of its stems", name_of(10), _codes),
    Generation("mrnn", "mRNN, letters", 2011, "03", "state after the last letter", "wiki_mrnn",
               partial(_letters, "wiki_mrnn")),
    Generation("rnnlm", "RNN, words", 2013, "04", WORDS, rnnlm.NAME, _rnnlm),
    Generation("word2vec", "word2vec", 2013, "04", WORDS, word2vec.NAME, bag_of_words),
    Generation("seq2seq", "seq2seq", 2014, "05", "states after the last word",
               tatoeba.FIXED_NAME, _one_vector),
    Generation("char_lstm", "LSTM, letters", 2015, "06", "cells after the last letter",
               "char_lstm_shakespeare", partial(_letters, "char_lstm_shakespeare")),
    Generation("attention", "attention", 2015, "07", LOOKED_AT, tatoeba.ATTENTION,
               partial(_annotations, tatoeba.ATTENTION)),
    Generation("gnmt", "GNMT", 2016, "08", LOOKED_AT, gnmt.EVERYDAY,
               partial(_annotations, gnmt.EVERYDAY)),
    Generation("multilingual", "many languages", 2016, "09", LOOKED_AT, captions.MANY,
               partial(_annotations, captions.MANY, tag("en"))),
    Generation("weighed", "word2vec, weighed", 2017, "04", "the same, the rare words most",
               word2vec.NAME, _weighed_words, words=False),
    Generation("transformer", "Transformer", 2017, "10", LOOKED_AT, transformer.EVERYDAY,
               partial(_annotations, transformer.EVERYDAY)),
    Generation("bert", "our BERT", 2019, "11", "mean of all T_i", bert_nets.NAME, _bert),
    Generation("minilm", "MiniLM", 2021, "11", "mean of all T_i", "", _published),
)  # fmt: skip
