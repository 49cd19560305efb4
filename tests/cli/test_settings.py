"""Settings from files: --config, [tool.harness], plugin-dirs."""

import json

import pytest

from harness.cli import conduct
from harness.cli.main import call
from harness.store import Store


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder of its own, where `run` writes its results."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def records(folder):
    return [record for _, record in Store(folder / "results").list_runs().records]


def settings(tiny, **more):
    words = {"data": str(tiny), "engine": "inline", "threads": 1, **more}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in words.items())


def test_a_file_has_the_words_of_the_command_line(here, tiny):
    text = settings(tiny, models=["convnet"], seeds=[3, 5], precision="float32")
    (here / "grid.toml").write_text(text + "[option]\nepochs = 1\nnesterov = true\n")
    assert call(["run", "--config", "grid.toml"]) == 0
    assert sorted(record.seed for record in records(here)) == [3, 5]
    assert {record.recipe.epochs for record in records(here)} == {1}
    assert {record.recipe.nesterov for record in records(here)} == {True}


def test_the_command_line_wins(here, tiny):
    (here / "grid.toml").write_text(settings(tiny, models=["vgg"], seeds=4, option=["epochs=7"]))
    words = ["run", "convnet", "--config", "grid.toml", "--seeds", "1", "-o", "epochs=1"]
    assert call(words) == 0
    assert [(r.model, r.seed, r.recipe.epochs) for r in records(here)] == [("convnet", 0, 1)]


@pytest.fixture
def planned(here, tiny, monkeypatch):
    """Return the request that `run` makes of the words of a file and of the command line."""

    def planned(text, *words):
        requests = []
        monkeypatch.setattr(
            conduct, "carry_out", lambda request, *_, **__: requests.append(request)
        )
        (here / "grid.toml").write_text(text)
        assert call(["run", "--config", "grid.toml", "--data", str(tiny), *words]) == 0
        return requests[0]

    return planned


@pytest.mark.parametrize(
    ("text", "words", "models", "every"),
    [
        ("all = true", ["vgg"], ("vgg",), False),
        ('models = ["vgg[width=4]"]', ["--all"], (), True),
        ('models = ["convnet"]\nall = true', ["vgg"], ("vgg",), False),
        ('models = ["convnet"]', ["--all", "vgg"], ("vgg",), True),
        ('models = ["convnet"]\nall = true', [], ("convnet",), True),
    ],
)
def test_models_or_all_on_the_command_line_replace_both_of_the_file(
    planned, text, words, models, every
):
    request = planned(text, *words)
    assert (request.models, request.every) == (models, every)


@pytest.mark.parametrize(
    ("typed", "settings"),
    [
        ("epochs=5", ("learning_rate=0.01|0.03",)),
        ("learning_rate=0.1|0.2", ("epochs=20", "vgg.epochs=30")),
        ("momentum=0.8", ("epochs=20", "learning_rate=0.01|0.03", "vgg.epochs=30")),
    ],
)
def test_a_field_of_the_command_line_wins_and_the_files_others_stay(planned, typed, settings):
    table = '[option]\nepochs = 20\nlearning_rate = [0.01, 0.03]\n"vgg.epochs" = 30\n'
    request = planned(table, "-o", typed)
    assert (request.options, request.settings) == ((typed,), settings)


def test_quick_on_the_command_line_wins_over_the_files_epochs(planned):
    table = '[option]\nepochs = 20\nmomentum = 0.8\n"vgg.epochs" = 30\n'
    assert planned(table, "--quick").settings == ("momentum=0.8",)
    # In the file itself the two are one's own, and the epochs say how long the look is.
    assert "epochs=20" in planned(f"quick = true\n{table}").settings


def test_a_file_may_speak_of_models_that_a_command_leaves_out(here, tiny, capsys):
    text = settings(tiny, models=["convnet", "vgg"]) + '[option]\nepochs = 2\n"vgg.epochs" = 3\n'
    (here / "both.toml").write_text(text)
    assert call(["run", "convnet", "--config", "both.toml"]) == 0
    assert {record.model: record.recipe.epochs for record in records(here)} == {"convnet": 2}


def test_a_file_that_names_no_model_that_there_is_is_refused(here, tiny, capsys):
    (here / "odd.toml").write_text(settings(tiny) + '[option]\n"vg.epochs" = 3\n')
    assert call(["run", "convnet", "--config", "odd.toml"]) == 2
    error = capsys.readouterr().err
    assert "the settings file's option vg.epochs=3: unknown model 'vg'; did you mean" in error


