"""Context vectors of translations, and their neighbours: against the model and slow loops."""

from __future__ import annotations

import pytest
import torch

from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.recipes import interlingua, multilingual
from imi.recipes.interlingua import Steps
from imi.translation import Translator
from imi.wordpiece import WordPieces

MEANINGS = multilingual.statements("test", 3)
SAID = [str(m.say(language)) for m in MEANINGS for language in multilingual.LANGUAGES]
TARGET = WordPieces.train(SAID, size=400, min_count=1)
SOURCE = WordPieces.train(SAID, size=400, min_count=1, lowercase=True)
SOURCE = SOURCE.with_tags(multilingual.LANGUAGES)


def translator() -> Translator:
    torch.manual_seed(2016)
    sizes = {"embedding_dim": 6, "hidden_dim": 5, "alignment_dim": 4, "maxout_dim": 6}
    model = RNNsearch(RNNsearchConfig(len(SOURCE.vocabulary), len(TARGET.vocabulary), **sizes))
    for weights in model.parameters():
        torch.nn.init.uniform_(weights, -0.7, 0.7)
    return Translator(model.eval().requires_grad_(False), SOURCE, TARGET)


def test_contexts_are_those_that_the_models_attention_gives():
    net, sentence = translator(), f"<2ko> {SAID[1]}"
    seen = []
    net.model.attention.register_forward_hook(lambda _, given, out: seen.append(out[0]))
    ((pieces, found),) = interlingua.contexts(net, [sentence])
    (told,) = net.translate([sentence], beams=1)
    assert pieces == told.target and found.shape == (len(told.target), 10)
    torch.testing.assert_close(found, torch.cat(seen[-len(told.target) :]))


def test_a_net_that_is_led_writes_what_it_is_told():
    sentences = [f"<2ja> {SAID[0]}", f"<2en> {SAID[5]}"]
    led = interlingua.contexts(translator(), sentences, [SAID[1], SAID[3]])
    for (pieces, c), wanted in zip(led, (SAID[1], SAID[3]), strict=True):
        assert TARGET.join(pieces[:-1]) == wanted and len(pieces) == len(c)
        assert pieces[-1] == "</s>" and torch.isfinite(c).all()


def test_every_step_of_every_direction_is_labelled():
    net, ways = translator(), interlingua.WAYS
    found = interlingua.steps(dict.fromkeys(ways, net), MEANINGS)
    assert len(ways) == 6 and len(found.translation.unique()) == 18 == len(found.pieces)
    start, languages = 0, sorted(multilingual.LANGUAGES)
    for way in ways:
        for number, meaning in enumerate(MEANINGS):
            sentence = multilingual.said(meaning, way).source
            ((pieces, part),) = interlingua.contexts(net, [sentence])
            rows = slice(start, start + len(part))
            torch.testing.assert_close(found.vectors[rows], part)
            assert set(found.meaning[rows].tolist()) == {number}
            assert {languages[i] for i in found.source[rows]} == {way[0]}
            (own,) = set(found.translation[rows].tolist())
            assert found.pieces[own] == pieces
            start += len(part)
    assert start == len(found.vectors)


def test_an_untrained_net_has_the_same_size_and_other_weights():
    net = translator()
    plain = interlingua.untrained(net)
    assert plain.source is net.source and plain.model.config == net.model.config
    for weights, ours in zip(plain.model.parameters(), net.model.parameters(), strict=True):
        assert weights.shape == ours.shape
    assert not torch.equal(plain.model.first.weight, net.model.first.weight)
    again = interlingua.untrained(net)
    assert torch.equal(plain.model.first.weight, again.model.first.weight)


def test_likeness_and_quality_are_those_of_each_translation():
    net, ways = translator(), multilingual.ZERO_SHOT
    near, good = interlingua.likeness_and_quality(net, MEANINGS, ways)
    assert len(near) == len(good) == 2 * len(MEANINGS)
    asked = [multilingual.said(MEANINGS[1], way).source for way in (("ko", "ja"), ("en", "ja"))]
    ((_, ours),), ((_, theirs),) = (interlingua.contexts(net, [one]) for one in asked)
    wanted = torch.cosine_similarity(ours.mean(0), theirs.mean(0), dim=0).item()
    assert near[len(MEANINGS) + 1] == pytest.approx(wanted, abs=1e-5)
    assert all(0 <= value <= 100 for value in good)


