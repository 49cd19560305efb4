"""A short run of the simulation whose figures are in docs/protocol.md."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from harness.evaluate.bootstrap import Bootstrap

ROOT = Path(__file__).parents[2]
SIMULATIONS = 250


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "benchmarks" / "simulate_verdicts.py"))


@pytest.fixture(scope="module")
def simulated(script):
    """What the first scenario of that true difference gave."""
    bootstrap = Bootstrap(script["LABELS"], 7, replicates=300)

    def simulate(difference):
        scenario = next(one for one in script["SCENARIOS"] if one.difference == difference)
        return script["simulate"](scenario, SIMULATIONS, bootstrap)

    return simulate


def test_of_two_equal_models_a_verdict_errs_as_seldom_as_it_says(simulated) -> None:
    found = simulated(0.0)
    # 5 % and three standard errors of so few simulations.
    limit = 0.05 + 3 * (0.05 * 0.95 / SIMULATIONS) ** 0.5
    for metric in ("accuracy", "uar", "macro_f1"):
        assert 0 < found[metric] <= limit, metric
    assert found["covered"] == pytest.approx(1 - found["accuracy"])
    # The models are as the scenario says: 0.4 points over seeds, 20 % of the images.
    assert found["variance"] ** 0.5 == pytest.approx(0.004, rel=0.1)
    assert found["models differ"] == pytest.approx(0.20, abs=0.01)
    assert found["seeds differ"] == pytest.approx(0.06, abs=0.01)


def test_three_points_are_found(simulated) -> None:
    found = simulated(0.03)
    assert found["accuracy"] > 0.95
    assert found["wrong side"] == 0


def test_models_are_as_good_as_their_scenario_says(script) -> None:
    simulator = script["Simulator"](script["Scenario"]("", 0.06, 0.0, difference=0.02))
    draws = [simulator.draw(np.random.default_rng(number)) for number in range(40)]
    right = np.mean([[(one == script["LABELS"]).mean() for one in pair] for pair in draws], axis=0)
    base = script["SHARES"] @ script["RECALLS"]
    assert right == pytest.approx([base + 0.01, base - 0.01], abs=0.004)
