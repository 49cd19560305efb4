"""The published counts of FER-2013, and in what a data set differs from them."""

from collections.abc import Mapping, Sequence

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

# What the challenge calls each split.
USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}

Counts = Mapping[str, tuple[int, ...]]

# Images per class in Training, PublicTest and PrivateTest (Goodfellow et al., 2013,
# "Challenges in Representation Learning: A report on three machine learning contests").
COUNTS: Counts = {
    "train": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "valid": (467, 56, 496, 895, 653, 415, 607),
    "test": (491, 55, 528, 879, 594, 416, 626),
}


def differences(
    class_counts: Mapping[str, Sequence[int]], expected: Counts = COUNTS
) -> tuple[str, ...]:
    """Return warnings on the images per class in each split, in the order of `CLASSES`.

    One warning for each split that differs from the published counts, then one for each likely
    cause; none where all counts are the published ones. ``expected`` are these by the splits that
    a source has, which may be fewer: see `pooled`.
    """
    found = {split: tuple(class_counts[split]) for split in expected}
    differing = [split for split in expected if found[split] != expected[split]]
    if not differing:
        return ()
    causes = (cause(found, expected) for cause in (_permuted, _augmented, _split_anew, _sample))
    named = (_difference(split, found[split], expected[split]) for split in differing)
    return (*named, *filter(None, causes))


def pooled(*splits: str) -> tuple[int, ...]:
    """Return the published images per class in several splits together."""
    return tuple(sum(counts) for counts in zip(*(COUNTS[split] for split in splits), strict=True))


def _difference(split: str, found: tuple[int, ...], expected: tuple[int, ...]) -> str:
    classes = ", ".join(
        f"{name} {count} (published: {wanted})"
        for name, count, wanted in zip(CLASSES, found, expected, strict=True)
        if count != wanted
    )
    return (
        f"{split} has {sum(found)} images (published: {sum(expected)}), "
        f"differing from the published FER-2013 in {classes}"
    )


def _permuted(found: Counts, expected: Counts) -> str | None:
    if any(sorted(found[split]) != sorted(expected[split]) for split in expected):
        return None
    return (
        "the counts are the published ones in another order of classes: the labels may number the "
        f"classes otherwise (alphabetically?) than {', '.join(CLASSES)}"
    )


def _augmented(found: Counts, expected: Counts) -> str | None:
    """Name each class whose count in a split is a multiple of the published one, or far above."""
    grown = [
        f"{name} in {split} {count / wanted:.3g} times"
        for split in expected
        for name, count, wanted in zip(CLASSES, found[split], expected[split], strict=True)
        if count >= 2 * wanted
    ]
    if not grown:
        return None
    return f"the data looks augmented (of the published count there is {', '.join(grown)})"


def _split_anew(found: Counts, expected: Counts) -> str | None:
    totals = [sum(column) for column in zip(*found.values(), strict=True)]
    published = [sum(column) for column in zip(*expected.values(), strict=True)]
    if totals != published:
        return None
    return (
        "all images together are as many as published in each class: they look split anew, so "
        "results do not compare with those on the official splits"
    )


def _sample(found: Counts, expected: Counts) -> str | None:
    below = all(
        count <= wanted
        for split in expected
        for count, wanted in zip(found[split], expected[split], strict=True)
    )
    return (
        "no class has more images than published: the data looks like a sample" if below else None
    )
