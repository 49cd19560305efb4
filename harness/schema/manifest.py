"""The manifest of a prepared data set, written last, so that its presence means complete."""

from harness.schema.base import Document, Frozen


class Source(Frozen):
    """Where a data set came from: a file's name (no folder), its form and its SHA-256."""

    name: str
    form: str
    sha256: str | None = None


class Manifest(Document):
    """What ``manifest.json`` says of the six arrays beside it.

    ``image_shape`` is ``(height, width)`` or ``(height, width, channels)``; ``mean`` and ``std``
    are those of the training images, one a channel, as fractions of 255.
    """

    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, ...]
    counts: dict[str, int]
    class_counts: dict[str, tuple[int, ...]]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sha256: dict[str, str]
    source: Source
    synthetic: bool = False
    warnings: tuple[str, ...] = ()
