"""Two languages at once: blended tags, sentences that switch, scripts told apart."""

from __future__ import annotations

import pytest
import torch

from imi.data.phrasebook import alignment
from imi.recipes import mixing
from imi.recipes.multilingual import statements
from test_interlingua import MEANINGS, translator


@pytest.mark.parametrize("w", [0.0, 0.3, 1.0])
def test_a_blended_tag_lies_between_two_and_nothing_else_changes(w):
    net = translator()
    found = mixing.blended(net, "ja", "ko", w)
    E, ours = net.model.source_embedding.weight, found.model.source_embedding.weight
    ja, ko = (net.source.vocabulary[name] for name in ("<2ja>", "<2ko>"))
    torch.testing.assert_close(ours[ja], (1 - w) * E[ja] + w * E[ko])
    others = torch.arange(len(E)) != ja
    assert torch.equal(ours[others], E[others]) and net.model is not found.model
    sentence = f"{MEANINGS[0]}"
    if w in (0.0, 1.0):
        wanted = net.texts([f"<2{'ja' if w == 0 else 'ko'}> {sentence}"], beams=1)
        assert found.texts([f"<2ja> {sentence}"], beams=1) == wanted


@pytest.mark.parametrize("w, tag", [(-0.1, "ko"), (1.1, "ko"), (0.5, "fr")])
def test_a_blend_of_nothing_is_refused(w, tag):
    with pytest.raises(ValueError, match="from 0 to 1|knows no <2fr>"):
        mixing.blended(translator(), "ja", tag, w)


@pytest.mark.parametrize(
    "text, kind",
    [("猫が寝ています。", "Japanese"), ("고양이가 자요.", "Korean"), ("The cat sleeps.", "Latin"),
     ("猫가 자요", "mixed"), ("ヴィオラ", "Japanese")],
)  # fmt: skip
def test_scripts_are_told_apart(text, kind):
    assert mixing.kind(text) == kind and sum(mixing.scripts(text).values()) == pytest.approx(1)


def test_a_text_without_letters_has_no_script():
    assert set(mixing.scripts("1, 2 ...").values()) == {0.0} and mixing.kind("") == "mixed"


def test_a_sentence_switches_where_both_halves_say_the_same():
    told = statements("test", 60)
    found = {meaning: mixing.switched(meaning) for meaning in told if mixing.switched(meaning)}
    assert len(found) > 30
    for meaning, text in found.items():
        one, other = meaning.say("ja"), meaning.say("ko")
        begun = max(
            i for i in range(1, len(one)) if text.startswith(one.text[: one.spans[i - 1][1]] + " ")
        )
        rest = text[one.spans[begun - 1][1] + 1 :]
        assert other.text.endswith(rest) and rest
        cut = next(k for k, (start, _) in enumerate(other.spans) if other.text[start:] == rest)
        for i, j in alignment(one, other):
            assert (i < begun) == (j < cut), (text, one.tokens[i], other.tokens[j])


def test_orders_that_cross_have_no_place_to_switch():
    told = statements("test", 100)
    assert any(mixing.switched(meaning, "en", "ja") is None for meaning in told)


def test_both_mixtures_are_measured(monkeypatch):
    monkeypatch.setattr(mixing.Translator, "load", lambda name: translator())
    monkeypatch.setattr(mixing, "statements", lambda part: statements(part, 4))
    monkeypatch.setattr(mixing, "SHARES", (0.0, 0.5, 1.0))
    figures, rows = mixing.measure_all()
    assert {"bleu/ja", "bleu/ko", "bleu/switched", "sentences", "switch"} < set(figures)
    for row in rows:
        total = sum(row[name] for name in ("Japanese", "Korean", "Latin", "mixed"))
        assert total == pytest.approx(1)
