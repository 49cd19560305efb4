"""A zip archive as a tree, read without unpacking it."""

import io
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from harness.data.trees.base import Tree, damaged
from harness.errors import DataError

ENCRYPTED = 0x1


class ZipTree(Tree):
    """The files of a zip archive, in the order in which they lie there."""

    failures = (
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        NotImplementedError,
        RuntimeError,
        ValueError,  # A name that says to be UTF-8, and is not.
    )
    advice = (
        "the archive may be damaged: fetch it again, or unpack it by a tool and give the folder"
    )

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
            raise damaged(path, "zip", error) from error
        folders = [member.filename for member in self._archive.infolist() if member.is_dir()]
        members = [member for member in self._archive.infolist() if not member.is_dir()]
        locked = next((member.filename for member in members if member.flag_bits & ENCRYPTED), None)
        if locked is not None:
            self._archive.close()
            raise DataError(
                f"{path} is encrypted ({locked}), expected an archive without a password; unpack "
                "it and give the folder"
            )
        members.sort(key=lambda member: member.header_offset)
        super().__init__(path, {member.filename: member.file_size for member in members}, folders)

    def _open(self, full: str) -> BinaryIO:
        # Its own readline is slow for lines of several kilobytes.
        return io.BufferedReader(self._archive.open(full), 1 << 18)  # type: ignore[type-var]

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()
