"""The published counts of FER-2013, and in what a data set differs from them."""

from collections.abc import Mapping, Sequence

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

# Images per class in Training, PublicTest and PrivateTest (Goodfellow et al., 2013,
# "Challenges in Representation Learning: A report on three machine learning contests").
COUNTS: Mapping[str, tuple[int, ...]] = {
    "train": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "valid": (467, 56, 496, 895, 653, 415, 607),
    "test": (491, 55, 528, 879, 594, 416, 626),
}


def differences(class_counts: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """Return warnings on the images per class in each split, in the order of `CLASSES`.

    One warning for each split that differs from the published counts, then one for each likely
    cause; none where all counts are the published ones.
    """
    found = {split: tuple(class_counts[split]) for split in COUNTS}
    differing = [split for split in COUNTS if found[split] != COUNTS[split]]
    if not differing:
        return ()
    causes = (_permuted(found), _augmented(found), _split_anew(found), _sample(found))
    return (*(_difference(split, found[split]) for split in differing), *filter(None, causes))


def _difference(split: str, found: tuple[int, ...]) -> str:
    classes = ", ".join(
        f"{name} {count} (published: {expected})"
        for name, count, expected in zip(CLASSES, found, COUNTS[split], strict=True)
        if count != expected
    )
    return (
        f"{split} has {sum(found)} images (published: {sum(COUNTS[split])}), "
        f"differing from the published FER-2013 in {classes}"
    )


def _permuted(found: Mapping[str, tuple[int, ...]]) -> str | None:
    if any(sorted(found[split]) != sorted(COUNTS[split]) for split in COUNTS):
        return None
    return (
        "the counts are the published ones in another order of classes: the labels may number the "
        f"classes otherwise (alphabetically?) than {', '.join(CLASSES)}"
    )


def _augmented(found: Mapping[str, tuple[int, ...]]) -> str | None:
    """Name each class whose count in a split is a multiple of the published one, or far above."""
    grown = [
        f"{name} in {split} {count / expected:.3g} times"
        for split in COUNTS
        for name, count, expected in zip(CLASSES, found[split], COUNTS[split], strict=True)
        if count >= 2 * expected
    ]
    if not grown:
        return None
    return f"the data looks augmented (of the published count there is {', '.join(grown)})"


def _split_anew(found: Mapping[str, tuple[int, ...]]) -> str | None:
    totals = [sum(column) for column in zip(*found.values(), strict=True)]
    published = [sum(column) for column in zip(*COUNTS.values(), strict=True)]
    if totals != published:
        return None
    return (
        "all images together are as many as published in each class: they look split anew, so "
        "results do not compare with those on the official splits"
    )


def _sample(found: Mapping[str, tuple[int, ...]]) -> str | None:
    below = all(
        count <= expected
        for split in COUNTS
        for count, expected in zip(found[split], COUNTS[split], strict=True)
    )
    return (
        "no class has more images than published: the data looks like a sample" if below else None
    )
