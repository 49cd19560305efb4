"""What users have becomes a data set in a folder: recognise the form, read, warn, write."""

from dataclasses import replace
from pathlib import Path

from harness.data import ferplus
from harness.data.arrays import check_several
from harness.data.formats import expected, recognise, without_prepared
from harness.data.formats.reader import Options, Progress, check_heeded
from harness.data.places import is_there, name_of
from harness.data.trees import open_tree
from harness.data.writing import check_target, resolved, write_splits
from harness.errors import DataError, RequestError
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
    votes: Path | None = None,
    relabel: bool = False,
) -> Manifest:
    """Write the data set in ``source`` to the folder ``out`` and return its manifest.

    The data set is named like ``out``. ``progress`` is called with (bytes read, bytes in all);
    ``force`` replaces a data set that ``out`` holds already. ``votes`` are those of FER+ for the
    images, in a file of its form; with ``relabel`` their majorities become the labels. Raises
    `DataError` for anything wrong with either, and `RequestError` for an option that means nothing
    for ``source``, before anything is written.
    """
    if not is_there(source):
        raise DataError(f"{source} does not exist, expected {expected()}")
    if relabel and votes is None:
        raise RequestError("--labels ferplus needs the votes; give --ferplus fer2013new.csv")
    if source.is_dir() and resolved(source) == resolved(out):
        raise RequestError(f"--out {out} is the source itself; give a new folder")
    table = ferplus.read_table(votes) if votes else None
    with open_tree(source) as tree:
        where, tree = tree.name, without_prepared(tree)
        reader = recognise(tree)
        check_heeded(reader, options, where)
        if table is not None:
            ferplus.check_form(reader, where)
        check_target(out, replace=force)
        try:
            prepared = reader.read(tree, options, progress)
        except MemoryError as error:
            raise DataError(
                f"{where} takes more memory than there is here; give fewer images, or "
                "smaller ones (--size)"
            ) from error
    if table is not None:
        # Notes of a set that was prepared before are on the votes that it had.
        prepared = ferplus.join(replace(prepared, notes=()), table)
    if relabel:
        prepared = ferplus.relabel(prepared)
    check_several(prepared.classes, where)
    return write_splits(
        out,
        prepared.arrays,
        name=name_of(out),
        classes=prepared.classes,
        source=prepared.source,
        synthetic=prepared.synthetic,
        warnings=prepared.warnings,
        notes=prepared.notes,
        files=prepared.files,
        votes=prepared.votes,
        replace=force,
    )
