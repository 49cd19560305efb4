from harness.report import compare
from harness.report.labels import labels
from harness.schema import Recipe


def test_a_label_is_the_model_with_what_the_user_set(make_record):
    records = [make_record("vgg"), make_record("vgg", arguments={"width": 16, "depth": 3})]
    assert labels(records) == ["vgg", "vgg[depth=3,width=16]"]


def test_arguments_stay_even_where_the_name_alone_would_do(make_record):
    assert labels([make_record("vgg", arguments={"width": 16})]) == ["vgg[width=16]"]


def test_the_recipe_is_named_where_there_are_several(make_record):
    alone = make_record("convnet", recipe_name="strong")
    pair = [make_record("vgg"), make_record("vgg", recipe_name="strong")]
    assert labels([alone, *pair]) == ["convnet strong", "vgg", "vgg strong"]


def test_the_recipe_is_named_also_where_it_brought_arguments_that_would_do(make_record):
    medium = make_record("fastnet", recipe_name="medium", arguments={"dropout": 0.1})
    assert labels([make_record("fastnet"), medium]) == ["fastnet", "fastnet[dropout=0.1] medium"]


def test_one_recipe_of_all_is_not_named(make_record):
    records = [make_record(name, recipe_name="strong") for name in ("convnet", "vgg")]
    assert labels(records) == ["convnet", "vgg"]


def test_overrides_tell_runs_apart(make_record):
    few = make_record("vgg", overrides={"epochs": 3}, recipe=Recipe(epochs=3))
    assert labels([make_record("vgg"), few]) == ["vgg", "vgg epochs=3"]


def test_teachers_are_named_by_the_first_digits_of_their_keys(make_record):
    taught = make_record("vgg", overrides={"teachers": "1ea8f18eecfa+31e1e06665a1"})
    assert labels([make_record("vgg"), taught]) == ["vgg", "vgg teachers=1ea8+31e1"]


def test_what_was_set_alike_for_all_runs_of_a_model_is_left_out(make_record):
    grid = [
        make_record("vgg", overrides={"optimizer": "Muon", "learning_rate": rate, **more})
        for rate, more in ((0.1, {}), (0.2, {}), (0.2, {"epochs": 3}))
    ]
    other = make_record("convnet", overrides={"optimizer": "Muon"})
    assert labels([*grid, other]) == [
        "vgg learning_rate=0.1",
        "vgg learning_rate=0.2",
        "vgg epochs=3,learning_rate=0.2",
        "convnet",
    ]


def test_the_seed_is_added_only_where_needed(make_record):
    records = [
        make_record("vgg", seed=0),
        make_record("vgg", seed=1),
        make_record("vgg", seed=2, recipe_name="strong"),
        make_record("convnet", seed=0),
    ]
    assert labels(records) == ["vgg seed 0", "vgg seed 1", "vgg strong", "convnet"]


def test_a_seed_stands_behind_all_that_makes_a_configuration(make_record):
    """So that a run's label begins like that of its group."""
    cards = [make_record("vgg").plugin.model_copy(update={"sha256": c * 64}) for c in "ab"]
    records = [make_record("vgg", seed=0, plugin=cards[0])]
    records += [make_record("vgg", seed=seed, plugin=cards[1]) for seed in (0, 1)]
    assert labels(records) == [
        "vgg code aaaaaaaa",
        "vgg code bbbbbbbb seed 0",
        "vgg code bbbbbbbb seed 1",
    ]
    comparison = compare([(record, []) for record in records])
    for group in comparison.groups:
        assert all(row.label.startswith(group.label) for row in group.rows)


def test_what_ended_before_its_machine_was_known_is_of_the_others_torch(make_record):
    bad = make_record("vgg", seed=1, status="failed", test=None, environment=None)
    assert labels([make_record("vgg"), bad]) == ["vgg seed 0", "vgg seed 1"]


def test_precision_device_threads_and_torch_are_named_where_they_differ(
    make_record, make_environment
):
    cases = [
        ({"precision": "bfloat16"}, ["vgg float32", "vgg bfloat16"]),
        ({"device": "cuda"}, ["vgg cpu", "vgg cuda"]),
        ({"device": "cuda:1", "seed": 1}, ["vgg cpu", "vgg cuda"]),
        ({"threads": 1}, ["vgg threads 4", "vgg threads 1"]),
        (
            {"environment": make_environment(torch="2.7.0")},
            ["vgg torch 2.6.0", "vgg torch 2.7.0"],
        ),
    ]
    for change, expected in cases:
        assert labels([make_record("vgg"), make_record("vgg", **change)]) == expected


def test_the_key_tells_apart_what_nothing_else_does(make_record):
    keys = ["aaaaaaaa11", "aaaaaaaa22", "bbbbbbbb33"]
    assert labels([make_record("vgg", key=key) for key in keys]) == [
        "vgg key aaaaaaaa key aaaaaaaa11",
        "vgg key aaaaaaaa key aaaaaaaa22",
        "vgg key bbbbbbbb",
    ]


def test_one_record_twice_is_numbered(make_record):
    assert labels([make_record("vgg"), make_record("vgg")]) == ["vgg #1", "vgg #2"]


def test_the_plugin_and_its_code_tell_apart_what_the_key_would_name_less_well(make_record):
    plugin = make_record("vgg").plugin
    other = {"plugin": plugin.model_copy(update={"name": "my-nets"}), "key": "aaaaaaaa11"}
    assert labels([make_record("vgg"), make_record("vgg", **other)]) == [
        "vgg of harness-vgg",
        "vgg of my-nets",
    ]
    changed = {"plugin": plugin.model_copy(update={"sha256": "12345678" * 8})}
    assert labels([make_record("vgg"), make_record("vgg", **changed)]) == [
        "vgg code 00000000",
        "vgg code 12345678",
    ]
