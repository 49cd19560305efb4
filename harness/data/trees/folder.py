"""A folder, or a single file, as a tree."""

import os
from pathlib import Path
from typing import BinaryIO

from harness.data.trees.base import Tree

BUFFER = 1 << 20


class FolderTree(Tree):
    """All files of a folder, links followed; or a file as the only one."""

    def __init__(self, path: Path) -> None:
        self._root = path if path.is_dir() else path.parent
        super().__init__(path, _listed(path))

    @property
    def is_file(self) -> bool:
        """Whether the source is a single file."""
        return not self.path.is_dir()

    def _open(self, full: str) -> BinaryIO:
        return (self._root / full).open("rb", buffering=BUFFER)


def _listed(path: Path) -> dict[str, int]:
    if not path.is_dir():
        return {path.name: path.stat().st_size}
    files: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_refuse, followlinks=True):
        here = Path(folder).resolve()
        # A link to a folder above would be followed for ever.
        folders[:] = [
            name for name in folders if not here.is_relative_to(Path(folder, name).resolve())
        ]
        files += (Path(folder, name) for name in names)
    return {
        file.relative_to(path).as_posix(): file.stat().st_size
        for file in sorted(files)
        if file.is_file()
    }


def _refuse(error: OSError) -> None:
    raise error
