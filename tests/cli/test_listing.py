import json

import pytest

from harness.cli.main import call
from harness.schema import Recipe

GOOD = """
from harness import DatasetPlugin, ModelPlugin, Recipe, hookimpl

def build(input_shape, num_classes, width=8, norm="batch"):
    raise AssertionError("not called")

@hookimpl
def harness_models():
    yield ModelPlugin(
        name="net", build=build, aliases=("small",), recipes={"strong": Recipe()},
        recipe_arguments={"strong": {"width": 16}}, summary="a [bold]net[/bold]",
    )

@hookimpl
def harness_datasets():
    yield DatasetPlugin(
        name="shapes", load=lambda size=3: None, classes=("a", "b"), version="1", synthetic=True
    )
"""


@pytest.fixture
def show(tmp_path, capsys, monkeypatch):
    """Call `harness list` with these plugin files, and return what it prints."""
    monkeypatch.setenv("COLUMNS", "200")

    def show(*options, **files):
        arguments = ["list", *options]
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.write_text(text)
            arguments += ["-p", str(path)]
        assert call(arguments) == 0
        return capsys.readouterr()

    return show


def test_the_models_and_data_sets_of_the_harness_are_listed(show):
    shown = show().out
    assert all(
        word in shown for word in ("convnet", "basic", "fastnet", "vgg", "width=32", "faces")
    )
    assert "failed" not in shown


def test_the_models_and_data_sets_of_a_plugin_are_listed(show):
    lines = show(net=GOOD).out.splitlines()
    (model,) = [line for line in lines if line.startswith("net ")]
    (dataset,) = [line for line in lines if line.startswith("shapes ")]
    assert "net (small)" in model
    assert "width=8, norm='batch'" in model
    assert "default, strong" in model
    assert "a [bold]net[/bold]" in model
    assert "net.py" in model
    assert "size=3" in dataset


def test_json_holds_all_of_it(show):
    document = json.loads(show("--json", net=GOOD).out)
    (model,) = [row for row in document["models"] if row["name"] == "net"]
    assert model == {
        "name": "net",
        "aliases": ["small"],
        "arguments": {"width": 8, "norm": "batch"},
        "recipes": ["default", "strong"],
        "recipe_arguments": {"strong": {"width": 16}},
        "summary": "a [bold]net[/bold]",
        "plugin": "net",
        "source": "net.py",
    }
    (dataset,) = [row for row in document["datasets"] if row["name"] == "shapes"]
    assert dataset["synthetic"] is True
    assert (document["failed"], document["conflicts"]) == ([], {})


def test_json_shows_a_default_that_json_cannot_hold(show):
    text = GOOD.replace('norm="batch"', "norm=print")
    (model,) = [r for r in json.loads(show("--json", net=text).out)["models"] if r["name"] == "net"]
    assert model["arguments"]["norm"] == "<built-in function print>"


def test_a_plugin_that_failed_is_a_row_with_its_reason(show):
    shown = show(good=GOOD, bad="raise ValueError('see [red]here[/red]')").out
    assert "failed plugin bad (bad.py): ValueError: see [red]here[/red]\n" in shown
    assert "\nnet (small)" in shown


def test_a_long_reason_stays_in_one_line(show, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    text = f"raise ValueError('{'word ' * 50}end')"
    assert f"{'word ' * 50}end\n" in show(bad=text).out


def test_json_names_what_failed(show):
    document = json.loads(show("--json", bad="raise SystemExit(3)").out)
    row = {"plugin": "bad", "source": "bad.py", "reason": "SystemExit: 3"}
    assert document["failed"] == [row]


def test_a_conflict_is_shown(show):
    shown = show(a=GOOD, b=GOOD).out
    assert "conflict model net is brought by a (a.py) and b (b.py)\n" in shown


def test_json_names_conflicts(show):
    document = json.loads(show("--json", a=GOOD, b=GOOD).out)
    assert document["conflicts"] == {"net": ["a (a.py)", "b (b.py)"]}


def test_tracebacks_are_printed_when_asked_for(show):
    text = "def helper():\n    raise ValueError\n\nhelper()\n"
    assert "Traceback" not in show(bad=text).err
    assert "in helper" in show("-v", bad=text).err


def test_all_that_there_is_to_set_of_a_model_is_shown(show):
    shown = show("small", net=GOOD.replace('"strong": Recipe()', '"strong": Recipe(epochs=30)')).out
    assert "width=8, norm='batch'" in shown
    assert "convnet" not in shown
    lines = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert lines["field"][:3] == ["field", "default", "strong"]
    assert lines["epochs"][:3] == ["epochs", "200", "30"]
    assert "passes over the training split" in " ".join(lines["epochs"])
    assert lines["teachers"][1:3] == ["–", "–"]
    assert set(Recipe.model_fields) <= lines.keys()


def test_an_argument_that_a_recipe_brings_stands_before_the_fields(show):
    lines = show("net", net=GOOD).out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("[width]"))
    assert lines[first].split() == ["[width]", "8", "16", "argument", "of", "the", "network"]
    assert lines[first + 1].startswith("epochs")
    assert "'MODEL[ARGUMENT=VALUE]'" in lines[-1]


def test_a_models_recipes_are_there_for_programs(show):
    [model] = json.loads(show("net", "--json", net=GOOD).out)["models"]
    assert model["recipes"]["strong"] == json.loads(Recipe().model_dump_json())
    assert model["arguments"] == {"width": 8, "norm": "batch"}


def test_a_wildcard_shows_each_model_once(show):
    rows = json.loads(show("*net", "convnet", "--json").out)["models"]
    assert [row["name"] for row in rows] == ["convnet", "fastnet"]


def test_an_unknown_model_is_one_sentence(capsys):
    assert call(["list", "vvg"]) == 2
    assert "unknown model 'vvg'; did you mean 'vgg'?" in capsys.readouterr().err
