"""The command `harness`; where a `HarnessError` that nobody caught ends."""

import gc
import signal
import sys
from importlib import import_module

import click

from harness import __version__
from harness.cli.output import speak_any_encoding
from harness.errors import HarnessError, unknown

DONE, WRONG, STOPPED = 0, 2, 130

# A command's module is imported when it is called: `harness --help` loads none of them.
COMMANDS = {
    "run": ("harness.cli.run:run", "Train, evaluate and time models, and report."),
    "list": ("harness.cli.listing:list_", "Show models and data sets, or the recipes of a model."),
    "bench": ("harness.cli.bench:bench", "Measure throughput and latency alone, without training."),
    "data": ("harness.cli.data:data", "Prepare image data, look at it, and audit it."),
    "runs": ("harness.cli.runs:runs", "List, show, export and remove stored runs."),
    "report": ("harness.cli.report:report", "Write a report from stored records."),
    "compare": ("harness.cli.compare:compare", "Judge results against others, with gates."),
    "completion": ("harness.cli.completion:completion", "Print the script for shell completion."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which one needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of this name. Fails with the nearest name for one that is unknown."""
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:  # A shell asks how to complete the line.
                return None
            ctx.fail(unknown("command", cmd_name, COMMANDS))
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        # What modules make stays: to look for garbage in it takes a twelfth of `harness list`.
        gc.disable()
        try:
            command: click.Command = getattr(import_module(module), attribute)
        finally:
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' summaries without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="harness")
def cli() -> None:
    """Train, evaluate and time image classifiers under one honest protocol.

    \b
    A first look, on built-in synthetic faces:   harness run --all
    FER-2013:   harness data prepare fer2013.csv --out data/fer2013
                harness run --all --data data/fer2013
    A model of yours:   harness run my-net -p my_net.py

    Exit codes: 0 done; 1 something ran and failed, or a gate of compare fell short or
    could not be judged; 2 the request itself was wrong; 130 stopped by Ctrl-C.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    _end_as_by_ctrl_c()
    speak_any_encoding()
    code = call(arguments)
    # The process ends: to look for garbage in all that a large report holds takes half a second.
    gc.freeze()
    sys.exit(code)


def _end_as_by_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP (a batch's limit, a closed terminal) end a command as Ctrl-C does.

    Otherwise they would end it at once, with drafts left where they were being written. What
    ``nohup`` has a command ignore stays ignored.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def call(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        code = cli.main(args=arguments, prog_name="harness", standalone_mode=False)
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        return WRONG
    except click.ClickException as error:
        error.show()
        return WRONG
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; give the same command again", err=True)
        return STOPPED
    return code if isinstance(code, int) else DONE
