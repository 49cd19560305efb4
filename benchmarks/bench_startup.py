"""How long each command takes to begin, as a process of its own."""

import subprocess
import sys

import pytest

COMMANDS = (
    ("--help",),
    ("--version",),
    ("list",),
    ("list", "--json"),
    ("run", "--help"),
    ("report", "--help"),
    ("runs", "list", "--help"),
    ("compare", "--help"),
    ("data", "prepare", "--help"),
)
START = "from harness.cli import main; main()"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.benchmark(group="start-up")
def test_start(benchmark, words):
    command = [sys.executable, "-c", START, *words]
    done = benchmark.pedantic(
        subprocess.run, (command,), {"capture_output": True}, rounds=7, warmup_rounds=1
    )
    assert done.returncode == 0