def test_rows_of_a_map_hold_every_step_of_every_translation(monkeypatch):
    net, ways = translator(), interlingua.WAYS
    found = interlingua.steps(dict.fromkeys(ways, net), MEANINGS)
    monkeypatch.setattr(interlingua, "TRIPLES", len(MEANINGS))
    places = torch.arange(2 * len(found.vectors)).reshape(-1, 2).numpy()
    monkeypatch.setattr(interlingua, "layout", lambda found: places)
    rows = interlingua.translations("toy", found, ways)
    assert [row["way"] for row in rows[::3]] == ["-".join(way) for way in ways]
    assert [row["meaning"] for row in rows[:4]] == [0, 1, 2, 0]
    assert [x for row in rows for x in row["x"]] == places[:, 0].tolist()
    assert all(len(row["pieces"]) == len(row["x"]) == len(row["y"]) for row in rows)


def test_neighbours_are_those_of_slow_loops():
    generator = torch.Generator().manual_seed(3)
    vectors = torch.randn(23, 4, generator=generator)
    translation = torch.arange(23) // 2
    meaning, source = translation // 6, translation % 6 // 2  # two translations of each sentence
    found = interlingua.neighbours(Steps(vectors, meaning, source, translation))
    counts, chance = {"same_meaning": 0, "same_language": 0, "same_meaning_abroad": 0}, 0.0
    for i in range(23):
        others = [j for j in range(23) if (meaning[j], source[j]) != (meaning[i], source[i])]
        near = {j: torch.cosine_similarity(vectors[i], vectors[j], dim=0).item() for j in others}
        best = max(near, key=near.get)
        counts["same_meaning"] += bool(meaning[best] == meaning[i])
        counts["same_language"] += bool(source[best] == source[i])
        abroad = {j: near[j] for j in near if source[j] != source[i]}
        best = max(abroad, key=abroad.get)
        counts["same_meaning_abroad"] += bool(meaning[best] == meaning[i])
        chance += sum(bool(meaning[j] == meaning[i]) for j in abroad) / len(abroad)
    assert found == {
        **{name: pytest.approx(count / 23) for name, count in counts.items()},
        "chance_abroad": pytest.approx(chance / 23),
        "vectors": 23.0,
    }


def test_vectors_that_lie_by_meaning_are_told_from_those_that_lie_by_language():
    translation = torch.arange(30)
    meaning, source = translation // 3, translation % 3
    generator = torch.Generator().manual_seed(4)
    places, noise = (
        torch.randn(10, 16, generator=generator),
        torch.randn(30, 16, generator=generator),
    )
    by_meaning = interlingua.neighbours(
        Steps(places[meaning] + 0.01 * noise, meaning, source, translation)
    )
    by_language = interlingua.neighbours(
        Steps(places[source] + 0.01 * noise, meaning, source, translation)
    )
    assert by_meaning["same_meaning_abroad"] == 1.0 and by_meaning["same_language"] == 0.0
    assert by_language["same_language"] == 1.0 and by_language["same_meaning"] == 0.0


def test_languages_that_only_stand_apart_are_brought_together():
    translation = torch.arange(30)
    meaning, source = translation // 3, translation % 3
    generator = torch.Generator().manual_seed(5)
    places, offsets = torch.randn(10, 16, generator=generator), 9 * torch.eye(16)[:3]
    apart = Steps(places[meaning] + offsets[source], meaning, source, translation)
    assert interlingua.neighbours(apart)["same_language"] == 1.0
    together = interlingua.centred(apart)
    assert interlingua.neighbours(together)["same_meaning"] == 1.0
    for language in range(3):
        mean = together.vectors[source == language].mean(dim=0)
        torch.testing.assert_close(mean, torch.zeros(16), atol=1e-5, rtol=0)


def test_one_language_alone_has_no_foreign_neighbours():
    one = torch.zeros(4, dtype=torch.long)
    with pytest.raises(ValueError, match="at least two languages"):
        interlingua.neighbours(Steps(torch.randn(4, 3), one, one, torch.arange(4)))
