"""Tasks with right answers: what the files hold, and that no test was seen in training."""

from __future__ import annotations

import io
import json
import tarfile
from collections import Counter
from itertools import pairwise

import pytest

from imi.data import choices, prose, questions, sources, tasks
from imi.data.questions import Question
from imi.data.tasks import Example, Split, Tagged


def real(*names: str):
    missing = [name for name in names if not sources.available(name)]
    return pytest.mark.skipif(bool(missing), reason=f"{missing} not here; set IMI_MIRROR")


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Lets the readers read files of a temporary folder, by the names of the manifest."""
    monkeypatch.setattr(sources, "path", lambda name: tmp_path / name)
    return tmp_path


def sizes(split: Split) -> tuple[int, int]:
    return len(split.train), len(split.test)


def labels(items: list) -> dict[int, int]:
    return dict(Counter(item.label for item in items))


def shared(split: Split) -> int:
    """Counts the items of the test that stand in the training part too, whatever their label."""
    seen = {item[:2] for item in split.train}
    return sum(item[:2] in seen for item in split.test)


def tidy(split: Split) -> bool:
    texts = [t for part in split for item in part for t in item[:2] if isinstance(t, str)]
    return all(t and t == " ".join(t.split()) and "&amp;" not in t and "\ufeff" not in t
               for t in texts)  # fmt: skip


@real("sst2-train", "sst2-dev")
def test_sst2_has_the_counts_of_its_paper():
    found = tasks.sst2()
    assert sizes(found) == (6_920, 872) and tidy(found)
    assert labels(found.train) == {0: 3_310, 1: 3_610} and labels(found.test) == {0: 428, 1: 444}
    assert shared(found) == 0
    assert not any({"lrb", "rrb"} & set(e.first.split()) for part in found for e in part)


@real("cola-train", "cola-dev", "cola-dev-out")
def test_cola_is_the_official_division_and_70_per_cent_acceptable():
    found = tasks.cola()
    assert sizes(found) == (8_551, 1_043) and tidy(found)
    assert labels(found.train) == {0: 2_528, 1: 6_023} and labels(found.test) == {0: 324, 1: 719}
    assert shared(found) == 18  # of so many linguists a few use the same sentence


@real("stsb-en-train", "stsb-en-dev")
def test_sts_is_the_official_division_and_uses_the_whole_scale():
    found = tasks.stsb()
    assert sizes(found) == (5_749, 1_500) and tidy(found) and shared(found) == 6
    for part in found:
        scores = [example.label for example in part]
        assert min(scores) == 0.0 and max(scores) == 5.0 and 2.3 < sum(scores) / len(part) < 2.8


@real("sick-train", "sick-trial", "sick-test")
def test_sick_is_the_official_division_and_mostly_neutral():
    found = tasks.sick()
    assert sizes(found) == (5_000, 4_927) and tidy(found) and shared(found) == 52
    assert labels(found.train) == {0: 1_443, 1: 2_818, 2: 739}
    assert labels(found.test) == {0: 1_414, 1: 2_793, 2: 720}
    assert tasks.SICK_LABELS[1] == "NEUTRAL"


@real("rte")
def test_rte_joins_three_challenges_and_is_balanced():
    found = tasks.rte()
    assert sizes(found) == (567 + 400 + 800, 3 * 800) and tidy(found) and shared(found) == 0
    assert labels(found.train) == {0: 283 + 210 + 412, 1: 284 + 190 + 388}
    assert labels(found.test) == {0: 400 + 400 + 410, 1: 400 + 400 + 390}


@real("movie-ratings")
def test_movie_ratings_are_decided_and_each_snippet_stands_once():
    found = tasks.movie_ratings()
    assert sizes(found) == (9_055, 1_015) and tidy(found)
    assert labels(found.train) == {0: 4_554, 1: 4_501} and labels(found.test) == {0: 521, 1: 494}
    texts = [example.first for part in found for example in part]
    assert len(texts) == len(set(texts))


@real("wikigold")
def test_wikigold_has_1696_sentences_whose_tags_are_well_formed():
    found = tasks.wikigold()
    assert sizes(found) == (1_340, 356) and shared(found) == 0
    for words, tags in found.train + found.test:
        assert len(words) == len(tags) and set(tags) <= set(tasks.TAGS)
        assert "-DOCSTART-" not in words and all(words)
        for before, tag in zip(("O", *tags), tags, strict=False):
            assert not tag.startswith("I-") or before in (f"B-{tag[2:]}", tag)
    begun = Counter(t[2:] for part in found for _, tags in part for t in tags if t[0] == "B")
    assert begun == {"LOC": 1_014, "PER": 934, "ORG": 898, "MISC": 712}


@real("copa")
def test_copa_keeps_twins_together_and_balances_their_options():
    found = choices.copa()
    assert sizes(found) == (822, 178) and tidy(found) and shared(found) == 0
    for part in found:
        right = Counter(frozenset(choice.options) for choice in part)
        assert all(count % 2 == 0 for count in right.values())  # with its twin
        assert {choice.first.rsplit(" ", 1)[1] for choice in part} == {"because", "so"}
        assert not any("." in choice.first[-9:] for choice in part)
        assert 0.4 < labels(part)[0] / len(part) < 0.6
    answers = Counter(c.options[c.label] for part in found for c in part)
    assert all(answers[option] > 0 for part in found for c in part for option in c.options)


@real("wikipedia-leads")
def test_each_continuation_is_offered_four_times_and_right_once():
    found = choices.continuations()
    assert sizes(found) == (2_000, 400) and tidy(found)
    assert found == choices.continuations() != choices.continuations(seed=2018)
    used = [{t for c in part for t in (c.first, *c.options)} for part in found]
    assert not used[0] & used[1]
    for part, sentences in zip(found, used, strict=True):
        assert set(Counter(option for c in part for option in c.options).values()) == {4}
        assert len({c.options[c.label] for c in part}) == len(part)
        assert all(len(set(c.options)) == 4 for c in part)
        assert all(0.2 < count / len(part) < 0.3 for count in labels(part).values())
        assert all(5 <= len(sentence.split()) <= 40 for sentence in sentences)


@real("xquad-en")
def test_an_xquad_answer_stands_where_it_is_said_to_stand():
    found = questions.xquad()
    assert len(found) == 1_190 and len({q.article for q in found}) == 48
    assert len({q.passage for q in found}) == 240
    for asked in found:
        assert asked.question == asked.question.strip() and len(asked.answers) == 1
        for start, answer in asked.answers:
            assert asked.passage[start : start + len(answer)] == answer != ""


@real("xquad-en")
def test_folds_share_no_article_and_test_each_question_once():
    found = questions.xquad()
    folds = questions.xquad_folds(found)
    assert [sizes(fold) for fold in folds] == [
        (899, 291), (952, 238), (962, 228), (956, 234), (991, 199)]  # fmt: skip
    for train, test in folds:
        assert not {q.article for q in train} & {q.article for q in test}
        assert not {q.passage for q in train} & {q.passage for q in test}
    assert sorted(q for fold in folds for q in fold.test) == sorted(found)


@real("xquad-en")
def test_an_unanswerable_question_has_a_passage_of_its_article_without_the_answer():
    found = questions.xquad()
    more = questions.with_unanswerable(found, seed=3)
    assert [q for q in more if q.answers] == found and len(more) == 2_374
    assert more == questions.with_unanswerable(found, seed=3)
    home = {q.passage: q.article for q in found}
    for asked, added in pairwise(more):
        if not added.answers:
            assert added.question == asked.question and added.passage != asked.passage
            assert home[added.passage] == asked.article == added.article
            assert asked.answers[0][1] not in added.passage


@real("xquad-en")
def test_qnli_asks_each_question_of_a_sentence_with_and_one_without_the_answer():
    found = questions.qnli()
    assert sizes(found) == (1_734, 538) and shared(found) == 0 and found == questions.qnli()
    assert not {e.second for e in found.train} & {e.second for e in found.test}
    answers: dict[str, set[str]] = {}
    for asked in questions.xquad():
        answers.setdefault(asked.question, set()).add(asked.answers[0][1])
    for part in found:
        assert [e.label for e in part] == [0, 1] * (len(part) // 2)
        for right, wrong in zip(part[::2], part[1::2], strict=True):
            assert right.first == wrong.first
            holding = [a for a in answers[right.first] if a in right.second]
            assert any(a not in wrong.second for a in holding)


def test_a_quote_or_a_tab_does_not_break_a_table(files):
    (files / "cola-train").write_text('a\t1\t\tHe said "no.\na\t0\t*\tHim said no.\n')
    (files / "cola-dev").write_text("b\t1\t\tIt is so.\r\n", newline="")
    (files / "cola-dev-out").write_text("c\t0\t*\tIs so  it.")  # without an end of line
    train, test = tasks.cola()
    assert train == [Example('He said "no.', None, 1), Example("Him said no.", None, 0)]
    assert test == [Example("It is so.", None, 1), Example("Is so it.", None, 0)]


def test_the_brackets_of_sst2_are_brackets_again(files):
    (files / "sst2-train").write_text("bad lrb very bad rrb film\t0\n")
    (files / "sst2-dev").write_text("good\t1")
    assert tasks.sst2() == Split([Example("bad ( very bad ) film", None, 0)],
                                 [Example("good", None, 1)])  # fmt: skip


def test_undecided_and_repeated_snippets_are_left_out(files):
    rows = ["1\t2.5\tFast &amp;  ''fun''.", "2\t-0.49\tMeh.", "3\t-0.5\tDull.", "4\t-2\tDull."]
    content = "\r\n".join(rows).encode()
    with tarfile.open(files / "movie-ratings", "w:gz") as archive:
        info = tarfile.TarInfo("hutto/movieReviewSnippets_GroundTruth.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    train, test = tasks.movie_ratings()
    assert sorted(train + test) == [("Dull.", None, 0), ('Fast & "fun".', None, 1)]


def test_a_name_begins_where_its_kind_does(files):
    lines = "-DOCSTART- O\n\nIn O\nNew I-LOC\nYork I-LOC\nIBM I-ORG\n. O\n\n-DOCSTART- O\n"
    (files / "wikigold").write_text(lines)
    train, test = tasks.wikigold()
    tags = ("O", "B-LOC", "I-LOC", "B-ORG", "O")
    assert train + test == [Tagged(("In", "New", "York", "IBM", "."), tags)]


def test_a_sentence_ends_at_its_mark_but_not_after_an_initial():
    passage = 'He met J. F. Kennedy. "Why?" he asked. 3 men; 4 boys\nSo.  Then St. Paul sang. So.'
    found = [passage[start:end] for start, end in prose.sentence_spans(passage)]
    assert found == ["He met J. F. Kennedy.", '"Why?" he asked.', "3 men; 4 boys\nSo.",
                     "Then St. Paul sang.", "So."]  # fmt: skip
    assert prose.whole_sentences("") == prose.whole_sentences(" \n") == []


def test_an_answer_that_crosses_sentences_brings_them_both(files):
    passage = "It was cold there. He saw the sea. It had ice! We all went home by foot."
    answer = {"text": "sea. It had", "answer_start": passage.index("sea")}
    asked = {"question": "What?", "id": "1", "answers": [answer]}
    articles = [
        {"title": t, "paragraphs": [{"context": passage, "qas": [asked]}]} for t in "abcdef"
    ]
    (files / "xquad-en").write_text(json.dumps({"data": articles}))
    train, test = questions.qnli()
    assert (len(train), len(test)) == (8, 4)
    assert test[0] == Example("What?", "He saw the sea. It had ice!", 0)
    assert test[1].second == "We all went home by foot."  # the other one is too short


def test_folds_need_as_many_articles():
    asked = [Question("Who?", "She.", ((0, "She"),), article) for article in "aab"]
    assert [sizes(fold) for fold in questions.xquad_folds(asked, 2)] == [(1, 2), (2, 1)]
    for count in (1, 3):
        with pytest.raises(ValueError, match=f"2 articles cannot be split in {count} ways"):
            questions.xquad_folds(asked, count)


def test_a_question_without_another_passage_stays_alone():
    one = Question("Who?", "She did.", ((0, "She"),), "a")
    holds = Question("What?", "A ship, she said.", ((2, "ship"),), "a")
    assert questions.with_unanswerable([one], 1) == [one]
    assert questions.with_unanswerable([one, holds], 1) == [
        one, holds, holds._replace(passage="She did.", answers=())]  # fmt: skip


def test_sentences_that_nothing_follows_give_no_choice(monkeypatch):
    monkeypatch.setattr(choices.running, "documents", lambda names: [])
    with pytest.raises(ValueError, match="four documents must hold two whole sentences, got 0"):
        choices.continuations("tatoeba")
