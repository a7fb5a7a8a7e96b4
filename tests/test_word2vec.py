"""Word2vec: tree, samples, gradients, and compiled loops that do what the PyTorch model says."""

from __future__ import annotations

import heapq
import itertools

import numpy as np
import pytest
import torch

from imi.data import passages
from imi.models.word2vec import (
    Word2Vec,
    Word2VecConfig,
    binary_loss,
    softmax_loss,
    tree_log_probs,
)
from imi.word2vec import kernels
from imi.word2vec.huffman import HuffmanTree
from imi.word2vec.sampling import WHOLE, AliasTable, keep_chances, noise
from imi.word2vec.trainer import Settings, Trainer

WORDS = 23


def text(words: int = 400, *, seed: int = 7) -> passages.Passages:
    """Passages of 1 to 12 words, common ones first."""
    rng = np.random.default_rng(seed)
    rows = []
    while words > 0:
        size = int(rng.integers(2, 13))
        rows.append([f"w{n}" for n in np.minimum(rng.geometric(0.12, size), WORDS - 1)])
        words -= size
    return passages.from_tokens(rows, max_size=WORDS)


# --- the tree ---------------------------------------------------------------------------------


def cheapest(counts) -> int:
    """The sum of all merges: the cost of any optimal prefix code."""
    heap, cost = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        cost += both
        heapq.heappush(heap, both)
    return cost


@pytest.mark.parametrize("counts", [[5, 1], [1, 1, 1], [50, 20, 7, 7, 3, 1, 1], [3] * 11])
def test_the_tree_is_a_prefix_code_and_as_short_as_any(counts):
    tree = HuffmanTree.from_counts(counts)
    codes = ["".join(str(int(t)) for t in row[:n])
             for row, n in zip(tree.turns, tree.lengths, strict=True)]  # fmt: skip
    assert (np.array(counts) * tree.lengths).sum() == cheapest(counts)
    assert not any(a.startswith(b) for a, b in itertools.permutations(codes, 2))
    assert sum(2.0 ** -len(code) for code in codes) == 1  # Kraft: nothing is left unused


def test_no_code_of_five_words_is_shorter():
    counts = [9, 6, 4, 2, 1]
    best = min(
        sum(n * length for n, length in zip(counts, lengths, strict=True))
        for lengths in itertools.product(range(1, 5), repeat=5)
        if sum(2.0**-length for length in lengths) <= 1
    )
    tree = HuffmanTree.from_counts(counts)
    assert (np.array(counts) * tree.lengths).sum() == best
    with pytest.raises(ValueError, match="at least two words, got 1"):
        HuffmanTree.from_counts([4])


def test_hierarchical_softmax_is_a_distribution():
    torch.manual_seed(3)
    tree = HuffmanTree.from_counts([50, 20, 7, 7, 3, 1, 1])
    parts = (torch.from_numpy(part) for part in (tree.paths, tree.turns, tree.lengths))
    chances = tree_log_probs(torch.randn(5), torch.randn(6, 5), *parts).exp()
    assert chances.sum().item() == pytest.approx(1, abs=1e-6)
    assert chances.min() > 0


# --- samples ----------------------------------------------------------------------------------


def test_the_alias_table_draws_the_distribution_it_was_made_from():
    weights = np.array([5.0, 0, 1, 3, 0.5, 11])
    assert AliasTable.from_weights(weights).chances() == pytest.approx(weights / weights.sum())
    counts = np.array([100, 10, 1, 0])
    wanted = counts**0.75 / (counts**0.75).sum()
    assert noise(counts).chances() == pytest.approx(wanted)
    with pytest.raises(ValueError, match="at least two words"):
        AliasTable.from_weights([1, 0])


def test_noise_is_never_the_word_and_otherwise_as_common_as_it_should_be():
    table = noise([400, 100, 50, 20, 5])
    state, targets = np.array([11], dtype=np.uint64), np.zeros(64, dtype=np.int32)
    seen = np.zeros(5)
    for _ in range(4000):
        kernels.draw_noise(1, 7, table.keep, table.alias, state, targets)
        assert targets[0] == 1
        seen += np.bincount(targets[1:8], minlength=5)
    wanted = table.chances()
    wanted[1] = 0
    assert seen / seen.sum() == pytest.approx(wanted / wanted.sum(), abs=0.01)


