"""The training loop: hand-made updates, resuming, interrupting."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from imi import device as devices
from imi import training
from imi.batches import shuffled
from imi.models.nplm import NPLM, NPLMConfig

CONFIG = NPLMConfig(vocab_size=13, context_size=2, embedding_dim=3, hidden_dim=5)


def problem(rows: int = 37) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    contexts = torch.randint(13, (rows, 2), generator=generator)
    return contexts, (contexts.sum(dim=1) % 13)


def net() -> NPLM:
    devices.seed_everything(2003)
    return NPLM(CONFIG)


def batches(start: int = 0):
    return shuffled(*problem(), batch_size=8, seed=3, start=start)


def steps(model, *, count: int, source=batches, **options):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    options = {"progress": False, "mixed_precision": False, **options}
    return training.train(
        model, source, training.next_token_loss, optimizer, steps=count, **options
    )


def weights(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


def test_two_steps_are_two_updates_by_hand():
    ours, by_hand = net(), net()
    history = list(steps(ours, count=2, schedule=lambda step: 1.0 - step / 4, clip_norm=0.3))
    velocity = [torch.zeros_like(p) for p in by_hand.parameters()]
    for (contexts, targets), factor in zip(batches(), (1.0, 0.75), strict=False):
        chances = by_hand(contexts).softmax(dim=1)
        loss = -chances[range(8), targets].log().mean()
        grads = torch.autograd.grad(loss, list(by_hand.parameters()))
        norm = torch.cat([g.flatten() for g in grads]).norm()
        scale = min(1.0, 0.3 / (norm.item() + 1e-6))
        assert scale < 1  # the clip is at work
        with torch.no_grad():
            for p, v, g in zip(by_hand.parameters(), velocity, grads, strict=True):
                v.mul_(0.9).add_(g * scale)
                p.sub_(0.5 * factor * v)
        step = history.pop(0)
        assert step.loss == pytest.approx(loss.item(), abs=1e-6)
        assert step.learning_rate == pytest.approx(0.5 * factor)
    torch.testing.assert_close(weights(ours), weights(by_hand))


def test_nothing_runs_until_somebody_asks():
    model = net()
    before = weights(model).clone()
    run = steps(model, count=3)
    assert torch.equal(weights(model), before)
    assert next(run).number == 1
    assert not torch.equal(weights(model), before)
    run.close()
    assert not model.training


def test_linear_decay_rises_then_falls_to_nothing():
    factor = training.linear_decay(10, warmup=4)
    assert [factor(step) for step in (0, 1, 3)] == [0.25, 0.5, 1.0]
    assert factor(4) == 1.0 and factor(7) == 0.5 and factor(10) == 0.0


@pytest.mark.parametrize("stop", [1, 5, 7])
def test_a_run_in_two_pieces_ends_where_one_run_ends(tmp_path, stop):
    whole, pieces = net(), net()
    losses = [step.loss for step in steps(whole, count=11)]
    state = tmp_path / "run.pt"
    first = steps(pieces, count=11, state=state)
    early = [next(first).loss for _ in range(stop)]
    first.close()
    again = net()
    late = list(steps(again, count=11, state=state))
    assert late[0].number == stop + 1
    assert early + [step.loss for step in late] == losses
    assert torch.equal(weights(again), weights(whole))
    assert list(tmp_path.iterdir()) == [state]


def test_two_runs_with_one_seed_are_the_same():
    first, second = net(), net()
    one, two = ([step.loss for step in steps(m, count=9)] for m in (first, second))
    assert one == two
    assert torch.equal(weights(first), weights(second))


def test_the_weights_of_the_best_validation_are_kept():
    losses, seen, model = iter([3.0, 1.0, 2.0]), [], net()

    def validate(model) -> float:
        assert not model.training
        seen.append(weights(model).clone())
        return next(losses)

    history = list(steps(model, count=6, validate=validate, validate_every=2))
    assert [step.validation for step in history] == [None, 3.0, None, 1.0, None, 2.0]
    assert torch.equal(weights(model), seen[1])


def test_an_interrupt_keeps_the_best():
    best = []

    def validate(model) -> float:
        best.append(weights(model).clone())
        return float(len(best))

    model = net()
    run = steps(model, count=9, validate=validate, validate_every=2)
    with pytest.raises(KeyboardInterrupt):
        for step in run:
            if step.number == 5:
                run.throw(KeyboardInterrupt)
    assert torch.equal(weights(model), best[0])


def test_a_run_stops_after_its_minutes(tmp_path):
    assert len(list(steps(net(), count=50, minutes=0.0, state=tmp_path / "s.pt"))) == 1


def test_a_loss_that_is_not_finite_stops_the_run_in_one_sentence():
    model = net()
    with torch.no_grad():
        model.output.bias[0] = float("nan")
    with pytest.raises(ValueError, match=r"the loss at step 1 is nan; try a lower learning rate"):
        next(steps(model, count=2))
    with pytest.raises(ValueError, match="steps must be at least 1"):
        next(steps(model, count=0))


def test_mixed_precision_stays_near_float32():
    fine, coarse = net(), net()
    one = [step.loss for step in steps(fine, count=12)]
    two = [step.loss for step in steps(coarse, count=12, mixed_precision=True)]
    assert two == pytest.approx(one, rel=0.02)


@pytest.mark.parametrize(("halves", "fast"), [(0.3, True), (1.0, False), (2.0, False)])
def test_bfloat16_is_used_where_it_is_measured_to_be_faster(monkeypatch, halves, fast):
    seconds = {torch.bfloat16: halves, torch.float32: 1.0}
    monkeypatch.setattr(devices, "_product_seconds", seconds.__getitem__)
    monkeypatch.setattr(devices.Path, "read_text", lambda *_, **__: "flags : avx512_bf16")
    monkeypatch.setattr(devices.Path, "exists", lambda _: True)
    measured = devices.has_fast_bf16.__wrapped__(torch.device("cpu"))  # not the kept answer
    assert measured == fast


def test_the_device_that_is_there_trains_too():
    device = devices.pick()
    model = net().to(device)
    reference = copy.deepcopy(model).cpu()
    ours = [step.loss for step in steps(model, count=5)]
    assert ours == pytest.approx([step.loss for step in steps(reference, count=5)], rel=1e-3)


def test_a_device_that_is_not_there_is_named(monkeypatch):
    for name in ("cuda:99", "toaster"):
        with pytest.raises(ValueError, match=f"there is no device '{name}' here; 'cpu' always"):
            devices.pick(name)
    monkeypatch.setenv("IMI_DEVICE", "cpu")
    assert devices.pick() == torch.device("cpu")


def test_the_cores_respect_a_limit(monkeypatch):
    monkeypatch.setenv("CPU_LIMIT", "1.0")
    assert devices.cores() == 1
    monkeypatch.setenv("CPU_LIMIT", "many")
    assert devices.cores() >= 1


@pytest.mark.parametrize(("load", "threads"), [(0.1, 5), (1.6, 5), (4.7, 2), (33.0, 1)])
def test_threads_take_no_core_that_others_use(monkeypatch, load, threads):
    monkeypatch.setattr(devices, "cores", lambda: 5)
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 7)
    monkeypatch.setattr(devices.os, "getloadavg", lambda: (load, 9.0, 9.0), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    assert devices.use_threads() == torch.get_num_threads() == threads
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert devices.use_threads() == 3
    assert devices.use_threads(4) == 4
    torch.set_num_threads(before)
