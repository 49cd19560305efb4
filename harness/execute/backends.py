"""What executes a module: torch as it is, torch compiled, or ONNX Runtime."""

import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module, metadata, util
from typing import Any

import torch
from torch import Tensor, nn

from harness.errors import RunError
from harness.measure.throughput import Workload, inference_workload, ready
from harness.tensors.device import Policy

Prepare = Callable[[str, nn.Module, Policy, Tensor], Workload]

ONNX_NEEDS = ("onnx", "onnxscript", "onnxruntime")
# A class of modules is compiled again for each batch size, precision and set of arguments.
MOST_COMPILED = 1000


def eager_workload(owner: str, module: nn.Module, policy: Policy, batch: Tensor) -> Workload:
    """Return the prediction of ``batch`` by torch, kernel after kernel."""
    return inference_workload(owner, module, policy, batch, len(batch))


def compiled(module: nn.Module) -> nn.Module:
    """Return the module as `torch.compile` makes it at its first call, for that batch size only.

    Where torch would give up and go on uncompiled, it raises instead: no eager time may stand
    under this name.
    """
    settings: Any = import_module("torch._dynamo.config")  # Any: its settings carry no types.
    settings.recompile_limit = settings.accumulated_recompile_limit = MOST_COMPILED
    settings.fail_on_recompile_limit_hit = True
    made: Any = torch.compile(module, dynamic=False, fullgraph=True)
    if made is module or settings.disable:
        raise RunError(
            "torch.compile is switched off, by TORCHDYNAMO_DISABLE or TORCH_COMPILE_DISABLE in the "
            "environment; unset it"
        )
    return made  # type: ignore[no-any-return]


def compiled_workload(owner: str, module: nn.Module, policy: Policy, batch: Tensor) -> Workload:
    """Return the prediction of ``batch`` by a compiled module."""
    return inference_workload(owner, compiled(module), policy, batch, len(batch))


def onnxruntime_workload(owner: str, module: nn.Module, policy: Policy, batch: Tensor) -> Workload:
    """Return the prediction of ``batch`` by ONNX Runtime on the CPU, in float32.

    Raises `RunError` where it is not installed, or what it cannot do is asked for.
    """
    missing = [name for name in ONNX_NEEDS if util.find_spec(name) is None]
    if missing:
        raise RunError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed; "
            f"pip install {' '.join(ONNX_NEEDS)}"
        )
    session = _session(module, policy, batch)
    [name] = [item.name for item in session.get_inputs()]
    images = batch.contiguous().numpy()

    def call() -> None:
        session.run(None, {name: images})

    return Workload(owner, str(len(batch)), len(batch), ready, call, single=len(batch) == 1)


def _session(module: nn.Module, policy: Policy, batch: Tensor) -> Any:
    # Any: neither package has types that are to be had when it is not installed.
    runtime: Any = import_module("onnxruntime")
    with warnings.catch_warnings():
        # What the exporter deprecates in itself is no news to the user.
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            module.eval(), (batch.contiguous(),), dynamo=True, verbose=False
        )
    options = runtime.SessionOptions()
    options.intra_op_num_threads = policy.threads
    # Threads that go on spinning would take a core from what is timed next.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    model = program.model_proto.SerializeToString()
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


BACKENDS: dict[str, Prepare] = {
    "eager": eager_workload,
    "compiled": compiled_workload,
    "onnxruntime": onnxruntime_workload,
}


def unsupported_by(backend: str, precision: str, device: str) -> str | None:
    """Return the reason why a backend does not predict so, if there is one."""
    if backend != "onnxruntime":
        return None
    if precision != "float32":
        return f"onnxruntime is timed in float32, not in {precision}; --precisions float32"
    if torch.device(device).type != "cpu":
        return f"onnxruntime is timed on the CPU, not on {device}; --device cpu"
    return None


def versions(backends: set[str]) -> dict[str, str]:
    """Return the versions of what these backends need beside torch, as far as it is installed."""
    names = ONNX_NEEDS if "onnxruntime" in backends else ()
    found = {}
    for name in names:
        # Other wheels bring a module onnxruntime, too: onnxruntime-gpu, say.
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
