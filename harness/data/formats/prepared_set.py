"""Reads a data set that was prepared before: with all that its manifest and files say of it."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
from pydantic import ValidationError

from harness.data.arrays import SPLITS
from harness.data.carve import says_carved
from harness.data.class_names import CLASS_NAMES
from harness.data.damage import DAMAGE
from harness.data.formats.array_files import ArrayFiles
from harness.data.formats.reader import Options, Prepared, Progress
from harness.data.images import SUFFIXES as IMAGES
from harness.data.trees import Tree
from harness.data.votes import FILES as VOTES
from harness.data.votes import VoteCounts, Votes
from harness.data.writing import FILES, MANIFEST, NAMES
from harness.errors import DataError
from harness.schema import Manifest, VoteFiles

# What else a source may be: a set that was prepared into its folder is not the source itself.
DATA = (*IMAGES, ".csv", ".npy", ".npz", ".parquet")


class PreparedSet(ArrayFiles):
    """Reads the arrays as they are; nothing is dealt out or judged a second time.

    Where the user names arrays or classes otherwise, they are plain arrays again.
    """

    summary = "a data set that was prepared before (manifest.json beside its six arrays)"
    heeds = frozenset({"arrays"})

    def recognises(self, tree: Tree) -> bool:
        """Whether a manifest of ours lies beside six arrays, and no other data elsewhere."""
        return _place(tree) is not None

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read all of it; raises `DataError` where an array is not what the manifest says."""
        place = _place(tree)
        assert place is not None, "recognised"
        manifest = _manifest(tree, place)
        assert manifest is not None, "recognised"
        if options.arrays:
            plain = super().read(tree, options, progress)
            return replace(plain, synthetic=manifest.synthetic)
        content = _checked(tree, place, manifest)
        roles = {PurePosixPath(file).stem: f"{place}{file}" for file in FILES}
        plain = super().read(tree, replace(options, arrays=roles), progress)
        kept = replace(
            plain,
            synthetic=manifest.synthetic,
            files=_names(tree, place, manifest),
            votes=_votes(manifest.votes, content, tree) if manifest.votes else None,
            notes=manifest.notes,
        )
        above = PurePosixPath(f"{place}{MANIFEST}").parents
        if any(str(folder / CLASS_NAMES) in tree.sizes for folder in above):
            # Other warnings speak of the classes by the names that they had.
            return replace(kept, warnings=tuple(filter(says_carved, manifest.warnings)))
        return replace(
            kept, classes=manifest.classes, source=manifest.source, warnings=manifest.warnings
        )


def prepared_within(tree: Tree) -> list[str]:
    """Return the folders within the tree, with a last ``/``, that are data sets of ours."""
    return [place for place in _places(tree) if place]


def _places(tree: Tree) -> list[str]:
    found = [
        name.removesuffix(MANIFEST) for name in tree.sizes if PurePosixPath(name).name == MANIFEST
    ]
    return [
        place
        for place in found
        if all(f"{place}{file}" in tree.sizes for file in FILES) and _manifest(tree, place)
    ]


def _place(tree: Tree) -> str | None:
    """Return the folder of the data set within the tree, with the last ``/``, if there is one."""
    whole = _places(tree)
    if len(whole) != 1 or any(name.endswith(DATA) for name in _beside(tree, whole[0])):
        return None
    return whole[0]


def _beside(tree: Tree, place: str) -> list[str]:
    return [name.lower() for name in tree.sizes if not name.startswith(place)]


def _manifest(tree: Tree, place: str) -> Manifest | None:
    """Return the manifest, None where the file is of that name only."""
    with tree.open(f"{place}{MANIFEST}") as stream:
        content = stream.read()
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        return None


def _checked(tree: Tree, place: str, manifest: Manifest) -> dict[str, bytes]:
    """Return the content of the votes' files, once all files are those of the manifest."""
    expected = {**manifest.sha256, **(manifest.votes.sha256 if manifest.votes else {})}
    files = (*FILES, *(VOTES if manifest.votes else ()))
    missing = [file for file in files if f"{place}{file}" not in tree.sizes]
    if missing:
        raise DataError(
            f"{tree.name} lacks {', '.join(missing)}, which its {MANIFEST} names; prepare it again "
            "from its own source"
        )
    votes, changed = {}, []
    for name, content in tree.read([f"{place}{file}" for file in files]):
        file = name.removeprefix(place)
        if hashlib.sha256(content).hexdigest() != expected.get(file):
            changed.append(file)
        if file in VOTES:
            votes[file] = content
    if changed:
        raise DataError(
            f"{tree.name}: {', '.join(changed)} changed since the data set was prepared from "
            f"{manifest.source.name} (its SHA-256 is not the one in {MANIFEST}); prepare it again "
            f"from there, or remove {MANIFEST} to use the arrays as they are"
        )
    return votes


def _votes(files: VoteFiles, content: Mapping[str, bytes], tree: Tree) -> Votes:
    counts: dict[str, VoteCounts] = {}
    for split, file in zip(SPLITS, VOTES, strict=True):
        try:
            counts[split] = np.load(io.BytesIO(content[file]), allow_pickle=False)
        except DAMAGE as error:
            raise DataError(
                f"{tree.name}: {file} cannot be read as an array of numbers; prepare the data set "
                "again from its own source"
            ) from error
    return Votes(files.names, counts, files.source)


def _names(tree: Tree, place: str, manifest: Manifest) -> dict[str, Sequence[str]] | None:
    """Return the names of the images' own files, by split, if they are there."""
    if f"{place}{NAMES}" not in tree.sizes:
        return None
    with tree.open(f"{place}{NAMES}") as stream:
        content = stream.read()
    try:
        names = json.loads(content)
        if {split: len(names[split]) for split in SPLITS} == manifest.counts:
            return {split: [str(name) for name in names[split]] for split in SPLITS}
    except (ValueError, KeyError, TypeError):
        pass
    raise DataError(
        f"{tree.name}/{place}{NAMES} does not name a file for each image; prepare the data set "
        f"again from its own source, or remove {NAMES}"
    )
