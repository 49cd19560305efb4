"""A data set is written all or nothing: into a folder beside its place, then renamed."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

import numpy as np

from harness.data.arrays import (
    SPLITS,
    Labels,
    Unchecked,
    check_classes,
    check_same_shape,
    check_split,
    count_classes,
)
from harness.data.damage import DAMAGE
from harness.data.moments import moments
from harness.data.places import JUNK, is_there, readable
from harness.data.printable import printable
from harness.data.votes import FILES as VOTES
from harness.data.votes import Votes, check_votes
from harness.errors import DataError
from harness.schema import Manifest, Source, VoteFiles

MANIFEST = "manifest.json"
# Where each image came from: names relative to the source, in the order of rows, by split.
NAMES = "files.json"
# What an audit leaves beside the data; it goes with them.
AUDITED = ("audit.json", "clean_test.npy", "twins.png")
# What a process that was killed here left of its own: by its number, or a draft's.
OURS = re.compile(r"\..+(\.\d+|-[0-9a-f]{8})\.tmp")
FILES = tuple(f"{split}_{kind}.npy" for split in SPLITS for kind in ("images", "labels"))


def write_splits(
    folder: Path,
    arrays: Mapping[str, tuple[Unchecked, Unchecked]],
    *,
    name: str,
    classes: Sequence[str],
    source: Source,
    synthetic: bool = False,
    warnings: Sequence[str] = (),
    notes: Sequence[str] = (),
    files: Mapping[str, Sequence[str]] | None = None,
    votes: Votes | None = None,
    replace: bool = False,
) -> Manifest:
    """Write ``{"train": (images, labels), "valid": …, "test": …}`` and a manifest to ``folder``.

    Images are ``uint8 (N, H, W)`` or ``(N, H, W, C)``, labels integers ``(N,)``; ``files`` are the
    names of the images' own files by split, kept in ``files.json``; ``votes`` are kept in
    ``{train,valid,test}_votes.npy``. Raises `DataError` where the arrays are no data set,
    ``folder`` holds one already and ``replace`` is not given, it holds anything else, or it cannot
    be written; nothing half-written is ever left.
    """
    where = f"data set {name!r}"
    if printable(name) != name:
        raise DataError(f"{where}: the name is no UTF-8, as records need it; give another --out")
    if "\\" in name:
        raise DataError(f"{where}: a \\ parts folders on other systems; give another --out")
    for split in SPLITS:
        check_split(split, *arrays[split], where)
        if files is not None and len(files[split]) != len(arrays[split][1]):
            raise DataError(
                f"{where}: {split} has {len(files[split])} names of files for "
                f"{len(arrays[split][1])} images"
            )
    check_same_shape({split: arrays[split][0].shape[1:] for split in SPLITS}, where)
    labels = {split: arrays[split][1].astype(np.int64) for split in SPLITS}
    check_classes(classes, labels, where)
    if votes is not None:
        for split in SPLITS:
            check_votes(
                f"{where}: {split}_votes", votes.counts[split], len(labels[split]), votes.names
            )
    check_target(folder, replace=replace)
    with _writing(folder, replace=replace) as draft:
        _save(draft, {split: arrays[split][0] for split in SPLITS}, labels)
        if files is not None:
            _save_names(draft / NAMES, files)
        mean, std = moments(arrays["train"][0])
        manifest = Manifest(
            name=name,
            classes=tuple(classes),
            image_shape=arrays["train"][0].shape[1:],
            counts={split: len(labels[split]) for split in SPLITS},
            class_counts={split: count_classes(labels[split], classes) for split in SPLITS},
            mean=mean,
            std=std,
            sha256={file: file_sha256(draft / file) for file in FILES},
            source=source,
            synthetic=synthetic,
            warnings=tuple(map(printable, warnings)),
            notes=tuple(notes),
            votes=_save_votes(draft, votes) if votes is not None else None,
        )
        (draft / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def check_target(folder: Path, *, replace: bool) -> None:
    """Raise `DataError` unless a data set may be written to ``folder``.

    Only a folder with nothing but a prepared data set is ever replaced: a file of the user's that
    lies among it would be lost. What a killed process left half-written there is no file of theirs.
    """
    place = resolved(folder)
    if not is_there(place):
        _check_writable(place)
        return
    if not place.is_dir():
        raise DataError(f"{folder} is a file, expected a new folder; give another --out")
    with readable(folder):
        found = {path.name for path in place.iterdir()}
    known = {*FILES, *VOTES, NAMES, MANIFEST, *AUDITED} - {*foreign_audit(place)}
    # A system's own marks (.DS_Store) are lost with the folder, and nobody misses them.
    foreign = sorted(
        name for name in found - known if not OURS.fullmatch(name) and name.lower() not in JUNK
    )
    if foreign:
        raise DataError(
            f"{folder} holds other files ({', '.join(foreign[:3])}{', …' if foreign[3:] else ''}), "
            "expected a new folder; give another --out"
        )
    if found & known and not _is_prepared(place):
        raise DataError(
            f"{folder} holds arrays that were not prepared here (there is no {MANIFEST} that says "
            "so), expected a new folder; give another --out"
        )
    if found & known and not replace:
        raise DataError(
            f"{folder} already holds a data set; give --force to replace it, or another --out"
        )
    if found and os.path.ismount(place):
        raise DataError(
            f"{folder} is a mounted folder, which cannot be replaced as a whole; empty it (of "
            "hidden files, too), or give a folder within it as --out"
        )
    _check_writable(place)


def resolved(folder: Path) -> Path:
    """Return where ``folder`` is: what is looked at must be what is replaced in the end.

    The system finds nothing at ``gone/../x``, which is x all the same. Raises `DataError` where
    links lead round and round, or it cannot be found out.
    """
    try:
        place = folder.resolve()
    except RuntimeError:  # Up to Python 3.12; later ones stop at the link.
        place = folder
    except OSError as error:
        raise DataError(f"cannot find {folder} ({error.strerror}); give another folder") from error
    if place.is_symlink():
        raise DataError(f"{folder} is a link that leads round and round; give another folder")
    return place


def _is_prepared(folder: Path) -> bool:
    """Whether the folder's manifest is one of ours, be it of another version."""
    try:
        return set(json.loads((folder / MANIFEST).read_bytes())["sha256"]) == set(FILES)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def foreign_audit(folder: Path) -> tuple[str, ...]:
    """Return the files in ``folder`` that have an audit's names, but are no audit's.

    What lies beside an ``audit.json`` of ours, be it of another version, is taken for ours.
    """
    try:
        if json.loads((folder / AUDITED[0]).read_bytes())["fingerprint"]:
            return ()
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = [name for name in AUDITED if (folder / name).exists()]
    return tuple(name for name in found if not _holds_indices(folder / name))


