"""What a reader of some form of data is, and what it gives."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Protocol

from harness.data.arrays import Images, Labels
from harness.data.trees import Tree
from harness.data.votes import Votes
from harness.errors import RequestError
from harness.schema import Source

# Called with (bytes read, bytes in all), often enough for a progress bar.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Options:
    """What the user says of a source beyond its name; each form heeds some of it.

    ``seed``, ``valid_share`` and ``test_share`` say how splits that the source lacks are carved out
    of its training images; ``size`` is (height, width) and ``channels`` "grey" or "rgb";
    ``arrays`` gives the place of each array, ``{"train_images": "file.npz:X_train"}``.
    """

    seed: int = 0
    valid_share: float = 0.1
    test_share: float = 0.1
    size: tuple[int, int] | None = None
    channels: str | None = None
    arrays: Mapping[str, str] = field(default_factory=dict)

    def check_carving(self, splits: Collection[str], where: str) -> None:
        """Raise `RequestError` for a share of a split that the source has, or a seed of nothing."""
        given = self.given()
        for name, split in (("valid_share", "valid"), ("test_share", "test")):
            if name in given and split in splits:
                raise RequestError(
                    f"{FLAGS[name]} means nothing for {where}, which has its own {split} images; "
                    "leave it out"
                )
        if "seed" in given and {"valid", "test"} <= set(splits):
            raise RequestError(
                f"{FLAGS['seed']} means nothing for {where}, which has all three splits: nothing "
                "is set apart; leave it out"
            )

    def given(self) -> list[str]:
        """Return the names of the options that are not left at their defaults."""
        defaults = Options()
        return [
            item.name
            for item in fields(self)
            if getattr(self, item.name) != getattr(defaults, item.name)
        ]


CARVING = frozenset({"seed", "valid_share", "test_share"})
DRAWING = frozenset({"size", "channels"})
FLAGS = {
    "seed": "--seed",
    "valid_share": "--valid-share",
    "test_share": "--test-share",
    "size": "--size",
    "channels": "--grey or --rgb",
    "arrays": "--array",
}


@dataclass(frozen=True)
class Prepared:
    """What a reader makes of a source: images and labels of each split, in the source's order.

    ``warnings`` say in what the data differs from what its form promises; ``files`` name the file
    of each image, where images come from files of their own. ``in_order`` says that the source has
    all of train before valid and all of valid before test. ``votes`` are those of annotators,
    ``notes`` what is to be said of them. ``synthetic`` data is such that no camera has seen.
    """

    arrays: Mapping[str, tuple[Images, Labels]]
    classes: tuple[str, ...]
    source: Source
    warnings: tuple[str, ...] = ()
    files: Mapping[str, Sequence[str]] | None = None
    in_order: bool = True
    votes: Votes | None = None
    notes: tuple[str, ...] = ()
    synthetic: bool = False


class Reader(Protocol):
    """Reads one form; ``summary`` says in a few words which, ``heeds`` which options matter."""

    @property
    def summary(self) -> str: ...  # noqa: D102 - described by the class

    @property
    def heeds(self) -> frozenset[str]: ...  # noqa: D102 - described by the class

    def recognises(self, tree: Tree) -> bool:
        """Whether ``tree`` is meant to be of this form, be it damaged or not."""
        ...

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read all of it; raises `DataError` naming the place of the first mistake."""
        ...


def check_heeded(reader: Reader, options: Options, where: str) -> None:
    """Raise `RequestError` where an option was given that means nothing for this form."""
    for name in options.given():
        if name not in reader.heeds:
            raise RequestError(
                f"{FLAGS[name]} means nothing for {where}, which is read as "
                f"{reader.summary}; leave it out"
            )
