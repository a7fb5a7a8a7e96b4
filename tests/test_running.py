"""Documents as sentences: what is made of a few lines of each source."""

from __future__ import annotations

import json
import zipfile

import pytest

from imi.data import running, sources
from imi.data.running import Document


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Lets the readers read files of a temporary folder, by the names of the manifest."""
    monkeypatch.setattr(sources, "path", lambda name: tmp_path / name)
    return tmp_path


def read(name: str) -> list[tuple[str, ...]]:
    found = running.documents([name])
    assert all(document.source == name for document in found)
    return [document.sentences for document in found]


def test_an_article_is_a_document_of_its_sentences(files):
    entries = {"1": {"title": "Ape", "extract": "Apes are old. They are many.\nSome do swim.",
                     "topic": "Biology"}}  # fmt: skip
    (files / "wikipedia-leads").write_text(json.dumps(entries))
    assert read("wikipedia-leads") == [("Apes are old.", "They are many.", "Some do swim.")]


def test_a_chapter_is_a_document_of_its_verses(files):
    lines = "1. In the [very] beginning. 2. And it was:\n3. So.\n1. And Adam. 2. And Eve."
    (files / "king-james-bible").write_text(f'# 1. x\nBible("""\n{lines}\n""", {{1: 2}})')
    wanted = [("In the very beginning.", "And it was:", "So."), ("And Adam.", "And Eve.")]
    assert read("king-james-bible") == wanted


def test_a_recipe_is_its_steps(files):
    recipe = {
        "title": "Soup",
        "ingredients": ["1 cup water"],
        "steps": ["Heat it up. Eat it all.", "Wash the dishes."],
    }
    (files / "recipes").write_text(json.dumps({"a": recipe, "b": {**recipe, "steps": None}}))
    assert read("recipes") == [("Heat it up.", "Eat it all.", "Wash the dishes.")]


def test_of_the_factbook_only_what_is_told_in_sentences(files):
    told = "<p>Chad is big &amp; dry.<br><br>It was French. It has a lake.</p>"
    with zipfile.ZipFile(files / "factbook", "w") as archive:
        archive.writestr(
            "chad.json",
            json.dumps({"a": told, "b": {"c": "coal; much iron ore; old gold mines; tin"}}),
        )
    assert read("factbook") == [("Chad is big & dry.", "It was French.", "It has a lake.")]


def test_tales_and_brown_texts_are_documents(files):
    with zipfile.ZipFile(files / "stories", "w") as archive:
        archive.writestr("a.tab", "Category\tText\nd\ts\nc\ti\n\nchildren\tno marks here\n")
        archive.writestr(
            "b.tab",
            "T\tT\tA\tC\n\n\nmagic\tJack\tshort\tJack came in.  He went out.\t1\n",
        )
    assert read("stories") == [("Jack came in.", "He went out.")]
    with zipfile.ZipFile(files / "brown", "w") as archive:
        archive.writestr(
            "brown/ca01", "A/at ``/`` cat/nn ''/'' ?/. ?/.\n\nThe/at second/nn one/nn\n"
        )
    assert read("brown") == [('A " cat " ?', "The second one")]


def test_sentences_without_neighbours_are_documents_of_their_own(files):
    (files / "tatoeba").write_text("1\tx\tA cat. A dog.\n2\tx\tDogs!\n")
    assert read("tatoeba") == [("A cat. A dog.",), ("Dogs!",)]
    with zipfile.ZipFile(files / "days-in-history", "w") as archive:
        archive.writestr(
            "d1.dialog", "1492 - They - all - mutiny.\n1500 - Birthday of X (d. 1599)\nNothing."
        )
    assert read("days-in-history") == [("1492 - They - all - mutiny.",)]


def test_a_source_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'mnist-5k' is not read as documents"):
        running.documents(["mnist-5k"])


def test_one_document_of_forty_is_kept_for_each_test_and_the_rule_is_of_its_text_alone():
    found = [Document("x", (f"Sentence {n}.", "And more.")) for n in range(4_000)]
    parts = running.split(found)
    assert sorted(d.sentences for part in parts for d in part) == sorted(d.sentences for d in found)
    assert all(abs(len(part) - 100) < 40 for part in parts[1:])
    again = running.split(found[::-1])
    assert set(again.test) == set(parts.test) and set(again.valid) == set(parts.valid)


def test_a_document_that_comes_twice_is_read_once(files):
    (files / "wikipedia-leads").write_text(json.dumps({
        str(n): {"title": str(n), "extract": "One of them.", "topic": None} for n in range(3)
    }))  # fmt: skip
    assert read("wikipedia-leads") == [("One of them.",)]
