"""The manifest of a prepared data set, written last, so that its presence means complete."""

from harness.schema.base import Document, Frozen


class Source(Frozen):
    """Where a data set came from: a file's name (no folder), its form and its SHA-256."""

    name: str
    form: str
    sha256: str | None = None


class VoteFiles(Frozen):
    """Annotators' votes beside the six arrays: ``{train,valid,test}_votes.npy``.

    ``names`` are those of the columns; ``source`` is where the votes came from.
    """

    names: tuple[str, ...]
    sha256: dict[str, str]
    source: Source


class Manifest(Document):
    """What ``manifest.json`` says of the six arrays beside it, and of votes where there are such.

    ``image_shape`` is ``(height, width)`` or ``(height, width, channels)``; ``mean`` and ``std``
    are those of the training images, one a channel, as fractions of 255. ``warnings`` are told
    whenever the data is used, ``notes`` once.
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
    notes: tuple[str, ...] = ()
    votes: VoteFiles | None = None
