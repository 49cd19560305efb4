"""The audit of a run's data: made once, at the first run, and said in a line."""

from pathlib import Path

import click
from rich.console import Console

from harness.cli.output import is_screen
from harness.data.audit import find_audit, stored_audit, why_elsewhere
from harness.data.splits import Splits
from harness.schema import Audit, AuditCard


def audit_data(
    folder: Path, splits: Splits, console: Console, *, dry_run: bool
) -> tuple[AuditCard | None, Path | None]:
    """Return the card of the data's audit and where it is stored, and say what it found.

    It is made where there is none; ``dry_run`` only says that it would be, and gives neither.
    """
    stored = stored_audit(folder, splits.fingerprint)
    if stored is None and dry_run:
        click.echo("audit: none yet of this data; the first run makes it", err=True)
        return None, None
    if stored is None:
        stored = _made(folder, splits, console)
    audit, place = stored
    lacking = [
        f"{split} has no image of {', '.join(names)}: its figures are of the other classes"
        for split, names in audit.missing.items()
    ]
    for warning in (*audit.warnings, *lacking):
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"audit: {in_a_line(audit)}", err=True)
    return audit.card, place


def in_a_line(audit: Audit) -> str:
    """Say how many test images are left out of the clean test, and why."""
    card, count = audit.card, audit.counts["test"]
    return (
        f"{card.twins} of {count} test images have a twin in train ({card.words}); "
        f"the clean test has {card.clean}"
    )


def _made(folder: Path, splits: Splits, console: Console) -> tuple[Audit, Path]:
    words = f"auditing {sum(splits.counts.values())} images, once for this data"
    if is_screen(console):
        with console.status(f"{words} …") as status:
            found = find_audit(
                folder, splits, progress=lambda part: status.update(f"{words} … {part:.0%}")
            )
    else:
        click.echo(f"{words} …", err=True)
        found = find_audit(folder, splits)
    if found[1] != folder:
        click.echo(f"{why_elsewhere(folder)}: the audit is kept in {found[1]}", err=True)
    return found
