"""What the documents say is what the code does."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from harness.cli.main import call
from harness.contract import hookspecs
from harness.schema import Augment, Recipe

ROOT = Path(__file__).parents[1]
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
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"
