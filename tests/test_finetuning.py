"""The layer on top of BERT, five shapes of tasks, their losses, and changes of low rank."""

from __future__ import annotations

import math
from itertools import islice

import pytest
import torch
from torch import nn

from imi.bertpieces import BertPieces
from imi.data.choices import Choice
from imi.data.questions import Question
from imi.data.tasks import Example, Tagged
from imi.finetuning import TaskLoss, answers, batch_of, batches, changed
from imi.models.bert import Bert, BertConfig
from imi.models.bert_heads import FineTuned, span_scores
from imi.models.low_rank import LowRank
from imi.task_shapes import UNASKED, Batch, Choices, Classes, Encoded, Number, Row, Spans, Tags, row
from imi.training import train

WORDS = ["the", "a", "old", "dog", "cat", "barks", "sleeps", "here", "anna", "tom", "sees", "who",
         "##s", "walk", "e", ".", ","]  # fmt: skip


@pytest.fixture(scope="module")
def pieces():
    return BertPieces(["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]", *WORDS])


def net(pieces, outputs=3, reads="C", dropout=0.0, seed=5) -> FineTuned:
    torch.manual_seed(seed)
    sizes = {"dim": 12, "heads": 3, "layers": 2, "hidden_dim": 20, "longest": 40}
    bert = Bert(BertConfig(len(pieces.vocabulary), dropout=dropout, **sizes))
    for weights in bert.parameters():
        nn.init.normal_(weights, std=0.3)
    return FineTuned(bert, outputs, reads=reads, dropout=dropout)


SENTENCES = [Example("the old dog barks", None, 0), Example("a cat", None, 2),
             Example("anna sees the dog.", None, 1), Example("tom walks", None, 0)]  # fmt: skip
PAIRS = [Example("the dog barks", "the old dog sleeps here.", 4.5), Example("a cat", "tom", 1.0)]
CHOICES = [Choice("the dog", ("barks", "the old cat sleeps here", "tom"), 1),
           Choice("anna sees", ("a dog", "sees", "barks."), 2)]  # fmt: skip
PASSAGE = "the cat sleeps. the old dog barks here."
QUESTIONS = [Question("who barks", PASSAGE, ((16, "the old dog"),)),
             Question("who sees", "tom walks here", ())]  # fmt: skip
TAGGED = [Tagged(("anna", "sees", "tom", "walks", "."), ("B-PER", "O", "B-PER", "O", "O")),
          Tagged(("the", "cat"), ("O", "O"))]  # fmt: skip
SHAPES = {
    "classes": (Classes("a", "b", "c"), SENTENCES),
    "number": (Number(5.0), PAIRS),
    "choices": (Choices(), CHOICES),
    "spans": (Spans(), QUESTIONS),
    "tags": (Tags("O", "B-PER", "I-PER"), TAGGED),
}


def encoded(shape, pieces, examples, longest=40):
    return [part for example in examples for part in shape.encode(pieces, example, longest)]


def test_c_and_t_go_through_one_layer(pieces):
    ids, lengths = torch.tensor([[2, 5, 8, 3], [2, 9, 3, 1]]), torch.tensor([4, 3])
    segments = torch.zeros_like(ids)
    for reads, size in (("C", (2, 3)), ("T", (2, 4, 3))):
        model = net(pieces, reads=reads)
        reading = model.bert(ids, lengths, segments)
        taken = reading.pooled if reads == "C" else reading.hidden
        found = model(ids, lengths, segments)
        assert found.shape == size
        torch.testing.assert_close(found, taken @ model.head.weight.T + model.head.bias)