def test_common_words_are_dropped_at_the_c_tools_rate():
    chances = keep_chances([900, 99, 1], sample=0.01)
    share = 0.9
    assert chances[0] == pytest.approx((0.01 / share) ** 0.5 + 0.01 / share)
    assert chances[2] == 1 and keep_chances([5, 1], sample=0).tolist() == [1, 1]
    keep = (chances * WHOLE).astype(np.uint64)
    ids, state = np.zeros(20_000, dtype=np.int32), np.array([5], dtype=np.uint64)
    kept = kernels.subsample(ids, 0, len(ids), keep, state, np.empty(20_000, dtype=np.int32))
    assert kept / len(ids) == pytest.approx(chances[0], abs=0.01)
    with pytest.raises(ValueError, match="sample must be 0"):
        keep_chances([1, 2], sample=-1)


def test_a_window_reaches_one_to_so_many_words_and_not_beyond_the_passage():
    words, contexts = np.arange(9, dtype=np.int32), np.empty(40, dtype=np.int32)
    state, reaches = np.array([1], dtype=np.uint64), []
    for _ in range(300):
        count = kernels.context_of(words, 9, 4, 3, state, contexts)
        reaches.append(count // 2)
        assert sorted(contexts[:count]) == [n for n in range(4 - count // 2, 5 + count // 2)
                                            if n != 4]  # fmt: skip
    assert set(reaches) == {1, 2, 3} and 70 < reaches.count(2) < 130
    count = kernels.context_of(words, 9, 0, 3, state, contexts)
    assert contexts[:count].tolist() == [1, 2, 3][:count]
    assert kernels.context_of(words, 1, 0, 3, state, contexts) == 0


# --- gradients --------------------------------------------------------------------------------


@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize("kind", ["negative sampling", "tree", "softmax"])
def test_gradients_agree_with_finite_differences(cbow, kind):
    torch.manual_seed(2)
    model = Word2Vec(Word2VecConfig(11, dim=3, cbow=cbow, output_size=11)).double()
    torch.nn.init.normal_(model.output.weight)
    contexts, targets = torch.randint(11, (2, 4)), torch.randint(11, (2, 5))
    labels = torch.rand(2, 1, 5).round().double() if kind == "tree" else torch.eye(5)[0].double()

    def loss(inputs, outputs):
        weights = {"input.weight": inputs, "output.weight": outputs}
        chosen = torch.arange(11).expand(2, -1) if kind == "softmax" else targets
        scores = torch.func.functional_call(model, weights, (contexts, chosen))
        if kind == "softmax":
            return softmax_loss(scores, targets[:, :1].expand(scores.shape[:2])).sum()
        return binary_loss(scores, labels).sum()

    weights = [p.detach().requires_grad_() for p in (model.input.weight, model.output.weight)]
    assert torch.autograd.gradcheck(loss, weights)


def test_a_missing_context_word_does_not_count():
    torch.manual_seed(4)
    model = Word2Vec(Word2VecConfig(9, dim=3, cbow=True, output_size=9))
    torch.nn.init.normal_(model.output.weight)
    whole = model(torch.tensor([[4, 7]]), torch.tensor([[1, 2, 3]]))
    present = torch.tensor([[True, True, False]])
    padded = model(torch.tensor([[4, 7, 0]]), torch.tensor([[1, 2, 3]]), present)
    torch.testing.assert_close(padded, whole)
    with pytest.raises(ValueError, match="make the model with output_size"):
        Word2Vec(Word2VecConfig(9))(torch.tensor([[1]]), torch.tensor([[1]]))
    with pytest.raises(ValueError, match="dim must be at least 1, got 0"):
        Word2VecConfig(9, dim=0)


# --- compiled loops against the model ------------------------------------------------------------


def windows(trainer: Trainer, seed: int):
    """Yields the windows that the compiled loops would draw: contexts, targets, labels."""
    settings, ids, starts = trainer.settings, trainer.passages.ids, trainer.passages.starts
    state = np.array([seed], dtype=np.uint64)
    words, contexts = (np.empty(200, dtype=np.int32) for _ in range(2))
    targets = np.zeros(64, dtype=np.int32)
    for start, stop in itertools.pairwise(starts):
        count = kernels.subsample(ids, start, stop, trainer.keep, state, words)
        for centre in range(count):
            found = kernels.context_of(words, count, centre, settings.window, state, contexts)
            if not found:
                continue
            if settings.negatives:
                table = trainer.noise
                kernels.draw_noise(
                    words[centre], settings.negatives, table.keep, table.alias, state, targets
                )
                size, labels = settings.negatives + 1, np.eye(64)[0]
            else:
                tree, word = trainer.tree, words[centre]
                size, labels = tree.lengths[word], tree.turns[word]
                targets[:size] = tree.paths[word, :size]
            yield contexts[:found].tolist(), targets[:size].tolist(), labels[:size].tolist()


@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize("negatives", [0, 1, 3, 5])
def test_the_compiled_loops_learn_what_the_model_learns_from_the_same_draws(cbow, negatives):
    settings = Settings(dim=7, window=5, negatives=negatives, cbow=cbow, sample=0.05)
    trainer = Trainer(text(), settings, threads=1)
    rng = np.random.default_rng(1)
    trainer.outputs[:, :7] = rng.normal(size=(WORDS, 7)) / 3
    trainer.inputs[:, :7] = rng.normal(size=(WORDS, 7)) / 3
    model = Word2Vec(Word2VecConfig(WORDS, dim=7, cbow=cbow, output_size=WORDS)).double()
    with torch.no_grad():
        model.input.weight.copy_(torch.from_numpy(trainer.inputs[:, :7]))
        model.output.weight.copy_(torch.from_numpy(trainer.outputs[:, :7]))
    rate, seed, total, pairs = 0.1, 99, 0.0, 0
    sgd = torch.optim.SGD(model.parameters(), lr=rate)
    for contexts, targets, labels in windows(trainer, seed):
        size = len(contexts) if cbow else kernels.GROUP
        for group in (contexts[n : n + size] for n in range(0, len(contexts), size)):
            scores = model(torch.tensor([group]), torch.tensor([targets]))
            loss = binary_loss(scores, torch.tensor(labels)).sum()
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            total, pairs = total + loss.item(), pairs + (1 if cbow else len(group))
    table = trainer.noise
    found, count = kernels.learn(
        trainer.inputs.ravel(), trainer.outputs.ravel(), trainer.width, trainer.passages.ids,
        trainer.passages.starts, 0, len(trainer.passages.starts) - 1, trainer.keep, 5, cbow,
        negatives, table.keep, table.alias, trainer.tree.paths, trainer.tree.turns,
        trainer.tree.lengths, np.float32(rate), np.uint64(seed),
    )  # fmt: skip
    assert count == pairs > 200 and found == pytest.approx(total, rel=1e-3)
    for ours, theirs in ((trainer.inputs, model.input), (trainer.outputs, model.output)):
        # The sigmoid is read from a table of 4,096 fields, hence the small difference.
        assert np.abs(ours[:, :7] - theirs.weight.detach().numpy()).max() < 5e-3
        assert (ours[:, 7:] == 0).all()


def test_one_thread_repeats_exactly_and_another_seed_differs():
    runs = []
    for seed in (1, 1, 2):
        trainer = Trainer(text(), Settings(dim=5, epochs=2, seed=seed), threads=1)
        losses = [step.loss for step in trainer.steps()]
        runs.append((losses, trainer.vectors().vectors))
    assert runs[0][0] == runs[1][0] != runs[2][0]
    assert np.array_equal(runs[0][1], runs[1][1])


def test_words_of_two_topics_part_and_the_rate_falls():
    rng = np.random.default_rng(3)
    rows = [[f"{topic}{n}" for n in rng.integers(0, 9, 11)] for _ in range(600) for topic in "ab"]
    held = passages.from_tokens(rows, max_size=99)
    settings = Settings(dim=9, epochs=9, sample=0, learning_rate=0.1)
    trainer = Trainer(held, settings, threads=2)
    steps = list(trainer.steps())
    vectors = trainer.vectors()
    assert steps[-1].loss < 0.9 * steps[0].loss and steps[-1].learning_rate < 0.002
    assert steps[0].learning_rate == 0.1 and "<unk>" not in vectors
    assert all(word[0] == "a" for word, _ in vectors.neighbours("a1", count=8))


def test_what_cannot_be_trained_is_said_in_a_sentence():
    for wrong, message in (
        ({"dim": 0}, "dim must be at least 1"),
        ({"negatives": 64}, "negatives must be from 0 to 63"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
    ):
        with pytest.raises(ValueError, match=message):
            Settings(**wrong)
    with pytest.raises(ValueError, match="no passage holds two known words"):
        passages.from_tokens([["only"], []], max_size=5)


def test_passages_are_numbered_without_unknown_words_and_cut_by_share():
    held = passages.from_tokens([["a", "b", "a"], ["z", "a"], ["b", "y", "a", "b"]], max_size=3)
    assert held.vocabulary.words == ("<unk>", "a", "b")
    assert held.ids.tolist() == [1, 2, 1, 2, 1, 2] and held.starts.tolist() == [0, 3, 6]
    assert held.first(0.3).starts.tolist() == [0, 3] and held.first(1).starts.tolist() == [0, 3, 6]
    with pytest.raises(ValueError, match="a share lies above 0"):
        held.first(0)
    assert passages.tokens("France’s Kings, 3.5 well-known don't!") == [
        "france", "kings", "3.5", "well-known", "don't"]  # fmt: skip
