"""The audit of a data set: what it found, and what a record says of it."""

import json

from harness.schema.base import Document, Frozen


class AuditCard(Frozen):
    """What records say of an audit: ``clean_sha256`` is that of the clean test images' indices.

    ``version`` is the method's. ``exact`` and ``near`` are the test images with a twin in the
    training split, pixel by pixel or nearly; together they are what the clean test leaves out.
    ``near`` is None where such twins were not looked for, or could not be told from other images.
    """

    version: int
    clean_sha256: str
    clean: int
    exact: int
    near: int | None = None

    @property
    def twins(self) -> int:
        """The test images that the clean test leaves out."""
        return self.exact + (self.near or 0)

    @property
    def words(self) -> str:
        """How many of them there are of each kind."""
        near = "near ones are not told" if self.near is None else f"{self.near} near"
        return f"{self.exact} exact, {near}"


class AuditedImage(Frozen):
    """One image: its split, its place there (from 0), its class's number, its own file's name."""

    split: str
    index: int
    label: int
    file: str | None = None


class TwinGroup(Frozen):
    """Images that are twins of each other; ``blank`` ones have one colour throughout."""

    images: tuple[AuditedImage, ...]
    blank: bool = False

    @property
    def conflict(self) -> bool:
        """Whether they carry different labels."""
        return len({image.label for image in self.images}) > 1


class TwinPair(Frozen):
    """Two images that are nearly the same; ``score`` is their correlation where they overlap.

    ``mirrored`` says that the second is to be turned left to right.
    """

    first: AuditedImage
    second: AuditedImage
    score: float
    mirrored: bool = False


class TwinCounts(Frozen):
    """Images of one split that have a twin in another (``test_train``: of test, in train), or in
    their own.
    """

    test_train: int = 0
    valid_train: int = 0
    test_valid: int = 0
    train: int = 0
    valid: int = 0
    test: int = 0


class Conflicts(Frozen):
    """Groups of twins that carry different labels, and the images in them."""

    groups: int = 0
    images: int = 0


class Audit(Document):
    """What ``audit.json`` says of a data set.

    ``exact`` counts images with a pixel-identical twin there, blank ones among them; ``near``
    those with a near twin and no exact one. Near pairs score at least ``threshold``, which is None
    where no near twins are told, for a reason among ``warnings``; pairs of exact twins stand for
    themselves by one image each. ``near_pairs`` and ``doubtful_pairs`` (just below the
    threshold) are sorted by score, the best first, and may be cut short: ``pairs`` and
    ``doubtful`` count all. ``near_groups`` are joined by near twins, and hold exact ones too.
    """

    version: int
    dataset: str
    fingerprint: str
    counts: dict[str, int]
    exact: TwinCounts
    near: TwinCounts
    threshold: float | None
    pairs: int
    doubtful: int
    exact_conflicts: Conflicts
    near_conflicts: Conflicts
    missing: dict[str, tuple[str, ...]]
    warnings: tuple[str, ...]
    card: AuditCard
    blank: tuple[AuditedImage, ...]
    exact_groups: tuple[TwinGroup, ...]
    near_groups: tuple[TwinGroup, ...]
    near_pairs: tuple[TwinPair, ...]
    doubtful_pairs: tuple[TwinPair, ...]

    def to_json(self) -> str:
        """Return the document as JSON, a line for each field, group and pair: fit for grep."""
        parts = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            key = "schema" if name == "schema_version" else name
            parts.append(f'"{key}": {_lines(value)}')
        return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: object) -> str:
    if isinstance(value, Frozen):
        return value.model_dump_json(exclude_none=True)
    if isinstance(value, tuple) and value and isinstance(value[0], Frozen):
        return "[\n" + ",\n".join(_lines(item) for item in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)
