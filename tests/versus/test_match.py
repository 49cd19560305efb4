import pytest

from harness.schema import Recipe
from harness.versus.match import match
from harness.versus.side import open_side

STRONG = {"recipe_name": "strong", "recipe": Recipe(epochs=3)}


@pytest.fixture
def matched(sides):
    """Match the two stores."""
    return lambda: match(*map(open_side, sides))


def test_configurations_are_paired_by_model_arguments_and_recipe(sides, add_run, matched):
    for side in sides:
        add_run(side, "net")
        add_run(side, "net", 0.71, arguments={"width": 16})
        add_run(side, "net", 0.72, **STRONG)
    assert [one.label for one in matched().both] == ["net", "net strong", "net[width=16]"]
    assert all(
        one.first[0].record.arguments == one.second[0].record.arguments for one in matched().both
    )


def test_other_code_and_machine_are_no_other_configuration(sides, add_run, matched):
    add_run(sides[0], "net")
    before = open_side(sides[0]).results[0].record
    changed = before.plugin.model_copy(update={"sha256": "1" * 64})
    add_run(sides[1], "net", plugin=changed, threads=4)
    add_run(sides[1], "other")
    assert [one.label for one in matched().both] == ["net"]


def test_seeds_of_one_configuration_are_together_in_their_order(sides, add_run, matched):
    for seed in (2, 0, 1):
        add_run(sides[0], seed=seed)
    add_run(sides[1])
    [pair] = matched().both
    assert [one.record.seed for one in pair.first] == [0, 1, 2]


def test_of_two_states_of_the_code_the_latest_counts(sides, add_run, matched):
    add_run(sides[0], skill=0.6, finished_at=BEFORE)
    add_run(sides[1])
    add_run(sides[0], skill=0.7, plugin=changed(sides[0]), finished_at=AFTER)
    [pair] = matched().both
    assert [one.record.plugin.sha256 for one in pair.first] == [OTHER_CODE["sha256"]]
    assert pair.earlier == (1, 0)


def test_a_single_configuration_on_each_side_is_compared_whatever_it_is_called(
    sides, add_run, matched
):
    add_run(sides[0], "old")
    add_run(sides[1], "new")
    assert [one.label for one in matched().both] == ["old → new"]


def test_what_is_on_one_side_only_is_named(sides, add_run, matched):
    for side, names in zip(sides, (["net", "old"], ["net", "new"]), strict=True):
        for name in names:
            add_run(side, name)
    found = matched()
    assert (found.only_first, found.only_second) == (("old",), ("new",))


def test_the_data_set_is_named_where_there_are_several(sides, add_run, matched):
    for side in sides:
        add_run(side)
        card = open_side(side).results[0].record.dataset
        add_run(side, skill=0.65, dataset=card.model_copy(update={"name": "toys"}))
    assert [one.label for one in matched().both] == ["net on pets", "net on toys"]


OTHER_CODE = {"sha256": "2" * 64}
BEFORE, AFTER = "2026-01-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"


def changed(side, **changes):
    """The plugin's card, as other code has it."""
    return open_side(side).results[0].record.plugin.model_copy(update=OTHER_CODE | changes)


@pytest.mark.parametrize("others", [False, True])
def test_results_of_earlier_code_do_not_stand_for_the_latest_that_failed(
    sides, add_run, matched, others
):
    add_run(sides[0])
    add_run(sides[1], finished_at=BEFORE)
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16}
    add_run(sides[1], plugin=changed(sides[1]), finished_at=AFTER, predictions=False, **failed)
    if others:
        for side in sides:
            add_run(side, "other")
    found = matched()
    assert [one.label for one in found.both] == ["other"] * others
    assert (found.only_first, found.only_second, found.without) == (("net",), (), ("net",))


def test_what_failed_of_the_latest_code_leaves_its_other_seeds(sides, add_run, matched):
    add_run(sides[0])
    add_run(sides[1], finished_at=BEFORE)
    latest = {"plugin": changed(sides[1]), "finished_at": AFTER}
    add_run(sides[1], seed=1, key="1" * 16, **latest)
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16, "protocol": {}}
    add_run(sides[1], seed=2, predictions=False, **latest, **failed)
    [pair] = matched().both
    assert [one.record.key for one in pair.second] == ["1" * 16]
    assert matched().without == ()


