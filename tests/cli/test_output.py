from rich.console import Console

from harness.cli.output import is_screen


def test_a_file_is_no_screen_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with (tmp_path / "log").open("w") as file:
        console = Console(file=file)
        assert console.is_terminal
        assert not is_screen(console)
