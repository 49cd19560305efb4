"""Which array is which: the splits and kinds that names like ``X_train`` say, or the user does."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from harness.data.arrays import SPLITS
from harness.data.formats.layout import SPLIT_FOLDERS
from harness.errors import DataError, RequestError, unknown

KINDS = {
    "images": "images",
    "image": "images",
    "x": "images",
    "data": "images",
    "labels": "labels",
    "label": "labels",
    "y": "labels",
    "targets": "labels",
}
ROLES = tuple(f"{split}_{kind}" for split in SPLITS for kind in ("images", "labels"))


def assign(names: Sequence[str], given: Mapping[str, str], where: str) -> dict[str, str]:
    """Return the name of the array for each role, like "train_images".

    ``names`` are those of files (``X_train.npy``) and of arrays in them (``file.npz:X_train``);
    ``given`` are the user's words, and count for more than what names say. Raises `RequestError`
    for an unknown word, and `DataError` that lists what is there if the names leave it open.
    """
    for role in given:
        if role not in ROLES:
            raise RequestError(unknown("array", role, ROLES))
    chosen = {role: _named(word, names, role, where) for role, word in given.items()}
    for role in ROLES:
        if role not in chosen:
            found = [name for name in names if role_of(name) == role]
            if len(found) > 1:
                raise DataError(
                    f"{where} holds {' and '.join(found)}, each of which may be {role}; say which "
                    f"by --array {role}=NAME"
                )
            if found:
                chosen[role] = found[0]
    _check_pairs(chosen, names, where)
    return chosen


def _named(word: str, names: Sequence[str], role: str, where: str) -> str:
    """Find the array that the user means: by its whole name, or the end of it."""
    if word in names:
        return word
    found = [name for name in names if parted(name)[1] == word or name.endswith(f"/{word}")]
    if len(found) == 1:
        return found[0]
    what = f"{word}, which may be {' or '.join(found)}" if found else f"no {word}"
    raise DataError(
        f"{where} holds {what}, expected the array for {role}, found {', '.join(names)}; give one "
        "of these"
    )


def parted(name: str) -> tuple[str, str]:
    """Return the file of an array and its key within it: ``b.npz:key``, or ``a.npy`` and ""."""
    found = re.match(r"(.+?\.npz):(.*)", name, re.IGNORECASE)
    return (found[1], found[2]) if found else (name, "")


def role_of(name: str) -> str | None:
    """Return the role that the name of an array says, if it says one.

    That of the archive around it may say the split: ``train.npz:images``.
    """
    file, key = parted(name)
    stem = PurePosixPath(file).stem
    return _role_in(key) or _role_in(f"{stem}_{key}") if key else _role_in(stem)


def _role_in(key: str) -> str | None:
    words = re.split(r"[_\-. ]", key.lower())
    splits = [SPLIT_FOLDERS[word] for word in words if word in SPLIT_FOLDERS]
    kinds = [KINDS[word] for word in words if word in KINDS]
    if len(words) == 2 and len(splits) == len(kinds) == 1:
        return f"{splits[0]}_{kinds[0]}"
    return None


def _check_pairs(chosen: Mapping[str, str], names: Sequence[str], where: str) -> None:
    needed = {"train_images", "train_labels"}
    for role in chosen:
        needed |= {f"{role.partition('_')[0]}_{kind}" for kind in ("images", "labels")}
    missing = [role for role in ROLES if role in needed and role not in chosen]
    if missing:
        free = [name for name in names if name not in chosen.values()]
        raise DataError(
            f"{where} names no {' and no '.join(missing)}, found {', '.join(names)}; say which "
            f"they are, like --array {missing[0]}={free[0] if free else 'FILE.npy'}"
        )
