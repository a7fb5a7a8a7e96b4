"""Reading real text: what the readers make of a few lines, and what is in the real files."""

from __future__ import annotations

import json
import zipfile

import pytest

from imi.data import corpora, prose, sources, word_tests
from imi.recipes.language_model import examples


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Lets the readers read files of a temporary folder, by the names of the manifest."""
    monkeypatch.setattr(sources, "path", lambda name: tmp_path / name)
    return tmp_path


def test_brown_marks_texts_and_paragraphs_and_drops_tags(files):
    with zipfile.ZipFile(files / "brown", "w") as archive:
        archive.writestr("brown/ca02", "\n\tA/at cat/nn\n and/or/cc\n\n\n\tIt/pps ./.\n\n")
        archive.writestr("brown/ca01", "First/od ``/``\n")
        archive.writestr("brown/README", "no text")
    assert corpora.brown() == [
        "<text>", "<p>", "First", "``",
        "<text>", "<p>", "A", "cat", "and/or", "<p>", "It", ".",
    ]  # fmt: skip


def test_articles_come_in_alphabetical_order(files):
    entries = {"2": {"title": "Zebra", "extract": "Z."}, "1": {"title": "Ape", "extract": "A."}}
    entries["1"]["topic"], entries["2"]["topic"] = "Biology", "Uncategorized"
    (files / "wikipedia-leads").write_text(json.dumps(entries))
    assert corpora.wikipedia_leads() == [
        corpora.Article("Ape", "A.", "Biology"),
        corpora.Article("Zebra", "Z.", None),
    ]


def test_a_sentence_that_comes_twice_is_read_once(files):
    (files / "tatoeba").write_text("1\tねこ\tA cat.\n2\tいぬ\t\n3\tねこ\tA cat.\n4\tい\tDogs!\n")
    assert corpora.tatoeba_english() == ["A cat.", "Dogs!"]


def test_pairs_of_words_are_read_with_their_scores(files):
    (files / "wordsim353").write_text("# about\nWord 1\tWord 2\tHuman\nLove\tSex\t6.77\n")
    assert word_tests.wordsim353() == [("love", "sex", 6.77)]


def test_english_sentences_are_kept_apart_and_no_document_is_in_two_parts(files):
    rows = "".join(f"{n}\tx\tSentence number {n} is here. And more!\n" for n in range(400))
    (files / "tatoeba").write_text(rows + "9\tx\tsentence NUMBER 3 is here. and more!\n")
    corpus = prose.english_corpus(vocab_size=500, names=["tatoeba"])
    mark = corpus.boundary
    assert corpus.vocabulary.words[mark] == prose.BOUNDARY
    streams = [corpus.vocabulary.decode(ids) for ids in (corpus.train, corpus.valid, corpus.test)]
    numbers = [{word for word in stream if word.isdigit()} for stream in streams]
    assert not numbers[0] & (numbers[1] | numbers[2]) - {corpus.vocabulary.words[0]}
    assert [word for stream in streams for word in stream].count("number") == 400
    contexts, targets = examples(corpus.train, 3, boundary=mark)
    assert (targets == mark).sum() == streams[0].count("sentence") + streams[0].count("and")
    assert (contexts[0] == mark).all()


def real(name: str) -> None:
    if not sources.available(name):
        pytest.skip(f"needs the data {name}: python -m imi.data fetch {name}")


def test_the_real_brown_corpus_is_what_the_lecture_says():
    real("brown")
    corpus = corpora.brown_split()
    assert [len(p) for p in (corpus.train, corpus.valid, corpus.test)] == [
        800_000,
        200_000,
        177_359,
    ]
    assert len(corpus.vocabulary) == 17_907
    assert min(corpus.vocabulary.counts[1:]) == 4


def test_the_real_articles_sentences_and_pairs_are_all_there():
    for name in ("wikipedia-leads", "tatoeba", "wordsim353", "simlex999"):
        real(name)
    articles = corpora.wikipedia_leads()
    assert len(articles) == 10_033 and sum(a.topic is not None for a in articles) == 9_033
    assert 150_000 < len(corpora.tatoeba_english()) < 203_308
    assert len(word_tests.wordsim353()) == 353 and len(word_tests.simlex999()) == 999
