"""A console for commands that have files to write, whether anybody reads their words or not."""

import os
import sys

from rich.console import Console


class SteadfastConsole(Console):
    """Falls silent where its pipe is closed, as by ``| head``, and lets the command go on."""

    def on_broken_pipe(self) -> None:
        """Send the rest to nowhere; rich would end the process here."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
