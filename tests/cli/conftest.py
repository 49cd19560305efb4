"""Runs that were made, for the commands that look at them."""

import json
import shutil
from pathlib import Path

import pytest

from harness.cli.main import call
from harness.measure import throughput


def _run(results, tiny, *words):
    common = ["--data", str(tiny), "--results", str(results), "--engine", "inline"]
    return call(["run", *words, *common, "--threads", "1", "--precision", "float32"])


@pytest.fixture(scope="session")
def made(tmp_path_factory, tiny):
    """Two convnets and a run that failed."""
    results = tmp_path_factory.mktemp("made") / "results"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throughput.time_slice, "__defaults__", (0.001,))
        assert _run(results, tiny, "convnet", "-o", "epochs=1", "--seeds", "2") == 0
        assert (
            _run(results, tiny, "vgg[width=4]", "-o", "learning_rate=1e30", "-o", "epochs=1") == 1
        )
    return results


@pytest.fixture
def results(made, tmp_path):
    """A copy of those runs, for each test to change."""
    return Path(shutil.copytree(made, tmp_path / "results"))


@pytest.fixture
def run():
    """Call `harness run` in this process, on one thread: with a results folder, data and words."""
    return _run


@pytest.fixture
def listed(capsys):
    """List the runs of a results folder as `harness runs list --json` does, with further words."""

    def read(results, *words):
        capsys.readouterr()
        assert call(["runs", "list", "--json", "--results", str(results), *words]) == 0
        return json.loads(capsys.readouterr().out)

    return read
