"""The rules on numbers that are made up: nothing here depends on the machine."""

import math

import numpy as np
import pytest

from harness.measure.drift import drift_notes, throttle_count, throttle_notes


def noise(count: int, seed: int = 0, size: float = 0.005) -> np.ndarray:
    return 1 + size * np.random.default_rng(seed).standard_normal(count)


def test_of_a_steady_machine_nothing_is_said() -> None:
    found = [
        drift_notes(180 * noise(20, seed), [500 * noise(20, seed + 1), 90 * noise(20, seed + 2)])
        for seed in range(50)
    ]
    assert found.count([]) == 50


def test_a_machine_that_throttles_is_found_and_said_by_how_much() -> None:
    slower = np.linspace(1, 0.88, 20)
    [note] = [
        note
        for note in drift_notes(180 * slower * noise(20), [500 * slower * noise(20, 1)])
        if "over the session" in note
    ]
    # Of the middle 80 % of the rounds.
    assert "9 % slower" in note or "10 % slower" in note
    assert "throttles" in note


def test_a_machine_that_becomes_free_is_found() -> None:
    faster = np.linspace(0.9, 1, 20)
    notes = drift_notes(180 * faster, [500 * faster, 30 * faster])
    assert any("% faster over the session" in note for note in notes)


@pytest.mark.parametrize(("place", "size"), [(34, 0.002), (34, 0.005), (20, 0.005), (40, 0.002)])
def test_a_step_is_said_by_its_size_wherever_it_was(place, size) -> None:
    speeds = np.r_[np.ones(place), np.full(50 - place, 0.7)]
    notes = drift_notes(180 * speeds * noise(50, 0, size), [500 * speeds * noise(50, 1, size)])
    [note] = [note for note in notes if "over the session" in note]
    assert any(f" {percent} % slower" in note for percent in (29, 30, 31))


def test_one_round_at_the_end_is_no_trend_of_the_session() -> None:
    speeds = np.linspace(1, 0.99, 50) * noise(50, 0, 0.0005)
    speeds[-1] *= 0.8
    assert not any("over the session" in note for note in drift_notes(speeds, [500 * speeds]))


def test_no_machine_becomes_slower_than_at_rest() -> None:
    stopped = np.array([1.0] * 9 + [0.01] * 9)
    steep = np.exp(-np.arange(18.0))
    for speeds in (stopped, steep):
        [note] = [n for n in drift_notes(speeds, [speeds]) if "slower" in n]
        assert "100 % slower" in note or "99 % slower" in note


def test_what_slows_one_model_alone_is_no_drift_of_the_machine() -> None:
    steady = [100 * noise(20, seed) for seed in range(3)]
    assert drift_notes(steady[0], [steady[1], steady[2], np.linspace(100, 80, 20)]) == []


def test_a_trend_too_small_to_matter_is_not_said() -> None:
    tiny = np.linspace(1, 0.99, 20)
    assert drift_notes(tiny, [500 * tiny]) == []


def test_a_reference_that_varies_is_said() -> None:
    reference = 100 * np.tile([1.0, 0.8], 10)
    [note] = drift_notes(reference, [500 * noise(20)])
    assert note.startswith("the speed of the machine itself varied")
    assert "25 %" in note


def test_a_few_rounds_say_nothing() -> None:
    assert drift_notes(np.linspace(1, 0.5, 7), [np.linspace(1, 0.5, 7)]) == []


def test_the_counters_of_all_cores_are_read(tmp_path) -> None:
    for core, count in (("cpu0", 3), ("cpu11", 4)):
        folder = tmp_path / core / "thermal_throttle"
        folder.mkdir(parents=True)
        (folder / "core_throttle_count").write_text(f"{count}\n")
    (tmp_path / "cpufreq").mkdir()
    assert throttle_count(tmp_path) == 7
    assert throttle_count(tmp_path / "nowhere") == 0


@pytest.mark.parametrize(("after", "words"), [(4, "1 time "), (9, "6 times ")])
def test_throttling_that_the_processor_counted_is_said(after, words) -> None:
    [note] = throttle_notes(3, after)
    assert words in note
    assert throttle_notes(3, 3) == []


@pytest.mark.parametrize(("correlation", "most"), [(0.0, 0.02), (0.5, 0.08), (0.8, 0.15)])
def test_a_machine_that_wanders_without_a_trend_is_seldom_accused(correlation, most) -> None:
    """Rounds are alike for a while: taken for independent, a third of these would be a trend."""
    random, accused = np.random.default_rng(0), 0
    for _ in range(200):
        noise = random.normal(size=50) * math.sqrt(1 - correlation**2)
        noise[0] = random.normal()
        for place in range(1, 50):
            noise[place] += correlation * noise[place - 1]
        accused += any(
            "over the session" in note for note in drift_notes(100 * np.exp(0.05 * noise), [])
        )
    assert accused <= 200 * most
