"""The scripts that no benchmark runs still can be run."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_the_growth_of_training_can_be_measured() -> None:
    code = "import growth_training as g; print(g.train(images=64, side=16)['seconds'] > 0)"
    # In a process of its own: it sets how many threads there are.
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=BENCHMARKS, capture_output=True, text=True, check=False
    )
    assert (found.stdout.strip(), found.returncode) == ("True", 0), found.stderr
