"""A zip archive as a tree, read without unpacking it."""

import errno
import io
import lzma
import posixpath
import stat
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from harness.data.trees.base import Tree, damaged
from harness.errors import DataError

ENCRYPTED, UTF_8 = 0x1, 0x800  # Bits of a member's flags.


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
        folders = [_name(member) for member in self._archive.infolist() if member.is_dir()]
        members = [member for member in self._archive.infolist() if not member.is_dir()]
        locked = next((member.filename for member in members if member.flag_bits & ENCRYPTED), None)
        if locked is not None:
            self._archive.close()
            raise DataError(
                f"{path} is encrypted ({locked}), expected an archive without a password; unpack "
                "it and give the folder"
            )
        members.sort(key=lambda member: member.header_offset)
        self._members = {_name(member): member for member in members}
        folders += [name for name, member in self._members.items() if self._may_be_folder(member)]
        sizes = {name: member.file_size for name, member in self._members.items()}
        super().__init__(path, sizes, folders)

    def _may_be_folder(self, member: zipfile.ZipInfo) -> bool:
        """Whether a member is a link to what may be a folder: of a class or split, perhaps."""
        name = _name(member)
        if not _is_link(member) or "." in posixpath.basename(name):
            return False
        try:
            target = self._archive.read(member).decode()
        except self.failures:
            return True
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) not in (
            self._members
        )

    def _open(self, full: str) -> BinaryIO:
        member = self._members[full]
        if _is_link(member):
            raise FileNotFoundError(errno.ENOENT, "a link, which is followed in folders alone")
        # Its own readline is slow for lines of several kilobytes.
        return io.BufferedReader(self._archive.open(member), 1 << 18)  # type: ignore[type-var]

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name: macOS writes UTF-8 and does not say so."""
    if not member.flag_bits & UTF_8:
        with suppress(UnicodeError):
            return member.filename.encode("cp437").decode()
    return member.filename


def _is_link(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a symbolic link, as ``zip -y`` and GitHub store it."""
    return stat.S_ISLNK(member.external_attr >> 16)