def _holds_indices(path: Path) -> bool:
    """Whether a file is a list of test images, as an audit that was cut off may have left it."""
    try:
        indices = np.load(path, allow_pickle=False)
    except DAMAGE:
        return False
    one = isinstance(indices, np.ndarray) and (indices.dtype, indices.ndim) == (np.int64, 1)
    return one and bool((np.diff(indices) > 0).all())


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _save(draft: Path, images: Mapping[str, Unchecked], labels: Mapping[str, Labels]) -> None:
    for split in SPLITS:
        np.save(draft / f"{split}_images.npy", images[split], allow_pickle=False)
        np.save(draft / f"{split}_labels.npy", labels[split], allow_pickle=False)


def _save_votes(draft: Path, votes: Votes) -> VoteFiles:
    for split, file in zip(SPLITS, VOTES, strict=True):
        np.save(draft / file, votes.counts[split], allow_pickle=False)
    sha256 = {file: file_sha256(draft / file) for file in VOTES}
    return VoteFiles(names=votes.names, sha256=sha256, source=votes.source)


def _save_names(path: Path, files: Mapping[str, Sequence[str]]) -> None:
    # Without indentation, but a name a line: small, and fit for grep and diff. A byte that is no
    # UTF-8 becomes an escape of JSON.
    text = json.dumps({split: list(files[split]) for split in SPLITS}, indent=0, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _check_writable(folder: Path) -> None:
    """Raise `DataError` where ``folder`` cannot be written: it must not be found out at the end."""
    with _explained(folder):
        draft = _draft_of(folder)
        found = next(path for path in draft.parents if path.exists())
        with TemporaryFile(dir=found):
            pass


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            f"cannot write {folder} ({error.strerror or error}); free space there or choose "
            "another folder"
        ) from error


@contextmanager
def _writing(folder: Path, *, replace: bool) -> Iterator[Path]:
    """Give a new folder that takes the place of ``folder`` in the end, or vanishes on failure."""
    target = resolved(folder)  # a link to a folder stays one
    draft = _draft_of(target)
    try:
        with _explained(folder):
            draft.mkdir(parents=True)
            yield draft
            if draft.parent != target:
                # Somebody may have written there meanwhile.
                check_target(folder, replace=replace)
            _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draft_of(target: Path) -> Path:
    """Return a new folder beside ``target``; within it, if it is there and empty.

    Such a folder is filled, and not replaced: somebody's shell may be in it, and the folder above
    may not be ours to write.
    """
    name = f".{target.name}-{uuid4().hex[:8]}.tmp"
    return target / name if _is_empty(target) else target.with_name(name)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _put_in_place(draft: Path, target: Path) -> None:
    if draft.parent == target:
        _fill(draft, target)
        return
    if not target.exists():
        draft.rename(target)
        return
    previous = draft.with_suffix(".old")
    try:
        target.rename(previous)
        draft.rename(target)
    finally:
        if previous.exists() and not target.exists():
            previous.rename(target)
        shutil.rmtree(previous, ignore_errors=True)


def _fill(draft: Path, target: Path) -> None:
    """Move the files of the draft up, the manifest last, or none of them."""
    names = sorted((path.name for path in draft.iterdir()), key=lambda name: name == MANIFEST)
    try:
        for name in names:
            (draft / name).rename(target / name)
    except BaseException:
        for name in names:
            (target / name).unlink(missing_ok=True)
        raise
