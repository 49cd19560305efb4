import json

import pytest
from pydantic import ValidationError

from harness.schema import Augment, Recipe, explain


def refusal(kind, **values):
    with pytest.raises(ValidationError) as caught:
        kind(**values)
    return explain(caught.value)


INVALID = [
    ("epochs", -1, "greater than or equal to 0"),
    ("epochs", 2.5, "valid integer"),
    ("epochs", "many", "valid integer"),
    ("batch_size", 0, "greater than or equal to 1"),
    ("optimizer", "adam", "'SGD', 'AdamW' or 'Muon'"),
    ("learning_rate", 0, "greater than 0"),
    ("learning_rate", float("nan"), "finite"),
    ("learning_rate", "1e-3x", "valid number"),
    ("momentum", 1, "less than 1"),
    ("momentum", -0.1, "greater than or equal to 0"),
    ("nesterov", "perhaps", "valid boolean"),
    ("weight_decay", -1e-4, "greater than or equal to 0"),
    ("weight_decay_on", "biases", "'all' or 'matrices'"),
    ("gradient_clipping", -1, "greater than or equal to 0"),
    ("schedule", "step", "'constant', 'exponential', 'cosine', 'linear' or 'one-cycle'"),
    ("gamma", 0, "greater than 0"),
    ("gamma", 1.1, "less than or equal to 1"),
    ("label_smoothing", 1, "less than 1"),
    ("warmup", -1, "greater than or equal to 0"),
    ("early_stopping", -1, "greater than or equal to 0"),
    ("ema_decay", 1, "less than 1"),
    ("mixup", -0.2, "greater than or equal to 0"),
    ("cutmix", float("inf"), "finite"),
    ("targets", "soft", "'labels' or 'votes'"),
    ("teachers", "vgg+fastnet", "keys of four digits or more, parted by +"),
    ("teacher_share", 0, "greater than 0"),
    ("teacher_share", 1.1, "less than or equal to 1"),
    ("class_weights", "even", "'none' or 'balanced'"),
    ("sampling", "random", "'uniform' or 'balanced'"),
    ("normalize", "batch", "'split' or 'image'"),
    ("augment", 3, "instance of Augment"),
    ("initial_scale", 0, "greater than 0"),
    ("initial_scale", 1.5, "less than or equal to 1"),
    ("full_scale_from", 1, "less than 1"),
    ("tta", "tencrop", "'none', 'flip', 'views10', 'views14' or 'views18'"),
]


@pytest.mark.parametrize(("field", "value", "words"), INVALID)
def test_a_value_out_of_range_is_one_sentence_that_names_its_field(field, value, words):
    sentence = refusal(Recipe, **{field: value})
    assert sentence.startswith(f"{field}: ")
    assert words in sentence
    assert sentence.endswith(f"(found {value!r})")
    assert "\n" not in sentence


def test_every_field_has_a_test_of_its_range():
    assert {field for field, *_ in INVALID} == set(Recipe.model_fields)


@pytest.mark.parametrize("kind", [Recipe, Augment])
def test_every_field_is_described(kind):
    assert all(field.description for field in kind.model_fields.values())


def test_the_default_is_the_classic_recipe():
    recipe = Recipe()
    assert (recipe.epochs, recipe.optimizer, recipe.momentum) == (200, "SGD", 0.9)
    assert (recipe.schedule, recipe.gamma) == ("exponential", 0.98)
    assert recipe.augment == Augment(flip=True, shift=0.1)


def test_no_epochs_is_a_recipe():
    assert Recipe(epochs=0).epochs == 0


def test_nesterov_needs_momentum():
    assert refusal(Recipe, nesterov=True, momentum=0) == "nesterov needs a momentum above 0"
    assert Recipe(nesterov=True).nesterov


def test_one_cycle_has_a_warm_up_of_its_own():
    sentence = refusal(Recipe, schedule="one-cycle", warmup=1)
    assert sentence == "warmup must be 0 with schedule=one-cycle, which warms up by itself"
    assert Recipe(schedule="one-cycle").warmup == 0


