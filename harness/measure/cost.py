"""Parameters, FLOPs and peak memory of a model."""

import re
import sys
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_parameters(module: nn.Module) -> int:
    """Return the number of parameters; shared ones count once."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_flops(module: nn.Module, input_shape: tuple[int, int, int]) -> int | None:
    """Return the floating-point operations of one image's forward pass.

    Counted by `torch.utils.flop_counter.FlopCounterMode`: convolutions and matrix products, a
    multiplication and an addition as two. None where a model's own kernels defeat the counting.
    """
    parameter = next(module.parameters(), torch.zeros(0))
    image = torch.zeros(1, *input_shape, device=parameter.device)
    module.eval()
    counter = FlopCounterMode(display=False)
    try:
        with torch.no_grad(), counter:
            module(image)
    except Exception:
        return None
    return int(counter.get_total_flops())


def peak_memory(device: torch.device) -> int | None:
    """Return the peak memory in bytes of this process: of the device on CUDA, else resident."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":
        import psutil

        peak: int = psutil.Process().memory_info().peak_wset
        return peak
    # Linux's getrusage hands a parent's peak on to its children; this line of /proc does not.
    status = Path("/proc/self/status")
    if status.is_file() and (found := re.search(r"VmHWM:\s*(\d+) kB", status.read_text())):
        return int(found[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak if sys.platform == "darwin" else peak * 1024
