"""`harness completion`: the script that teaches a shell the harness's words."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script for shell completion.

    \b
    bash:  eval "$(harness completion bash)"         in ~/.bashrc
    zsh:   eval "$(harness completion zsh)"          in ~/.zshrc
    fish:  harness completion fish | source          in ~/.config/fish/config.fish
    """
    from harness.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None, "click knows the three shells"
    click.echo(kind(cli, {}, "harness", "_HARNESS_COMPLETE").source())
