"""Sources as trees of named byte streams: a file, a folder, a zip or a tar archive."""

from pathlib import Path

from harness.data.places import readable
from harness.data.trees.base import Tree
from harness.data.trees.folder import FolderTree
from harness.data.trees.tarred import TarTree
from harness.data.trees.zipped import ZipTree
from harness.errors import DataError

__all__ = ["Tree", "open_tree"]

TARS = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def open_tree(source: Path) -> Tree:
    """Open ``source`` by its kind; raises `DataError` where it is no archive, or a damaged one."""
    name = source.name.lower()
    with readable(source):
        if not source.is_dir() and not source.is_file():
            raise DataError(
                f"{source} is no regular file (a pipe or a device), expected one that can be read "
                "again and again; write it to a file first"
            )
        if source.is_dir() or not name.endswith((".zip", *TARS)):
            return FolderTree(source)
        return ZipTree(source) if name.endswith(".zip") else TarTree(source)
