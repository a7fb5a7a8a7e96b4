"""Translators: trained by a recipe, stored, loaded, and asked all kinds of things."""

from __future__ import annotations

from itertools import combinations, islice

import pytest
import torch

from imi import checkpoints
from imi.data.pairs import Pair, Split
from imi.data.phrasebook.meanings import SPLITS
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.models.seq2seq import Seq2Seq, Seq2SeqConfig
from imi.recipes import (
    Request,
    multi30k,
    phrasebook,
    recipes,
    sentence_vectors,
    tatoeba,
    translation,
    translation_claims,
)
from imi.recipes.translation import Settings
from imi.recipes.translation_task import Task, UsualCase
from imi.translation import Translator

NAMES = {"Anna": "Anna", "Tom": "Tom", "the dog": "der Hund", "a cat": "eine Katze",
         "the old man": "der alte Mann"}  # fmt: skip
ACTS = {"sleeps": "schläft", "eats bread": "isst Brot", "runs home": "läuft nach Hause",
        "is here": "ist hier"}  # fmt: skip


def capital(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def task() -> Task:
    said = [
        Pair(capital(f"{german} {tut}"), capital(f"{english} {does}"))
        for english, german in NAMES.items()
        for does, tut in ACTS.items()
    ]
    return Task.of(Split(said * 3, said[::3], said[1::3]), size=90, data=("tatoeba",))


def small(source: int, target: int) -> RNNsearch:
    sizes = {"embedding_dim": 24, "hidden_dim": 28, "alignment_dim": 20, "maxout_dim": 24}
    return RNNsearch(RNNsearchConfig(source, target, **sizes))


def fixed(source: int, target: int) -> Seq2Seq:
    return Seq2Seq(Seq2SeqConfig(source, target, embedding_dim=24, hidden_dim=24, layers=1))


SETTINGS = Settings(60, seed=2015, tokens=120, learning_rate=1e-2, warmup=10, validations=3)


def request(folder, **about) -> Request:
    return Request(folder, torch.device("cpu"), folder / "state", **about)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    assert translation.run(request(folder), "small", task(), small, SETTINGS)
    return checkpoints.load(folder / "checkpoints" / "small")


def test_a_recipe_teaches_a_small_world_and_its_card_says_how_well(shipped):
    card = shipped.card
    assert card["metrics"]["bleu"] > 90 and card["metrics"]["perplexity"] < 2
    assert card["signatures"]["bleu"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp")
    assert card["metrics"]["test_pairs"] == 7 and len(card["curve"]) == 3
    assert {"recipe", "data", "seed", "steps", "minutes", "device", "settings"} <= set(card)


def test_the_sample_measures_what_the_card_says(shipped):
    found = translation.sample(shipped, task().pairs.test, tokenize="13a")
    assert found == {key: pytest.approx(shipped.card["metrics"][key], rel=1e-4) for key in found}
    assert set(found) == {"sample_perplexity", "sample_bleu"}


def test_a_translator_says_what_it_read_wrote_and_looked_at(shipped):
    translator = Translator.load(shipped)
    (found,) = translator.translate(["Der alte Mann läuft nach Hause."])
    assert found.text == "The old man runs home."
    assert "".join(found.source).replace("▁", " ").strip() == "der alte mann läuft nach hause."
    assert found.target[-1] == "</s>" and len(found.target) == len(found.search.best.tokens) + 1
    assert found.alpha.shape == (len(found.target), len(found.source))
    torch.testing.assert_close(found.alpha.sum(-1), torch.ones(len(found.target)))


def test_many_sentences_come_back_in_their_order(shipped):
    translator = Translator.load(shipped)
    said = [pair.source for pair in task().pairs.train[:20]]
    together = translator.texts(said, batch_size=3)
    assert together == [translator.texts([sentence])[0] for sentence in said]
    assert translator.texts([]) == []


def test_hard_attention_looks_at_one_piece_at_a_time(shipped):
    (found,) = Translator.load(shipped).translate(["Tom schläft."], hard=True, beams=2)
    assert ((found.alpha == 0) | (found.alpha == 1)).all() and (found.alpha.sum(-1) == 1).all()


def test_a_model_without_attention_cannot_look_at_one_piece(shipped):
    made = Translator.load(shipped)
    sizes = {"embedding_dim": 6, "hidden_dim": 6, "layers": 1}
    plain = Seq2Seq(Seq2SeqConfig(made.model.config.source_vocab_size, 7, **sizes))
    with pytest.raises(ValueError, match="no attention"):
        Translator(plain, made.source, made.target).translate(["Tom schläft."], hard=True)


def test_a_coverage_penalty_can_be_asked_for(shipped):
    (found,) = Translator.load(shipped).translate(["Tom schläft."], beta=0.3)
    assert found.search.best.score < found.search.best.log_prob / ((5 + 1) / 6) ** 1.0 + 1e-6


@pytest.mark.parametrize(
    "text", ["zzz", "🙂", "彼は本を読む。", "<s> </s>", "A\tB\nC", "ß" * 150, "1 2 3 !?", "▁▁"]
)
def test_anything_can_be_typed(shipped, text):
    (found,) = Translator.load(shipped).translate([text], beams=2)
    assert (
        isinstance(found.text, str) and len(found.search.best.tokens) <= 2 * len(found.source) + 10
    )


def test_what_cannot_be_translated_is_refused_in_a_sentence(shipped):
    translator = Translator.load(shipped)
    for text in ("", "   ", "\n"):
        with pytest.raises(ValueError, match="there is nothing to translate; type a sentence"):
            translator.translate(["Tom schläft.", text])
    with pytest.raises(ValueError, match="a sentence has 10000 pieces; the models read 200"):
        translator.translate(["Anna " * 10_000])
    with pytest.raises(ValueError, match="at least 1 beam"):
        translator.translate(["Anna schläft."], beams=0)


def test_a_model_without_attention_shows_none_and_has_no_coverage(tmp_path):
    about = Settings(8, seed=2014, tokens=120, validations=1)
    assert translation.run(request(tmp_path), "fixed", task(), fixed, about)
    translator = Translator.load(checkpoints.load(tmp_path / "checkpoints" / "fixed"))
    (found,) = translator.translate(["Anna schläft."])
    assert found.alpha is None
    with pytest.raises(ValueError, match="a coverage penalty needs to see the attention"):
        translator.translate(["Anna schläft."], beta=0.2)


def test_a_sentence_is_the_hidden_states_after_its_last_word(tmp_path, shipped):
    given = task()
    model = fixed(len(given.source.vocabulary), len(given.target.vocabulary)).eval()
    translator = Translator(model, given.source, given.target)
    said = ["Anna schläft.", "Der alte Mann läuft nach Hause.", "Tom isst Brot."]
    found = translator.vectors(said)
    for sentence, vector in zip(said, found, strict=True):
        (row,) = translator.read([sentence])
        state = model.encode(torch.tensor([row]), torch.tensor([len(row)]))
        torch.testing.assert_close(vector, state.h[0].flatten().detach())
    with pytest.raises(ValueError, match="nothing to translate"):
        translator.vectors(["Anna schläft.", " "])
    with pytest.raises(ValueError, match="nothing to read"):
        translator.vectors([])
    with pytest.raises(ValueError, match="no one vector"):
        Translator.load(shipped).vectors(["Tom schläft."])


def test_the_nearer_of_two_sentences_is_found_and_a_bag_of_words_knows_no_order():
    trios = list(islice(phrasebook.trios("test"), 7))

    def by_who(sentences):  # passives stand a little beside the actives of the same meaning
        where = {}
        for number, trio in enumerate(trios):
            where[str(trio.active)] = [10.0 * number, 0.0]
            where[str(trio.swapped)] = [10.0 * number, 3.0]
            where[str(trio.passive)] = [10.0 * number, -1.0]
        return torch.tensor([where[sentence] for sentence in sentences])

    figures, rows = sentence_vectors.compared(by_who, trios)
    usual = sum(10.0 * abs(i - j) for i in range(7) for j in range(7)) / 42
    assert figures["swapped"] == pytest.approx(3 / usual)
    assert figures["passive"] == pytest.approx(1 / usual)
    assert figures["passive_nearer"] == 1.0 and figures["trios"] == len(rows) == 7
    bag, _ = sentence_vectors.compared(sentence_vectors.bag_of_words(), trios)
    assert bag["swapped"] == 0.0 < bag["passive"] and bag["passive_nearer"] == 0.0
    with pytest.raises(ValueError, match="at least 2 trios"):
        sentence_vectors.compared(by_who, trios[:1])


def test_many_sentences_are_read_a_few_at_a_time():
    counted = []

    def vectors(sentences):
        counted.append(len(sentences))
        return torch.tensor([[float(sentence)] for sentence in sentences])

    found = sentence_vectors.in_chunks(vectors)([str(number) for number in range(150)])
    assert found.flatten().tolist() == list(range(150)) and counted == [64, 64, 22]


def test_a_checkpoint_with_one_language_translates_nothing():
    with pytest.raises(checkpoints.CheckpointError, match="it has one language"):
        Translator.load("nplm_english")


def test_a_run_in_pieces_is_the_run_in_one(tmp_path):
    about = Settings(7, seed=2015, tokens=120, validations=2)

    def fit(folder, **limits):
        torch.manual_seed(1)
        given = task()
        model = small(len(given.source.vocabulary), len(given.target.vocabulary))
        return translation.fit(request(folder, **limits), "small", given, model, about)

    whole, pieces, count = fit(tmp_path / "a"), fit(tmp_path / "b", minutes=0.0), 1
    while not pieces.finished:
        pieces, count = fit(tmp_path / "b", minutes=0.0), count + 1
    assert count == 7 and pieces.curve == whole.curve
    again = fit(tmp_path / "b")
    assert again.finished and again.curve == whole.curve
    for first, second in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        torch.testing.assert_close(first, second)


def test_sentences_begin_as_their_first_word_is_usually_written():
    usual = UsualCase(["I saw a man and Tom.", "So the man and Tom saw NATO.", "Here man, man!"])
    assert usual("A man saw Tom.") == "a man saw Tom."
    assert usual("Tom saw a man.") == "Tom saw a man."
    assert usual("NATO saw it.") == "NATO saw it." and usual("") == ""
    assert usual("Unseen words.") == "Unseen words."


def test_the_translators_have_recipes_that_fit_the_limit_of_a_checkpoint():
    known = recipes()
    for module in (multi30k, tatoeba, phrasebook):
        pieces = module.PIECES
        for name, (make, settings) in module.MODELS.items():
            assert known[name].sample is not None and known[name].minutes <= 70
            with torch.device("meta"):
                model = make(pieces, pieces)
            assert 2 * sum(w.numel() for w in model.parameters()) <= 14e6, name  # bytes, halves
            assert settings.seed in (2014, 2015)
    reverse = {name: multi30k.MODELS[name][0](9, 9).config.reverse
               for name in (multi30k.FORWARD, multi30k.REVERSED)}  # fmt: skip
    assert reverse == {multi30k.FORWARD: False, multi30k.REVERSED: True}


def test_what_two_people_do_to_each_other_is_in_one_part_alone():
    found = {split: list(islice(phrasebook.trios(split), 40)) for split in SPLITS}
    heads = {
        split: {(frozenset((t.active.tree.subject.head, t.active.tree.object.head)),
                 t.active.tree.predicate, t.active.tree.tense) for t in trios}
        for split, trios in found.items()
    }  # fmt: skip
    for one, other in combinations(SPLITS, 2):
        assert not heads[one] & heads[other]
    active, swapped, passive = (m.tree for m in found["test"][0])
    assert active.subject == swapped.object == passive.object
    assert active.object == swapped.subject == passive.subject
    assert passive.passive and not active.passive and not swapped.passive
    assert " by " in str(found["test"][0].passive)


def test_no_sentence_of_a_test_is_in_the_phrasebooks_training(monkeypatch):
    monkeypatch.setattr(phrasebook, "COUNTS", {"train": 300, "valid": 20, "test": 30})
    monkeypatch.setattr(phrasebook, "TRIO_DRAWS", 400)
    made = phrasebook.sentences()
    assert len(made.valid) == 20 and len(made.test) == 30 and 500 < len(made.train) < 2_000
    judged = [*made.valid, *made.test, *phrasebook.roles("test")]
    for side in (0, 1):
        assert not {pair[side] for pair in made.train} & {pair[side] for pair in judged}
    assert phrasebook.test_pairs(7) == made.test[:7]
    lengths = [len(meaning.say("en")) for meaning in phrasebook.statements("train")]
    assert min(lengths) < 8 and max(lengths) > 35


def test_what_the_claims_quote_is_measured_over_length_too(shipped):
    pairs = task().pairs.test
    about = {"tokenize": "13a", "edges": (1, 4, 5, 100)}
    figures, rows = translation_claims.judged(Translator.load(shipped), pairs, **about)
    assert figures["bleu"] == pytest.approx(shipped.card["metrics"]["bleu"], abs=0.01)
    assert figures["perplexity"] == pytest.approx(shipped.card["metrics"]["perplexity"], rel=0.01)
    assert sum(row["pairs"] for row in rows) == len(pairs) and len(rows) > 1
    assert (figures["bleu_of_short"], figures["bleu_of_long"]) == (
        rows[0]["bleu"], rows[-1]["bleu"]
    )  # fmt: skip
    assert callable(translation_claims.measure)
