import statistics

import numpy as np
import pandas as pd
import pytest

from harness.report import compare
from harness.report.time_to_accuracy import (
    MOST,
    clock,
    default_levels,
    far_apart,
    first_seeds,
    levels_of,
    reach,
    reached,
    unit_of,
)
from harness.report.time_to_accuracy_table import time_to_accuracy_frame
from harness.schema import Recipe


def group_of(*entries):
    (group,) = compare(entries).groups
    return group


def test_the_clock_adds_up_training_and_validation_as_pandas_does(eight):
    epochs = eight.rows[0].epochs
    table = pd.DataFrame([epoch.model_dump() for epoch in epochs])
    assert clock(epochs) == pytest.approx((table.train_seconds + table.valid_seconds).cumsum())


def test_a_level_is_reached_at_the_first_epoch_that_has_it(eight):
    for row in eight.done:
        table = pd.DataFrame([e.model_dump() for e in row.epochs], columns=["valid_accuracy"])
        for level in (0.1, 0.25, 0.4, 0.9):
            above = table.index[table.valid_accuracy >= level]
            found = reached(row.epochs, level)
            assert (found.epoch - 1 if found else None) == (above[0] if len(above) else None)
            if found:
                assert found.seconds == pytest.approx(7.5 * found.epoch)


def test_a_level_that_was_met_exactly_is_reached_and_a_fall_later_changes_nothing(risen):
    _, epochs = risen(0.2, 0.6, 0.3)
    assert (reached(epochs, 0.6).seconds, reached(epochs, 0.6).epoch) == (20.0, 2)
    assert reached(epochs, 0.61) is None
    assert reached([], 0.1) is None


def test_an_accuracy_that_was_rounded_to_float32_reaches_its_level(risen):
    exact = float(np.float32(0.7))
    assert exact < 0.7
    _, epochs = risen(0.2, exact)
    assert reached(epochs, 0.7).epoch == 2
    assert default_levels(compare([risen(0.2, exact)]).groups) == (0.6, 0.65, 0.7)


def test_epochs_of_a_resumed_run_count_as_they_were_recorded(risen):
    _, fast = risen(0.2, 0.3)
    _, slow = risen(0.2, 0.3, 0.6, seconds=40.0)
    assert reached([*fast, slow[2]], 0.6).seconds == 60.0


def test_seeds_are_told_by_their_median_and_by_how_many_arrived(risen):
    seeds = [risen(0.3, 0.5, seed=0), risen(0.5, 0.5, seed=1), risen(0.1, 0.2, seed=2)]
    found = reach(group_of(*seeds), 0.5)
    assert (found.reached, found.seeds) == (2, 3)
    # The third seed stands behind both: the median is the slower of them.
    assert (found.seconds, found.epochs) == (20.0, 2)


def test_half_of_the_seeds_are_too_few_for_a_median(risen):
    found = reach(group_of(risen(0.5, seed=0), risen(0.1, seed=1)), 0.5)
    assert (found.reached, found.seeds, found.seconds, found.epochs) == (1, 2, None, None)


def test_a_run_that_was_stopped_early_counts_with_the_epochs_it_has(make_record, make_epochs):
    stopped = make_record("a", recipe=Recipe(epochs=30, early_stopping=3))
    epochs = make_epochs(stopped, 4)
    found = reach(group_of((stopped, epochs)), max(e.valid_accuracy for e in epochs))
    assert found.reached == 1
    assert found.seconds <= 4 * 7.5


def test_two_recipes_of_one_model_are_two_configurations(risen):
    comparison = compare([risen(0.6), risen(0.3, 0.6, recipe_name="slow")])
    found = {group.label: reach(group, 0.6).seconds for group in comparison.groups}
    assert found == {"a": 10.0, "a slow": 20.0}


@pytest.mark.parametrize(
    ("tops", "expected"),
    [
        ([0.61, 0.7], (0.6, 0.65, 0.7)),
        ([0.5, 0.72], (0.5, 0.55, 0.6, 0.65, 0.7)),
        ([0.64], (0.5, 0.55, 0.6)),
        ([0.6], (0.5, 0.55, 0.6)),
        ([0.24, 0.7], (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)),
        ([0.11, 0.99], (0.2, 0.4, 0.6, 0.8)),
        ([0.03, 0.16], (0.05, 0.1, 0.15)),
        ([0.02, 0.12], (0.02, 0.04, 0.06, 0.08, 0.1, 0.12)),
        ([0.02], (0.01, 0.02)),
        ([0.001], ()),
        ([1.0], (0.9, 0.95, 1.0)),
    ],
)
def test_default_levels_are_round_between_what_all_and_what_the_best_reach(risen, tops, expected):
    entries = [risen(0.0, top, model=f"m{number}") for number, top in enumerate(tops)]
    found = default_levels(compare(entries).groups)
    assert found == expected
    assert len(found) <= MOST


def test_one_collapsed_seed_does_not_pull_the_levels_down(risen):
    seeds = [risen(top, seed=seed) for seed, top in enumerate((0.15, 0.66, 0.67))]
    assert statistics.median([0.15, 0.66, 0.67]) == 0.66
    assert default_levels(compare(seeds).groups) == (0.55, 0.6, 0.65)


def test_chosen_levels_go_before_those_of_the_data(risen):
    assert levels_of(compare([risen(0.6)], levels=(0.12, 0.34))) == (0.12, 0.34)
    assert levels_of(compare([risen(0.6)])) == (0.5, 0.55, 0.6)


def test_without_epochs_there_are_no_levels_and_nothing_to_draw(make_entry):
    comparison = compare([make_entry("built", recipe=Recipe(epochs=0))])
    assert default_levels(comparison.groups) == ()
    assert first_seeds(list(enumerate(comparison.groups))) == []


def test_of_many_seeds_the_first_are_drawn(risen):
    comparison = compare([risen(0.5, seed=seed) for seed in range(9)])
    ((index, _, rows),) = first_seeds([(3, comparison.groups[0])])
    assert (index, [row.record.seed for row in rows]) == (3, [0, 1, 2, 3, 4])


def test_times_have_the_unit_in_which_they_are_read():
    assert unit_of(599) == ("second", 1.0)
    assert unit_of(600) == ("minute", 60.0)
    assert unit_of(36_000) == ("hour", 3600.0)


def test_only_lengths_far_apart_need_a_logarithmic_scale():
    assert far_apart([1.0, 9.0])
    assert not far_apart([1.0, 8.0])
    assert not far_apart([0.0, 8.0])


def test_the_table_for_programs_has_a_row_for_each_run_and_level(risen):
    runs = [risen(0.3, 0.5, seed=0), risen(0.1, 0.2, seed=1)]
    built = risen(model="built")
    frame = time_to_accuracy_frame(compare([*runs, built], levels=(0.2, 0.5)))
    found = frame[["model", "seed", "level", "reached", "seconds", "epoch", "trained_on"]]
    machine = runs[0][0].environment.machine
    expected = [
        ["a", 0, 0.2, True, 10.0, 1, machine],
        ["a", 0, 0.5, True, 20.0, 2, machine],
        ["a", 1, 0.2, True, 20.0, 2, machine],
        ["a", 1, 0.5, False, None, None, machine],
    ]
    assert sorted(found.to_numpy().tolist(), key=lambda row: row[1:3]) == expected


def test_the_table_for_programs_is_empty_without_epochs(risen):
    frame = time_to_accuracy_frame(compare([risen()]))
    assert len(frame) == 0
    assert "level" in frame.columns
