"""What users have becomes a data set in a folder: recognise the form, read, warn, write."""

from pathlib import Path

from harness.data.formats import expected, recognise
from harness.data.formats.reader import Options, Progress, check_heeded
from harness.data.trees import open_tree
from harness.data.writing import check_target, write_splits
from harness.errors import DataError
from harness.schema import Manifest

DEFAULTS = Options()


def ignore(done: int, total: int) -> None:
    """Show no progress."""


def prepare(
    source: Path,
    out: Path,
    *,
    options: Options = DEFAULTS,
    progress: Progress = ignore,
    force: bool = False,
) -> Manifest:
    """Write the data set in ``source`` to the folder ``out`` and return its manifest.

    The data set is named like ``out``. ``progress`` is called with (bytes read, bytes in all);
    ``force`` replaces a data set that ``out`` holds already. Raises `DataError` for anything wrong
    with either, and `RequestError` for an option that means nothing for ``source``, before
    anything is written.
    """
    if not source.exists():
        raise DataError(f"{source} does not exist, expected {expected()}")
    with open_tree(source) as tree:
        reader = recognise(tree)
        check_heeded(reader, options, source)
        check_target(out, replace=force)
        prepared = reader.read(tree, options, progress)
    return write_splits(
        out,
        prepared.arrays,
        name=out.absolute().name,
        classes=prepared.classes,
        source=prepared.source,
        warnings=prepared.warnings,
        files=prepared.files,
        replace=force,
    )
