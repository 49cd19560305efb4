"""The machine and the software that something ran on, without host, user or path."""

import hashlib
import os
import platform
import subprocess
from pathlib import Path

import psutil
import torch

from harness.measure.revision import revision
from harness.schema import Environment

# At the start: what a run of hours is made with is not the code that came meanwhile.
REVISION = revision()
# What tells one ARM core from another in /proc/cpuinfo.
ARM = ("CPU implementer", "CPU part", "CPU variant")


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
        harness=REVISION,
    )


def _processor() -> str:
    """Name the processor so that another model has another name."""
    # platform.processor() is empty on most Linux systems, and "arm" on every Mac.
    information = Path("/proc/cpuinfo")
    if information.is_file():
        found = _of_cpuinfo(information.read_text(errors="replace"))
    else:
        found = _of_sysctl() if platform.system() == "Darwin" else ""
    return found or platform.processor() or platform.machine() or "unknown processor"


def _of_cpuinfo(text: str) -> str:
    """Return the model's name, or what ARM's kernels tell in its place: the kinds of cores."""
    lines = [[part.strip() for part in line.partition(":")[::2]] for line in text.splitlines()]
    names = [value for name, value in lines if name == "model name"]
    if names:
        return names[0]
    cores: list[dict[str, str]] = []
    for name, value in lines:
        if name == "processor":
            cores.append({})
        elif name in ARM and cores:
            cores[-1][name] = value
    kinds = sorted({" ".join(core[name] for name in ARM if name in core) for core in cores} - {""})
    return f"{platform.machine()} ({'; '.join(kinds)})" if kinds else ""


def _of_sysctl() -> str:
    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _gpu(device: str) -> str | None:
    kind = torch.device(device).type
    if kind == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if kind == "mps" else None
