"""What users have becomes a data set in a folder: recognise the form, read, warn, write."""

from pathlib import Path

from harness.data.formats import recognise
from harness.data.formats.reader import Progress
from harness.data.writing import check_target, write_splits
from harness.schema import Manifest


def ignore(done: int, total: int) -> None:
    """Show no progress."""


def prepare(
    source: Path, out: Path, *, progress: Progress = ignore, force: bool = False
) -> Manifest:
    """Write the data set in ``source`` to the folder ``out`` and return its manifest.

    The data set is named like ``out``. ``progress`` is called with (bytes read, bytes in all);
    ``force`` replaces a data set that ``out`` holds already. Raises `DataError` for anything wrong
    with either, before anything is written.
    """
    reader = recognise(source)
    check_target(out, replace=force)
    prepared = reader.read(source, progress)
    return write_splits(
        out,
        prepared.arrays,
        name=out.absolute().name,
        classes=prepared.classes,
        source=prepared.source,
        warnings=prepared.warnings,
        replace=force,
    )
