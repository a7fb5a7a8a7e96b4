"""The lineage: every generation reads sentences alike, and all are measured on the same tests."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from imi import checkpoints, measurements, metrics, plots
from imi.data import sentence_tests, sources, word_tests
from imi.data.corpora import Article
from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.models.nplm import NPLM, NPLMConfig
from imi.models.rnn import MRNN, MRNNConfig
from imi.models.rnnlm import RNNLM, RNNLMConfig
from imi.recipes import common_text, generations, lineage, sentence_vectors
from imi.text import Characters, Vocabulary
from imi.wordpiece import tag
from test_following import translator

LEXICON = Vocabulary(["<s>", "the", "dog", "cat", "runs"], [4, 9, 60, 21, 3, 3])
RECORDED = measurements.load(lineage.NAME)


def test_counting_weighs_a_word_by_how_rare_it_is_and_passes_over_unknown_ones():
    said = ["The dog saw the cat.", "zebra"]
    plain = generations.counting(LEXICON, weighed=False)(said)
    assert plain.tolist() == [[0, 0, 2, 1, 1, 0], [0] * 6]
    weighed = generations.counting(LEXICON)(said)
    wanted = [0, 0, 2 * math.log(100 / 60), math.log(100 / 21), math.log(100 / 3), 0]
    torch.testing.assert_close(weighed, torch.tensor([wanted, [0.0] * 6]))


def test_weighed_words_are_added_up_as_directions():
    vectors = torch.randn(6, 4, generator=torch.Generator().manual_seed(2))
    (found,) = generations.weighed_words(vectors, LEXICON)(["the dog runs"])
    units = [vectors[n] / vectors[n].norm() * math.log(100 / seen)
             for n, seen in ((2, 60), (3, 21), (5, 3))]  # fmt: skip
    torch.testing.assert_close(found, sum(units))


def test_a_bag_of_words_takes_whatever_vectors_it_is_given():
    known = sentence_vectors.WordVectors(["dog", "runs"], np.array([[3.0, 0.0], [0.0, 5.0]]))
    read = sentence_vectors.bag_of_words(known)
    assert read(["The DOG runs", "zebra"]).tolist() == [[0.5, 0.5], [0, 0]]


def test_a_code_is_that_of_a_document_that_says_the_stems_ten_times():
    torch.manual_seed(6)
    model = Autoencoder(AutoencoderConfig((3, 5, 2), data="words"))
    read = generations.codes(model, Vocabulary(["dog", "run", "cat"]))
    found = read(["Dogs, running dogs!", "of the"])
    with torch.no_grad():
        torch.testing.assert_close(found[:1], model.encode(torch.tensor([[20.0, 10.0, 0.0]])))
    assert not found[1].any()


@pytest.mark.parametrize("kind", ["mrnn", "lstm"])
def test_letters_are_read_to_the_end_whatever_else_is_read_beside_them(kind):
    torch.manual_seed(11)
    lstm = CharLSTM(CharLSTMConfig(hidden_dim=7)).eval()
    model = lstm if kind == "lstm" else MRNN(MRNNConfig(hidden_dim=7, factors=5)).eval()
    said = ["a dog", "Café “no”", "a cat", ""]
    found = generations.last_state(model)(said)
    for sentence, row in zip(said, found, strict=True):
        plain = {"Café “no”": 'Cafe "no"'}.get(sentence, sentence)
        state = None
        for letter in Characters.encode(f" {plain} "):
            _, state = model.step(torch.tensor([letter]), state)
        torch.testing.assert_close(row, (state[1] if kind == "lstm" else state)[0])


@pytest.mark.parametrize("mark", ["", tag("en")])
def test_annotations_are_averaged_without_the_mark_and_without_padding(mark):
    net = translator()
    said = ["a b c d", "d"]
    found = generations.annotations(net, mark=mark)(said)
    for sentence, row in zip(said, found, strict=True):
        (ids,) = net.read([f"{mark} {sentence}".strip()])
        with torch.no_grad():
            h = net.model.encode(torch.tensor([ids]), torch.tensor([len(ids)])).memory.annotations
        wanted = h[0, 1:] if mark else h[0]
        assert len(wanted) == len(net.read([sentence])[0]) or mark
        torch.testing.assert_close(row, wanted.mean(dim=0), atol=1e-5, rtol=1e-4)


def test_generations_stand_in_their_order_and_name_what_ships():
    every = generations.GENERATIONS
    assert len({one.key for one in every}) == len({one.label for one in every}) == len(every)
    assert [one.year for one in every] == sorted(one.year for one in every)
    for one in every:
        assert not one.checkpoint or checkpoints.folder(one.checkpoint).is_dir()
    rows = [(row["key"], row["label"], row["year"], row["way"]) for row in RECORDED["rows"]]
    assert rows == [(one.key, one.label, one.year, one.way) for one in every]


def test_the_place_of_a_cosine_is_the_share_of_pairs_that_are_farther():
    values = np.sqrt(np.random.default_rng(13).random(1_379)) * 2 - 1
    table = lineage.quantiles(values)
    assert len(table) == lineage.QUANTILES and table == sorted(table)
    for cosine in (-0.9, -0.2, 0.31, 0.8, 0.97):
        assert abs(lineage.nearer_than(cosine, table) - 100 * np.mean(values < cosine)) <= 1.2
    assert [lineage.nearer_than(x, table) for x in (-2.0, table[0], 2.0)] == [0, 0, 100]
    half = lineage.quantiles([0.0] * 50 + [1.0] * 50)
    assert lineage.nearer_than(0.0, half) == 0 and 48 <= lineage.nearer_than(0.5, half) <= 50


def test_words_at_the_origin_are_not_known(monkeypatch):
    pairs = [("dog", "cat", 7.0), ("dog", "zebra", 3.0)]
    for name in ("wordsim353", "simlex999"):
        monkeypatch.setattr(word_tests, name, lambda: pairs)
    read = sentence_vectors.bag_of_words(sentence_vectors.WordVectors(["dog", "cat"], np.eye(2)))
    assert lineage.known_words(read).words == ("cat", "dog")


def test_costs_are_those_of_the_card_and_of_the_files_it_names():
    one = next(one for one in generations.GENERATIONS if one.key == "attention")
    card = checkpoints.read_card(checkpoints.folder(one.checkpoint))
    found = lineage.costs(one)
    assert (found["parameters"], found["minutes"]) == (card["parameters"], card["minutes"])
    assert found["megabytes"] == pytest.approx(sources.source("tatoeba").bytes / 1e6, abs=0.05)
    counted = generations.GENERATIONS[0]
    assert lineage.costs(counted) == {}


def test_bleu_is_what_the_lectures_on_translation_measured():
    found = lineage.translated()
    assert {f"{one.net}/bleu" for one in lineage.TRANSLATORS} == set(found)
    assert {key: RECORDED["figures"][key] for key in found} == found
    for one in lineage.TRANSLATORS:
        card = checkpoints.read_card(checkpoints.folder(one.net))
        direction = [row for row in measurements.load(one.measurement)["rows"]
                     if row.get("way") == "de-en" and row.get("net") == one.net]  # fmt: skip
        wanted = direction[0]["bleu"] if direction else card["metrics"]["bleu"]
        assert found[f"{one.net}/bleu"] == pytest.approx(wanted, abs=0.2), one.net


def test_bleu_over_length_has_a_figure_for_each_range():
    by_net = {one.net: lineage.by_length(one) for one in lineage.TRANSLATORS}
    assert by_net["multi30k_gnmt"] == by_net["captions_many"] == {}
    forward, transformer = by_net["multi30k_forward"], by_net["multi30k_transformer"]
    assert list(forward) == list(transformer) and len(forward) == 4
    figures = measurements.load("translation_claims")["figures"]
    assert list(forward.values())[-1] == figures["multi30k_forward/bleu_of_long"]


def test_a_generation_is_asked_all_tests(monkeypatch):
    pairs = [("dog", "dog", 5.0), ("dog", "cat", 1.0), ("cat", "dog cat", 3.0)]
    monkeypatch.setattr(sentence_tests, "stsb", lambda: pairs)
    scored = [("dog", "cat", 7.0), ("dog", "dog", 9.0), ("cat", "runs", 3.0)]
    for name in ("wordsim353", "simlex999"):
        monkeypatch.setattr(word_tests, name, lambda: scored)
    vectors = np.array([[1.0, 0.0], [0.6, 0.8], [-1.0, 0.2]])
    read = sentence_vectors.bag_of_words(
        sentence_vectors.WordVectors(["dog", "cat", "runs"], vectors)
    )
    one = generations.Generation("x", "X", 2001, "00", "any", "", lambda: read)
    figures, row = lineage.asked(one)
    assert figures["stsb"] == figures["wordsim353"] == 1.0 and figures["simlex999_pairs"] == 3
    assert row["quantiles"][0] == pytest.approx(0.6) and row["quantiles"][-1] == 1.0
    assert (row["key"], row["way"]) == ("x", "any")


def test_what_is_measured_again_leaves_bleu_out(monkeypatch):
    monkeypatch.setattr(common_text, "measure_all", lambda: {"characters": 7.0})
    monkeypatch.setattr(sentence_tests, "stsb", lambda: [0] * 5)
    monkeypatch.setattr(lineage, "asked", lambda one: ({"stsb": 0.5}, {"key": one.key}))
    found = lineage.measure()
    assert found["text/characters"] == 7 and found["stsb_pairs"] == 5
    assert found["bert/stsb"] == 0.5 and not [name for name in found if name.endswith("/bleu")]
    figures, _ = lineage._with_translations()
    assert set(figures) - set(found) == set(lineage.translated())


@pytest.mark.skipif(not sources.available("stsb-en-test"), reason="STS-B is not here")
def test_a_generation_measured_again_gives_what_is_recorded():
    one = next(one for one in generations.GENERATIONS if one.key == "autoencoder")
    figures, row = lineage.asked(one)
    recorded = {name.partition("/")[2]: value for name, value in RECORDED["figures"].items()
                if name.startswith("autoencoder/")}  # fmt: skip
    assert figures == pytest.approx(recorded, abs=0.002)
    (kept,) = (each for each in RECORDED["rows"] if each["key"] == one.key)
    assert row["quantiles"] == pytest.approx(kept["quantiles"], abs=0.002)


def test_the_common_text_is_what_both_kinds_of_nets_keep_aside(monkeypatch):
    monkeypatch.setattr(common_text.source_code, "is_aside", lambda title: title in "ac")
    monkeypatch.setattr(common_text.prose, "part_of", lambda text: {"b": "train"}.get(text, "test"))
    every = [Article("a", "A", None), Article("c", "B", None), Article("d", "A", None)]
    monkeypatch.setattr(common_text.corpora, "wikipedia_leads", lambda: every)
    assert common_text.articles() == ["A"]


def test_letters_and_words_of_the_common_text_are_read_as_in_training():
    texts = ["A dog. It runs!", "Café"]
    read = "".join(Characters.decode(common_text.characters(texts).tolist()))
    assert read == "A dog. It runs!\n\nCafe\n"
    gap = ["<s>"] * common_text.prose.GAP
    assert common_text.tokens(texts) == [
        *gap, "a", "dog", ".", *gap, "it", "runs", "!", *gap, "café", "<s>"
    ]  # fmt: skip


def test_a_word_is_spelled_by_how_often_letters_are_in_known_words():
    bits = common_text.spelling(Vocabulary(["aab", "a"]))
    total = len("aab") + len("a") + 2 + len(Characters.ALPHABET)  # two ends
    assert bits("a") == pytest.approx(math.log2(total / 4) + math.log2(total / 3))
    assert bits("é") == pytest.approx(math.log2(total) + math.log2(total / 3))


def test_bits_of_words_are_those_of_words_and_of_the_letters_of_unknown_ones():
    known = Vocabulary(["dog"])
    told = common_text.Told(torch.tensor([1.0, 3.0, 0.5]), ["zebra"], known)
    found = common_text.bits_of_words(told, 20)
    assert found["words_alone"] == pytest.approx(4.5 / math.log(2) / 20)
    spelled = common_text.spelling(known)("zebra")
    assert found["bits"] - found["words_alone"] == pytest.approx(spelled / 20)
    assert found["perplexity"] == pytest.approx(math.exp(1.5)) and found["unknown"] == 1 / 3


@pytest.mark.parametrize("kind", ["window", "reading"])
def test_nets_of_words_foretell_each_word_and_the_end_of_each_sentence(kind):
    torch.manual_seed(3)
    size, words = len(LEXICON), common_text.tokens(["The dog runs. A cat"])
    window = NPLM(NPLMConfig(size, context_size=2, embedding_dim=3, hidden_dim=4)).eval()
    model = window if kind == "window" else RNNLM(RNNLMConfig(size, hidden_dim=5)).eval()
    ask = common_text.window_net if kind == "window" else common_text.reading_net
    told = ask(SimpleNamespace(model=model, vocabulary=LEXICON), words)
    assert list(told.unknown) == [".", "a"]
    ids = LEXICON.encode(["the", "dog", "runs", ".", "<s>", "a", "cat", "<s>"])
    assert len(told.nats) == len(ids)
    if kind == "window":
        contexts = [[1, 1], [1, 2], [2, 3], [3, 5], [5, 0], [1, 1], [1, 0], [0, 4]]
        logits = model(torch.tensor(contexts))
    else:
        logits = model(torch.tensor([[1, *ids[:-1]]])).logits[0]
    wanted = nn.functional.cross_entropy(logits, torch.tensor(ids), reduction="none")
    torch.testing.assert_close(told.nats, wanted.detach(), atol=1e-5, rtol=1e-4)


def test_progress_joins_the_best_so_far():
    points = {"late": (2019, 0.3), "early": (2003, 0.2), "same year": (2013, 0.1),
              "best": (2013, 0.5)}  # fmt: skip
    figure = plots.progress(points, title="$ test", x_title="year", y_title="ρ",
                            level=("counting", 0.4))  # fmt: skip
    (axes,) = figure.axes
    stairs, level = axes.get_lines()
    assert stairs.get_xdata().tolist() == [2003, 2013, 2013, 2019]
    assert stairs.get_ydata().tolist() == [0.2, 0.5, 0.5, 0.5]
    assert set(level.get_ydata()) == {0.4}
    assert {*points, "counting"} == {text.get_text() for text in axes.texts}
    assert plots.png(figure).startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="needs numbers above 0"):
        plots.progress({"a": (0, 1)}, title="", x_title="", y_title="", log_x=True)
    with pytest.raises(ValueError, match="needs columns of one length"):
        plots.progress({}, title="", x_title="", y_title="")


def test_likeness_of_sentences_is_the_rank_agreement_of_their_cosines():
    read = sentence_vectors.bag_of_words(
        sentence_vectors.WordVectors(["a", "b"], np.array([[1.0, 0.0], [0.6, 0.8]]))
    )
    pairs = [("a", "b", 2.0), ("a", "a", 5.0), ("b", "a b", 1.0)]
    found = lineage.cosines(read, pairs)
    both = np.array([0.8, 0.4])
    assert found == pytest.approx([0.6, 1.0, np.array([0.6, 0.8]) @ both / np.linalg.norm(both)])
    assert metrics.spearman(found, [score for *_, score in pairs]) == pytest.approx(0.5)
