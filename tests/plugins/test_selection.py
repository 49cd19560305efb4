import pytest

from harness.errors import RequestError
from harness.plugins import Choice, parse_options, parse_selection
from harness.plugins.selection import (
    change_recipe,
    check_arguments,
    combinations,
    expand,
    parse_value,
)
from harness.schema import Augment, Recipe

DEFAULTS = {"width": 32, "dropout": 0.5, "deep": True, "norm": "batch", "hidden": None}


def checked(text):
    return check_arguments("model", parse_selection(text), DEFAULTS)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("vgg", Choice("vgg")),
        (" vgg ", Choice("vgg")),
        ("vgg[]", Choice("vgg")),
        ("net-2.1_x", Choice("net-2.1_x")),
        ("vgg[width=16]", Choice("vgg", {"width": "16"})),
        (" vgg [ width = 16 , norm = a b ] ", Choice("vgg", {"width": "16", "norm": "a b"})),
        ("vgg[width=16, ]", Choice("vgg", {"width": "16"})),
        ("vgg[norm=a=b]", Choice("vgg", {"norm": "a=b"})),
        ("vgg[norm=]", Choice("vgg", {"norm": ""})),
    ],
)
def test_a_selection_is_a_name_with_arguments(text, choice):
    assert parse_selection(text) == choice


@pytest.mark.parametrize("text", ["", " ", "[width=3]", "vgg[", "vgg]", "vgg[a=1]b", "vgg[[a=1]]"])
def test_what_is_no_selection_is_shown_how_to_write_one(text):
    with pytest.raises(RequestError, match="write it as name or 'name") as caught:
        parse_selection(text)
    assert repr(text) in str(caught.value)


def test_an_argument_without_a_value_is_refused():
    with pytest.raises(RequestError, match=r"'vgg\[width\]': 'width' needs a value"):
        parse_selection("vgg[width]")


def test_an_argument_that_is_set_twice_is_refused():
    with pytest.raises(RequestError, match="argument 'width' is set twice"):
        parse_selection("vgg[width=16, width =32]")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16", 16),
        (" -3 ", -3),
        ("0.5", 0.5),
        ("1e-3", 0.001),
        ("true", True),
        ("False", False),
        ("none", None),
        ("batch", "batch"),
        ("", ""),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1e999", "1e999"),
        ("1or", "1or"),
        ("__import__('os')", "__import__('os')"),
    ],
)
def test_a_value_is_a_number_a_word_or_text(text, value):
    parsed = parse_value(text)
    assert (type(parsed), parsed) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("net[width=16]", {"width": 16}),
        ("net[width=1e3]", {"width": 1000}),
        ("net[width=16.0]", {"width": 16}),
        ("net[dropout=0.25]", {"dropout": 0.25}),
        ("net[dropout=1]", {"dropout": 1.0}),
        ("net[deep=false]", {"deep": False}),
        ("net[norm=none]", {"norm": "none"}),
        ("net[norm=true]", {"norm": "true"}),
        ("net[norm=1.10]", {"norm": "1.10"}),
        ("net[hidden=64]", {"hidden": 64}),
        ("net[hidden=none]", {"hidden": None}),
        ("net[hidden=wide]", {"hidden": "wide"}),
    ],
)
def test_an_argument_gets_the_type_of_its_default(text, arguments):
    found = checked(text)
    assert found == arguments
    assert [type(value) for value in found.values()] == [type(v) for v in arguments.values()]


def test_arguments_are_sorted_by_their_names():
    assert list(checked("net[width=1,deep=true,norm=a]")) == ["deep", "norm", "width"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("net[width=16.5]", "model net: argument width must be int like 32, not '16.5'"),
        ("net[width=true]", "model net: argument width must be int like 32, not 'true'"),
        ("net[width=none]", "model net: argument width must be int like 32, not 'none'"),
        ("net[width=]", "model net: argument width must be int like 32, not ''"),
        ("net[width=16|32]", "model net: argument width must be int like 32, not '16|32'"),
        ("net[dropout=true]", "model net: argument dropout must be float like 0.5, not 'true'"),
        ("net[dropout=high]", "model net: argument dropout must be float like 0.5, not 'high'"),
        ("net[dropout=nan]", "model net: argument dropout must be float like 0.5, not 'nan'"),
        ("net[dropout=1e999]", "model net: argument dropout must be float like 0.5, not '1e999'"),
        ("net[deep=1]", "model net: argument deep must be bool like True, not '1'"),
        ("net[deep=yes]", "model net: argument deep must be bool like True, not 'yes'"),
    ],
)
def test_a_value_of_another_type_is_refused(text, sentence):
    with pytest.raises(RequestError) as caught:
        checked(text)
    assert str(caught.value) == sentence


