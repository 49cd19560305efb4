import functools
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import sys
import sysconfig
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from harness.errors import RunError
from harness.execute import backends, execute_bench
from harness.execute.backends import (
    BACKENDS,
    ONNX_NEEDS,
    compiled,
    onnxruntime_workload,
    unsupported_by,
    versions,
)
from harness.tensors.device import Policy

FLOAT = Policy("cpu", "float32", 1)
needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("c++", "g++", "clang++")))
    or not Path(sysconfig.get_path("include"), "Python.h").is_file(),
    reason="torch.compile needs a C++ compiler and Python's headers, which are not here",
)


@pytest.mark.parametrize("name", ["eager", "compiled", "onnxruntime"])
def test_torch_predicts_in_every_precision_and_onnxruntime_in_one(name) -> None:
    assert unsupported_by(name, "float32", "cpu") is None
    assert (unsupported_by(name, "bfloat16", "cpu") is None) is (name != "onnxruntime")
    assert (unsupported_by(name, "float32", "cuda:1") is None) is (name != "onnxruntime")


def test_a_backend_that_is_not_installed_is_a_reason(monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        backends.util, "find_spec", lambda name: None if name in ONNX_NEEDS else find(name)
    )
    with pytest.raises(RunError, match=r"onnx, onnxscript, onnxruntime are not installed; pip"):
        onnxruntime_workload("m", nn.Flatten(), FLOAT, torch.zeros(1, 1, 2, 2))
    monkeypatch.setattr(backends, "ONNX_NEEDS", ("onnx",))
    with pytest.raises(RunError, match="onnx is not installed"):
        onnxruntime_workload("m", nn.Flatten(), FLOAT, torch.zeros(1, 1, 2, 2))


def test_a_backend_that_fails_is_a_row_and_the_others_finish(
    make_bench_spec, write_plugin, linear, monkeypatch
) -> None:
    def broken(*_):
        raise RuntimeError("no compiler")

    monkeypatch.setitem(BACKENDS, "compiled", broken)
    path = write_plugin("lin", linear)
    names = ("eager", "compiled")
    spec = make_bench_spec("lin", plugins=(path,), backends=names, training=False, seconds=0.1)
    results = execute_bench(spec, lambda event: None).results
    assert [one.status for one in results] == ["done", "done", "failed", "failed"]
    assert results[2].reason == "compiling: RuntimeError: no compiler"


def test_what_is_prepared_before_the_first_result_is_timed_apart(
    make_bench_spec, write_plugin, linear, monkeypatch
) -> None:
    class Slow(nn.Module):
        def __init__(self, module):
            super().__init__()
            self.module, self.first = module, True

        def forward(self, images):
            if self.first:
                time.sleep(0.3)
            self.first = False
            return self.module(images)

    monkeypatch.setattr(torch, "compile", lambda module, **_: Slow(module))
    path = write_plugin("lin", linear)
    spec = make_bench_spec("lin", plugins=(path,), backends=("compiled",), seconds=0.1)
    results = execute_bench(spec, lambda event: None).results
    assert [one.status for one in results] == ["done"] * 3
    for one in results:
        assert one.compile_seconds >= 0.3
        assert all(one.batch_size / rate < 0.3 for rate in one.rates)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no process by a signal")
def test_of_what_was_compiled_over_a_pause_no_seconds_are_told(
    make_bench_spec, write_plugin, linear, monkeypatch
) -> None:
    class Paused(nn.Module):
        def __init__(self, module):
            super().__init__()
            self.module = module

        def forward(self, images):
            if len(images) == 4:
                os.kill(os.getpid(), signal.SIGCONT)
            return self.module(images)

    monkeypatch.setattr(torch, "compile", lambda module, **_: Paused(module))
    path = write_plugin("lin", linear)
    words = {"backends": ("compiled",), "seconds": 0.1, "training": False}
    results = execute_bench(
        make_bench_spec("lin", plugins=(path,), **words), lambda event: None
    ).results
    seconds = {one.batch_size: one.compile_seconds for one in results}
    assert seconds[1] > 0
    assert seconds[4] is None


@pytest.mark.slow
@needs_compiler
def test_a_compiled_module_predicts_what_the_module_predicts() -> None:
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3)).eval()
    images = torch.randn(5, 1, 8, 8)
    expected = module(images)
    with warnings.catch_warnings():
        # torch's own modules warn of each other.
        warnings.simplefilter("ignore")
        found = compiled(module)(images)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


class Breaks(nn.Module):
    """A module with a pass that torch leaves uncompiled."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images if images.sum().item() > 0 else -images


@pytest.mark.slow
def test_what_cannot_be_compiled_raises_and_is_not_timed_uncompiled(monkeypatch) -> None:
    # Without a compiler for what was traced: it is the tracing that breaks.
    traced = functools.partial(torch.compile, backend="eager")
    monkeypatch.setattr(torch, "compile", traced)
    settings = importlib.import_module("torch._dynamo.config")
    for name in ("recompile_limit", "accumulated_recompile_limit", "fail_on_recompile_limit_hit"):
        monkeypatch.setattr(settings, name, getattr(settings, name))
    torch.testing.assert_close(compiled(nn.ReLU())(torch.ones(2)), torch.ones(2))
    with pytest.raises(Exception, match=r"graph break|Unsupported|[Dd]ata-dependent"):
        compiled(Breaks())(torch.ones(2))
    assert settings.fail_on_recompile_limit_hit is True
    assert settings.recompile_limit == settings.accumulated_recompile_limit == 1000


def test_a_wheel_of_another_name_may_bring_a_module(monkeypatch) -> None:
    def version(name):
        if name == "onnxruntime":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(backends.metadata, "version", version)
    assert versions({"eager", "onnxruntime"}) == {"onnx": "1.0", "onnxscript": "1.0"}
    assert versions({"eager"}) == {}


@pytest.mark.parametrize("batch_size", [1, 5])
def test_onnxruntime_predicts_what_torch_predicts(batch_size, monkeypatch) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime (extra onnx) is missing")
    pytest.importorskip("onnxscript", reason="onnxscript (extra onnx) is missing")
    module = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)
    ).eval()
    images = torch.randn(batch_size, 1, 8, 8)
    kept = []
    make = runtime.InferenceSession

    class Session:
        def __init__(self, *words, **named):
            self._session = make(*words, **named)

        def run(self, *words):
            kept.append(self._session.run(*words))

        def __getattr__(self, name):
            return getattr(self._session, name)

    monkeypatch.setattr(runtime, "InferenceSession", Session)
    workload = onnxruntime_workload("m", module, FLOAT, images)
    workload.prepare()
    workload.call()
    np.testing.assert_allclose(kept[0][0], module(images).detach(), rtol=1e-4, atol=1e-5)
    assert (workload.images, workload.single) == (batch_size, batch_size == 1)
    assert set(versions({"onnxruntime"})) == {"onnx", "onnxscript", "onnxruntime"}
    assert versions({"eager"}) == {}


def test_where_compiling_is_switched_off_no_eager_time_stands_for_it(monkeypatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda module, **how: module)
    with pytest.raises(RunError, match=r"torch\.compile is switched off"):
        compiled(nn.ReLU())
