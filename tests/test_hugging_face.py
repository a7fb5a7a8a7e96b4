"""Published weights: every name there and back, the reference's numbers, what is refused."""

from __future__ import annotations

import copy
import json
import os
import zipfile
from functools import lru_cache

import pytest
import torch
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as pack_tensors

from imi.batches import padded
from imi.bertpieces import SPECIAL
from imi.checkpoints import CheckpointError
from imi.data import corpora, sources
from imi.data.sources import DataError
from imi.hugging_face import exported, imported, load, names
from imi.layers import visible
from imi.models.bert import Bert, BertConfig, BertForPretraining, mean_place

SIZES = {"dim": 12, "heads": 3, "hidden_dim": 17, "layers": 2, "longest": 9}
WORDS = [*SPECIAL, *"abcdefg"]


def shaken(kind: type) -> Bert | BertForPretraining:
    torch.manual_seed(2019)
    model = kind(BertConfig(len(WORDS), **SIZES)).eval().requires_grad_(False)
    for weights in model.parameters():
        weights.uniform_(-0.7, 0.7)
    return model


def told(**changes) -> dict:
    """Returns the config of our small model as it is published."""
    return {"model_type": "bert", "hidden_act": "gelu", "vocab_size": len(WORDS),
            "hidden_size": 12, "num_attention_heads": 3, "num_hidden_layers": 2,
            "intermediate_size": 17, "max_position_embeddings": 9, "type_vocab_size": 2,
            "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.25} | changes  # fmt: skip


def published(folder, tensors, **changes):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(told(**changes)))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    (folder / "model.safetensors").write_bytes(pack_tensors(dict(tensors)))
    return folder


