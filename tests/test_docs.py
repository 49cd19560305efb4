"""What the documents say is what the code does."""

import ast
import re
import shlex
from pathlib import Path
from typing import get_args

import click
import numpy as np
import pytest
from PIL import Image

from harness.cli.main import call, cli
from harness.contract import hookspecs
from harness.plugins import discover
from harness.schema import Augment, Recipe

ROOT = Path(__file__).parents[1]
NAMES = ("README.md", "CHANGELOG.md", "results/README.md", "benchmarks/README.md")
DOCUMENTS = [*(ROOT / name for name in NAMES), *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text()


def table(document: Path) -> dict[str, list[str]]:
    """Return the cells of all tables by their first one, without its backquotes."""
    lines = [line for line in document.read_text().splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in rows}


@pytest.mark.parametrize("schema", [Recipe, Augment])
def test_every_field_of_the_recipe_is_documented_with_its_default(schema) -> None:
    rows = table(ROOT / "docs" / "recipe.md")
    for name, field in schema.model_fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        assert rows[name][0] == f"`{default}`", name
        assert rows[name][2] == field.description, name
        for choice in get_args(field.annotation):
            assert str(choice) in rows[name][1].split(", "), name
        for bound in field.metadata:
            for sign, kind in ((">", "gt"), ("≥", "ge"), ("<", "lt"), ("≤", "le")):
                if (limit := getattr(bound, kind, None)) is not None:
                    assert f"{sign} {limit}" in rows[name][1].replace(",", ""), (name, sign)


def test_the_documents_know_no_field_of_the_recipe_that_is_gone() -> None:
    documented = table(ROOT / "docs" / "recipe.md").keys()
    assert documented == Recipe.model_fields.keys() | Augment.model_fields.keys()


def test_every_hook_is_in_the_documents() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text()
    for name in vars(hookspecs):
        if name.startswith("harness_"):
            assert f"`{name}(" in text, name


def test_the_map_in_the_readme_has_a_line_for_each_file_and_no_other() -> None:
    """On failure the diff shows the lines that are missing: the first sentence of each file."""
    lines = [
        f"| `{path.relative_to(ROOT)}` | {first_sentence(path)} |"
        for root in ("harness", "plugins", "benchmarks")
        for path in sorted((ROOT / root).rglob("*.py"))
        if path.name != "__init__.py" or path.parent.parent.name == "plugins"
    ]
    mapped = [line for line in README.splitlines() if re.match(r"\| `\S+\.py` \|", line)]
    assert mapped == lines


def first_sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return text.split("\n\n")[0].replace("\n", " ").split(". ")[0].rstrip(".")


def test_the_plugin_in_the_readme_runs(tmp_path, tiny, monkeypatch) -> None:
    code = re.search(r"```python\n# my_net.py\n(.*?)```", README, re.DOTALL)
    assert code is not None
    assert len(code[1].splitlines()) <= 30
    (tmp_path / "my_net.py").write_text(code[1])
    monkeypatch.chdir(tmp_path)
    words = ["run", "my-net", "-p", "my_net.py", "--data", str(tiny), "-o", "epochs=1"]
    assert call([*words, "--engine", "inline"]) == 0
    assert "my-net" in (tmp_path / "results" / "report" / "comparison.csv").read_text()


def test_the_data_set_in_the_documents_runs(tmp_path, monkeypatch) -> None:
    text = (ROOT / "docs" / "plugins.md").read_text()
    code = re.search(r"```python\n# my_data.py\n(.*?)```", text, re.DOTALL)
    assert code is not None
    (tmp_path / "my_data.py").write_text(code[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    words = ["run", "convnet", "--data", "dim[size=80]", "-p", "my_data.py", "-o", "epochs=1"]
    assert call([*words, "--engine", "inline", "--no-speed"]) == 0
    assert "dim" in (tmp_path / "results" / "report" / "comparison.csv").read_text()


def test_links_between_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", document.read_text()):
            if "://" in target:
                continue
            place = document.parent / target if target else document
            assert place.exists(), f"{document.name}: {target}"
            if anchor:
                assert anchor in anchors(place), f"{document.name}: {target}#{anchor}"


def anchors(document: Path) -> set[str]:
    """Return what headings are linked by, as GitHub makes it of them."""
    heads = re.findall(r"(?m)^#+ (.+)$", document.read_text())
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


def commands(text: str) -> list[str]:
    """Return what begins with `harness` in lines of code blocks, and in backquotes."""
    blocks = re.findall(r"(?ms)^```(?:console|yaml|)\n(.*?)^```", text)
    blocks += [" ".join(one.split()) for one in re.findall(r"(?<!`)`(harness\s[^`]+)`(?!`)", text)]
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = [re.sub(r"^(\$ |- run: )", "", line) for line in lines]
    return [re.split(r" +# | [|>;]| && ", line)[0] for line in found if line.startswith("harness ")]


def test_the_commands_of_the_documents_have_the_options_that_they_name() -> None:
    found = [(document, line) for document in DOCUMENTS for line in commands(document.read_text())]
    assert len(found) > 100
    for document, line in found:
        words = shlex.split(line.replace("…", ""))[1:]
        command, name = cli, "harness"
        with click.Context(cli, info_name=name) as context:
            while isinstance(command, click.Group) and words and words[0][0].islower():
                for name in words.pop(0).split("|"):
                    found_command = command.get_command(context, name)
                    assert found_command is not None, f"{document.name}: {line}"
                command = found_command
            known = {option for one in command.params for option in one.opts + one.secondary_opts}
            given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
            assert given <= known | {"--help", "-h", "--version"}, f"{document.name}: {line}"


def test_the_prediction_in_the_documents_is_that_of_the_run(tmp_path, tiny, monkeypatch) -> None:
    """Of an image of the test split, normalised by the split or by itself."""
    text = (ROOT / "docs" / "results.md").read_text()
    code = re.search(r"```python\n# predict.py\n(.*?)```", text, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    images = np.load(tiny / "test_images.npy")[:5]
    names = [f"{number}.png" for number in range(5)]
    for name, image in zip(names, images, strict=True):
        Image.fromarray(image).save(name)
    for how in ("split", "image"):
        words = ["run", "convnet", "--data", str(tiny), "-o", "epochs=1", "-o", f"normalize={how}"]
        words += ["--device", "cpu", "--precision", "float32"]  # As the script computes.
        assert call([*words, "--engine", "inline", "--no-speed", "--results", how]) == 0
        (run,) = Path(how).glob("runs/*/*/*/")
        script = code[1].replace("results/runs/fer2013/vgg/0-0123456789ab", str(run))
        script = script.replace("data/fer2013", str(tiny)).replace('["me.jpg"]', str(names))
        space: dict[str, np.ndarray] = {}
        exec(compile(script, "predict.py", "exec"), space)
        expected = np.load(run / "predictions.npz")["test_probabilities"][:5]
        np.testing.assert_allclose(space["probabilities"], expected, atol=1e-5)


def test_the_settings_in_the_documents_are_the_same_in_either_file(
    tiny, tmp_path, monkeypatch, capsys
) -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    [example] = re.findall(r"```toml\n(models = .*?)```", text, re.DOTALL)
    assert "`[tool.harness.recipe]`" in text
    project = "[tool.harness]\n" + re.sub(r"^\[(\w+)\]", r"[tool.harness.\1]", example, flags=re.M)
    found = []
    for name, content, words in (
        ("grid.toml", example, ["--config", "grid.toml"]),
        ("pyproject.toml", project, []),
    ):
        folder = tmp_path / name.partition(".")[0]
        (folder / "nets").mkdir(parents=True)
        (folder / name).write_text(content)
        monkeypatch.chdir(folder)
        assert call(["run", *words, "--data", str(tiny), "--dry-run"]) == 0
        found.append(re.findall(r"^runs: \d+ ", capsys.readouterr().err, re.M))
    # The ConvNet and two VGGs by two recipes, by three seeds and two learning rates.
    assert found == [["runs: 30 "]] * 2


def test_the_epochs_of_the_bundled_recipes_are_as_the_document_says() -> None:
    text = (ROOT / "docs" / "accuracy.md").read_text()
    numbers = {"eight": 8}
    found = {}
    for command, words in re.findall(r"^[A-Z]: `harness run (.*?)`, (\w+) epochs", text, re.M):
        model = command.strip("'").partition("[")[0].split()[0]
        named = re.search(r"--recipe (\w+)", command)
        found[model, named[1] if named else None] = numbers.get(words) or int(words)
    models = {model.name: model for model, _ in discover().models}
    assert len(found) == 4
    for (name, recipe), epochs in found.items():
        model = models[name]
        assert (model.recipes[recipe] if recipe else model.recipe).epochs == epochs