def test_what_failed_before_the_latest_code_is_no_matter(sides, add_run, matched):
    add_run(sides[0])
    add_run(sides[1], finished_at=AFTER)
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16}
    add_run(sides[1], plugin=changed(sides[1]), finished_at=BEFORE, predictions=False, **failed)
    assert [one.label for one in matched().both] == ["net"]


def test_runs_on_other_data_of_that_name_are_no_further_seeds(sides, add_run, matched):
    add_run(sides[0])
    card = open_side(sides[0]).results[0].record.dataset
    prepared_again = card.model_copy(update={"fingerprint": "e" * 16})
    for seed in range(2):
        add_run(sides[1], seed=seed, finished_at=BEFORE)
        key = f"new{seed}".ljust(16, "0")
        add_run(sides[1], seed=seed, key=key, dataset=prepared_again, finished_at=AFTER)
    [pair] = matched().both
    assert [one.record.dataset.fingerprint for one in pair.second] == ["e" * 16] * 2


def test_of_a_seed_that_is_there_twice_the_latest_counts(sides, add_run, matched):
    add_run(sides[0])
    add_run(sides[1], key="a" * 16, finished_at=AFTER)
    add_run(sides[1], key="b" * 16, finished_at=BEFORE)
    [pair] = matched().both
    assert [one.record.key for one in pair.second] == ["a" * 16]


@pytest.mark.parametrize("others", [False, True])
def test_a_first_side_whose_latest_code_failed_is_no_new_configuration_of_the_second(
    sides, add_run, matched, others
):
    add_run(sides[0], finished_at=BEFORE)
    failed = {"status": "interrupted", "reason": "no", "test": None, "key": "2" * 16}
    add_run(sides[0], plugin=changed(sides[0]), finished_at=AFTER, predictions=False, **failed)
    add_run(sides[0], "other")
    add_run(sides[1])
    if others:
        add_run(sides[1], "other")
    found = matched()
    assert [one.label for one in found.both] == ["other"] * others
    assert (found.only_second, found.unjudged, found.without) == (("net",), ("net",), ())


def test_runs_of_settings_that_both_sides_have_are_held_against_each_other(sides, add_run, matched):
    """One in another precision that ended later stands for none of them, and is told of."""
    for side in sides:
        for seed in range(2):
            add_run(side, seed=seed, finished_at=BEFORE)
    add_run(sides[0], key="b" * 16, precision="bfloat16", finished_at=AFTER)
    [pair] = matched().both
    assert [one.record.precision for one in (*pair.first, *pair.second)] == ["float32"] * 4
    assert pair.beside == (1, 0)


def test_of_several_settings_in_common_the_latest_counts(sides, add_run, matched):
    for side in sides:
        add_run(side, finished_at=BEFORE)
        add_run(side, key="b" * 16, precision="bfloat16", finished_at=AFTER)
    [pair] = matched().both
    assert [side[0].record.precision for side in (pair.first, pair.second)] == ["bfloat16"] * 2


def test_without_settings_in_common_the_latest_of_each_side_count(sides, add_run, matched):
    add_run(sides[0], finished_at=BEFORE)
    add_run(sides[0], key="b" * 16, threads=1, finished_at=AFTER)
    add_run(sides[1], precision="bfloat16")
    [pair] = matched().both
    assert [side[0].record.threads for side in (pair.first, pair.second)] == [1, 2]
    assert pair.beside == (1, 0)


def test_what_was_asked_for_and_failed_is_not_compared_by_another_name(sides, add_run, matched):
    add_run(sides[0], "net")
    add_run(sides[1], "net", status="failed", reason="no", test=None)
    add_run(sides[1], "other")
    found = matched()
    assert (found.both, found.only_first, found.only_second) == ((), ("net",), ("other",))
