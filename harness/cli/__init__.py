"""The command line: parse, call, turn errors into exit codes."""

from harness.cli.main import main

__all__ = ["main"]