def test_choices_are_scored_one_by_one(pieces):
    model = net(pieces, outputs=1)
    made = batch_of(Choices(), encoded(Choices(), pieces, CHOICES), pieces.pad_id)
    scores = model(*made[:3])
    assert scores.shape == (2, 3)
    for b in range(2):
        for n in range(3):
            size = int(made.lengths[b, n])
            alone = model(made.ids[b, n, :size][None], torch.tensor([size]),
                          made.segments[b, n, :size][None])  # fmt: skip
            torch.testing.assert_close(scores[b, n], alone[0, 0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", SHAPES)
def test_a_gradient_reaches_every_weight_and_filling_changes_nothing(name, pieces):
    shape, examples = SHAPES[name]
    model = net(pieces, shape.outputs, shape.reads)
    parts = encoded(shape, pieces, examples)
    total, count = TaskLoss(shape)(model, batch_of(shape, parts, pieces.pad_id))
    total.backward()
    for label, weights in model.named_parameters():
        unused = "pooler" in label and shape.reads == "T"
        assert (weights.grad is None) == unused, label
        assert unused or weights.grad.abs().sum() > 0, label
    alone = [TaskLoss(shape)(model, batch_of(shape, [part], pieces.pad_id)) for part in parts]
    assert sum(one for one, _ in alone).item() == pytest.approx(total.item(), rel=1e-4)
    assert sum(number for _, number in alone) == count


def test_losses_by_hand(pieces):
    scores, targets = torch.randn(4, 3), torch.tensor([0, 2, 1, 0])
    by_hand = -sum(scores[b].log_softmax(0)[targets[b]] for b in range(4))
    nothing = torch.empty(0)
    loss, count = Classes("a", "b", "c").loss(scores, Batch(nothing, nothing, nothing, targets))
    assert loss.item() == pytest.approx(by_hand.item()) and count == 4

    number = Number(5.0)
    wanted = number.targets([4.5, 1.0])
    loss, _ = number.loss(torch.tensor([[0.5], [0.3]]), Batch(nothing, nothing, nothing, wanted))
    assert loss.item() == pytest.approx((0.9 - 0.5) ** 2 + (0.2 - 0.3) ** 2)

    scores, lengths = torch.randn(2, 6, 2), torch.tensor([6, 4])
    made = Batch(nothing, lengths, nothing, torch.tensor([[2, 4], [0, 0]]))
    by_hand = 0.0
    for b, (first, last) in enumerate(made.targets.tolist()):
        S, E = scores[b, : lengths[b]].T
        by_hand -= (S.log_softmax(0)[first] + E.log_softmax(0)[last]).item() / 2
    assert Spans().loss(scores, made)[0].item() == pytest.approx(by_hand, rel=1e-5)
    assert span_scores(scores, lengths)[:, 1, 4:].isneginf().all()

    scores = torch.randn(2, 3, 3)
    targets = torch.tensor([[UNASKED, 1, 0], [2, UNASKED, UNASKED]])
    by_hand = -sum(scores[b, s].log_softmax(0)[targets[b, s]] for b, s in ((0, 1), (0, 2), (1, 0)))
    loss, count = SHAPES["tags"][0].loss(scores, Batch(nothing, nothing, nothing, targets))
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-5) and count == 3


def test_what_is_too_long_is_cut_from_the_longer_text(pieces):
    assert row(pieces, "the dog", None, 9) == Row([2, 5, 8, 3], [0, 0, 0, 0])
    long, short = "the old dog barks here", "a cat"
    for longest in range(5, 12):
        found = row(pieces, long, short, longest)
        assert len(found.ids) == min(longest, 10) and found.ids.count(3) == 2
        assert found.segments == sorted(found.segments) and found.segments[-1] == 1
    assert row(pieces, long, short, 8).ids == [2, 5, 7, 8, 3, 6, 9, 3]
    for texts in (("", None), ("the dog", " \n")):
        with pytest.raises(ValueError, match="type a sentence"):
            row(pieces, *texts, 20)


def test_tags_stand_at_the_first_piece_of_each_word(pieces):
    shape = SHAPES["tags"][0]
    (found,) = shape.encode(pieces, TAGGED[0], 40)
    assert pieces.vocabulary.decode(found.rows[0].ids) == (
        "[CLS] anna sees tom walk ##s . [SEP]".split()
    )
    assert found.target == [UNASKED, 1, 0, 1, 0, UNASKED, 0, UNASKED]
    (found,) = shape.encode(pieces, TAGGED[0], 6)  # "walks" has two pieces and no room
    assert len(found.rows[0].ids) == 5 and found.target == [UNASKED, 1, 0, 1, UNASKED]
    scores = torch.zeros(5, 3)
    scores[[1, 2, 3], [2, 1, 0]] = 1.0
    assert shape.answer(TAGGED[0], [found], [scores]) == ["I-PER", "B-PER", "O", "O", "O"]
    odd = Tagged(("\u200b", "dog"), ("O", "O"))  # a word without a sign that can be read
    (found,) = shape.encode(pieces, odd, 40)
    assert found.rows[0].ids == [2, 0, 8, 3] and len(found.target) == 4


def test_an_answer_is_learned_where_it_stands_and_at_cls_elsewhere(pieces):
    first, none = QUESTIONS
    (found,) = Spans().encode(pieces, first, 40)
    start, end = found.target
    assert pieces.vocabulary.decode(found.rows[0].ids)[start : end + 1] == "the old dog".split()
    assert [part.target for part in Spans().encode(pieces, none, 40)] == [(0, 0)]
    parts = Spans().encode(pieces, first, 10)
    assert len(parts) == 3 and {part.target for part in parts} > {(0, 0)}


def test_every_example_comes_once_an_epoch_and_a_stopped_run_goes_on(pieces):
    shape = Classes("a", "b", "c")
    parts = [Encoded((Row([2, *[5] * (n % 7), 3], [0] * (n % 7 + 2)),), n) for n in range(53)]
    about = {"size": 4, "pad": pieces.pad_id, "seed": 3}
    seen = list(islice(batches(shape, parts, **about), 28))
    for epoch in (seen[:14], seen[14:]):
        assert sorted(n for each in epoch for n in each.targets.tolist()) == list(range(53))
    assert [x.targets.tolist() for x in seen[:14]] != [x.targets.tolist() for x in seen[14:]]
    for start in (1, 13, 14, 20):
        other = next(batches(shape, parts, start=start, **about))
        assert all(torch.equal(a, b) for a, b in zip(other, seen[start], strict=True))
    spread = [int(each.lengths.max() - each.lengths.min()) for each in seen]
    assert sum(spread) / len(spread) < 2
    with pytest.raises(ValueError, match="no examples"):
        next(batches(shape, [], **about))


class Oracle(nn.Module):
    """Scores each place by its piece, so that a guess can be foretold."""

    def __init__(self, outputs, V):
        super().__init__()
        torch.manual_seed(1)
        self.table = nn.Embedding(V, outputs)

    def forward(self, ids, lengths, segments):
        return self.table(ids)


def test_answers_do_not_hang_on_the_batch(pieces):
    for name, (shape, examples) in SHAPES.items():
        model = net(pieces, shape.outputs, shape.reads).eval()
        together = answers(model, shape, pieces, examples, longest=40)
        alone = [answers(model, shape, pieces, [e], longest=40, size=1)[0] for e in examples]
        if name == "number":
            assert together == pytest.approx(alone, rel=1e-4)
        elif name == "spans":
            assert [found[:3] for found in together] == [found[:3] for found in alone]
        else:
            assert together == alone
        assert len(together) == len(examples)


def test_the_best_span_of_all_windows_is_found(pieces):
    model = Oracle(2, len(pieces.vocabulary))
    ids = {word: pieces.vocabulary[word] for word in WORDS}
    with torch.no_grad():
        model.table.weight[:] = 0.0
        model.table.weight[ids["old"], 0] = model.table.weight[ids["dog"], 1] = 5.0
    for longest in (40, 9):
        (found,) = answers(model, Spans(), pieces, QUESTIONS[:1], longest=longest)
        assert (found.text, found.start, found.end) == ("old dog", 20, 27)
        assert found.score == pytest.approx(10.0)


def test_only_the_top_learns_if_asked(pieces):
    for top in (None, 0, 1, 2):
        model = net(pieces).train_top(top)
        learning = {name for name, weights in model.named_parameters() if weights.requires_grad}
        assert {"head.weight", "head.bias"} <= learning
        layers = {name.split(".")[2] for name in learning if name.startswith("bert.encoder.")}
        wanted = {None: {"0", "1"}, 0: set(), 1: {"1"}, 2: {"0", "1"}}[top]
        assert layers == wanted
        assert ("bert.words.weight" in learning) == (top is None)
        assert ("bert.pooler.weight" in learning) == (top != 0)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="2 layers"):
            net(pieces).train_top(wrong)
    with pytest.raises(ValueError, match="reads C or T"):
        net(pieces, reads="D")
    with pytest.raises(ValueError, match="at least 1 output"):
        net(pieces, outputs=0)


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_learned_by_heart(name, pieces):
    shape, examples = SHAPES[name]
    model = net(pieces, shape.outputs, shape.reads)
    parts = encoded(shape, pieces, examples)
    about = {"size": 4, "pad": pieces.pad_id, "seed": 1}
    steps = list(train(model, lambda start: batches(shape, parts, start=start, **about),
                       TaskLoss(shape), torch.optim.Adam(model.parameters(), lr=4e-3), steps=150,
                       progress=False))  # fmt: skip
    assert steps[-1].loss < 0.1 * steps[0].loss
    found = answers(model.eval(), shape, pieces, examples, longest=40)
    if name == "number":
        assert found == pytest.approx([e.label for e in examples], abs=0.3)
    elif name == "spans":
        assert found[0].text == "the old dog" and found[0].score > 0 > found[1].score
    elif name == "tags":
        assert found == [list(e.tags) for e in examples]
    else:
        assert found == [e.label for e in examples]


