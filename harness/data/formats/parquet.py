"""Reads Parquet files as model hubs keep them: encoded images beside the numbers of classes."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from harness.data.arrays import Images
from harness.data.class_names import number_classes
from harness.data.formats.layout import SPLIT_FOLDERS, split_named, splits_of_files
from harness.data.formats.parquet_columns import ParquetColumns, find_columns
from harness.data.formats.pool import Pool, check_request, deal
from harness.data.formats.reader import CARVING, DRAWING, Options, Prepared, Progress
from harness.data.images import Decoder, stack
from harness.data.printable import printable
from harness.data.trees import Tree
from harness.errors import DataError

ROWS = 1000  # decoded at a time

# train-00000-of-00001.parquet, validation.parquet, data/test/0000.parquet
WORD = re.compile(r"[a-z]+")


@dataclass
class Part:
    """What one file holds, a row an image; ``labels`` are the names of classes, or numbers."""

    split: str
    classes: set[str]
    named: bool
    pictures: list[Images] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Parquet:
    """Reads one Parquet file or several, whose names say the split, in the order of their names."""

    summary = "Parquet files of a model hub (columns image, label)"
    heeds = CARVING | DRAWING

    def recognises(self, tree: Tree) -> bool:
        """Whether there are files named like Parquet files."""
        return bool(tree.with_suffix(".parquet"))

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Decode all images of all files."""
        decoder = Decoder(options.size, options.channels)
        names = tree.with_suffix(".parquet")
        splits = _splits(names, tree)
        check_request(list(splits.values()), options, printable(tree.name))
        total, done, parts = sum(tree.sizes[name] for name in names), 0, {}
        for name, content in tree.read(names):
            parts[name] = _read_part(content, name, tree.where(name), splits[name], decoder)
            done += len(content)
            progress(done, total)
        pool, warnings = _pooled([parts[name] for name in names], tree.name)
        return deal(pool, tree.source("parquet"), options, warnings)


def _pooled(parts: Sequence[Part], where: str) -> tuple[Pool, tuple[str, ...]]:
    """Put the files together; a warning says where classes are called by numbers.

    What the images' own names say of the split counts for more than that of the Parquet file:
    copies of FER-2013's folders keep both of its test sets in one.
    """
    classes, numbers = number_classes(set().union(*(part.classes for part in parts)))
    pictures = [picture for part in parts for picture in part.pictures]
    if not pictures:
        raise DataError(f"{where} has no rows, expected one an image; fetch it again")
    files = [file for part in parts for file in part.files]
    splits, warnings = splits_of_files(
        [PurePosixPath(file).name for file in files],
        [part.split for part in parts for _ in part.labels],
        printable(where),
    )
    pool = Pool(
        stack(pictures),
        np.array([numbers[label] for part in parts for label in part.labels], np.int64),
        classes,
        splits,
        files,
    )
    if all(part.named for part in parts):
        return pool, warnings
    return pool, (
        *warnings,
        f"{where} does not name its classes: they are called by their numbers, and cannot be told "
        "to be those of another data set",
    )


def _splits(names: Sequence[str], tree: Tree) -> dict[str, str]:
    """Return the split of each file: a word of its name or of its folder; else all are "train".

    Where no name says it and all files lie in one folder, that folder's may: a test set alone is
    then refused.
    """
    found = {name: _split(name) for name in names}
    _check_roots(found, tree)
    splits = {name: split for name, (split, _) in found.items()}
    if not any(splits.values()):
        above = tree.top.rstrip("/").rpartition("/")[2]
        splits = dict.fromkeys(names, split_named(above))
    unclear = [name for name, split in splits.items() if split is None]
    if unclear and len(unclear) < len(names):
        raise DataError(
            f"{tree.where(unclear[0])} names no split, expected train, validation or test in its "
            "name as in the others'; rename or remove it"
        )
    return {name: split or "train" for name, split in splits.items()}


def _check_roots(found: Mapping[str, tuple[str | None, str]], tree: Tree) -> None:
    """Refuse a split that lies in several places: hubs keep the same images in several ways."""
    roots: dict[str, dict[str, str]] = {}
    for name, (split, root) in found.items():
        if split:
            roots.setdefault(split, {}).setdefault(root, name)
    for split, places in roots.items():
        if len(places) > 1:
            one, other, *_ = (tree.where(name) for name in places.values())
            raise DataError(
                f"{tree.name} has files of {split} in {len(places)} places ({one} and {other}), "
                "expected one: these may be the same images twice; give one of the folders"
            )


def _split(name: str) -> tuple[str | None, str]:
    """Return the split that a file's name says, or its folder's, and the folder above that."""
    parts = name.removesuffix(".parquet").split("/")
    for depth in reversed(range(len(parts))):
        words = WORD.findall(parts[depth].lower())
        found = {SPLIT_FOLDERS[word] for word in words if word in SPLIT_FOLDERS}
        if len(found) == 1:
            split = found.pop()
            return split, "/".join(parts[: _outermost(parts, split)])
    return None, ""


def _outermost(parts: Sequence[str], split: str) -> int:
    """Return the first part of a path that names this split: train/2023/train-0 is all of one."""
    named = (split in {SPLIT_FOLDERS.get(w) for w in WORD.findall(part.lower())} for part in parts)
    return list(named).index(True)


def _read_part(content: bytes, name: str, where: str, split: str, decoder: Decoder) -> Part:
    damage, parquet = _pyarrow()
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        columns = find_columns(file.schema_arrow, where)
        part = Part(split, set(columns.classes or ()), named=True)
        for row, (image, label) in enumerate(_rows(file, columns)):
            place = f"{where}, row {row}"
            path = image.get("path") if isinstance(image, dict) else None
            part.pictures.append(decoder.decode(place, _bytes(image, place)))
            part.labels.append(_word(label, columns, place))
            part.files.append(path or f"{name}:{row}")
            part.named = columns.classes is not None or isinstance(label, str)
    except damage as error:
        raise DataError(
            f"{where} cannot be read as a Parquet file ({str(error).partition(chr(10))[0]}); it "
            "may be cut off or damaged: fetch it again"
        ) from error
    part.classes.update(part.labels)
    return part


def _rows(file: Any, columns: ParquetColumns) -> Iterator[tuple[Any, Any]]:
    for batch in file.iter_batches(ROWS, columns=[columns.image, columns.label]):
        yield from zip(
            batch.column(columns.image).to_pylist(),
            batch.column(columns.label).to_pylist(),
            strict=True,
        )


def _bytes(image: Any, place: str) -> bytes:
    content = image.get("bytes") if isinstance(image, dict) else image
    if not content:
        raise DataError(
            f"{place}: the image has no bytes, expected an encoded image (a path alone leads to no "
            "file here); write the images into the Parquet file"
        )
    return bytes(content)


def _word(label: Any, columns: ParquetColumns, place: str) -> str:
    """Return the class's name, or its number as text where there are no names."""
    if isinstance(label, int) and label >= 0:
        if columns.classes is None:
            return str(label)
        if label < len(columns.classes):
            return columns.classes[label]
    if isinstance(label, str) and label:
        return label
    count = len(columns.classes or ())
    raise DataError(
        f"{place}: expected {f'a label from 0 to {count - 1}' if count else 'a label'}, found "
        f"{label!r}; leave out images without a label"
    )


def _pyarrow() -> tuple[tuple[type[Exception], ...], Any]:
    """Return what pyarrow raises for damaged files, and its module for Parquet."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DataError(
            "reading Parquet files needs pyarrow, which is not installed; pip install pyarrow"
        ) from error
    return (pyarrow.ArrowException, OSError), pyarrow.parquet
