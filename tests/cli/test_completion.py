"""`harness completion`: scripts, and what they offer."""

import pytest

from harness.cli.main import call


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell, capsys):
    assert call(["completion", shell]) == 0
    assert "_HARNESS_COMPLETE" in capsys.readouterr().out


def test_models_are_completed(monkeypatch, capsys):
    from click.shell_completion import get_completion_class

    from harness.cli.main import cli

    shell = get_completion_class("bash")(cli, {}, "harness", "_HARNESS_COMPLETE")
    words = [item.value for item in shell.get_completions(["run"], "b")]
    assert words == ["basic"]
