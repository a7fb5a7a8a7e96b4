"""Word vectors of the papers of 2013, and what changes them: model, loss, samples, text, sizes.

All of it learns from package-tier text alone: encyclopaedia, everyday sentences, newsgroups, news,
scripture, countries, history, recipes, tales.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from imi import checkpoints, device, measurements, metrics
from imi.data import passages, sources, word_tests
from imi.metrics import Analogies
from imi.models.word2vec import Word2Vec, Word2VecConfig, binary_loss, softmax_loss
from imi.recipes import Recipe, Request
from imi.vectors import WordVectors
from imi.word2vec.trainer import Settings, Trainer

NAME, CLAIMS, GRID, MAP = "word2vec_2013", "word2vec_claims", "word2vec_grid", "word2vec_map"
SETTINGS = Settings(window=10, negatives=10, sample=1e-4, learning_rate=0.05, epochs=20)

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
GRID_SIZES = {"window": (2, 5, 10), "dim": (25, 50, 100), "negatives": (1, 5, 15)}

MAPPED, PERPLEXITIES = 1_500, (5, 15, 30, 60)  # words of the map; of t-SNE


def meaning(vectors: WordVectors) -> dict[str, Any]:
    """Scores vectors by the Google analogies (3CosAdd) and by people's judgements of pairs."""
    sections = metrics.analogies(vectors, word_tests.analogies())
    whole = metrics.total(sections)
    found: dict[str, Any] = {"google": _share(whole), "google_covered": whole.covered}
    for kind in ("semantic", "syntactic"):
        found[kind] = _share(metrics.total(sections, kind))
    for name, pairs in (
        ("wordsim353", word_tests.wordsim353()),
        ("simlex999", word_tests.simlex999()),
    ):
        result = metrics.word_similarity(vectors.likeness, pairs)
        found |= {name: round(result.spearman, 4), f"{name}_pairs": result.covered}
    return found


def _share(result: Analogies) -> float:
    return round(result.accuracy, 4)


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


def of_checkpoint(shipped: checkpoints.Checkpoint) -> WordVectors:
    """Returns a checkpoint's vectors, without the unknown word's."""
    return WordVectors(shipped.vocabulary.words[1:], shipped.model.input.weight.detach()[1:])


def sample(shipped: checkpoints.Checkpoint) -> dict[str, float]:
    """Measures the card's scores again."""
    return meaning(of_checkpoint(shipped))


def measure() -> dict[str, float]:
    """Measures what the ledger says of the shipped vectors again."""
    return _shipped_figures(of_checkpoint(checkpoints.load(NAME)))


def _shipped_figures(vectors: WordVectors) -> dict[str, float]:
    return {
        **meaning(vectors),
        "queen_rank": queen_rank(vectors),
        "capitals_in_top_5": capitals_in_top(vectors),
    }


