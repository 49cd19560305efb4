from importlib import metadata

import pytest

from harness.runner.keys import common_parts, digest, run_key, speed_key, train_key
from harness.schema import Augment, PluginCard, Recipe

PARTS = {
    "plugin": PluginCard(name="net", source="net.py", sha256="1" * 64),
    "model": "net",
    "arguments": {"width": 16, "deep": True},
    "recipe": Recipe(),
    "device": "cuda:0",
    "precision": "float32",
    "threads": 4,
}


def common(**changes):
    return common_parts(**(PARTS | changes))


def key(fingerprint="f", seed=0, **changes):
    return run_key(common(**changes), fingerprint, seed)


def speed(shape=(1, 48, 48), classes=7, images=10_000, **changes):
    recipe = (PARTS | changes)["recipe"]
    return speed_key(common(**changes), recipe, shape, classes, {"train": images})


def card(**changes):
    return PARTS["plugin"].model_copy(update=changes)


BOTH_CHANGE = [
    {"plugin": card(sha256="2" * 64)},
    {"model": "net2"},
    {"arguments": {"width": 17, "deep": True}},
    {"arguments": {"width": 16, "deep": False}},
    {"arguments": {"width": "16", "deep": True}},
    {"arguments": {"width": 16}},
    {"recipe": Recipe(batch_size=64)},
    {"recipe": Recipe(optimizer="AdamW")},
    {"recipe": Recipe(epochs=0)},
    {"recipe": Recipe(tta="flip")},
    {"device": "cpu"},
    {"precision": "bfloat16"},
    {"threads": 5},
]


@pytest.mark.parametrize("changes", BOTH_CHANGE, ids=str)
def test_both_keys_change_with_each_of_their_parts(changes):
    assert key(**changes) != key()
    assert speed(**changes) != speed()


ONLY_THE_RUN_CHANGES = [
    {"recipe": Recipe(augment=Augment())},
    {"recipe": Recipe(augment=Augment(flip=True, shift=0.1 + 1e-12))},
    {"recipe": Recipe(early_stopping=3)},
    {"recipe": Recipe(ema_decay=0.9)},
    {"recipe": Recipe(learning_rate=0.5)},
]


@pytest.mark.parametrize("changes", ONLY_THE_RUN_CHANGES, ids=str)
def test_what_no_timed_step_does_changes_the_key_of_the_run_alone(changes):
    assert key(**changes) != key()
    assert speed(**changes) == speed()


def test_fields_at_their_defaults_are_not_part_of_the_key_so_that_new_ones_change_none():
    assert common()["recipe"] == {}
    assert common(recipe=Recipe(batch_size=64))["recipe"] == {"batch_size": 64}


def test_the_key_of_a_run_that_trains_on_votes_changes_with_them():
    soft = Recipe(targets="votes")
    assert len({key(), key(recipe=soft, votes="a"), key(recipe=soft, votes="b")}) == 3
    assert speed(recipe=soft, votes="a") == speed()


def test_votes_that_are_not_trained_on_are_no_part_of_the_key():
    assert key(votes="a") == key()


BOTH_STAY = [
    {"recipe": Recipe(full_scale_from=0.5)},
    {"device": "cuda:1"},
    {"device": "cuda"},
    {"arguments": {"deep": True, "width": 16}},
    {"plugin": card(name="other", source="elsewhere", version="9")},
]


@pytest.mark.parametrize("changes", BOTH_STAY, ids=str)
def test_both_keys_stay_where_results_must_be_the_same(changes):
    assert key(**changes) == key()
    assert speed(**changes) == speed()


def test_fields_without_effect_are_no_part_of_a_key():
    linear = Recipe(schedule="linear", gamma=0.5)
    assert key(recipe=linear) == key(recipe=Recipe(schedule="linear"))
    calm, quick = (Recipe(optimizer="AdamW", momentum=momentum) for momentum in (0.5, 0.9))
    assert key(recipe=calm) == key(recipe=quick)
    # An optimizer that a model brings may heed it.
    assert key(recipe=calm, own_optimizer=True) != key(recipe=quick, own_optimizer=True)


def test_both_keys_change_with_the_version_of_torch(monkeypatch):
    before = key(), speed()
    monkeypatch.setattr(metadata, "version", lambda name: "0.0")
    assert key() != before[0]
    assert speed() != before[1]


def test_the_key_of_a_run_changes_with_data_seed_and_epochs():
    assert len({key(), key("g"), key(seed=1), key(recipe=Recipe(epochs=3))}) == 4


def test_the_key_of_a_run_changes_with_the_protocol(monkeypatch):
    before = key()
    monkeypatch.setattr("harness.runner.keys.Protocol", lambda: type("P", (), {"version": 2}))
    assert key() != before


def test_the_key_of_a_speed_changes_with_shapes_alone():
    assert len({speed(), speed(shape=(3, 48, 48)), speed(classes=8)}) == 3
    assert speed(recipe=Recipe(epochs=3)) == speed()


def test_what_differs_by_its_views_alone_is_trained_alike():
    for tta in ("none", "flip", "views10"):
        assert train_key(common(recipe=Recipe(tta=tta)), "f", 0) == key()
    assert train_key(common(recipe=Recipe(tta="flip", epochs=3)), "f", 0) != key()
    assert train_key(common(recipe=Recipe(tta="flip")), "f", 1) != key()


def test_a_key_is_a_sha256():
    assert len(key()) == 64
    assert int(key(), 16)


def test_a_digest_does_not_mind_the_order():
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})


def test_a_change_of_arithmetic_makes_the_runs_again_that_it_concerns_and_no_others(monkeypatch):
    adam = key(recipe=Recipe(optimizer="AdamW"))
    change = {"another epsilon": lambda recipe, *where: recipe.optimizer == "AdamW"}
    monkeypatch.setattr("harness.runner.revisions.REVISIONS", change)
    assert common(recipe=Recipe(optimizer="AdamW"))["revisions"] == ["another epsilon"]
    assert key(recipe=Recipe(optimizer="AdamW")) != adam
    assert "revisions" not in common()


@pytest.mark.parametrize(
    ("parts", "concerned"),
    [
        ({"device": "cpu"}, False),
        ({"device": "cpu", "recipe": Recipe(optimizer="Muon")}, True),
        ({"device": "cuda:1", "precision": "float32"}, True),
        ({"device": "mps", "precision": "float32"}, False),
        ({"device": "mps", "precision": "float32", "recipe": Recipe(optimizer="Muon")}, True),
        ({"device": "cuda:1", "precision": "bfloat16"}, False),
        ({"device": "cuda:1", "precision": "bfloat16", "recipe": Recipe(optimizer="Muon")}, False),
    ],
    ids=str,
)
def test_the_changes_so_far_concern_these_runs(parts, concerned):
    assert ("revisions" in common(**parts)) is concerned


def test_a_speed_is_of_a_step_that_there_is():
    """More images than the training split has are in no step, whatever the batch size."""
    recipes = [PARTS["recipe"].model_copy(update={"batch_size": size}) for size in (96, 200, 300)]
    keys = [speed(images=96, recipe=recipe) for recipe in recipes]
    assert len(set(keys)) == 1
    assert len({speed(recipe=recipe) for recipe in recipes}) == 3
