import pytest

from harness.errors import RequestError
from harness.report import compare
from harness.schema import PluginCard, Recipe


def names(comparison):
    return [row.label for row in comparison.rows]


def test_finished_runs_come_first_by_accuracy_then_the_others_by_status(make_entry):
    entries = [
        make_entry("interrupted", status="interrupted"),
        make_entry("slow", status="timeout"),
        make_entry("bad", status="failed"),
        make_entry("small", status="unsupported"),
        make_entry("weak", 0.5),
        make_entry("strong", 2.0),
    ]
    expected = ["strong", "weak", "small", "bad", "slow", "interrupted"]
    assert names(compare(entries)) == expected
    assert names(compare(reversed(entries))) == expected


def test_a_finished_run_without_test_metrics_is_no_result(make_entry):
    record, _, _ = make_entry("odd")
    comparison = compare([(record.model_copy(update={"test": None}), [], None), make_entry("vgg")])
    assert [row.label for row in comparison.unfinished] == ["odd"]
    assert names(comparison) == ["vgg", "odd"]


def test_no_run_is_an_error_that_says_how_to_make_one():
    with pytest.raises(RequestError, match="harness run"):
        compare([])


def test_two_data_sets_are_an_error_that_names_both(make_entry, make_dataset):
    other = make_dataset(name="faces", fingerprint="ffff0000ffff")
    with pytest.raises(RequestError, match=r"faces \(ffff0000\), fer2013 \(ab12cd34\)"):
        compare([make_entry("vgg"), make_entry("vgg", dataset=other)])


def test_one_name_with_two_contents_is_two_data_sets(make_entry, make_dataset):
    with pytest.raises(RequestError):
        compare([make_entry("a"), make_entry("b", dataset=make_dataset(fingerprint="00ff00ff"))])


def test_seeds_are_grouped_and_everything_else_keeps_apart(make_entry, make_environment):
    changes = [
        {},
        {"arguments": {"width": 16}},
        {"recipe_name": "strong"},
        {"precision": "bfloat16"},
        {"device": "cuda"},
        {"threads": 1},
        {"environment": make_environment(torch="2.7.0")},
        {"plugin": PluginCard(name="harness-vgg", source="entry point", sha256="1" * 64)},
    ]
    entries = [make_entry("vgg", seed=seed, **change) for change in changes for seed in (1, 0)]
    comparison = compare(entries)
    assert len(comparison.groups) == len(changes)
    assert [[row.record.seed for row in group.rows] for group in comparison.groups] == [
        [0, 1]
    ] * len(changes)
    assert len({group.label for group in comparison.groups}) == len(changes)


def test_a_group_has_the_mean_accuracy_and_the_hull_of_the_intervals(make_entry):
    skills = (1.5, 1.0, 2.0, 1.6)
    comparison = compare([make_entry("vgg", skill, seed=i) for i, skill in enumerate(skills)])
    (group,) = comparison.groups
    tests = [row.record.test for row in comparison.rows]
    assert group.label == "vgg"
    assert group.accuracy == pytest.approx(sum(t.accuracy for t in tests) / 4)
    assert group.interval == (
        min(t.accuracy_low for t in tests),
        max(t.accuracy_high for t in tests),
    )
    assert comparison.group_of(comparison.rows[1]) is group


def test_groups_are_sorted_by_their_mean(make_entry):
    comparison = compare([make_entry("a", 0.5), make_entry("b", 2.0), make_entry("c", 1.0)])
    assert [group.label for group in comparison.groups] == ["b", "c", "a"]


def test_a_run_that_failed_is_in_no_group(make_entry):
    comparison = compare([make_entry("vgg", seed=0), make_entry("vgg", seed=1, status="failed")])
    assert [len(group.rows) for group in comparison.groups] == [1]
    assert names(comparison) == ["vgg seed 0", "vgg seed 1"]


def test_the_machine_is_that_of_the_speed_or_else_of_the_training(make_record, make_speed):
    record = make_record("vgg")
    (timed,) = compare([(record, [], make_speed(record, machine="elsewhere"))]).rows
    (untimed,) = compare([(record, [], None)]).rows
    assert (timed.machine, timed.trained_on) == ("elsewhere", "3f2a9c11d0")
    assert (untimed.machine, untimed.timed_on) == ("3f2a9c11d0", None)


def test_a_configuration_is_named_by_what_sets_it_apart_and_never_by_a_seed(make_entry):
    entries = [
        make_entry("vgg", skill, seed=seed, precision=precision)
        for precision, skills in (("float32", (1.4, 1.5, 1.9)), ("bfloat16", (1.8, 1.6, 1.3)))
        for seed, skill in enumerate(skills)
    ]
    assert {group.label for group in compare(entries).groups} == {"vgg float32", "vgg bfloat16"}


def test_seeds_on_two_devices_of_a_kind_are_one_configuration(make_entry):
    entries = [make_entry("vgg", seed=seed, device=f"cuda:{seed % 2}") for seed in range(4)]
    [group] = compare(entries).groups
    assert (group.label, len(group.rows)) == ("vgg", 4)


def test_no_configuration_bears_the_label_of_one_without_a_result(make_entry):
    """A stopped default recipe beside a finished strong one is an ordinary state of a store."""
    strong = make_entry("fastnet", recipe_name="strong", recipe=Recipe(epochs=20))
    stopped = make_entry("fastnet", status="interrupted", reason="stopped by the user")
    comparison = compare([strong, stopped, make_entry("convnet", 1.0)])
    assert {group.label for group in comparison.groups} == {"fastnet strong", "convnet"}
    assert {row.label for row in comparison.unfinished} == {"fastnet"}
    # Another seed of the same configuration is no other configuration.
    failed = make_entry("convnet", 1.0, seed=1, status="failed", reason="no luck")
    comparison = compare([make_entry("convnet", 1.0), failed])
    assert [group.label for group in comparison.groups] == ["convnet"]


def test_runs_of_before_and_after_a_change_of_arithmetic_are_two_configurations(make_entry):
    entries = [make_entry("fastnet", seed=seed) for seed in range(3)]
    again = [
        (record.model_copy(update={"revisions": ("another sum",), "key": f"1{record.key}"}), *rest)
        for record, *rest in entries
    ]
    groups = compare([*entries, *again]).groups
    assert sorted(group.label for group in groups) == ["fastnet", "fastnet revisions 1"]
    assert [len(group.rows) for group in groups] == [3, 3]


def test_gpus_of_one_machine_are_one_setting(make_entry):
    entries = []
    for seed in range(4):
        record, epochs, speed = make_entry("a", seed=seed, device=f"cuda:{seed % 2}")
        entries.append((record, epochs, speed.model_copy(update={"device": record.device})))
    comparison = compare(entries)
    assert len(comparison.groups) == 1
    assert len({row.trained_under for row in comparison.rows}) == 1
    assert len({row.timed_under for row in comparison.rows}) == 1


def test_who_rivals_whom_is_found_once(make_entry, monkeypatch):
    """Each verdict asks; a grid has hundreds of configurations."""
    comparison = compare([make_entry("a"), make_entry("b")])
    assert comparison.rivals == comparison.groups
    assert comparison.rivals is comparison.rivals
