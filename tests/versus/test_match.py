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
    add_run(sides[0], skill=0.6, threads=1, finished_at="2026-01-01T00:00:00+00:00")
    add_run(sides[0], skill=0.7, threads=2, finished_at="2026-01-03T00:00:00+00:00")
    add_run(sides[1])
    [pair] = matched().both
    assert [one.record.threads for one in pair.first] == [2]


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
