"""Choices among ways to go on: the likelier cause or effect, and the sentence that comes next.

Lecture: notebooks/12_bert_finetuning_2019.ipynb
"""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import NamedTuple

from imi.data import running, sources
from imi.data.tasks import Split, plain, shared_out

SENTENCE_WORDS = range(5, 41)  # of a sentence that is continued or continues

_WHOLE = re.compile(r"[\"“A-Z0-9].*\w{3} ?[.!?]")  # not cut off after "John F." or at a semicolon


class Choice(NamedTuple):
    """A beginning and several ways to go on; the label is the place of the right one."""

    first: str
    options: tuple[str, ...]
    label: int


def copa() -> Split:
    """Reads premises that end in "because" or "so", each with two options.

    A premise and its mirrored twin, for which the other option is right, stay together.

    Source: Roemmele, Bejan, Gordon, "Choice of Plausible Alternatives" (2011); Kavumba et al.,
    "When Choosing Plausible Alternatives, Clever Hans can be Clever" (2019).

    Raises:
        DataError: if the premises are neither in the cache nor to be had.
    """

    def read() -> Iterator[tuple[str, Choice]]:
        for item in ET.parse(sources.path("copa")).getroot():
            word = {"cause": "because", "effect": "so"}[item.get("asks-for")]
            first = f"{plain(item.findtext('p')).removesuffix('.')} {word}"
            options = plain(item.findtext("a1")), plain(item.findtext("a2"))
            label = int(item.get("most-plausible-alternative")) - 1
            yield str(int(item.get("id")) % 1000), Choice(first, options, label)

    return shared_out(read(), one_of=5)


def continuations(source: str = "wikipedia-leads", *, seed: int = 2019) -> Split:
    """Makes at most 2,000 and 400 choices among four next sentences, one of a document at most.

    The wrong options are what follows in other documents of the same part. Each sentence is offered
    four times and is right once, so that an option alone does not tell whether it is right.

    Source: the shape is that of Zellers, Bisk, Schwartz, Choi, "SWAG" (2018); the texts are not.

    Args:
        source: one of `running.SOURCES`.

    Raises:
        DataError: if the documents are neither in the cache nor to be had.
        ValueError: if too few documents hold two whole sentences in a row.
    """
    rng = random.Random(seed)
    read = ([plain(s) for s in found.sentences] for found in running.documents([source]))
    parts = shared_out(((" ".join(found), found) for found in read), one_of=10)
    return Split(_choices(parts.train, 2_000, rng), _choices(parts.test, 400, rng))


def _choices(documents: list[list[str]], most: int, rng: random.Random) -> list[Choice]:
    following: dict[str, str] = {}  # by the next sentence, so that no two options are the same
    for sentences in rng.sample(documents, len(documents)):
        whole = [bool(_WHOLE.fullmatch(s)) and len(s.split()) in SENTENCE_WORDS for s in sentences]
        pairs = [i for i in range(len(sentences) - 1) if whole[i] and whole[i + 1]]
        if pairs and len(following) < most:
            place = rng.choice(pairs)
            following.setdefault(sentences[place + 1], sentences[place])
    offered = list(following)
    if len(offered) < 4:
        raise ValueError(f"four documents must hold two whole sentences, got {len(offered)}")
    steps = (0, *rng.sample(range(1, len(offered)), 3))
    choices = []
    for place, right in enumerate(offered):
        options = [offered[(place + step) % len(offered)] for step in steps]
        rng.shuffle(options)
        choices.append(Choice(following[right], tuple(options), options.index(right)))
    return choices
