"""Parameters, FLOPs and peak memory of a model."""

import math
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


def _matrix_vector(matrix: Sequence[int], *_: object, **__: object) -> int:
    return 2 * math.prod(matrix)


def _added(_: object, matrix: Sequence[int], *__: object, **___: object) -> int:
    return 2 * math.prod(matrix)


# Products with a vector, which torch's counter leaves out; of shapes.
VECTORS: dict[Any, Any] = {
    torch.ops.aten.mv: _matrix_vector,
    torch.ops.aten.dot: _matrix_vector,
    torch.ops.aten.addmv: _added,
}


def count_parameters(module: nn.Module) -> int:
    """Return the number of parameters; shared ones count once."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_flops(module: nn.Module, input_shape: tuple[int, int, int]) -> int | None:
    """Return the floating-point operations of one image's forward pass.

    Counted by `torch.utils.flop_counter.FlopCounterMode`: convolutions and matrix products, a
    multiplication and an addition as two. None where a model's own kernels defeat the counting.
    torch's fused kernels of attention and recurrent layers would count as nothing, so the products
    that they stand for are made one by one.
    """
    parameter = next(module.parameters(), torch.zeros(0))
    image = torch.zeros(1, *input_shape, device=parameter.device)
    module.eval()
    counter = FlopCounterMode(display=False, custom_mapping=VECTORS)
    try:
        with torch.no_grad(), _products(module), counter:
            module(image)
    except Exception:
        return None
    return int(counter.get_total_flops())


@contextmanager
def _products(module: nn.Module) -> Iterator[None]:
    """Have attention and recurrent layers computed by products that the counter knows."""
    fused = torch.backends.mha.get_fastpath_enabled()
    recurrent = any(isinstance(part, nn.RNNBase) for part in module.modules())
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with ExitStack() as stack:
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
            # Without these kernels some convolutions are not deterministic on a GPU.
            if recurrent:
                stack.enter_context(warnings.catch_warnings(action="ignore"))  # Of Intel's GPUs.
                stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
                stack.enter_context(torch.backends.cudnn.flags(enabled=False))
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)


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
