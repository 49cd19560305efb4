"""A tar archive, compressed or not, as a tree, read from front to back without unpacking it."""

import lzma
import tarfile
import zlib
from pathlib import Path
from typing import IO, BinaryIO, cast

from harness.data.trees.base import Tree, damaged

FAILURES = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)


class TarTree(Tree):
    """The files of a tar archive in the order of its members."""

    failures = FAILURES
    advice = "the archive may be damaged: fetch it again"

    def __init__(self, path: Path) -> None:
        try:
            self._archive = tarfile.open(path)  # noqa: SIM115 - closed by `close`
        except FAILURES as error:
            raise damaged(path, "tar", error) from error
        try:
            self._members = {
                member.name: member
                for member in self._archive.getmembers()
                if member.isfile() or member.islnk()
            }
            _check_end(self._archive)
        except FAILURES as error:
            self._archive.close()
            raise damaged(path, "tar", error) from error
        super().__init__(path, {name: member.size for name, member in self._members.items()})

    def _open(self, full: str) -> BinaryIO:
        # Only members that are no files have no stream.
        return cast(BinaryIO, self._archive.extractfile(self._members[full]))

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


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
