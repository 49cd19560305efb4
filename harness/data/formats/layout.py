"""What the names in a tree of image files say: the class of each image, and its split."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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
USAGE = re.compile(r"(training|publictest|privatetest)[_-]", re.IGNORECASE)
USAGES = {"training": "train", "publictest": "valid", "privatetest": "test"}


@dataclass(frozen=True)
class Layout:
    """Of each image, in the order of names: the name of its class, and its split if there is one.

    ``usages`` counts the images whose file names say who uses them.
    """

    classes: tuple[str, ...]
    splits: tuple[str, ...]
    usages: int
    warnings: tuple[str, ...]


def lay_out(names: Sequence[str], where: str) -> Layout:
    """Read names relative to the source; raises `DataError` for the first that says too little.

    Names are CLASS/FILE or SPLIT/CLASS/FILE, with or without more folders in the class. What the
    file's own name says of the split counts for more than the folder.
    """
    parts = [name.split("/") for name in names]
    tops = {part[0] for part in parts if len(part) > 1}
    # A class may be called train; only folders within make it a split.
    depth = int(any(len(part) > 2 and part[0].lower() in SPLIT_FOLDERS for part in parts))
    split_tops = {top for top in tops if depth and top.lower() in SPLIT_FOLDERS}
    _check_places(parts, tops, split_tops, where)
    folders = [SPLIT_FOLDERS[part[0].lower()] if depth else "train" for part in parts]
    usages = [_usage(part[-1]) for part in parts]
    return Layout(
        tuple(part[depth] for part in parts),
        tuple(usage or folder for usage, folder in zip(usages, folders, strict=True)),
        sum(usage is not None for usage in usages),
        _moved(usages, folders, where) if depth else (),
    )


def _usage(file: str) -> str | None:
    match = USAGE.match(file)
    return USAGES[match[1].lower()] if match else None


def _check_places(
    parts: Sequence[Sequence[str]], tops: set[str], split_tops: set[str], where: str
) -> None:
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
