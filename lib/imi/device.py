"""The one place that picks CUDA, MPS or CPU, the threads and the seeds."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import time
from pathlib import Path

import numpy as np
import torch


def pick(name: str | None = None) -> torch.device:
    """Returns the device to compute on: `name`, else IMI_DEVICE, else CUDA, MPS or the CPU.

    Raises:
        ValueError: if the named device is not there.
    """
    name = name or os.environ.get("IMI_DEVICE")
    if name is None:
        if torch.cuda.is_available():
            name = "cuda"
        elif torch.backends.mps.is_available():
            name = "mps"
        else:
            name = "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"there is no device {name!r} here; 'cpu' always works") from error
    return device


def cores() -> int:
    """Counts the CPU cores that this process may use (affinity, CPU_LIMIT, cgroup quota)."""
    try:
        counts = [float(len(os.sched_getaffinity(0)))]
    except AttributeError:  # macOS and Windows have no affinity to ask for
        counts = [float(os.cpu_count() or 1)]
    with contextlib.suppress(KeyError, ValueError):
        counts.append(float(os.environ["CPU_LIMIT"]))
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        counts.append(float(quota) / float(period))  # "max" raises ValueError: no quota
    return max(1, int(min(counts)))


def idle_cores() -> int:
    """Counts those of `cores` that others leave free, by the load of the last minute; at least 1.

    A thread that must wait for a busy core makes the others wait for it, spinning: two threads
    beside a busy neighbour are many times slower than one.
    """
    try:
        free = (os.cpu_count() or 1) - os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows does not tell
        return cores()
    return max(1, min(cores(), round(free)))


def use_threads(count: int | None = None) -> int:
    """Sets PyTorch's threads to `count`, else OMP_NUM_THREADS, else the idle cores; returns it."""
    count = count or int(os.environ.get("OMP_NUM_THREADS") or idle_cores())
    torch.set_num_threads(count)
    return count


def use_all_cores() -> int:
    """Sets PyTorch's threads to OMP_NUM_THREADS, else all cores, however busy; returns it.

    For what is kept or compared: its numbers may not hang on what else the machine does.
    """
    return use_threads(int(os.environ.get("OMP_NUM_THREADS") or cores()))


def seed_everything(seed: int) -> None:
    """Seeds Python, numpy and PyTorch (all devices), so that a run can be repeated."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@functools.cache
def has_fast_bf16(device: torch.device) -> bool:
    """Tells whether bfloat16 products are faster than float32 ones on `device`.

    On a CPU this is measured once, in some hundredths of a second: of two that have instructions
    for bfloat16 one multiplies three times faster with them, another at half the speed.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if device.type != "cpu":
        return False
    told = Path("/proc/cpuinfo")
    flags = told.read_text(errors="ignore") if told.exists() else ""
    can = any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))
    return can and _product_seconds(torch.bfloat16) * 1.2 < _product_seconds(torch.float32)


def _product_seconds(dtype: torch.dtype, size: int = 512) -> float:
    """Returns how long the fastest of some products of square matrices takes."""
    one, taken = torch.zeros(size, size, dtype=dtype), []
    for _ in range(9):
        begun = time.perf_counter()
        one @ one
        taken.append(time.perf_counter() - begun)
    return min(taken)


def autocast(device: torch.device, *, enabled: bool = True) -> contextlib.AbstractContextManager:
    """Returns a context in which products run in bfloat16 where that pays; else it does nothing."""
    if enabled and has_fast_bf16(device):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()


def synchronize(device: torch.device) -> None:
    """Waits until `device` has finished, so that a clock read afterwards is honest."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
