"""A long text, read piece by piece: the state that a net has at the end of one begins the next.

Shapes: B streams that are read side by side, T characters of a piece, V characters there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn


def streams(
    ids: Tensor, *, batch_size: int, window: int, seed: int, start: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Cuts a text into B long streams and yields them for ever, T characters at a time.

    Row b of a batch goes on where row b of the batch before it ended. Each pass begins at another
    offset below T, so that the pieces are never cut twice at the same places.

    Args:
        start: the number of batches to pass over, so that a stopped run can go on.

    Yields:
        The characters (B, T) and those that follow each (B, T).

    Raises:
        ValueError: if the text is too short for B streams of two pieces.
    """
    length = (len(ids) - 1) // max(1, batch_size)
    pieces = (length - window) // max(1, window)
    if batch_size < 1 or window < 1 or pieces < 1:
        raise ValueError(
            f"{len(ids)} characters are too few for {batch_size} streams of 2 x {window}"
        )
    epoch, skip = divmod(start, pieces)
    while True:
        generator = torch.Generator().manual_seed(seed + epoch)
        offset = int(torch.randint(window, (1,), generator=generator))
        inputs = ids[: batch_size * length].view(batch_size, length)
        targets = ids[1 : batch_size * length + 1].view(batch_size, length)
        for piece in range(skip, pieces):
            columns = slice(offset + piece * window, offset + (piece + 1) * window)
            yield inputs[:, columns], targets[:, columns]
        epoch, skip = epoch + 1, 0


def carried(state: Any, kept: Tensor) -> Any:
    """Cuts a state off from the steps that made it, and forgets the rows that are not kept.

    Args:
        state: a tensor (B, H), or a tuple of such.
        kept: 1 for each row whose state stays, 0 for one that begins anew, (B, 1).
    """
    if isinstance(state, Tensor):
        return state.detach() * kept.to(state)
    return tuple(carried(part, kept) for part in state)


class CarriedLoss:
    """The loss of truncated backpropagation through time, for `training.train`.

    The state at the end of a piece begins the next one, but no gradient flows back into it. One
    object belongs to one run over batches of `streams`.

    Args:
        forget: the chance that a row begins its next piece without a past. A net that has never
            begun a text in the middle of its training can lose its way when it has to.
    """

    def __init__(self, *, forget: float = 0.0):
        self.forget = forget
        self.state = None

    def __call__(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
        """Sums the cross-entropy of the true next characters, in nats; returns their number too."""
        inputs, targets = batch
        logits, state = model(inputs, self.state)[:2]
        self.state = carried(state, torch.rand(len(inputs), 1) >= self.forget)
        flat = logits.flatten(0, 1).float()
        loss = nn.functional.cross_entropy(flat, targets.flatten(), reduction="sum")
        return loss, targets.numel()


def log_probs(model: nn.Module, ids: Tensor, *, rows: int = 1, window: int = 256) -> Tensor:
    """Returns the log-probability (nats) of each character of a text but the first, (N - 1,).

    Args:
        rows: into how many streams to cut the text, to be read side by side; each begins without
            a past, which costs a little.

    Raises:
        ValueError: if there is no character to predict in each stream.
    """
    if len(ids) <= rows:
        raise ValueError(f"{len(ids)} characters are too few to predict any in {rows} streams")
    device, state, found = next(model.parameters()).device, None, []
    length = -(-(len(ids) - 1) // rows)
    padded = torch.cat([ids, ids.new_zeros(rows * length + 1 - len(ids))]).to(device)
    inputs, targets = padded[:-1].view(rows, length), padded[1:].view(rows, length)
    with torch.no_grad():
        for left in range(0, length, window):
            columns = slice(left, left + window)
            logits, state = model(inputs[:, columns], state)[:2]
            scores = logits.float().log_softmax(dim=-1)  # (B, T, V)
            found.append(scores.gather(-1, targets[:, columns, None]).squeeze(-1).cpu())
    return torch.cat(found, dim=1).flatten()[: len(ids) - 1]


def gradient_norms(model: nn.Module, ids: Tensor) -> Tensor:
    """Returns how strongly the last character's loss pulls at the state after each one before it.

    The norm of d loss / d state after each character of texts (B, T + 1) but the last, averaged
    over the texts, (T,): where it is next to nothing, nothing can be learned from that far back.
    """
    state, states = None, []
    with torch.enable_grad():
        for column in ids[:, :-1].T:
            logits, state = model.step(column, state)
            states.append(state if isinstance(state, tuple) else (state,))
        loss = nn.functional.cross_entropy(logits, ids[:, -1], reduction="sum")
        parts = [part for group in states for part in group]
        found = torch.autograd.grad(loss, parts, allow_unused=True)
    squares = [torch.zeros(len(ids)) if g is None else g.square().sum(dim=-1) for g in found]
    by_time = torch.stack(squares).view(len(states), -1, len(ids)).sum(dim=1)  # (T, B)
    return by_time.sqrt().mean(dim=1)
