"""`harness completion`: scripts, and what they offer."""

import pytest
from click.shell_completion import get_completion_class

from harness.cli.main import call, cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell, capsys):
    assert call(["completion", shell]) == 0
    assert "_HARNESS_COMPLETE" in capsys.readouterr().out


@pytest.fixture
def offered():
    """Return what is offered for the last, incomplete word."""
    shell = get_completion_class("bash")(cli, {}, "harness", "_HARNESS_COMPLETE")
    return lambda *words: [item.value for item in shell.get_completions([*words[:-1]], words[-1])]


def test_models_are_completed(offered):
    assert offered("run", "b") == ["basic"]


def test_models_of_the_projects_folders_are_completed(
    offered, write_plugin, linear, tmp_path, monkeypatch
):
    write_plugin("mine", linear)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\nplugin-dirs = ["."]\n')
    monkeypatch.chdir(tmp_path)
    assert offered("run", "mi") == ["mine"]


def test_settings_that_are_wrong_cost_no_model(offered, tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\nplugin-dirs = ["gone"]\n')
    monkeypatch.chdir(tmp_path)
    assert offered("run", "b") == ["basic"]
    assert capsys.readouterr() == ("", "")


def test_of_a_command_that_is_not_there_nothing_is_said(offered, capsys):
    assert "run" in offered("rnu", "")
    assert capsys.readouterr() == ("", "")