def test_what_another_choice_leaves_unused_is_no_mistake():
    for values in ({"optimizer": "AdamW"}, {"schedule": "constant"}, {"epochs": 0, "warmup": 5}):
        assert Recipe(**values)


def test_a_recipe_survives_its_json():
    recipe = Recipe(epochs=3, augment=Augment(shift=0.12345678901, rotate=15), gamma=1)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_a_recipe_writes_its_augmentation_as_text():
    written = json.loads(Recipe(augment=Augment(flip=True, rotate=15)).model_dump_json())
    assert written["augment"] == "flip,rotate=15"


@pytest.mark.parametrize(
    ("text", "augment"),
    [
        ("none", Augment()),
        ("", Augment()),
        ("flip", Augment(flip=True)),
        ("flip=false", Augment()),
        (" flip , shift = 0.1 ,", Augment(flip=True, shift=0.1)),
        (
            "flip,shift=0.1,rotate=15,scale=0.2,erase=0.3",
            Augment(flip=True, shift=0.1, rotate=15, scale=0.2, erase=0.3),
        ),
    ],
)
def test_augmentation_is_read_from_text(text, augment):
    assert Augment.parse(text) == augment
    assert Recipe(augment=text).augment == augment


@pytest.mark.parametrize(
    "augment",
    [
        Augment(),
        Augment(flip=True),
        Augment(flip=True, shift=0.1, rotate=15, scale=0.2, erase=0.3),
        Augment(shift=1 / 3),
        Augment(rotate=1e-7),
        Augment(rotate=179.99999999999997),
    ],
)
def test_augmentation_is_read_as_it_is_written(augment):
    assert Augment.parse(str(augment)) == augment


@pytest.mark.parametrize(
    ("text", "words"),
    [("rotate=15,rotate=30", "rotate is set twice"), ("none,flip", "unknown field 'none'")],
)
def test_an_augmentation_that_contradicts_itself_is_refused(text, words):
    assert words in refusal(Recipe, augment=text)


def test_a_changed_copy_is_checked_as_a_new_recipe_is():
    assert Recipe(epochs=3, augment="flip").model_copy(update={"epochs": 5}) == Recipe(
        epochs=5, augment="flip"
    )
    assert "did you mean 'epochs'" in refusal(Recipe().model_copy, update={"epoch": 21})
    assert "epochs: " in refusal(Recipe().model_copy, update={"epochs": -3})


def test_what_an_optimizer_leaves_unused_is_not_held_against_it():
    assert Recipe(optimizer="AdamW", momentum=0, nesterov=True).nesterov
    assert "nesterov needs a momentum" in refusal(Recipe, momentum=0, nesterov=True)


def test_augmentation_is_written_shortly():
    assert str(Augment(flip=True, shift=0.1, rotate=15)) == "flip,shift=0.1,rotate=15"
    assert str(Augment()) == "none"


def test_an_unknown_augmentation_is_answered_by_the_valid_ones():
    sentence = refusal(Recipe, augment="flop,shift=0.1")
    assert sentence == (
        "augment: unknown field 'flop'; did you mean 'flip'? "
        "valid: erase, flip, rotate, scale, shift"
    )


@pytest.mark.parametrize("name", ["shift", "rotate", "scale", "erase"])
def test_an_augmentation_without_its_number_is_refused(name):
    sentence = refusal(Recipe, augment=name)
    assert sentence.startswith(f"augment.{name}: needs a number, as in {name}=0.1")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("shift=1", "augment.shift"),
        ("shift=-0.1", "augment.shift"),
        ("rotate=181", "augment.rotate"),
        ("scale=1", "augment.scale"),
        ("erase=big", "augment.erase"),
        ("flip=2", "augment.flip"),
    ],
)
def test_an_augmentation_out_of_range_is_named(text, place):
    assert refusal(Recipe, augment=text).startswith(f"{place}: ")
