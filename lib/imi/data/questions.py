"""Questions about passages of Wikipedia, whose answers are pieces of the passage.

Lecture: notebooks/12_bert_finetuning_2019.ipynb. A passage is kept letter by letter: an answer is
known by the character at which it begins.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import NamedTuple

from imi.data import prose, sources
from imi.data.tasks import Example, Split

FOLDS = 5
LEAST_WORDS = 5  # of a sentence that does not answer


class Question(NamedTuple):
    """A question and the passage to look in.

    Attributes:
        answers: the first character and the text of each; none if the passage does not answer.
        article: the title of the article that the passage comes from.
    """

    question: str
    passage: str
    answers: tuple[tuple[int, str], ...]
    article: str = ""


def xquad() -> list[Question]:
    """Reads 1,190 questions on 240 passages of 48 articles, in their order; each has one answer.

    Source: Artetxe, Ruder, Yogatama, "On the Cross-lingual Transferability of Monolingual
    Representations" (2020); the English ones, from Rajpurkar et al., "SQuAD" (2016).

    Raises:
        DataError: if the questions are neither in the cache nor to be had.
    """
    articles = json.loads(sources.path("xquad-en").read_text(encoding="utf-8"))["data"]
    return [
        Question(
            asked["question"].strip(),
            paragraph["context"],
            tuple((answer["answer_start"], answer["text"]) for answer in asked["answers"]),
            article["title"],
        )
        for article in articles
        for paragraph in article["paragraphs"]
        for asked in paragraph["qas"]
    ]


def xquad_folds(questions: Sequence[Question], count: int = FOLDS) -> list[Split]:
    """Splits questions in `count` ways; each article is in the test of exactly one of them.

    Raises:
        ValueError: if there are not from 2 to as many folds as articles.
    """
    articles = list(dict.fromkeys(question.article for question in questions))
    if not 2 <= count <= len(articles):
        raise ValueError(f"{len(articles)} articles cannot be split in {count} ways")
    fold = {article: place % count for place, article in enumerate(articles)}
    return [
        Split(
            [question for question in questions if fold[question.article] != number],
            [question for question in questions if fold[question.article] == number],
        )
        for number in range(count)
    ]


def with_unanswerable(questions: Sequence[Question], seed: int) -> list[Question]:
    """Adds after each question the same one about a passage that does not hold its answer.

    The passage is another one of the same article; where there is none, nothing is added.

    Source: the idea of Rajpurkar, Jia, Liang, "Know What You Don't Know" (2018), where people wrote
    the unanswerable questions.
    """
    rng = random.Random(seed)
    passages: dict[str, list[str]] = {}
    for question in questions:
        known = passages.setdefault(question.article, [])
        if question.passage not in known:
            known.append(question.passage)
    found = []
    for question in questions:
        found.append(question)
        others = [
            passage
            for passage in passages[question.article]
            if passage != question.passage and not _holds(passage, question)
        ]
        if question.answers and others:
            found.append(question._replace(passage=rng.choice(others), answers=()))
    return found


def qnli(*, seed: int = 2019) -> Split:
    """Makes pairs of a question and a sentence: it holds the answer (0), or it does not (1).

    Each question comes with the sentence of its passage that holds the answer, and with another
    one of the passage that does not. One article of five is in the test.

    Source: the idea of Wang et al., "GLUE" (2018); theirs are made of SQuAD, ours of XQuAD.

    Raises:
        DataError: if the questions are neither in the cache nor to be had.
    """
    rng = random.Random(seed)
    split = xquad_folds(xquad())[0]
    return Split(*([pair for asked in part for pair in _pairs(asked, rng)] for part in split))


def _pairs(asked: Question, rng: random.Random) -> list[Example]:
    start, answer = asked.answers[0]
    spans = prose.sentence_spans(asked.passage)
    held = [span for span in spans if span[0] < start + len(answer) and start < span[1]]
    right = asked.passage[held[0][0] : held[-1][1]]  # an answer may cross the end of a sentence
    others = [asked.passage[begin:end] for begin, end in spans if (begin, end) not in held]
    wrong = [o for o in others if len(o.split()) >= LEAST_WORDS and not _holds(o, asked)]
    if not wrong:
        return []
    return [Example(asked.question, right, 0), Example(asked.question, rng.choice(wrong), 1)]


def _holds(text: str, question: Question) -> bool:
    return any(answer.lower() in text.lower() for _, answer in question.answers)