@lru_cache(maxsize=1)
def transformers():
    """Returns the reference, which asks no network and keeps its advice to itself."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    return pytest.importorskip("transformers")


def reference(kind: str, config: dict, attention: str = "eager"):
    config = transformers().BertConfig(**config)
    config._attn_implementation = attention
    return getattr(transformers(), kind)(config).eval().requires_grad_(False)


@lru_cache(maxsize=1)
def minilm():
    if not sources.available("minilm"):
        pytest.skip("needs the data minilm: python -m imi.data fetch minilm")
    return load("minilm")


@lru_cache(maxsize=1)
def fifty() -> list[str]:
    """Returns the beginnings of articles, of 1 to 99 words."""
    try:
        texts = [article.text for article in corpora.wikipedia_leads()]
    except DataError as error:
        pytest.skip(str(error))
    return [" ".join(text.split()[: 2 * n + 1]) for n, text in enumerate(texts[:50])]


@pytest.mark.parametrize("kind", [Bert, BertForPretraining])
def test_every_weight_has_a_name_of_theirs_and_comes_back_exactly(kind):
    model, heads = shaken(kind), kind is BertForPretraining
    theirs = exported(model)
    assert list(names(2, heads=heads)) and len(set(theirs)) == len(model.state_dict())
    back = imported(theirs, 2, heads=heads)
    assert back.keys() == model.state_dict().keys()
    for name, weights in model.state_dict().items():
        assert torch.equal(back[name], weights)
    again = kind(model.config)
    again.load_state_dict(back)
    assert {n: w.data_ptr() for n, w in exported(model).items()} == {
        n: w.data_ptr() for n, w in theirs.items()
    }


@pytest.mark.parametrize("kind", ["BertModel", "BertForPreTraining"])
def test_a_model_of_ours_loads_into_theirs_and_scores_the_same(kind):
    heads = kind == "BertForPreTraining"
    ours = shaken(BertForPretraining if heads else Bert)
    theirs = reference(kind, told())
    found = theirs.load_state_dict(exported(ours), strict=False)
    tied = {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"} if heads else set()
    assert set(found.missing_keys) <= tied and not found.unexpected_keys
    theirs.tie_weights()
    ids, lengths = torch.tensor([[2, 5, 6, 7, 4, 3], [2, 9, 3, 0, 0, 0]]), torch.tensor([6, 3])
    segments = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 0, 0]])
    about = {"attention_mask": visible(lengths, 6).long(), "token_type_ids": segments}
    wanted = theirs(ids, **about)
    if heads:
        chosen = visible(lengths, 6)
        scores = ours(ids, lengths, segments, chosen=chosen)
        torch.testing.assert_close(scores.words, wanted.prediction_logits[chosen])
        torch.testing.assert_close(scores.next, wanted.seq_relationship_logits)
    else:
        torch.testing.assert_close(ours(ids, lengths, segments).pooled, wanted.pooler_output)


def test_fifty_texts_of_mixed_length_are_read_as_the_reference_reads_them():
    model, pieces = minilm()
    with zipfile.ZipFile(sources.path("minilm")) as archive:
        files = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    theirs = reference("BertModel", json.loads(files["config.json"]))
    tensors = parse_tensors(files["model.safetensors"])
    tensors.pop("embeddings.position_ids")
    theirs.load_state_dict(tensors)  # strictly: no weight is left out
    exact, doubled = (copy.deepcopy(net).double() for net in (theirs, model))
    rows = [[pieces.cls_id, *pieces.encode(text), pieces.sep_id] for text in fifty()]
    assert len(rows) == 50 and len({len(row) for row in rows}) > 25
    for start in range(0, 50, 17):
        ids, lengths = padded(rows[start : start + 17], pieces.pad_id)
        segments = (torch.arange(ids.shape[1]) > ids.shape[1] // 3).long().expand_as(ids)
        seen = visible(lengths, ids.shape[1])
        about = {"attention_mask": seen.long(), "token_type_ids": segments}
        with torch.no_grad():
            wanted = theirs(ids, **about)
            found = model(ids, lengths, segments, weights=True)
            fast = model(ids, lengths, segments)
        for reading in (found, fast):
            assert float((reading.hidden - wanted.last_hidden_state)[seen].abs().max()) < 1e-5
            assert float((reading.pooled - wanted.pooler_output).abs().max()) < 1e-5
        # Within the layers numbers are large: their last float32 digit alone is 1e-5 on some CPUs.
        with torch.no_grad():
            wanted = exact(ids, output_hidden_states=True, output_attentions=True, **about)
            found = doubled(ids, lengths, segments, weights=True)
            layers = doubled.layers(ids, lengths, segments)
        for number, hidden in enumerate(wanted.hidden_states):
            assert float((layers[:, number] - hidden)[seen].abs().max()) < 1e-10
        for number, looked in enumerate(wanted.attentions):
            apart = (found.attention[:, number] - looked).transpose(1, 2)[seen]
            assert float(apart.abs().max()) < 1e-5


def test_texts_are_cut_as_the_reference_cuts_them():
    _, pieces = minilm()
    words = pieces.vocabulary.words
    theirs = transformers().BertTokenizer(vocab={w: n for n, w in enumerate(words)})
    odd = ["Crème brûlée 20°C, don't!", "東京 is a city", "🙂 hm...", "İstanbul\t\u200bx\x00y", ""]
    for text in [*fifty(), *odd]:
        assert pieces.encode(text) == theirs(text, add_special_tokens=False)["input_ids"]
    assert theirs.mask_token_id == pieces.mask_id and theirs.pad_token_id == pieces.pad_id == 0
    assert pieces.split("penguins are flightless") == ["penguins", "are", "flight", "##less"]


def test_like_sentences_are_near_and_others_are_not():
    model, pieces = minilm()
    told = ("A man plays a guitar.", "Someone is playing an instrument.", "The stock market fell.")
    ids, lengths = padded([[101, *pieces.encode(text), 102] for text in told], 0)
    with torch.no_grad():
        means = mean_place(model(ids, lengths).hidden, lengths)
    near = torch.nn.functional.cosine_similarity(means[:1], means[1:])
    assert near[0] > 0.5 > 0.2 > near[1]


@pytest.mark.parametrize("heads", [False, True])
@pytest.mark.parametrize("old", [False, True], ids=["new names", "old names"])
def test_a_folder_is_loaded_with_names_of_any_time(tmp_path, heads, old):
    model = shaken(BertForPretraining)
    tensors = exported(model)
    if old:
        tensors = {name.replace("LayerNorm.weight", "LayerNorm.gamma")
                       .replace("LayerNorm.bias", "LayerNorm.beta"): weights
                   for name, weights in tensors.items()}  # fmt: skip
    tensors["bert.embeddings.position_ids"] = torch.arange(9)[None]
    found, pieces = load(published(tmp_path / "net", tensors), heads=heads)
    wanted = model if heads else model.bert
    assert not found.training and found.config.dropout == 0.25
    for name, weights in wanted.state_dict().items():
        assert torch.equal(found.state_dict()[name], weights)
    assert pieces.split("A [MASK]") == ["a", "[MASK]"]
    assert all(weights.requires_grad for weights in found.parameters())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "roberta"}, "model_type of 'net' is 'roberta'; ours is 'bert'"),
        ({"hidden_act": "relu"}, "hidden_act of 'net' is 'relu'; ours is 'gelu'"),
        ({"position_embedding_type": "relative_key"}, "ours is 'absolute'"),
        ({"num_hidden_layers": 3}, "these weights lack encoder.layer.2.* and 15 others"),
        ({"vocab_size": 13}, "the weights of 'net' do not fit: size mismatch for words.weight"),
        ({"hidden_size": 13}, "config.json of 'net' describes no BERT: H = 13 cannot be shared"),
        ({"hidden_size": "x"}, "config.json of 'net' describes no BERT"),
    ],
)
def test_a_model_of_another_kind_is_refused_in_a_sentence(tmp_path, changes, message):
    folder = published(tmp_path / "net", exported(shaken(Bert)), **changes)
    with pytest.raises(CheckpointError, match=message):
        load(folder)


def test_what_is_missing_or_damaged_is_named(tmp_path):
    folder = published(tmp_path / "net", exported(shaken(Bert)))
    with pytest.raises(CheckpointError, match=r"lack cls\.predictions\.transform\.dense\.weight"):
        load(folder, heads=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS[:-1]))
    with pytest.raises(CheckpointError, match="'net' has 11 pieces and vectors for 12"):
        load(folder)
    (folder / "model.safetensors").write_bytes(b"damaged!" * 5)
    with pytest.raises(CheckpointError, match=r"model\.safetensors of 'net' is damaged"):
        load(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"config\.json of 'net' is damaged"):
        load(folder)
    with pytest.raises(CheckpointError, match=r"'nothing' has no config\.json"):
        load(tmp_path / "nothing")
    with pytest.raises(DataError, match="there is no data 'bert'"):
        load("bert")
