"""Images with the names of their classes, of which some know their split, become a data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from harness.data import published
from harness.data.arrays import SPLITS, Images, Labels, count_classes
from harness.data.carve import Rows, Shares, complete
from harness.data.formats.layout import split_of_file
from harness.data.formats.reader import Options, Prepared
from harness.errors import DataError
from harness.schema import Source


@dataclass(frozen=True)
class Pool:
    """All images of a source in one array; ``splits`` names the split of each, ``files`` its file.

    Images of a source without splits are all of "train".
    """

    images: Images
    labels: Labels
    classes: tuple[str, ...]
    splits: Sequence[str]
    files: Sequence[str] = ()


def deal(pool: Pool, source: Source, options: Options, warnings: Sequence[str] = ()) -> Prepared:
    """Deal the images out to the three splits, setting apart what the source does not have."""
    rows, shares = check_request(pool.splits, options, source.name)
    dealt, carved = complete(rows, pool.labels, pool.classes, shares, _lacking(rows, source.name))
    files = pool.files
    return Prepared(
        {split: (_taken(pool.images, rows), pool.labels[rows]) for split, rows in dealt.items()},
        pool.classes,
        source,
        (*warnings, *carved, *_untrained(pool, dealt, source.name), *_unlike_published(pool, rows)),
        {split: [files[row] for row in chosen] for split, chosen in dealt.items()}
        if files
        else None,
    )


def _taken(images: Images, rows: Rows) -> Images:
    """Return these images: of neighbours no copy, which may be as large as all memory."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows) and (np.diff(rows) == 1).all():
        return images[rows[0] : rows[-1] + 1]
    return images[rows]


def check_request(
    splits: Sequence[str], options: Options, where: str
) -> tuple[dict[str, Rows], Shares]:
    """Return the rows of each split, and the shares that are set apart.

    Readers ask before they decode what may be a hundred thousand images. Raises `DataError` where
    no image is for training, and `RequestError` for options that mean nothing here.
    """
    shares = Shares(options.valid_share, options.test_share, options.seed)
    rows = _rows_by_split(splits, where)
    options.check_carving(rows, where)
    return rows, shares


def _rows_by_split(splits: Sequence[str], where: str) -> dict[str, Rows]:
    """Return the rows of each split that has any; raises `DataError` if none is for training."""
    of_row = np.array(splits)
    rows = {split: np.flatnonzero(of_row == split) for split in SPLITS if split in of_row}
    if "train" not in rows:
        raise DataError(
            f"{where} has images for {' and '.join(rows)} but none to train on, expected a split "
            "named train; give it all splits"
        )
    return rows


def _lacking(rows: Mapping[str, Rows], where: str) -> str:
    missing = [split for split in ("valid", "test") if split not in rows]
    listed = "no splits" if len(missing) == 2 else f"no split {' '.join(missing)}"
    return f"{where} has {listed}"


def _untrained(pool: Pool, rows: Mapping[str, Rows], where: str) -> tuple[str, ...]:
    """Warn of classes of which there is no image to train on."""
    counts = count_classes(pool.labels[rows["train"]], pool.classes)
    names = [name for name, count in zip(pool.classes, counts, strict=True) if not count]
    if not names:
        return ()
    return (
        f"{where} has no training image of {', '.join(names)}: are classes named alike in all "
        "splits?",
    )


def _unlike_published(pool: Pool, rows: Mapping[str, Rows]) -> tuple[str, ...]:
    """Compare the counts of what seems to be FER-2013 with the published ones."""
    if pool.classes != published.CLASSES:
        return ()
    counts = {
        split: count_classes(pool.labels[chosen], pool.classes) for split, chosen in rows.items()
    }
    whole = {split: published.COUNTS[split] for split in rows}
    pooled = whole if len(rows) == len(SPLITS) else _pooled(tuple(rows))
    named = any(split_of_file(PurePosixPath(file).name) for file in pool.files)
    if not (named or _is_near(counts, whole) or _is_near(counts, pooled)):
        return ()
    if len(rows) == len(SPLITS) or counts == whole:
        return published.differences(counts, whole)
    return published.differences(counts, pooled) or (
        f"{list(rows)[-1]} has the images of {' and '.join(_usages(tuple(rows)))}, which cannot be "
        "told apart",
    )


def _is_near(counts: published.Counts, expected: published.Counts) -> bool:
    """Whether as many images as published, within a tenth, or two counts that are as published.

    Other data sets have the same seven classes.
    """
    pairs = [
        pair for split in expected for pair in zip(counts[split], expected[split], strict=True)
    ]
    found, wanted = (sum(column) for column in zip(*pairs, strict=True))
    return abs(found - wanted) <= wanted / 10 or sum(a == b for a, b in pairs) >= 2


def _usages(splits: tuple[str, ...]) -> tuple[str, ...]:
    """Return the challenge's sets that the last of a source's one or two splits holds."""
    return tuple(published.USAGES.values())[len(splits) - 1 :]


def _pooled(splits: tuple[str, ...]) -> published.Counts:
    """Return the published counts of one or two splits, the last with what the others lack."""
    rest = published.pooled(*SPLITS[len(splits) - 1 :])
    return {"train": published.COUNTS["train"], splits[-1]: rest}
