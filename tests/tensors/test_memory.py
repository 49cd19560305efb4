import json
import os
import subprocess
import sys

import pytest

from harness.tensors import memory

# A large tensor is made and freed, time and again, as the activations of a step are.
STEPS = """
import json, resource, sys
import torch
from harness.tensors.device import Policy

if sys.argv[1] == "kept":
    Policy("cpu", "float32", 1).apply()
for _ in range(3):
    torch.ones(64, 1024, 1024)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(64, 1024, 1024)
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before))
"""
SYSTEM = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_", "LD_"))}
PAGES = 10 * 64 * 1024 * 1024 * 4 // 4096

glibc = pytest.mark.skipif(
    sys.platform != "linux" or not os.confstr("CS_GNU_LIBC_VERSION"), reason="needs glibc"
)


def faults(how: str, **environment: str) -> int:
    command = [sys.executable, "-c", STEPS, how]
    done = subprocess.run(command, env=SYSTEM | environment, check=True, capture_output=True)
    return int(json.loads(done.stdout))


@glibc
def test_under_a_policy_what_a_step_frees_is_there_for_the_next_one() -> None:
    # Huge pages would make fewer faults of them; then there is nothing to show.
    if faults("as it is") < PAGES // 2:
        pytest.skip("this system keeps freed memory, or has huge pages, by itself")
    # A few times the allocator may still ask for a larger place.
    assert faults("kept") < PAGES // 2


@glibc
def test_the_users_own_settings_of_malloc_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    assert not memory.keep_freed_memory()
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_")
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=131072")
    assert not memory.keep_freed_memory()


def test_where_there_is_no_glibc_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert not memory.keep_freed_memory()


def test_a_c_library_without_mallopt_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "linux")
    for name in (*memory.USERS, "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert not memory.keep_freed_memory()
