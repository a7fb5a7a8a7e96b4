"""How many labelled examples a net needs: praise or blame, from 50 snippets of reviews to all.

A net that has read before is tuned beside the same net with random weights, our own, and a straight
line through the means of word2vec's vectors. All get the same examples, the first of one order.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from imi import device as devices
from imi import measurements, metrics
from imi.data.tasks import Example
from imi.models.bert_heads import FineTuned
from imi.recipes import Recipe, Request, bert_nets
from imi.recipes.bert_finetune import NOTHING, PUBLISHED, asked, settings_of, start, tune
from imi.recipes.bert_tasks import TASKS
from imi.recipes.diary import one_by_one, state_file
from imi.recipes.sentence_vectors import bag_of_words

NAME, TASK = "bert_efficiency", "reviews"
EXAMPLES = (50, 200, 800, 3_200)
LAYERS_OF = 800  # examples with which fewer layers learn
TOPS = (0, 1, 2, 4)  # of 6 layers
LEAST_UPDATES = 60  # few examples are read more often
WORDS, NETS = "word2vec", (PUBLISHED, bert_nets.NAME, NOTHING)
SEED = 2019


def runs() -> list[tuple[str, int, int | None]]:
    """Returns every net, number of examples, and how many layers learn (None: all weights)."""
    whole = [(net, count, None) for count in EXAMPLES for net in (WORDS, *NETS)]
    return whole + [(PUBLISHED, LAYERS_OF, top) for top in TOPS]


def first(examples: Sequence[Example], count: int) -> list[Example]:
    """Returns the first examples of an order that hangs on the seed alone."""
    order = torch.randperm(len(examples), generator=torch.Generator().manual_seed(SEED))
    return [examples[number] for number in order[:count].tolist()]


def straight_line(vectors: Tensor, labels: Tensor, *, decay: float = 1.0) -> nn.Linear:
    """Fits logistic regression, as exactly as its vectors (N, D) allow.

    Args:
        decay: half the squared weights count so much beside the sum of -log p.
    """
    line = nn.Linear(vectors.shape[1], 2, dtype=torch.float64)
    nn.init.zeros_(line.weight)
    nn.init.zeros_(line.bias)
    found = torch.optim.LBFGS(line.parameters(), max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        found.zero_grad()
        total = nn.functional.cross_entropy(line(vectors.double()), labels, reduction="sum")
        total = total + decay * line.weight.square().sum() / 2
        total.backward()
        return total

    found.step(loss)
    return line


def by_words(train: Sequence[Example], test: Sequence[Example]) -> float:
    """Returns the accuracy of a straight line through the means of word vectors."""
    read = bag_of_words()
    vectors = nn.functional.normalize(read([example.first for example in train]), dim=1)
    line = straight_line(vectors, torch.tensor([example.label for example in train]))
    others = nn.functional.normalize(read([example.first for example in test]), dim=1)
    with torch.no_grad():
        guesses = line(others.double()).argmax(dim=1)
    return metrics.accuracy(guesses.tolist(), [example.label for example in test])


def measure_one(
    net: str, count: int, top: int | None, train: Sequence[Example], test: Sequence[Example],
    device: torch.device,
) -> dict[str, Any]:  # fmt: skip
    """Tunes one net on some examples; returns its row."""
    began, few, task = time.perf_counter(), first(train, count), TASKS[TASK]
    if net == WORDS:
        accuracy = by_words(few, test)
    else:
        devices.seed_everything(SEED)
        model, pieces = start(net)
        changed = settings_of(task, net, model.config.longest)
        epochs = max(task.epochs, -(-LEAST_UPDATES * changed.size // count))
        settings = settings_of(task, net, model.config.longest, epochs=epochs, top=top)
        tuned = FineTuned(model, task.shape.outputs, reads=task.shape.reads).to(device)
        for _ in tune(tuned, task, pieces, few, settings, progress=False):
            pass
        accuracy = asked(tuned, task, pieces, test, settings.longest)["accuracy"]
    return {"net": net, "examples": count, "top": top, "accuracy": round(accuracy, 4),
            "seconds": round(time.perf_counter() - began)}  # fmt: skip


def measure() -> dict[str, float]:
    """Measures again what needs no tuning: word vectors and a straight line."""
    train, test = TASKS[TASK].read()[0]
    return {f"{WORDS}/{count}": round(by_words(first(train, count), test), 4)
            for count in EXAMPLES}  # fmt: skip


def run(request: Request) -> bool:
    """Measures all, one after the other; stops between two of them."""
    train, test = TASKS[TASK].read()[0]
    rows = one_by_one(
        state_file(request, NAME, runs()), runs(),
        lambda each: measure_one(*each, train, test, request.device), request.minutes,
    )  # fmt: skip
    if rows is None:
        return False
    figures = {f"{row['net']}/{row['examples']}": row["accuracy"]
               for row in rows if row["top"] is None}  # fmt: skip
    figures |= {f"top/{row['top']}": row["accuracy"] for row in rows if row["top"] is not None}
    measurements.save(request.out / "measurements", NAME, rows=rows,
                      figures=figures | {"asked": len(test)})  # fmt: skip
    return True


RECIPES = (Recipe(NAME, "how many labelled examples a tuned net needs", run, minutes=40),)