def tuned_by(model: FineTuned, size: float, rank: int) -> FineTuned:
    """Changes each matrix by one of that rank, each vector by noise."""
    torch.manual_seed(2)
    with torch.no_grad():
        for weights in model.bert.parameters():
            if weights.ndim == 2:
                M, N = weights.shape
                weights += size * torch.randn(M, rank) @ torch.randn(rank, N)
            else:
                weights += size * torch.randn_like(weights)
    return model


def test_a_change_of_low_rank_is_kept_as_it_is(pieces):
    before = {name: w.clone() for name, w in net(pieces).bert.state_dict().items()}
    model = tuned_by(net(pieces), 0.1, rank=2).eval()
    change = LowRank.between(before, model, of="tiny", rank=2)
    again = changed(net(pieces).bert, change)
    made = batch_of(Classes("a", "b", "c"), encoded(Classes(), pieces, SENTENCES), pieces.pad_id)
    torch.testing.assert_close(again(*made[:3]), model(*made[:3]), atol=1e-4, rtol=1e-3)
    sizes = sum(w.numel() for w in change.parameters())
    assert sizes < sum(w.numel() for w in model.parameters())


def test_of_a_larger_change_the_best_part_is_kept(pieces):
    before = {name: w.clone() for name, w in net(pieces).bert.state_dict().items()}
    model = tuned_by(net(pieces), 0.1, rank=9)
    change = LowRank.between(before, model, of="tiny", rank=3)
    name = next(n for n in before if n.startswith("encoder.0") and before[n].ndim == 2)
    true = model.bert.state_dict()[name] - before[name]
    number = list(change.config.matrices).index(name)
    found = change.B[number] @ change.A[number]
    S = torch.linalg.svdvals(true)
    assert (true - found).norm().item() == pytest.approx(S[3:].norm().item(), rel=1e-2)


def test_a_change_goes_with_its_own_net_only(pieces):
    before = net(pieces).bert.state_dict()
    change = LowRank.between(before, net(pieces), of="tiny", rank=1)
    torch.manual_seed(0)
    other = Bert(BertConfig(9, dim=12, heads=3, hidden_dim=20, layers=2, longest=40))
    with pytest.raises(ValueError, match="changes are of tiny"):
        changed(other, change)
    assert math.isclose(
        sum(w.abs().sum().item() for w in (*change.B, *change.A)), 0.0, abs_tol=1e-3
    )