def run(request: Request) -> bool:
    """Trains the vectors that ship, on all text, and writes their checkpoint."""
    text = passages.read(passages.ALL)
    trainer = Trainer(text, SETTINGS)
    steps = list(trainer.steps())
    seconds, count = steps[-1].seconds, len(text.vocabulary)
    model = Word2Vec(Word2VecConfig(count, SETTINGS.dim))
    with torch.no_grad():
        model.input.weight.copy_(torch.from_numpy(trainer.inputs[:, : SETTINGS.dim]))
        model.input.weight[0] = 0  # of the unknown word, which was never trained
    every = max(1, len(steps) // 50)
    checkpoints.save(
        request.out / "checkpoints" / NAME,
        model,
        vocabulary=text.vocabulary,
        recipe=NAME,
        data={name: sources.sources()[name].sha256 for name in passages.ALL},
        words=len(text.ids),
        settings=asdict(SETTINGS),
        seed=SETTINGS.seed,
        steps=len(steps),
        minutes=round(seconds / 60, 1),
        words_per_second=round(SETTINGS.epochs * len(text.ids) / seconds),
        device=f"cpu, {trainer.threads} threads",
        curve=[[step.number, round(step.loss, 4)] for step in steps[::every]],
        metrics=meaning(trainer.vectors()),
    )
    return True


def _row(text: passages.Passages, settings: Settings, **about: Any) -> dict[str, Any]:
    """Trains once; returns the scores, the seconds and the words read a second."""
    trainer = Trainer(text, settings)
    seconds = list(trainer.steps())[-1].seconds
    speed = round(settings.epochs * len(text.ids) / seconds)
    timing = {"seconds": round(seconds, 1), "words_per_second": speed}
    return {**about, "words": len(text.ids), **timing, **meaning(trainer.vectors())}


def compare(request: Request) -> bool:
    """Trains every variant, and skip-gram on parts of the text; writes what the ledger quotes."""
    text = passages.read(passages.ALL)
    rows = [_row(text, settings, model=name) for name, settings in VARIANTS.items()]
    for share in SHARES[:-1]:
        part = text.first(share)
        rows.append(_row(part, PLAIN, model=f"skip-gram, {share:.0%} of the text"))
    measurements.save(
        request.out / "measurements",
        CLAIMS,
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


def run_grid(request: Request) -> bool:
    """Scores small vectors over windows, sizes and numbers of negatives."""
    text = passages.read(passages.CORE)
    rows = [
        _row(text, replace(PLAIN, **sizes), **sizes)
        for window in GRID_SIZES["window"]
        for dim in GRID_SIZES["dim"]
        for negatives in GRID_SIZES["negatives"]
        for sizes in [{"window": window, "dim": dim, "negatives": negatives}]
    ]
    measurements.save(
        request.out / "measurements", GRID, rows=rows, figures={}, data=list(passages.CORE)
    )
    return True


def classes() -> dict[str, str]:
    """Returns what kind of word a word is, where the Google questions tell."""
    kinds = {
        "capital-common-countries": ("capital", "country"),
        "capital-world": ("capital", "country"),
        "currency": ("country", "currency"),
        "city-in-state": ("city", "state"),
        "family": ("family", "family"),
        "gram3-comparative": ("adjective", "adjective"),
        "gram6-nationality-adjective": ("country", "nationality"),
        "gram7-past-tense": ("verb", "verb"),
    }
    found: dict[str, str] = {}
    for section, names in kinds.items():
        for question in word_tests.analogies()[section]:
            for word, kind in zip(question, names * 2, strict=True):
                found.setdefault(word, kind)
    return found


def run_map(request: Request) -> bool:
    """Lays the commonest words, and those of a known kind, out by t-SNE at four perplexities."""
    from openTSNE import TSNE

    vectors = of_checkpoint(checkpoints.load(request.out / "checkpoints" / NAME))
    kinds = classes()
    known = [word for word in vectors.words[:12_000] if word in kinds]
    words = list(dict.fromkeys([*vectors.words[30:MAPPED], *known]))
    points = np.stack([vectors.directions[vectors.ids[word]] for word in words])
    layouts = {}
    for perplexity in PERPLEXITIES:
        tsne = TSNE(perplexity=perplexity, metric="cosine", random_state=SETTINGS.seed)
        layouts[str(perplexity)] = np.round(np.asarray(tsne.fit(points)), 2).tolist()
    measurements.save(
        request.out / "measurements",
        MAP,
        rows=[{"word": word, "kind": kinds.get(word, "other")} for word in words],
        figures={},
        layouts=layouts,
    )
    return True


RECIPES = (
    Recipe(NAME, "skip-gram vectors of 100 numbers, 30,000 words", run, minutes=4, sample=sample),
    Recipe(CLAIMS, "models, losses, subsampling and amounts of text compared", compare, minutes=6),
    Recipe(GRID, "scores over window, size and negatives, 27 small trainings", run_grid, minutes=6),
    Recipe(MAP, "t-SNE layouts of the shipped word vectors", run_map, minutes=2),
)
