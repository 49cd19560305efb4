"""One policy for device, precision and threads."""

import contextlib
import math
import os
import random
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import torch

from harness.errors import RequestError
from harness.tensors.memory import keep_freed_memory

PRECISIONS = ("float32", "bfloat16")
CGROUP = Path("/sys/fs/cgroup/cpu.max")  # Of a Linux container.


@dataclass(frozen=True)
class Policy:
    """Where and how a run computes. Weights are float32; ``precision`` is that of autocast."""

    device: str
    precision: str
    threads: int

    @property
    def torch_device(self) -> torch.device:
        """The device as torch's own type."""
        return torch.device(self.device)

    @property
    def emulated(self) -> bool:
        """Whether the chip only emulates the precision, at many times the cost of float32."""
        return self.precision == "bfloat16" and not has_bfloat16(self.device)

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which the forward pass runs."""
        if self.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.torch_device.type, dtype=torch.bfloat16)

    def apply(self) -> None:
        """Set threads, ask for deterministic kernels and true float32, and keep freed memory.

        Gradients are on, autocast is off, no device is the default one, and of torch's libraries
        and checks those are on that are so when it is imported.

        It takes less than 0.1 ms: a plugin may set the same for the whole process, as it is
        imported, built or called, so that this is done again after it, and outside of any clock.
        """
        torch.set_num_threads(self.threads)
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        torch.set_grad_enabled(True)
        torch.set_flush_denormal(False)
        torch.autograd.set_detect_anomaly(False)
        for kind in {"cpu", self.torch_device.type}:
            torch.set_autocast_enabled(kind, False)
        torch.backends.mkldnn.enabled = True  # type: ignore[assignment]
        torch.backends.cudnn.enabled = True
        torch.backends.mha.set_fastpath_enabled(True)
        keep_freed_memory()
        # Kernels without a deterministic form warn instead of failing somebody's model.
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Filling fresh memory with NaN would cost time and change no result of correct code.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.backends.cudnn.benchmark = False
        _keep_float32()

    def synchronise(self) -> None:
        """Wait until the device has finished what it was given."""
        if self.torch_device.type == "cuda":
            torch.cuda.synchronize(self.torch_device)
        elif self.torch_device.type == "mps":
            torch.mps.synchronize()


def _keep_float32() -> None:
    """Let products and convolutions in float32 round as float32, not as TF32 or bfloat16."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    # These two take from a third one what they do not say.
    torch.backends.fp32_precision = "ieee"  # type: ignore[attr-defined]


def resolve(
    device: str = "auto", precision: str = "auto", threads: int | None = None, jobs: int = 1
) -> Policy:
    """Turn the user's words into a policy.

    ``auto`` takes CUDA, then MPS, then the CPU; bfloat16 where the chip computes in it, else
    float32; and as many threads as there are physical cores at the process's disposal, shared
    among ``jobs``. Raises `RequestError` for a device or precision that is not to be had here.
    """
    device = _best_device() if device == "auto" else _check_device(device)
    if precision == "auto":
        precision = "bfloat16" if has_bfloat16(device) else "float32"
    if precision not in PRECISIONS:
        raise RequestError(f"--precision {precision}: valid: auto, {', '.join(PRECISIONS)}")
    return Policy(device, precision, threads or max(1, _usable_cores() // jobs))


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _check_device(name: str) -> str:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise RequestError(f"--device {name}: valid: auto, cpu, cuda, cuda:N, mps") from error
    available = {
        "cpu": True,
        "cuda": (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not available.get(device.type, False):
        raise RequestError(f"--device {name}: this machine has none; --device auto takes what is")
    return name


def has_bfloat16(device: str) -> bool:
    """Whether the chip computes in bfloat16 itself, so that it is faster than float32."""
    kind = torch.device(device).type
    if kind == "cuda":
        with torch.cuda.device(device):  # It asks the current one.
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if kind == "mps":
        return False
    # torch has no public question for the CPU; without the private one the answer is no.
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in questions)


def _usable_cores() -> int:
    """Return the processors that this process may use, no more than there are physical cores."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limits = (allowed, psutil.cpu_count(logical=False), _quota())
    return max(1, min(limit for limit in (*limits, os.cpu_count() or 1) if limit))


def _quota() -> int | None:
    """Return how many processors' time a container is given, rounded up; None without a limit.

    More threads than that would wait for each other whenever the time is used up.
    """
    try:
        quota, period = CGROUP.read_text(encoding="ascii").split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # There is none, it is "max", or it is of another version.
        return None


def seed_everything(seed: int, epoch: int = 0) -> None:
    """Seed Python, numpy and torch for one epoch of one run.

    Each epoch is seeded by itself, so that a resumed run draws what an uninterrupted one draws
    without any generator's state being saved. Epoch 0 stands for building the model.
    """
    mixed = int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0])
    random.seed(mixed)
    np.random.seed(mixed)
    torch.manual_seed(mixed)
