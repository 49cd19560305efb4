"""How long each command takes to begin, as a process of its own."""

import os
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
# With compiled modules kept, as for anyone who has used the harness before.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
START = "from harness.cli import main; main()"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.benchmark(group="start-up")
def test_start(benchmark, words):
    command = [sys.executable, "-c", START, *words]
    options = {"capture_output": True, "env": ENVIRONMENT}
    done = benchmark.pedantic(subprocess.run, (command,), options, rounds=7, warmup_rounds=1)
    assert done.returncode == 0
