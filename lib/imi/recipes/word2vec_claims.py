"""What the papers of 2013 say of word vectors: models, losses, subsampling, amounts of text."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from imi import checkpoints, device, measurements
from imi.data import passages, word_tests
from imi.models.word2vec import binary_loss, softmax_loss
from imi.recipes import Recipe, Request
from imi.recipes.word2vec import NAME as SHIPPED
from imi.recipes.word2vec import meaning, of_checkpoint
from imi.vectors import WordVectors
from imi.word2vec.trainer import Settings, Trainer

NAME = "word2vec_claims"

# What is compared for the ledger: everything else is as in the papers' tool.
PLAIN = Settings(learning_rate=0.05)
VARIANTS = {
    "skip-gram": PLAIN,
    "cbow": replace(PLAIN, cbow=True, learning_rate=0.2),
    "skip-gram, 15 negatives": replace(PLAIN, negatives=15),
    "skip-gram, tree": replace(PLAIN, negatives=0),
    "skip-gram, every word kept": replace(PLAIN, sample=0),
    "skip-gram, 1e-5": replace(PLAIN, sample=1e-5),
}
SHARES = (0.1, 0.3, 1.0)  # of the text, for the curve


def queen_rank(vectors: WordVectors) -> int:
    """Returns the place of queen among the answers to king - man + woman; 1 is the first."""
    answers = [word for word, _ in vectors.analogy("man", "woman", "king", count=1_000)]
    return answers.index("queen") + 1 if "queen" in answers else len(answers) + 1


def capitals_in_top(vectors: WordVectors, count: int = 5) -> float:
    """Returns the share of questions for a capital whose answer is among the first `count`."""
    asked = word_tests.analogies()["capital-common-countries"]
    known = [q for q in asked if all(word in vectors for word in q)]
    hits = [d in dict(vectors.analogy(a, b, c, count=count)) for a, b, c, d in known]
    return round(float(np.mean(hits)), 4)


def measure() -> dict[str, float]:
    """Measures what the ledger says of the shipped vectors again."""
    return _shipped_figures(of_checkpoint(checkpoints.load(SHIPPED)))


def _shipped_figures(vectors: WordVectors) -> dict[str, float]:
    return {
        **meaning(vectors),
        "queen_rank": queen_rank(vectors),
        "capitals_in_top_5": capitals_in_top(vectors),
    }


def row(text: passages.Passages, settings: Settings, **about: Any) -> dict[str, Any]:
    """Trains once; returns the scores, the seconds and the words read a second."""
    trainer = Trainer(text, settings)
    seconds = list(trainer.steps())[-1].seconds
    speed = round(settings.epochs * len(text.ids) / seconds)
    timing = {"seconds": round(seconds, 1), "words_per_second": speed}
    return {**about, "words": len(text.ids), **timing, **meaning(trainer.vectors())}


def compare(request: Request) -> bool:
    """Trains every variant, and skip-gram on parts of the text; writes what the ledger quotes."""
    text = passages.read(passages.ALL)
    rows = [row(text, settings, model=name) for name, settings in VARIANTS.items()]
    for share in SHARES[:-1]:
        part = text.first(share)
        rows.append(row(part, PLAIN, model=f"skip-gram, {share:.0%} of the text"))
    measurements.save(
        request.out / "measurements",
        NAME,
        rows=rows,
        figures={**dict(_claimed(rows)), **costs(len(text.vocabulary)), **measure()},
        settings=asdict(PLAIN),
        data=list(passages.ALL),
        threads=device.cores(),
    )
    return True


def _claimed(rows: list[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """Yields figures by `model/score`."""
    for row in rows:
        for score in ("google", "semantic", "syntactic", "wordsim353", "seconds"):
            yield f"{row['model']}/{score}", row[score]


def costs(vocab_size: int, *, pairs: int = 512, dim: int = 100) -> dict[str, float]:
    """Measures microseconds a pair, forth and back in PyTorch, by what the output layer is.

    The full softmax scores every word; the tree about log2(V) inner nodes; negative sampling six
    words. All pairs have noise and paths of their own, so that nothing is shared.
    """
    table = torch.randn(vocab_size, dim) / dim
    sizes = {"tree": round(float(np.log2(vocab_size))), "5 negatives": 6}
    found = {}
    for name in ("full softmax", *sizes):
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            v = torch.randn(pairs, 1, dim, requires_grad=True)
            if name == "full softmax":
                outputs = table.requires_grad_()
                word = torch.randint(vocab_size, (pairs, 1))
                loss = softmax_loss(v @ outputs.T, word).sum()
            else:
                rows = torch.randint(vocab_size, (pairs, sizes[name]))
                outputs = table.detach()[rows].requires_grad_()  # (B, M, D)
                loss = binary_loss(v @ outputs.transpose(1, 2), torch.eye(sizes[name])[0]).sum()
            torch.autograd.grad(loss, (v, outputs))
            seconds.append(time.perf_counter() - began)
        found[f"microseconds a pair, {name}"] = round(1e6 * min(seconds) / pairs, 1)
    return found


RECIPES = (
    Recipe(NAME, "models, losses, subsampling and amounts of text compared", compare, minutes=6),
)
