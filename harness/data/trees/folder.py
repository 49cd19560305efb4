"""A folder, or a single file, as a tree."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from harness.data.printable import printable
from harness.data.trees.base import Tree
from harness.data.writing import file_sha256
from harness.schema import Source

BUFFER = 1 << 20


class FolderTree(Tree):
    """All files of a folder, links followed; or a file as the only one.

    A link that leads nowhere is listed as a file, so that it is an error to read it.
    """

    def __init__(self, path: Path) -> None:
        self._root = path if path.is_dir() else path.parent
        super().__init__(path, *_listed(path))

    @property
    def is_file(self) -> bool:
        """Whether the source is a single file."""
        return not self.path.is_dir()

    def source(self, form: str, file: str | None = None) -> Source:
        """Return what a manifest says of the source: of a folder, the one file that was read."""
        if file is None or self.is_file:
            return super().source(form)
        path = self._root / self._full[file]
        return Source(name=printable(path.name), form=form, sha256=file_sha256(path))

    def _open(self, full: str) -> BinaryIO:
        path = self._root / full
        try:
            return path.open("rb", buffering=BUFFER)
        except FileNotFoundError as error:
            if not path.is_symlink():
                raise
            found = f"a link to {path.readlink()}, where nothing is"
            raise FileNotFoundError(error.errno, found) from error


def _listed(path: Path) -> tuple[dict[str, int], list[str]]:
    """Return the sizes of all files, and all folders, by their names in ``path``."""
    if not path.is_dir():
        return {path.name: path.stat().st_size}, []
    files: list[Path] = []
    folders: list[Path] = []
    for entry, is_folder in _walk(path, (path.resolve(),)):
        (folders if is_folder else files).append(entry)
    return (
        {
            file.relative_to(path).as_posix(): file.stat().st_size if file.is_file() else 0
            for file in sorted(files)
        },
        [folder.relative_to(path).as_posix() for folder in folders],
    )


def _walk(folder: Path, chain: tuple[Path, ...]) -> Iterator[tuple[Path, bool]]:
    """Give all files and folders within ``folder``, and whether each is a folder.

    ``chain`` are the resolved folders that led there. A link to one of them, or to a folder above,
    would be followed for ever.
    """
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        path = Path(entry)
        # Of a link an entry raises where it leads round and round; a path says that it is neither.
        kind = path if entry.is_symlink() else entry
        if kind.is_dir():
            resolved = path.resolve()
            if not any(passed.is_relative_to(resolved) for passed in chain):
                yield path, True
                yield from _walk(path, (*chain, resolved))
        elif kind.is_file():
            yield path, False
        elif kind is path:
            yield path, False
            if not path.suffix:  # What is missing may be a folder.
                yield path, True
