"""A tar archive, compressed or not, as a tree, read from front to back without unpacking it."""

import lzma
import posixpath
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, BinaryIO, cast

from harness.data.trees.base import Tree, damaged
from harness.errors import DataError

MOST_LINKS = 40  # in a row, as Linux has it
FAILURES = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)


class TarTree(Tree):
    """The files of a tar archive in the order of its members.

    Links to files are followed within the archive. One that leads nowhere is listed as a file, so
    that it is an error to read it; one to a folder is a `DataError`.
    """

    failures = FAILURES
    advice = "the archive may be damaged: fetch it again"

    def __init__(self, path: Path) -> None:
        try:
            self._archive = tarfile.open(path)  # noqa: SIM115 - closed by `close`
        except FAILURES as error:
            raise damaged(path, "tar", error) from error
        try:
            members = self._archive.getmembers()
            _check_end(self._archive)
        except FAILURES as error:
            self._archive.close()
            raise damaged(path, "tar", error) from error
        named = {posixpath.normpath(member.name): member for member in members}
        self._members = {
            member.name: _followed(member, named)
            for member in members
            if member.isfile() or member.islnk() or member.issym()
        }
        folders = [
            member.name
            for member in members
            # What is missing may be a folder.
            if member.isdir() or (member.issym() and "." not in posixpath.basename(member.name))
        ]
        super().__init__(
            path, {name: member.size for name, member in self._members.items()}, folders
        )
        self._refuse_links_to_folders()

    def _refuse_links_to_folders(self) -> None:
        links = {name: member for name, member in self._members.items() if member.issym()}
        folders = self.folders - set(map(posixpath.normpath, links))
        for name, member in links.items():
            if _target(member) in folders:
                self.close()
                raise DataError(
                    f"{self.name}/{name} is a link to the folder {member.linkname}, which is not "
                    "followed within an archive; unpack it by a tool and give the folder"
                )

    def _open(self, full: str) -> BinaryIO:
        member = self._members[full]
        if member.issym():
            raise FileNotFoundError(
                f"a link to {member.linkname}, which is not in the archive as a file"
            )
        try:
            # Only members that are no files have no stream.
            return cast(BinaryIO, self._archive.extractfile(member))
        except KeyError as error:
            raise FileNotFoundError(
                f"a link to {member.linkname}, which is not in the archive"
            ) from error

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


def _followed(member: tarfile.TarInfo, named: Mapping[str, tarfile.TarInfo]) -> tarfile.TarInfo:
    """Return the file that a symbolic link leads to; the last link if it leads to none."""
    for _ in range(MOST_LINKS):
        found = named.get(_target(member)) if member.issym() else None
        if found is None or not (found.isfile() or found.islnk() or found.issym()):
            return member
        member = found
    return member


def _target(link: tarfile.TarInfo) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(link.name), link.linkname))


def _check_end(archive: tarfile.TarFile) -> None:
    """Raise unless the members end where the archive says that it ends.

    tarfile takes a damaged header for the end. Reading on to the last byte lets the decompressor
    compare its checksum.
    """
    stream = cast(IO[bytes], archive.fileobj)
    stream.seek(archive.offset)
    if not (end := stream.read(tarfile.BLOCKSIZE)) or end.strip(b"\0"):
        raise tarfile.ReadError("it ends without the mark of its end")
    while stream.read(1 << 20):
        pass
