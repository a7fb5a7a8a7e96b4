"""How character nets are fitted, what they write, and how that is judged."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from imi import checkpoints
from imi.copies import Copies
from imi.data.source_code import Text
from imi.data.sources import DataError
from imi.models.char_lstm import CharLSTM, CharLSTMConfig
from imi.recipes import Request, characters, compression, debagging, rnn_2011, writing
from imi.recipes.characters import Settings
from imi.text import Characters

SETTINGS = Settings(23, batch_size=3, window=7, warmup=2)
CONFIG = CharLSTMConfig(hidden_dim=11, dropout=0.2)


def text(**data) -> Text:
    words = "while (a) { b(c); } /* so */\n"
    return Text("tiny", words * 40, words[::-1] * 9, data or {"tiny": "0" * 64})


def request(folder, **changes) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **changes)


def fit(folder, monkeypatch, **changes):
    monkeypatch.setattr(characters, "SNAPSHOTS", (5, 11))
    torch.manual_seed(1)
    return characters.fit(request(folder, **changes), "tiny", text(), CharLSTM(CONFIG), SETTINGS)


def test_two_runs_give_the_same_net_and_the_same_texts(tmp_path, monkeypatch):
    one, two = fit(tmp_path / "a", monkeypatch), fit(tmp_path / "b", monkeypatch)
    assert one.finished and one.curve == two.curve and one.more == two.more
    assert [step for step, _ in one.more["snapshots"]] == [5, 11, 23]
    assert all(len(written) == characters.SNAPSHOT_LENGTH for _, written in one.more["snapshots"])
    assert torch.equal(one.model.output.weight, two.model.output.weight)


def test_a_stopped_run_goes_on_to_the_end_and_is_not_run_again(tmp_path, monkeypatch):
    pieces, count = fit(tmp_path, monkeypatch, minutes=0.0), 1
    while not pieces.finished:
        pieces, count = fit(tmp_path, monkeypatch, minutes=0.0), count + 1
    assert count == 23 and [step for step, _ in pieces.more["snapshots"]] == [5, 11, 23]
    for _ in range(2):  # what is known of a run outlives a look at it
        again = fit(tmp_path, monkeypatch)
        assert again.finished and again.curve == pieces.curve
        assert again.seconds == pieces.seconds > 0
    assert torch.equal(again.model.output.weight, pieces.model.output.weight)


def test_a_shipped_net_is_measured_on_its_own_text_only(tmp_path, monkeypatch):
    result = fit(tmp_path, monkeypatch)
    card = characters.ship(request(tmp_path), "tiny", text(), result)
    shipped = checkpoints.load(tmp_path / "checkpoints" / "tiny")
    found = characters.sample(shipped, text())["sample"]
    assert found == pytest.approx(card["metrics"]["sample"], rel=5e-3)
    assert card["settings"]["window"] == 7 and card["snapshots"] == result.more["snapshots"]
    with pytest.raises(DataError, match="learned from tiny; here is another text: other"):
        characters.sample(shipped, text(other="1" * 64))


class Parrot:
    """Writes one text over and over, each letter as sure as can be."""

    def __init__(self, said: str):
        self.ids = Characters.encode(said)

    def step(self, ids, state):
        place = 0 if state is None else state + 1
        logits = torch.full((len(ids), 96), -1e4)
        logits[:, self.ids[place % len(self.ids)]] = 1e4
        return logits, place


def test_c_that_closes_is_told_from_c_that_does_not():
    skipped = "\n" * len(writing.C_BEGINNING)
    good = Parrot(skipped[:-1] + "f(int a[3]) {\n  return a[0]; /* ) */\n}\n")
    figures, functions = writing.c_grammar(good, count=3)
    assert figures["functions_that_end"] == figures["functions_that_close"] == 1
    assert functions[0].endswith("}") and len(functions) == 3
    bad, _ = writing.c_grammar(Parrot(skipped[:-1] + "f(int a) {\n  return (a];\n}\n"), count=2)
    assert bad["functions_that_end"] == 1 and bad["functions_that_close"] == 0
    assert bad["valid_after_25"] == 1 and bad["valid_after_100"] == 0 == bad["still_valid"]


def test_python_is_parsed_searched_for_copies_and_asked_for_its_names():
    body = "".join(f"    x{n} = y\n" for n in range(10))
    functions = [f"def f(y):\n{body}", f"def f(z):\n{body}", "def f(:\n" + body]
    figures = writing.python_grammar(functions, Copies("#" + body + "#"))
    assert figures["functions_that_parse"] == pytest.approx(2 / 3)
    assert figures["median_longest_copy"] == len(body) and figures["mostly_copied"] == 1
    assert figures["names_known"] == pytest.approx(10 / 20)
    assert figures["median_lines"] == 11


def test_functions_are_collected_until_there_are_enough_long_ones():
    skipped = "\n" * (len(writing.PYTHON_BEGINNING) - 1)
    long = Parrot(skipped + "f(y):\n" + "    y\n" * 11 + "\nx")
    functions = writing.python_functions(long, count=5)
    assert len(functions) == 5 and functions[0] == "def f(y):\n" + "    y\n" * 11
    short = Parrot(skipped + "f(y):\n    y\n\nx")
    assert writing.python_functions(short, count=5) == []


def test_a_mixture_is_at_least_nearly_as_good_as_its_parts():
    rng = np.random.default_rng(6)
    net, ngram = np.log(rng.beta(2.0, 3.0, (2, 901)))
    found = compression.mixed(np.concatenate([[-9.0, -9.0], net]), ngram)
    assert found["mixture/both"] < min(found["mixture/net"], found["mixture/ngram"])
    assert found["mixture/net"] == pytest.approx(-net[450:].mean() / math.log(2))


def test_ngram_log_probabilities_are_the_models_whatever_the_blocks(monkeypatch):
    model = compression.ngram(text(), 4)
    whole = compression.ngram_log_probs(model, text().held_out_ids)
    monkeypatch.setattr(compression, "BLOCK", 13)
    np.testing.assert_allclose(compression.ngram_log_probs(model, text().held_out_ids), whole)
    bits = -whole.mean() / math.log(2)
    assert bits == pytest.approx(math.log2(model.perplexity(text().held_out_ids.numpy())))


def test_packers_need_less_for_what_they_have_read():
    figures = compression.compressed(Text("t", "abcd" * 99, "abcd" * 99, {}))
    assert figures["xz_after_training_text"] < figures["xz"] / 4


def test_the_three_nets_of_lecture_03_have_one_size():
    sizes = [
        sum(p.numel() for p in rnn_2011.new_net(kind).parameters())
        for kind in rnn_2011.LEARNING_RATES
    ]
    assert max(sizes) / min(sizes) < 1.01
    assert all(abs(size / rnn_2011.PARAMETERS - 1) < 0.01 for size in sizes)


def test_bags_hold_runs_of_words_and_all_their_orders():
    line = "the quick red fox and jumps over lazy dogs again and again"
    (bag,) = debagging.bags(f"too short\n{line}\n", 1, seed=3)
    assert (bag.before, bag.words) == ("the quick", ("red", "fox", "and", "jumps", "over"))
    orders = bag.orders()
    assert orders[0] == "the quick red fox and jumps over lazy dogs"
    assert len(set(orders)) == 120 and {len(order) for order in orders} == {len(orders[0])}
    with pytest.raises(ValueError, match="holds 1 runs of words, not 2"):
        debagging.bags(line, 2, seed=3)


def test_a_net_scores_each_order_as_if_it_stood_alone():
    torch.manual_seed(4)
    net = CharLSTM(CharLSTMConfig(hidden_dim=7)).eval()
    texts = ["one two", "two one", "eno owt"]
    found = debagging.by_net(net)(texts)
    for text, score in zip(texts, found, strict=True):
        ids = torch.tensor(Characters.encode(text))
        with torch.no_grad():
            scores = net(ids[None, :-1]).logits[0].log_softmax(dim=-1)
        assert score == pytest.approx(scores[range(6), ids[1:]].sum().item(), rel=1e-5)


def test_an_ngram_model_puts_words_in_the_order_that_it_has_read():
    line = "the quick red fox and jumps over lazy dogs"
    drawn = debagging.bags(line, 1, seed=3)
    model = compression.ngram(Text("t", f"{line}. " * 9 + "and over the fox", "", {}), 5)
    score = debagging.by_ngrams(model)
    assert debagging.put_in_order(score, drawn) == 1.0
    assert debagging.put_in_order(lambda texts: -score(texts), drawn) == 0.0
    alone = compression.ngram_log_probs(model, torch.tensor(Characters.encode(line)))
    assert score([line])[0] == pytest.approx(alone.sum())