def test_what_the_command_line_sets_for_one_model_leaves_the_others_to_the_file(here, tiny, capsys):
    text = settings(tiny, models=["convnet", "vgg[width=4]"])
    (here / "grid.toml").write_text(text + '[option]\nepochs = 2\n"vgg.epochs" = [3, 4]\n')
    assert call(["run", "--config", "grid.toml", "-o", "vgg.epochs=1"]) == 0
    epochs = {record.model: record.recipe.epochs for record in records(here)}
    assert epochs == {"convnet": 2, "vgg": 1}


def test_recipes_in_a_file_are_a_name_a_list_or_a_table(planned):
    assert planned('recipe = "strong"').recipe_settings == ("strong",)
    assert planned('recipe = ["default", "vgg=strong"]').recipe_settings == (
        "default",
        "vgg=strong",
    )
    request = planned('recipe = {vgg = ["default", "strong"]}')
    assert (request.recipes, request.recipe_settings) == ((), ("vgg=default|strong",))


def test_a_recipe_of_the_command_line_replaces_those_of_the_file(planned):
    request = planned('recipe = {vgg = "strong"}', "--recipe", "default")
    assert (request.recipes, request.recipe_settings) == (("default",), ())


def test_every_command_looks_where_the_project_keeps_its_results(here, tiny, capsys):
    (here / "pyproject.toml").write_text('[tool.harness]\nresults = "kept"\n')
    words = ["--data", str(tiny), "--engine", "inline", "--threads", "1", "--no-speed"]
    assert call(["run", "convnet", *words, "-o", "epochs=1"]) == 0
    assert (here / "kept" / "report" / "index.html").is_file()
    capsys.readouterr()
    assert call(["runs", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    assert call(["report"]) == 0
    # A file that is named takes the place of the project's table.
    (here / "other.toml").write_text("seeds = 1\n")
    assert call(["run", "convnet", *words, "-o", "epochs=1", "--config", "other.toml"]) == 0
    assert len(records(here)) == 1


def test_a_bench_goes_to_the_projects_results_too(here, monkeypatch):
    from harness.cli import benched

    asked = []
    monkeypatch.setattr(benched, "carry_out", lambda *words, **_: asked.append(words[2]) or 0)
    assert call(["bench", "vgg"]) == 0
    (here / "pyproject.toml").write_text('[tool.harness]\nresults = "kept"\n')
    assert call(["bench", "vgg"]) == 0
    assert list(map(str, asked)) == ["results/bench", "kept/bench"]


def test_a_projects_results_that_are_no_path_are_one_sentence(here, capsys):
    (here / "pyproject.toml").write_text("[tool.harness]\nresults = 3\n")
    assert call(["runs", "list"]) == 2
    message = "error: pyproject.toml: results must be a path in quotes, not 3\n"
    assert capsys.readouterr().err == message


def test_a_projects_own_table_is_read_and_other_tools_are_not(here, tiny, write_plugin, linear):
    (here / "nets").mkdir()
    write_plugin("mine", linear).rename(here / "nets" / "mine.py")
    table = settings(tiny, models=["mine"], option=["epochs=1"])
    dirs = 'plugin-dirs = ["nets"]\n'
    (here / "pyproject.toml").write_text(f"[tool.other]\nx = 1\n[tool.harness]\n{dirs}{table}")
    assert call(["run"]) == 0
    [record] = records(here)
    assert record.model == "mine"
    assert "-p nets/mine.py" in record.command


def test_a_grid_in_a_file_is_a_list(here, tiny, capsys):
    text = settings(tiny, models=["convnet"])
    (here / "grid.toml").write_text(text + "[option]\nlearning_rate = [0.01, 0.03]\n")
    assert call(["run", "--config", "grid.toml", "--dry-run"]) == 0
    assert "2 of 2 runs to make" in capsys.readouterr().out


def test_models_of_plugin_folders_are_listed(here, write_plugin, linear, capsys):
    (here / "nets").mkdir()
    write_plugin("mine", linear).rename(here / "nets" / "mine.py")
    for hidden in ("_helper.py", ".old.py", "_package/__init__.py", ".hidden/__init__.py"):
        path = here / "nets" / hidden
        path.parent.mkdir(exist_ok=True)
        path.write_text("raise AssertionError('no plugin')\n")
    (here / "pyproject.toml").write_text('[tool.harness]\nplugin-dirs = ["nets"]\n')
    assert call(["list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert "mine" in [model["name"] for model in document["models"]]
    assert document["failed"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sedes = 3\n", "unknown setting 'sedes'; did you mean 'seeds'?"),
        ("seeds = \n", "grid.toml is no TOML"),
        ('plugin-dirs = "nets"\n', "plugin-dirs must be a list"),
        ('plugin-dirs = ["nowhere"]\n', "there is no folder nowhere"),
        ("results = 3\n", "grid.toml: results must be a path in quotes, not 3"),
        ('results = ["a"]\n', "grid.toml: results must be a path in quotes, not ['a']"),
        ("all = 3\n", "grid.toml: all must be true or false, not 3"),
        ("threads = true\n", "grid.toml: threads must be a text or a number, not True"),
        ("threads = 2.5\n", "'2.5' is not a valid integer"),
        ("seeds = {a = 1}\n", "grid.toml: seeds must be a text or a number, not {'a': 1}"),
        ('config = "other.toml"\n', "unknown setting 'config'"),
        ('device = ["cpu"]\n', "grid.toml: device must be a text or a number, not ['cpu']"),
        (
            "[option]\nvgg.epochs = 20\n",
            "grid.toml: option vgg must be a value, not {'epochs': 20}; a name with a dot is "
            'written in quotes, like "vgg.epochs"',
        ),
    ],
)
def test_a_wrong_file_is_one_sentence(here, tiny, text, message, capsys):
    (here / "grid.toml").write_text(text)
    words = ["run", "convnet", "--data", str(tiny), "--config", "grid.toml"]
    assert call(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run", "convnet"], ["list"]])
@pytest.mark.parametrize(
    ("text", "name"), [("tool = 3\n", "tool"), ("[tool]\nharness = 3\n", "harness")]
)
def test_a_project_without_the_table_is_one_sentence(here, words, text, name, capsys):
    (here / "pyproject.toml").write_text(text)
    assert call(words) == 2
    message = f"error: pyproject.toml: {name} must be a table like [tool.harness], not 3\n"
    assert capsys.readouterr().err == message


def test_a_package_in_the_working_folder_itself_is_a_plugin(here, write_plugin, linear, capsys):
    (here / "little_settings_net").mkdir()
    write_plugin("mine", linear).rename(here / "little_settings_net" / "__init__.py")
    (here / "pyproject.toml").write_text('[tool.harness]\nplugin-dirs = ["."]\n')
    assert call(["list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["failed"] == []
    assert "mine" in [model["name"] for model in document["models"]]


def test_a_missing_file_is_one_sentence(here, capsys):
    assert call(["run", "convnet", "--config", "nowhere.toml"]) == 2
    assert "nowhere.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["-p", "caf\udce9/net.py"], ["convnet[norm=\udce9]"], ["-o", "convnet.mixup=\udce9"]]
)
@pytest.mark.parametrize("command", ["run", "bench"])
def test_words_that_no_record_can_hold_are_refused(here, tiny, capsys, words, command):
    if command == "bench" and "-o" in words:
        pytest.skip("bench has no such option")
    assert call([command, "convnet", "--data", str(tiny), *words]) == 2
    assert "is no UTF-8, as records need it" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == []


def test_data_kept_where_no_record_can_name_it_is_refused(here, tmp_path, monkeypatch, capsys):
    from harness.data import faces

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "c\udcff"))
    monkeypatch.setattr(faces.load, "__defaults__", (200, *faces.load.__defaults__[1:]))
    assert call(["run", "convnet", "--dry-run"]) == 2
    assert "set HARNESS_CACHE to another folder" in capsys.readouterr().err


def test_results_whose_name_no_record_can_hold_are_refused_before_anything_runs(here, tiny, capsys):
    assert call(["run", "convnet", "--data", str(tiny), "--results", "r\udcff"]) == 2
    assert r"error: --results r\xff: the name is no UTF-8" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == []


@pytest.mark.parametrize("setting", ['results = "a\\u0000b"', 'plugin = ["a\\u0000b.py"]'])
def test_a_nul_in_a_file_of_settings_is_named(here, tiny, capsys, setting):
    (here / "own.toml").write_text(setting)
    assert call(["run", "convnet", "--data", str(tiny), "--config", "own.toml"]) == 2
    name = setting.partition(" ")[0]
    assert f"error: own.toml: {name} holds a NUL" in capsys.readouterr().err