def test_a_whole_number_beyond_all_floats_is_refused():
    with pytest.raises(RequestError, match="argument dropout must be float"):
        checked(f"net[dropout={'9' * 400}]")


def test_an_unknown_argument_is_answered_by_the_nearest():
    with pytest.raises(RequestError) as caught:
        checked("net[widht=3]")
    assert str(caught.value) == (
        "model net: unknown argument 'widht'; did you mean 'width'? "
        "valid: deep, dropout, hidden, norm, width"
    )


def test_an_argument_of_what_takes_none_is_refused():
    with pytest.raises(RequestError, match="unknown argument 'width'; there is none"):
        check_arguments("model", parse_selection("net[width=3]"), {})


def test_options_are_for_all_models_or_for_one():
    parsed = parse_options(
        ["epochs=5", "vgg.epochs=3", " net.v2.gamma = 0.9 "], {"vgg": "vgg", "net.v2": "net.v2"}
    )
    assert parsed == {"": {"epochs": ["5"]}, "vgg": {"epochs": ["3"]}, "net.v2": {"gamma": ["0.9"]}}


def test_an_option_may_name_its_model_by_an_alias():
    parsed = parse_options(["basic.epochs=3"], {"convnet": "convnet", "basic": "convnet"})
    assert parsed == {"convnet": {"epochs": ["3"]}}


def test_a_value_may_hold_equals_signs():
    parsed = parse_options(["augment=flip,shift=0.1"], {})
    assert parsed == {"": {"augment": ["flip,shift=0.1"]}}


def test_the_last_of_two_options_counts():
    assert parse_options(["epochs=5", "epochs=6"], {}) == {"": {"epochs": ["6"]}}


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("epochs", "-o epochs: needs a value; write it as -o field=value"),
        ("epoch=3", "-o epoch=3: unknown recipe field 'epoch'; did you mean 'epochs'? valid: a"),
        ("=3", "-o =3: unknown recipe field ''; valid: augment, "),
        ("vg.epochs=3", "-o vg.epochs=3: unknown selected model 'vg'; did you mean 'vgg'? valid"),
        ("vgg.epoch=3", "-o vgg.epoch=3: unknown recipe field 'epoch'; did you mean 'epochs'?"),
    ],
)
def test_a_wrong_option_is_one_sentence(option, sentence):
    with pytest.raises(RequestError) as caught:
        parse_options([option], {"vgg": "vgg"})
    assert str(caught.value).startswith(sentence)


def test_a_recipe_is_changed_by_texts():
    changes = {"epochs": "5", "nesterov": "true", "augment": "rotate=15", "gamma": "1"}
    recipe = change_recipe(Recipe(), changes, "model net")
    assert recipe == Recipe(epochs=5, nesterov=True, augment=Augment(rotate=15), gamma=1)


def test_what_is_not_changed_stays():
    recipe = Recipe(epochs=7, augment=Augment(shift=1 / 3), optimizer="AdamW")
    assert change_recipe(recipe, {}, "model net") == recipe


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("epochs", "ten", "model net: epochs: input should be a valid integer"),
        ("epochs", "", "model net: epochs: input should be a valid integer"),
        ("epochs", "5|6", "model net: epochs: input should be a valid integer"),
        ("optimizer", "adam", "model net: optimizer: input should be 'SGD', 'AdamW' or 'Muon'"),
        ("learning_rate", "inf", "model net: learning_rate: input should be a finite number"),
        ("augment", "flop", "model net: augment: unknown field 'flop'; did you mean 'flip'? valid"),
        ("augment", "shift", "model net: augment.shift: needs a number, as in shift=0.1"),
    ],
)
def test_a_value_that_a_recipe_refuses_is_one_sentence(field, text, sentence):
    with pytest.raises(RequestError) as caught:
        change_recipe(Recipe(), {field: text}, "model net")
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_bars_between_values_make_a_grid():
    choices = expand(parse_selection("net[width=16|32, norm=a|b]"))
    assert [choice.arguments for choice in choices] == [
        {"width": "16", "norm": "a"},
        {"width": "16", "norm": "b"},
        {"width": "32", "norm": "a"},
        {"width": "32", "norm": "b"},
    ]
    assert {choice.name for choice in choices} == {"net"}


def test_without_bars_there_is_one_choice():
    assert expand(parse_selection("net")) == [parse_selection("net")]


def test_bars_in_options_make_a_grid():
    parsed = parse_options(["epochs=1|2", "augment=none|flip,shift=0.1"], {})
    assert combinations(parsed[""]) == [
        {"epochs": "1", "augment": "none"},
        {"epochs": "1", "augment": "flip,shift=0.1"},
        {"epochs": "2", "augment": "none"},
        {"epochs": "2", "augment": "flip,shift=0.1"},
    ]
