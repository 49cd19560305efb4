import random

import numpy as np
import pytest
import torch

from harness.errors import RequestError
from harness.tensors import device as devices
from harness.tensors.device import Policy, resolve, seed_everything


def test_auto_takes_a_device_that_is_there() -> None:
    policy = resolve()
    torch.zeros(1, device=policy.torch_device)
    assert policy.threads >= 1


def test_auto_precision_is_bfloat16_exactly_where_the_processor_has_it() -> None:
    flags = torch.cpu.get_capabilities()
    native = flags.get("avx512_bf16", False) or flags.get("amx_tile", False)
    assert resolve("cpu").precision == ("bfloat16" if native else "float32")


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_emulated_exactly_where_the_processor_lacks_it(monkeypatch, native) -> None:
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: native)
    assert Policy("cpu", "bfloat16", 1).emulated is not native
    assert not Policy("cpu", "float32", 1).emulated


def test_the_users_words_win() -> None:
    assert resolve("cpu", "float32", 1) == Policy("cpu", "float32", 1)


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "cpu:x"])
def test_a_device_that_is_not_there_is_a_request_error(device: str) -> None:
    with pytest.raises(RequestError, match=f"--device {device}"):
        resolve(device)


def test_an_unknown_precision_lists_the_valid_ones() -> None:
    with pytest.raises(RequestError, match="auto, float32, bfloat16"):
        resolve("cpu", "fp16")


def test_autocast_computes_in_the_policys_precision() -> None:
    layer, images = torch.nn.Linear(4, 4), torch.ones(1, 4)
    for precision in ("float32", "bfloat16"):
        with Policy("cpu", precision, 1).autocast():
            assert layer(images).dtype == getattr(torch, precision)


def test_applying_a_policy_sets_the_threads() -> None:
    before = torch.get_num_threads()
    try:
        Policy("cpu", "float32", before + 1).apply()
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_float32_is_neither_tf32_nor_bfloat16_whatever_was_set_before(precision) -> None:
    backends, before = torch.backends, torch.get_num_threads()
    try:
        backends.fp32_precision = backends.cudnn.conv.fp32_precision = "tf32"
        torch.set_float32_matmul_precision("medium")
        Policy("cpu", precision, before).apply()
        assert torch.get_float32_matmul_precision() == "highest"
        products = backends.cuda.matmul, backends.mkldnn.matmul
        layers = backends.cudnn.conv, backends.cudnn.rnn, backends.mkldnn.conv
        assert {part.fp32_precision for part in (*products, *layers)} == {"ieee"}
        # Read by torch itself, which refuses where the old flags contradict the new ones.
        assert not backends.cudnn.allow_tf32
        assert not backends.cuda.matmul.allow_tf32
    finally:
        torch.use_deterministic_algorithms(False)


def test_a_seed_fixes_python_numpy_and_torch_for_each_epoch() -> None:
    def draw(seed: int, epoch: int) -> tuple[float, float, float]:
        seed_everything(seed, epoch)
        return random.random(), np.random.random(), float(torch.rand(()))

    assert draw(1, 2) == draw(1, 2)
    assert len({draw(1, 2), draw(1, 3), draw(2, 2)}) == 3


@pytest.mark.parametrize(
    ("text", "most"),
    [("100000 100000", 1), ("150000 100000", 2), ("max 100000", None), ("", None), (None, None)],
)
def test_a_containers_share_of_the_processors_bounds_the_threads(
    tmp_path, monkeypatch, text, most
) -> None:
    monkeypatch.setattr(devices.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(devices.psutil, "cpu_count", lambda logical: 8)
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 16)
    monkeypatch.setattr(devices, "CGROUP", tmp_path / "cpu.max")
    if text is not None:
        (tmp_path / "cpu.max").write_text(text)
    assert resolve("cpu", "float32").threads == (most or 8)


def test_a_gpu_is_asked_for_bfloat16_itself(monkeypatch) -> None:
    """torch asks the current one, which may be another chip."""
    entered = []

    class Current:
        def __init__(self, device):
            self._device = device

        def __enter__(self):
            entered.append(self._device)

        def __exit__(self, *_):
            entered.append(None)

    monkeypatch.setattr("torch.cuda.device", Current)
    asked = "torch.cuda.is_bf16_supported"
    monkeypatch.setattr(asked, lambda including_emulation: entered[-1] == "cuda:1")
    assert devices.has_bfloat16("cuda:1")
    assert not devices.has_bfloat16("cuda:0")
