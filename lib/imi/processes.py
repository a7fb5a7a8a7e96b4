"""Several processes that `torchrun` launched and that work as one: the first one writes for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist


def launched() -> bool:
    """Tells whether `torchrun` launched this process."""
    return "WORLD_SIZE" in os.environ


def rank_and_size() -> tuple[int, int]:
    """Returns this process's number and the number of processes that work together."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def is_first() -> bool:
    """Tells whether this process is the one that prints and writes."""
    return rank_and_size()[0] == 0


def wait_for_all() -> None:
    """Waits until all processes have come here; a single one goes on at once."""
    if dist.is_initialized():
        dist.barrier()


def agree(number: int) -> bool:
    """Tells whether all processes, each of which must call this, came with the same number."""
    found = [number] * rank_and_size()[1]
    if dist.is_initialized():
        dist.all_gather_object(found, number)
    return len(set(found)) == 1


@contextmanager
def distributed(device: torch.device) -> Iterator[torch.device]:
    """Joins the processes that `torchrun` launched; does nothing where it launched none.

    Yields the device that this process works on.
    """
    if not launched() or dist.is_initialized():
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
        wait_for_all()  # who left first would cut the line on which the others still talk
    finally:
        dist.destroy_process_group()


def write(files: dict[Path, bytes]) -> None:
    """Writes files in their order, each whole or not at all.

    Of several processes the first one writes, and none goes on before it has: all must call this.
    """
    if is_first():
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(path.name + ".part")
            part.write_bytes(content)
            os.replace(part, path)
    wait_for_all()
