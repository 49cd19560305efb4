"""What the names in a tree of image files say: the class of each image, and its split."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.data import published
from harness.errors import DataError

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "dev": "valid",
    "publictest": "valid",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}
# FER-2013's usages, as they begin the names of its image files.
USAGE = re.compile(rf"({'|'.join(published.USAGES.values())})[_-]", re.IGNORECASE)
# What people add to the name of a split: test_set, train_images, FER2013Valid.
ADDED = re.compile(r"^fer[_\- ]?2013[_\- ]?(?=.)|[_\- ]?(set|images)$")


@dataclass(frozen=True)
class Layout:
    """Of each image, in the order of names: the name of its class, and its split if there is one.

    ``depth`` counts the folders above those of the classes, of which the last is that of the split
    if ``by_split``.
    """

    classes: tuple[str, ...]
    splits: tuple[str, ...]
    depth: int
    by_split: bool
    warnings: tuple[str, ...]


def lay_out(names: Sequence[str], where: str) -> Layout:
    """Read names relative to the source; raises `DataError` for the first that says too little.

    Names are CLASS/FILE or SPLIT/CLASS/FILE, with or without more folders in a class that holds
    images itself, all within a folder or not. What the file's own name says of the split counts for
    more than the folder.
    """
    whole = [name.split("/") for name in names]
    shared = _shared(whole)
    parts = [part[shared:] for part in whole]
    place = "/".join([where, *whole[0][:shared]])
    tops = {part[0] for part in parts if len(part) > 1}
    depth = int(_has_splits(parts, tops))
    split_tops = {top for top in tops if depth and _is_split(top)}
    _check_places(parts, tops, split_tops, place)
    _check_depth(parts, depth, place)
    folders = [(split_named(part[0]) or "train") if depth else "train" for part in parts]
    splits, warnings = splits_of_files([part[-1] for part in parts], folders, where)
    return Layout(
        tuple(part[depth] for part in parts),
        splits,
        shared + depth,
        bool(depth),
        warnings if depth else (),
    )


def splits_of_files(
    files: Sequence[str], folders: Sequence[str], where: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the split of each file by its own name, or else that of its folder, and warnings."""
    usages = [split_of_file(file) for file in files]
    if not {"valid", "test"} & set(usages):
        # Without PublicTest_ or PrivateTest_ among them, training_7.jpg is any picture's name.
        return tuple(folders), ()
    splits = tuple(usage or folder for usage, folder in zip(usages, folders, strict=True))
    return splits, _moved(usages, folders, where)


def split_named(folder: str) -> str | None:
    """Return the split that a name says: ``Validation``, ``test_set``, ``FER2013Test``."""
    return SPLIT_FOLDERS.get(ADDED.sub("", folder.lower()))


def split_of_file(file: str) -> str | None:
    """Return the split that the name of one of FER-2013's image files begins with."""
    match = USAGE.match(file)
    return SPLIT_FOLDERS[match[1].lower()] if match else None


def _is_split(folder: str) -> bool:
    return split_named(folder) is not None


def _shared(parts: Sequence[Sequence[str]]) -> int:
    """Return how many folders hold all the others, up to those of the splits or the classes."""
    depth = 0
    while _is_top(parts, depth):
        depth += 1
    return depth


def _is_top(parts: Sequence[Sequence[str]], depth: int) -> bool:
    """Whether all images lie in one folder at this depth, which is no split and not all classes."""
    if any(len(part) < depth + 2 for part in parts) or len({part[depth] for part in parts}) > 1:
        return False
    deeper = [part for part in parts if len(part) > depth + 2]
    # A data set may be called test: it is no split if it holds nothing but splits.
    holds_splits = len(deeper) == len(parts) and all(_is_split(part[depth + 1]) for part in parts)
    return bool(deeper) and (holds_splits or not _is_split(parts[0][depth]))


def _has_splits(parts: Sequence[Sequence[str]], tops: set[str]) -> bool:
    """Whether the outer folders are splits: a class may be called train, but not all of them."""
    deep = any(len(part) > 2 and _is_split(part[0]) for part in parts)
    return deep or (bool(tops) and all(_is_split(top) for top in tops))


def _check_places(
    parts: Sequence[Sequence[str]], tops: set[str], split_tops: set[str], where: str
) -> None:
    for one, other in combinations(sorted(split_tops), 2):
        if one.lower() != other.lower() and split_named(one) == split_named(other):
            raise DataError(
                f"{where} holds {one} and {other}, which name one split, expected one folder for "
                "each; move their images into one of them, or remove the other"
            )
    if split_tops and (others := sorted(tops - split_tops)):
        raise DataError(
            f"{where} holds images in {', '.join(others[:3])}{', …' if others[3:] else ''} beside "
            f"{', '.join(sorted(split_tops))}, expected folders named train, valid (val, "
            "validation) and test only; move or remove the others"
        )
    form = "SPLIT/CLASS/FILE" if split_tops else "CLASS/FILE or SPLIT/CLASS/FILE"
    for part in parts:
        if len(part) < (3 if split_tops else 2):
            raise DataError(
                f"{where}/{'/'.join(part)} lies in no folder of a class, expected {form}; put each "
                "image into a folder named like its class, or remove it"
            )


def _check_depth(parts: Sequence[Sequence[str]], depth: int, where: str) -> None:
    """Raise `DataError` where folders within those of the classes may be classes, or splits."""
    form = "SPLIT/CLASS/FILE" if depth else "CLASS/FILE or SPLIT/CLASS/FILE"
    for part in parts:
        if split := next(filter(_is_split, part[depth + 1 : -1]), None):
            raise DataError(
                f"{where}/{'/'.join(part)} lies in a folder {split} below {part[depth]}, so that "
                f"either may be the class, expected {form}; put the folders of splits above those "
                f"of classes, rename {split}, or give the folder alone that holds the splits"
            )
    filled = {part[depth] for part in parts if len(part) == depth + 2}
    if unsure := next((part for part in parts if part[depth] not in filled), None):
        raise DataError(
            f"{where}/{'/'.join(unsure)} lies in a folder {unsure[depth + 1]} below "
            f"{unsure[depth]}, which holds no image itself, so that either may be the class, "
            f"expected {form}; move images up into the folder of their class, or give the folder "
            "alone that holds the classes"
        )


def _moved(usages: Sequence[str | None], folders: Sequence[str], where: str) -> tuple[str, ...]:
    """Warn of images that lie elsewhere than their names say.

    FER-2013's folders keep both of its test sets in ``test``: that is as expected.
    """
    moved = Counter(
        (usage, folder)
        for usage, folder in zip(usages, folders, strict=True)
        if usage not in (None, folder) and (usage, folder) != ("valid", "test")
    )
    unnamed = usages.count(None)
    warnings = [
        f"{where}: {count} images in {folder} are named as of {usage} and taken there: the folders "
        "were split anew"
        for (usage, folder), count in sorted(moved.items())
    ]
    if 0 < unnamed < len(usages):
        warnings.append(
            f"{where}: {unnamed} of {len(usages)} file names do not begin with Training_, "
            "PublicTest_ or PrivateTest_ as the others do: these images stay in the split of their "
            "folder, and may have been added"
        )
    return tuple(warnings)
