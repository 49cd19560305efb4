"""A data set in a folder, opened: three splits, memory-mapped, with what the manifest says."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from harness.data.arrays import (
    SPLITS,
    Images,
    Labels,
    check_classes,
    check_same_shape,
    check_several,
    check_split,
    open_array,
)
from harness.data.class_names import CLASS_NAMES, read_names, unnamed_classes
from harness.data.moments import moments
from harness.data.places import is_there, name_of, readable
from harness.data.vote_files import open_votes
from harness.data.votes import VoteCounts
from harness.data.writing import FILES, MANIFEST, file_sha256, write_splits
from harness.errors import DataError
from harness.schema import DatasetCard, Manifest, explain

__all__ = ["Split", "Splits", "open_splits", "write_splits"]


@dataclass(frozen=True)
class Split:
    """Images ``uint8 (N, H, W)`` or ``(N, H, W, C)``, memory-mapped, and labels ``int64 (N,)``.

    ``votes`` counts the annotators who chose each of `Splits.vote_names`, ``uint8 (N, names)``.
    """

    images: Images
    labels: Labels
    votes: VoteCounts | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Splits:
    """A data set: its splits, and what is said of it.

    ``mean`` and ``std`` are those of the training images, one a channel, as fractions of 255.
    ``fingerprint`` is the same wherever the six files and the class names are the same;
    ``votes_sha256`` wherever the annotators' votes are, None without such.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    valid: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    fingerprint: str
    synthetic: bool = False
    warnings: tuple[str, ...] = ()
    vote_names: tuple[str, ...] = ()
    votes_sha256: str | None = None

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape of one image as a model takes it: (channels, height, width)."""
        _, height, width, *channels = self.train.images.shape
        return (channels[0] if channels else 1, height, width)

    @property
    def num_classes(self) -> int:
        """The number of classes, those without images among them."""
        return len(self.classes)

    @property
    def counts(self) -> dict[str, int]:
        """Images in each split."""
        return {"train": len(self.train), "valid": len(self.valid), "test": len(self.test)}

    def card(self) -> DatasetCard:
        """Return what records say of the data set."""
        return DatasetCard(
            name=self.name,
            fingerprint=self.fingerprint,
            classes=self.classes,
            input_shape=self.input_shape,
            counts=self.counts,
            synthetic=self.synthetic,
            votes_sha256=self.votes_sha256,
            warnings=self.warnings,
        )


def open_splits(folder: Path) -> Splits:
    """Open the data set in ``folder``: six ``.npy`` files, with or without a manifest.

    Without a manifest the class names are those in ``classes.txt`` (one a line), else FER-2013's
    where the labels are 0 to 6, else the numbers, and there are no votes. Raises `DataError` where
    a file is missing, damaged, not what it should be, or not what the manifest says.
    """
    _check_folder(folder)
    manifest = _read_manifest(folder)
    splits = {split: _open_split(folder, split) for split in SPLITS}
    check_same_shape({name: split.images.shape[1:] for name, split in splits.items()}, str(folder))
    sha256 = {file: file_sha256(folder / file) for file in FILES}
    # Of the images as they are, whatever a manifest says: no key of a run knows these numbers.
    mean, std = moments(splits["train"].images)
    if manifest is not None:
        _check_unchanged(folder, manifest, sha256)
        _check_moments(folder, manifest, mean, std)
        classes, warnings = manifest.classes, manifest.warnings
    else:
        classes, warnings = _classes_without_manifest(folder, splits)
    check_classes(classes, {name: split.labels for name, split in splits.items()}, str(folder))
    check_several(classes, str(folder))
    vote_names: tuple[str, ...] = ()
    votes_sha256 = None
    if manifest is not None and manifest.votes is not None:
        counts = {name: len(split) for name, split in splits.items()}
        votes, votes_sha256 = open_votes(folder, manifest.votes, counts)
        vote_names = manifest.votes.names
        splits = {name: replace(split, votes=votes[name]) for name, split in splits.items()}
    return Splits(
        name=manifest.name if manifest else name_of(folder) or "data",
        classes=classes,
        **splits,
        mean=mean,
        std=std,
        fingerprint=_fingerprint(sha256, classes),
        synthetic=manifest.synthetic if manifest else False,
        warnings=warnings,
        vote_names=vote_names,
        votes_sha256=votes_sha256,
    )


def _check_folder(folder: Path) -> None:
    prepare = "`harness data prepare SOURCE --out DIR` makes one of what you have"
    if not is_there(folder):
        raise DataError(f"{folder} does not exist, expected the folder of a data set; {prepare}")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file, expected the folder of a data set; {prepare}")
    with readable(folder):
        missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        raise DataError(
            f"{folder} lacks {', '.join(missing)}, expected the six files "
            f"{{train,valid,test}}_{{images,labels}}.npy; {prepare}"
        )


def _open_split(folder: Path, split: str) -> Split:
    images = open_array(folder / f"{split}_images.npy")
    labels = open_array(folder / f"{split}_labels.npy")
    check_split(split, images, labels, str(folder))
    return Split(images, np.array(labels, np.int64))


def _read_manifest(folder: Path) -> Manifest | None:
    path = folder / MANIFEST
    advice = "prepare the data set again, or remove the manifest to use the files as they are"
    if not path.exists():
        return None
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise DataError(f"{path} is no valid manifest: {explain(error)}; {advice}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); {advice}") from error
    # The name becomes part of paths in the store.
    if manifest.name in ("", ".", "..") or "/" in manifest.name or "\\" in manifest.name:
        raise DataError(
            f"{path}: name is {manifest.name!r}, expected the name of a folder; {advice}"
        )
    return manifest


def _check_unchanged(folder: Path, manifest: Manifest, sha256: dict[str, str]) -> None:
    changed = [file for file in FILES if manifest.sha256.get(file) != sha256[file]]
    if changed:
        raise DataError(
            f"{folder}: {', '.join(changed)} changed since the data set was prepared from "
            f"{manifest.source.name} (its SHA-256 is not the one in {MANIFEST}); prepare it again, "
            f"or remove {MANIFEST} to use the files as they are"
        )


def _check_moments(
    folder: Path, manifest: Manifest, mean: tuple[float, ...], std: tuple[float, ...]
) -> None:
    written, found = (*manifest.mean, *manifest.std), (*mean, *std)
    if len(written) != len(found) or not np.allclose(written, found, rtol=0, atol=1e-6):
        raise DataError(
            f"{folder / MANIFEST}: mean and std are {manifest.mean} and {manifest.std}, those of "
            f"the training images are {mean} and {std}; they cannot be chosen: a model that wants "
            f"others shifts and scales its images itself. Prepare the data set again, or remove "
            f"{MANIFEST} to use the files as they are"
        )


def _classes_without_manifest(
    folder: Path, splits: dict[str, Split]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return class names, and a warning where they are a guess."""
    path = folder / CLASS_NAMES
    with readable(path):
        if path.is_file():
            return read_names(path.read_bytes()), ()
    labels = {name: split.labels for name, split in splits.items()}
    return unnamed_classes(labels, str(folder), name_of(folder))


def _fingerprint(sha256: dict[str, str], classes: Sequence[str]) -> str:
    parts = [[sha256[file] for file in FILES], list(classes)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
