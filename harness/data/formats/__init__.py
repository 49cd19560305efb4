"""The forms in which users hold data: the first reader to recognise a source reads it."""

from harness.data.formats.array_files import ArrayFiles
from harness.data.formats.challenge_csv import ChallengeCsv
from harness.data.formats.class_folders import ClassFolders
from harness.data.formats.fer_csv import FerCsv
from harness.data.formats.parquet import Parquet
from harness.data.formats.prepared_set import PreparedSet, prepared_within
from harness.data.formats.reader import Reader
from harness.data.trees import Tree
from harness.errors import DataError

READERS: tuple[Reader, ...] = (
    PreparedSet(),
    FerCsv(),
    ChallengeCsv(),
    Parquet(),
    ArrayFiles(),
    ClassFolders(),
)


def recognise(tree: Tree) -> Reader:
    """Return the reader for ``tree``, or raise `DataError` with the forms that can be read."""
    for reader in READERS:
        if reader.recognises(tree):
            return reader
    raise DataError(f"{tree.path} is {_described(tree)}, expected {expected()}")


def without_prepared(tree: Tree) -> Tree:
    """Return ``tree`` without the data sets that were prepared into it from what else it holds."""
    places = prepared_within(tree)
    if not places:
        return tree
    rest = tree.without(places)
    # What else lies there may be a note: arrays without their partners are no source.
    forms = (reader for reader in READERS if not isinstance(reader, ArrayFiles))
    return rest if any(reader.recognises(rest) for reader in forms) else tree


def expected() -> str:
    """Say which forms can be read."""
    # What most people have comes first, and is looked for after what is more special.
    forms = "; ".join(reader.summary for reader in (*READERS[1:], READERS[0]))
    return f"one of: {forms} (each also in a .zip or .tar.gz)"


def _described(tree: Tree) -> str:
    if tree.is_file and tree.passed_over:
        return "hidden by its name, and what is hidden is passed over; rename it"
    if tree.is_file:
        return f"a {tree.path.suffix or 'nameless'} file"
    kind = "a folder" if tree.path.is_dir() else "an archive"
    names = sorted(tree.sizes)
    if not names and tree.passed_over:
        return (
            f"{kind} of nothing but what is hidden or left behind by systems, which is passed over "
            f"({tree.passed_over[0]}, …)"
        )
    if not names:
        return f"{kind} without files"
    return f"{kind} of {', '.join(names[:3])}{', …' if names[3:] else ''}"
