"""The machine and the software that something ran on, without host, user or path."""

import hashlib
import os
import platform
from pathlib import Path

import psutil
import torch

from harness import __version__
from harness.schema import Environment


def environment(device: str) -> Environment:
    """Describe this machine. ``machine`` is the first 12 digits of a SHA-256.

    It covers processor, cores, GPU and operating system: what decides speed and does not change
    with a reboot or an update.
    """
    processor, cores = _processor(), os.cpu_count() or 1
    gpu = _gpu(device)
    system = f"{platform.system()} {platform.machine()}"
    identity = "\n".join([processor, str(cores), gpu or "", system])
    return Environment(
        machine=hashlib.sha256(identity.encode()).hexdigest()[:12],
        processor=processor,
        cores=cores,
        memory_bytes=psutil.virtual_memory().total,
        gpu=gpu,
        system=system,
        python=platform.python_version(),
        torch=torch.__version__,
        harness=__version__,
    )


def _processor() -> str:
    # platform.processor() is empty on most Linux systems.
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or "unknown processor"


def _gpu(device: str) -> str | None:
    kind = torch.device(device).type
    if kind == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if kind == "mps" else None
