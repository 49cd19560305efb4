"""What a tree is: names, their sizes and their bytes, whatever they are kept in."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from itertools import takewhile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, ClassVar, Self

from harness.data.places import JUNK, name_of
from harness.data.printable import printable
from harness.data.writing import file_sha256
from harness.errors import DataError
from harness.schema import Source


class Tree(ABC):
    """Files by their names, relative to the source and parted by ``/``.

    Hidden files and what systems leave behind are left out, and folders that hold all the rest are
    looked through, so that a set has the same names in a folder and in an archive of that folder.
    ``top`` are those folders, with the last ``/``, for readers to whom their names say something.
    ``folders`` are all folders by their names with ``top``, be they empty, and ``passed_over`` are
    the names of what was left out.
    """

    failures: ClassVar[tuple[type[Exception], ...]] = (OSError,)
    advice: ClassVar[str] = "see that it is readable"

    def __init__(self, path: Path, found: Mapping[str, int], folders: Collection[str] = ()) -> None:
        """``found`` are the sizes of all files by their full names, in the order of reading.

        ``folders`` are full names, too; those that hold files may be missing. Raises `DataError`
        for a name that leads out of the source.
        """
        outside = next((name for name in (*found, *folders) if ".." in _tidy(name).split("/")), "")
        if outside:
            self.close()
            # Without the dots, two folders might become one; left out, a class might be lost.
            raise DataError(
                f"{path} holds {outside}, a name that leads out of it; pack it again from the "
                "folder above, or unpack it by a tool and give the folder"
            )
        tidy = {_tidy(name): name for name in found}
        kept = {name: full for name, full in tidy.items() if name and not _is_junk(name)}
        listed = {folder for folder in map(_tidy, folders) if not _is_junk(folder)}
        self.passed_over = sorted(name for name in tidy if name and name not in kept)
        self.path = path
        self._hold(kept, found, listed)

    def _hold(
        self, kept: Mapping[str, str], sizes: Mapping[str, int], folders: Iterable[str]
    ) -> None:
        """Take these files, by their names with those of all folders, for those of the tree."""
        self.folders = _with_those_above({*folders, *(name.rpartition("/")[0] for name in kept)})
        self.top = _shared_top(kept)
        self._full = {name[len(self.top) :]: full for name, full in kept.items()}
        self.sizes = {name: sizes[full] for name, full in self._full.items()}

    def without(self, places: Collection[str]) -> "Tree":
        """Return a tree that lacks what lies in these folders, by their names with a last ``/``.

        It reads from this one, which is to be closed.
        """
        left = tuple(f"{self.top}{place}" for place in places)
        # Those above go with them, unless they hold more.
        above = _with_those_above({place.rstrip("/") for place in left})
        sizes = {full: self.sizes[name] for name, full in self._full.items()}
        kept = {
            f"{self.top}{name}": full
            for name, full in self._full.items()
            if not f"{self.top}{name}".startswith(left)
        }
        rest = copy(self)
        folders = {name for name in self.folders - above if not f"{name}/".startswith(left)}
        rest._hold(kept, sizes, folders)
        return rest

    @property
    def name(self) -> str:
        """The name of the source, without the folders above it."""
        return name_of(self.path)

    @property
    def is_file(self) -> bool:
        """Whether the source is a single file and no archive."""
        return False

    def with_suffix(self, *suffixes: str) -> list[str]:
        """Return the sorted names that end like one of ``suffixes`` (with the dot, lower case)."""
        return sorted(name for name in self.sizes if name.lower().endswith(suffixes))

    def where(self, name: str) -> str:
        """Return how messages call a file of the tree."""
        return name if self.is_file else f"{self.name}/{name}"

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Give the bytes of one file; whatever goes wrong in reading them is a `DataError`."""
        try:
            with self._open(self._full[name]) as stream:
                yield stream
        except self.failures as error:
            raise DataError(
                f"cannot read {self.where(name)} ({_reason(error)}); {self.advice}"
            ) from error

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Give name and bytes of each of ``names``, in the order that is quickest to read."""
        wanted = set(names)
        for name in self.sizes:
            if name in wanted:
                with self.open(name) as stream:
                    content = stream.read()
                yield name, content

    def source(self, form: str, file: str | None = None) -> Source:
        """Return what a manifest says of the source; a folder has no checksum of its own.

        Where all was read from one ``file`` of a folder, it is the source.
        """
        sha256 = file_sha256(self.path) if self.path.is_file() else None
        return Source(name=printable(self.name), form=form, sha256=sha256)

    def close(self) -> None:
        """Let go of the source."""
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _open(self, full: str) -> BinaryIO:
        """Open the file of this full name."""


def damaged(path: Path, kind: str, error: Exception) -> DataError:
    """Return the error for an archive that cannot be opened."""
    return DataError(
        f"{path} cannot be read as a {kind} archive ({_reason(error)}); it may be cut off, damaged "
        "or something else in truth: fetch it again"
    )


def _reason(error: Exception) -> str:
    text = str(getattr(error, "strerror", None) or error).partition("\n")[0].rstrip(":")
    return text or type(error).__name__


def _tidy(name: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in (".", "/"))


def _is_junk(name: str) -> bool:
    return any(part.startswith(".") or part.lower() in JUNK for part in name.split("/"))


def _with_those_above(folders: set[str]) -> set[str]:
    above = {str(parent) for folder in folders for parent in PurePosixPath(folder).parents}
    return (folders | above) - {"", "."}


def _shared_top(names: Collection[str]) -> str:
    """Return the folders that all names begin with, with the last ``/``, or nothing."""
    folders = [name.split("/")[:-1] for name in names]
    first, last = min(folders, default=[]), max(folders, default=[])
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(f"{part}/" for part, _ in shared)
