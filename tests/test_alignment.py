"""Links between words: pieces brought to words, the rules that make links, the pictures of both."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch
from ipywidgets import IntSlider

from imi import alignment, metrics, plots
from imi.data import phrasebook
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.recipes import attention_claims
from imi.recipes import phrasebook as nets
from imi.translation import Translator
from imi.widgets import explore
from imi.wordpiece import WordPieces

MEANINGS = list(islice(phrasebook.meanings("test", min_words=3, max_words=15), 23))
DOWN, UP = ["der", "Hund"], ["▁der", "▁H", "und"]


def words(language: str) -> WordPieces:
    texts = [meaning.say(language).text for meaning in MEANINGS]
    return WordPieces.train(texts, size=190, lowercase=language == "en", min_count=1)


def translator() -> Translator:
    torch.manual_seed(2016)
    sides = words("en"), words("ja")
    sizes = {"embedding_dim": 6, "hidden_dim": 5, "alignment_dim": 4, "maxout_dim": 6}
    model = RNNsearch(RNNsearchConfig(*(len(side.vocabulary) for side in sides), **sizes))
    return Translator(model.eval(), *sides)


def test_letters_are_counted_where_pieces_cross_the_borders_of_words():
    found = alignment.overlaps(["本", "を", "読み", "ました"], ["本", "を読", "みま", "した"])
    assert found.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 2]]
    assert alignment.overlaps(["a", "x🙂y"], ["▁a", "▁x", "<unk>", "y"]).tolist() == [
        [1, 0, 0, 0], [0, 1, 1, 1]
    ]  # fmt: skip
    with pytest.raises(ValueError, match="not the same text"):
        alignment.overlaps(["ab"], ["▁abc"])


def test_weights_of_words_add_up_the_source_and_average_the_target():
    alpha = torch.tensor([[0.7, 0.1, 0.2], [0.5, 0.0, 0.5], [0.1, 0.6, 0.3]])
    found = alignment.word_weights(alpha, DOWN, UP, ["a", "bc"], ["▁a", "▁b", "c"])
    wanted = [[0.7, 0.3], [0.3, 0.7]]  # der; H + und, of a; of the mean of b and c
    torch.testing.assert_close(found, torch.tensor(wanted))


def test_weights_between_the_words_of_a_grammar_sum_to_one():
    net = translator()
    for meaning in MEANINGS:
        english, japanese = meaning.say("en"), meaning.say("ja")
        weights = attention_claims.weights_of(net, english, japanese)
        assert weights.shape == (len(japanese), len(english))
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(japanese)))


def test_each_row_is_what_was_looked_at_to_write_that_word():
    net, meaning = translator(), MEANINGS[0]
    english, japanese = meaning.say("en"), meaning.say("ja")
    row, tokens = net.source.encode(english.text), net.target.encode(japanese.text)
    pieces = net.target.vocabulary.decode(tokens)
    assert japanese.tokens[-1] == pieces[-1] == "。"
    last = alignment.overlaps(english.tokens, net.source.vocabulary.decode(row))
    wanted = (last / last.sum(dim=0).clamp(min=1)) @ net.alpha(row, tokens)[len(tokens) - 1]
    weights = attention_claims.weights_of(net, english, japanese)
    torch.testing.assert_close(weights[-1], wanted / wanted.sum())


@pytest.mark.parametrize(
    ("pieces", "wanted"),
    [
        (["▁a", "▁d", "og", ".", "</s>"], ["a", "dog", ".", "</s>"]),
        (["私", "は", "べ", "ました", "。"], ["私", "は", "べ", "ました", "。"]),
        (["▁", "z", "<unk>", "q"], ["z", "<unk>", "q"]),
        (["▁1", "2", "▁don", "'", "t"], ["1", "2", "don", "'", "t"]),
    ],
)
def test_pieces_make_words_where_there_are_blanks(pieces, wanted):
    assert alignment.words_of(pieces) == wanted


def test_links_by_the_largest_weight_and_by_a_threshold():
    weights = torch.tensor([[0.6, 0.4, 0.0], [0.1, 0.2, 0.7]])
    assert alignment.likeliest(weights) == {(0, 0), (2, 1)}
    assert alignment.above(weights, 0.3) == {(0, 0), (1, 0), (2, 1)}
    assert alignment.diagonal(6, 3) == {(0, 0), (2, 1), (4, 2)}


def test_a_link_is_sure_where_a_target_word_has_one_partner():
    gold = {(0, 0), (1, 1), (2, 1), (3, 2), (3, 4)}
    assert alignment.sure(gold) == {(0, 0), (3, 2), (3, 4)}
    found = {(0, 0), (9, 1), (5, 3)}
    assert alignment.with_counterpart(found, gold) == {(0, 0), (9, 1)}


def test_errors_of_many_sentences_are_those_of_all_links_together():
    net, (one, other) = translator(), MEANINGS[:2]
    figures, rows = attention_claims.alignment_errors(net, [one, other])
    hits, asked = 0, 0
    for meaning in (one, other):
        english, japanese = meaning.say("en"), meaning.say("ja")
        gold = phrasebook.alignment(english, japanese)
        best = attention_claims.weights_of(net, english, japanese).argmax(dim=1).tolist()
        hits += 2 * len({(i, j) for j, i in enumerate(best)} & gold)
        asked += len(japanese) + len(gold)
    assert figures["aer/strict"] == pytest.approx(1 - hits / asked, abs=1e-4)
    assert 0 < figures["aer/floor"] <= figures["aer/strict"] <= 1
    assert 0 <= figures["aer/attention"] <= 1 and sum(row["sentences"] for row in rows) == 2


def test_who_knows_the_truth_makes_no_error_but_in_the_strict_count(monkeypatch):
    def knowing(_, english, japanese):
        links = phrasebook.alignment(english, japanese)
        return torch.tensor([[float((i, j) in links) for i in range(len(english))]
                             for j in range(len(japanese))])  # fmt: skip

    monkeypatch.setattr(attention_claims, "weights_of", knowing)
    figures, _ = attention_claims.alignment_errors(None, MEANINGS)
    assert figures["aer/attention"] == 0 < figures["aer/diagonal"]
    assert figures["aer/strict_above_0.50"] == 0 < figures["aer/floor"]


def test_a_picture_of_weights_names_words_in_any_script_and_stays_text():
    weights = np.array([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]])
    figure = plots.alignment(weights, ["a", "$x^", "<b>"], ["猫", "は"], title="$t^",
                             framed=[(0, 0)], dotted=[(2, 1)], grey=2)  # fmt: skip
    drawn = plots.svg(figure)
    assert "猫" in drawn and "&lt;b&gt;" in drawn and "<b>" not in drawn
    assert drawn == plots.svg(figure) and figure._repr_png_() is None
    assert "weight α" in drawn
    other = plots.svg(plots.alignment(weights, "abc", "xy", title="", unit="is reached"))
    assert "is reached" in other and "weight α" not in other
    with pytest.raises(ValueError, match="3 by 2 weights are needed"):
        plots.alignment(weights, ["a", "b"], ["x", "y", "z"], title="t")
    with pytest.raises(ValueError, match="room for 64 words or pieces, here are 99"):
        plots.alignment(np.zeros((1, 99)), ["a"] * 99, ["x"], title="t")


def test_a_picture_of_one_step_shows_what_there_is():
    about = {"title": "t", "state": np.linspace(-1, 1, 13)}
    bare = plots.svg(plots.writing(["猫"], [0.7], **about))
    full = plots.svg(plots.writing(["猫"], [0.7], source=["$x^", "犬"], alpha=[0.1, 0.9], **about))
    assert "looks at" in full and "犬" in full and "looks at" not in bare
    with pytest.raises(ValueError, match="columns of one length"):
        plots.writing(["a", "b"], [0.7], **about)


def test_a_figure_of_words_is_shown_as_svg_live_and_stored():
    def draw(n):
        return plots.alignment(np.eye(n), ["猫"] * n, ["a"] * n, title="t")

    explorer = explore(draw, n=IntSlider(value=2, min=1, max=8))
    before = explorer.picture
    explorer.controls["n"].value = 3
    assert explorer.picture != before and "猫" in explorer.picture.decode()
    assert explorer.box.children[-1].format == "svg+xml"
    bundle = explorer._repr_mimebundle_()
    assert "猫" in bundle["image/svg+xml"] and "image/png" not in bundle


def test_the_measurement_can_be_made_again():
    assert callable(attention_claims.measure)
    assert set(attention_claims.SOFT_AND_HARD) > {nets.ATTENTION}
    assert metrics.alignment_error({(1, 0, 0)}, {(2, 0, 0)}) == 1.0  # of another sentence
