"""What BERT's vectors know: the sense of a word, layer by layer, and how alike sentences are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from imi import checkpoints, hugging_face, metrics
from imi.batches import padded
from imi.bertpieces import BertPieces
from imi.data import sentence_tests, sources
from imi.data.sentence_tests import Use
from imi.metrics import neighbour_accuracy, silhouette
from imi.models.bert import Bert, mean_place
from imi.recipes import Recipe, bert_nets
from imi.recipes.sentence_vectors import bag_of_words, in_chunks

NAME = "bert_meaning"
PUBLISHED = "minilm"


def rows(pieces: BertPieces, sentences: Sequence[str], longest: int) -> tuple[Tensor, Tensor]:
    """Lays sentences out as [CLS] A [SEP]; returns ids (B, S) and lengths (B,)."""
    found = [pieces.encode(sentence)[: longest - 2] for sentence in sentences]
    return padded([pieces.with_marks(ids)[0] for ids in found], pieces.pad_id)


@torch.no_grad()
def layers_of_uses(model: Bert, pieces: BertPieces, uses: Sequence[Use]) -> Tensor:
    """Returns the vector of each use's word in the embeddings and after each layer, (L + 1, N, D).

    A word of several pieces is the mean of theirs.
    """
    ids, lengths = rows(pieces, [use.sentence for use in uses], model.config.longest)
    hidden, found = model.layers(ids, lengths), []  # (N, L + 1, S, D)
    for number, use in enumerate(uses):
        start, end = use.span()
        _, offsets = pieces.offsets(use.sentence)
        places = [n for n, (a, b) in enumerate(offsets, start=1) if a < end and b > start]
        found.append(hidden[number, :, places].mean(dim=1))
    return torch.stack(found, dim=1)


def separation(vectors: Tensor, uses: Sequence[Use]) -> dict[str, float]:
    """Measures how well the senses of each word lie apart, a mean over the words.

    Vectors (N, D) are set to length 1. Returns the silhouette and how often the nearest other use
    of the word has its sense.
    """
    places, figures = nn.functional.normalize(vectors, dim=1), []
    for word in dict.fromkeys(use.word for use in uses):
        chosen = [number for number, use in enumerate(uses) if use.word == word]
        names = sorted({uses[number].sense for number in chosen})
        senses = torch.tensor([names.index(uses[number].sense) for number in chosen])
        own = places[chosen]
        nearest = neighbour_accuracy(own, senses, neighbours=1)
        figures.append((silhouette(own, senses), nearest))
    apart, nearest = torch.tensor(figures).mean(dim=0).tolist()
    return {"silhouette": round(apart, 4), "nearest": round(nearest, 4)}


def sentence_vectors(model: Bert, pieces: BertPieces, kind: str) -> Callable:
    """Returns what makes of sentences their C, their T of [CLS], or the mean of all T_i, (N, D)."""

    def read(sentences: Sequence[str]) -> Tensor:
        ids, lengths = rows(pieces, sentences, model.config.longest)
        with torch.no_grad():
            reading = model(ids, lengths)
        made = {"C": reading.pooled, "cls": reading.hidden[:, 0],
                "mean": mean_place(reading.hidden, lengths)}  # fmt: skip
        return made[kind]

    return in_chunks(read)


def cosines(vectors: Callable, pairs: Sequence[tuple[str, str, float]]) -> list[float]:
    """Returns the cosine of the two sentences of each pair; each sentence is read once."""
    said = sorted({sentence for first, second, _ in pairs for sentence in (first, second)})
    number = {sentence: n for n, sentence in enumerate(said)}
    places = nn.functional.normalize(vectors(said).float(), dim=1)
    return [float(places[number[first]] @ places[number[second]]) for first, second, _ in pairs]


def human_likeness(vectors: Callable, pairs: Sequence[tuple[str, str, float]]) -> float:
    """Returns Spearman's rho of the cosine of sentences and what people said."""
    people = [score for _, _, score in pairs]
    return round(metrics.spearman(cosines(vectors, pairs), people), 4)


def nets() -> dict[str, tuple[Bert, BertPieces]]:
    """Loads our own BERT and a published one of full depth."""
    own, other = checkpoints.load(bert_nets.NAME), hugging_face.load(PUBLISHED)
    return {bert_nets.NAME: (own.model.bert, BertPieces(own.vocabulary)),
            PUBLISHED: (other.model, other.pieces)}  # fmt: skip


def measure_all() -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measures senses by layer and the likeness of sentences; figures NET/FIGURE, rows by layer."""
    uses, known, figures, by_layer = sentence_tests.senses(), nets(), {}, []
    for name, (model, pieces) in known.items():
        vectors = layers_of_uses(model, pieces, uses)
        found = [separation(layer, uses) for layer in vectors]
        by_layer += [{"net": name, "layer": n, **each} for n, each in enumerate(found)]
        best = max(found, key=lambda each: each["silhouette"])
        for label, each in (("embeddings", found[0]), ("last", found[-1]), ("best", best)):
            figures |= {f"{name}/{figure}/{label}": value for figure, value in each.items()}
    figures["uses"] = len(uses)
    if sources.available("stsb-en-test"):
        pairs = sentence_tests.stsb()
        figures |= {"stsb_pairs": len(pairs),
                    "word2vec/stsb/mean": human_likeness(bag_of_words(), pairs)}  # fmt: skip
        for name, (model, pieces) in known.items():
            for kind in ("C", "cls", "mean"):
                score = human_likeness(sentence_vectors(model, pieces, kind), pairs)
                figures[f"{name}/stsb/{kind}"] = score
    return figures, by_layer


def measure() -> dict[str, float]:
    """Measures the figures again, from the shipped weights."""
    return measure_all()[0]


RECIPES = (
    Recipe.measuring(
        NAME, "senses of words by layer, likeness of sentences", measure_all, minutes=2
    ),
)
