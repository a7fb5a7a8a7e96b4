"""The phrasebook as a source of data: lengths, splits, repetition, roles, bad input."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import islice

import pytest

from imi.data import phrasebook
from imi.data.phrasebook import counting, words
from imi.data.phrasebook.sampling import Sampler
from imi.data.phrasebook.tree import Clause, NounPhrase, Pair

LONG = {"min_words": 3, "max_words": 40}


def drawn(count, split="train", **options):
    return list(islice(phrasebook.meanings(split, **options), count))


def spoken(sentence):
    return [token for token in sentence.tokens if any(map(str.isalnum, token))]


def test_no_meaning_is_in_two_splits_whatever_the_seed():
    found = {
        split: {m.id for seed in (3, 5) for m in drawn(701, split, seed=seed)}
        for split in ("train", "valid", "test")
    }
    assert not found["train"] & found["valid"]
    assert not found["train"] & found["test"]
    assert not found["valid"] & found["test"]
    assert all(m.split == "test" for m in drawn(83, "test", seed=11))


def test_about_one_meaning_in_ten_is_for_testing():
    trees = [phrasebook.Meaning(m.tree) for m in drawn(900)]
    sampler = Sampler(17)
    shares = [phrasebook.Meaning(sampler.draw(9)).split for _ in range(3_001)]
    assert 0.08 < shares.count("test") / 3_001 < 0.12
    assert 0.08 < shares.count("valid") / 3_001 < 0.12
    assert {m.split for m in trees} == {"train"}


@pytest.mark.parametrize(("low", "high"), [(3, 4), (7, 11), (29, 40)])
def test_sentences_are_as_long_as_was_asked(low, high):
    lengths = [len(spoken(m.say("en"))) for m in drawn(211, seed=23, min_words=low, max_words=high)]
    assert low <= min(lengths) and max(lengths) <= high
    assert len(set(lengths)) > (high - low) // 2


def test_every_length_from_3_to_40_occurs():
    lengths = {len(spoken(m.say("en"))) for m in drawn(4_001, seed=29, **LONG)}
    assert lengths == set(range(3, 41))


def test_the_same_seed_says_the_same_in_every_process():
    program = (
        "from itertools import islice; from hashlib import sha256\n"
        "from imi.data import phrasebook\n"
        "said = [m.id + m.say(l).text for m in islice(phrasebook.meanings(seed=31, max_words=40),"
        " 307) for l in phrasebook.LANGUAGES]\n"
        "print(sha256(''.join(said).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1 and len(digests.pop()) == 65
    assert [m.id for m in drawn(5, seed=1)] != [m.id for m in drawn(5, seed=2)]


def test_ids_and_splits_are_those_of_the_first_day():
    john, mary = NounPhrase("john"), NounPhrase("mary")
    meaning = phrasebook.Meaning(Clause("admire", john, mary))
    assert (meaning.id, meaning.split) == ("5132b6a18ed537cb", "train")


@pytest.mark.parametrize("language", phrasebook.LANGUAGES)
def test_tokens_and_blanks_make_the_text(language):
    for meaning in drawn(200, seed=37, **LONG):
        sentence = meaning.say(language)
        assert len(sentence.tokens) == len(sentence.spans) == len(sentence.nodes) == len(sentence)
        end = 0
        for token, (start, stop) in zip(sentence.tokens, sentence.spans, strict=True):
            assert sentence.text[start:stop] == token and token
            gap = sentence.text[end:start]
            assert gap in (("",) if language == "ja" else ("", " ", "\u202f"))
            end = stop
        assert end == len(sentence.text)


@pytest.mark.parametrize("language", phrasebook.LANGUAGES)
def test_tokens_name_nodes_that_the_tree_has(language):
    for meaning in drawn(200, seed=41, **LONG):
        names = meaning.nodes
        said = {node for nodes in meaning.say(language).nodes for node in nodes}
        assert said <= set(range(-1, len(names)))
        missing = [
            name
            for node, name in enumerate(names)
            if node not in said and name.startswith(("noun ", "predicate ", "adjective ", "count "))
        ]
        silent = ("noun you", "noun he", "noun she", "noun they", "noun i", "noun we",
                  "predicate be_job")  # fmt: skip
        assert not [name for name in missing if name not in silent], meaning.say(language).text


def test_a_hundred_thousand_meanings_differ():
    ids, texts = set(), set()
    for meaning in islice(phrasebook.meanings(seed=43), 100_000):
        ids.add(meaning.id)
        texts.add(meaning.say("en").text)
    assert len(ids) == 100_000
    assert len(texts) > 99_000


def test_there_are_more_than_a_million_meanings_by_multiplication():
    assert counting.lower_bound() > 2_000_000
    predicates = {p.id: p for p in counting.counted()}
    for name in ("help", "lend", "eat"):
        said = list(counting.plain(predicates[name]))
        assert len({phrasebook.Meaning(tree).id for tree in said}) == len(said)
        sample = random.Random(2).sample(said, 997)
        assert len({phrasebook.Meaning(tree).say("en").text for tree in sample}) == 997
        assert counting.size(predicates[name]) == len(said)


def test_the_lexicon_is_large_and_has_all_five_languages():
    lexicon = phrasebook.lexicon()
    lemmas = {noun.en[0] for noun in lexicon.nouns.values()} | set(lexicon.adjectives)
    lemmas |= {predicate.en.head + predicate.id for predicate in lexicon.predicates.values()}
    assert len(lemmas) >= 400
    assert len(lexicon.predicates) >= 60
    assert {p.theme for p in lexicon.predicates.values()} >= {
        "eating", "travel", "family", "school", "weather", "shopping", "health", "work", "feelings",
        "animals"}  # fmt: skip
    for noun in lexicon.nouns.values():
        assert all(getattr(noun, language)[0] for language in words.LANGUAGES), noun.id


def test_roles_can_be_swapped_and_the_voice_changed():
    john, mary = NounPhrase("john"), NounPhrase("mary")
    meaning = phrasebook.Meaning(Clause("admire", john, mary))
    assert str(meaning) == "John admires Mary."
    assert str(phrasebook.swapped(meaning)) == "Mary admires John."
    passive = phrasebook.passive(meaning)
    assert [passive.say(language).text for language in phrasebook.LANGUAGES] == [
        "Mary is admired by John.",
        "メアリーさんはジョンさんに尊敬されています。",
        "메리 씨는 존 씨에게 존경받아요.",
        "Mary est admirée par John.",
        "Mary wird von John bewundert.",
    ]
    past = phrasebook.passive(phrasebook.Meaning(Clause("invite", mary, john, tense="past")))
    assert [past.say(language).text for language in phrasebook.LANGUAGES] == [
        "John was invited by Mary.",
        "ジョンさんはメアリーさんに招待されました。",
        "존 씨는 메리 씨에게 초대받았어요.",
        "John a été invité par Mary.",
        "John wurde von Mary eingeladen.",
    ]
    for meaning in islice(phrasebook.transitive(seed=5), 40):
        assert phrasebook.swapped(phrasebook.swapped(meaning)) == meaning
        assert sorted(spoken(phrasebook.swapped(meaning).say("en"))) == sorted(
            spoken(meaning.say("en"))
        )


def test_roles_that_are_not_there_cannot_be_changed():
    eats = phrasebook.Meaning(Clause("eat", NounPhrase("john"), NounPhrase("bread", "a")))
    with pytest.raises(ValueError, match=r"John eats bread\. has no two people in roles"):
        phrasebook.swapped(eats)
    meaning = next(phrasebook.transitive())
    with pytest.raises(ValueError, match="is passive already"):
        phrasebook.passive(phrasebook.passive(meaning))
    pair = phrasebook.Meaning(Pair("and", meaning.tree, eats.tree))
    with pytest.raises(ValueError, match="no two people"):
        phrasebook.passive(pair)


def test_pairs_are_of_one_meaning_and_of_one_split():
    pairs = phrasebook.pairs("de", "ko", split="valid", count=47, seed=3)
    again = drawn(47, "valid", seed=3)
    assert [(a.text, b.text) for a, b in pairs] == [
        (m.say("de").text, m.say("ko").text) for m in again
    ]
    assert phrasebook.pairs("en", "ja", count=0) == []


def test_bad_input_gets_one_clear_sentence():
    with pytest.raises(ValueError, match="split must be one of train, valid, test, got 'dev'"):
        phrasebook.meanings("dev")
    with pytest.raises(ValueError, match="3 <= min_words <= max_words <= 40, got 2 and 12"):
        phrasebook.meanings(min_words=2)
    with pytest.raises(ValueError, match="got 9 and 41"):
        phrasebook.meanings(min_words=9, max_words=41)
    with pytest.raises(ValueError, match="speaks en, ja, ko, fr, de, not 'es'"):
        phrasebook.pairs("en", "es", count=3)
    with pytest.raises(ValueError, match="count must not be negative, got -1"):
        phrasebook.pairs("en", "ja", count=-1)


def test_the_hand_written_triples_are_there():
    triples = phrasebook.triples()
    assert len(triples) == len(set(triples)) == 84
    assert triples[0] == (
        "The stratosphere extends from about 10km to about 50km in altitude.",
        "成層圏は、高度10kmから50kmの範囲にあります。",
        "성층권은 고도 약 10km부터 약 50km까지 확장됩니다.",
    )
    for triple in triples:
        assert triple.en[-1] in ".?" and triple.ja[-1] == "。" and triple.ko[-1] in ".?"
        assert all(part == part.strip() for part in triple)
