"""What was found becomes an audit: counted by splits, put into groups, warned of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.data.arrays import SPLITS, count_classes
from harness.data.audit.clean import indices_sha256
from harness.data.audit.gallery import Gallery
from harness.data.audit.labels import missing_classes, numbered_otherwise
from harness.data.audit.relations import Relations
from harness.schema import (
    Audit,
    AuditCard,
    AuditedImage,
    Conflicts,
    TwinCounts,
    TwinGroup,
    TwinPair,
)

VERSION = 1  # of the method: raised where it comes to find other twins
MOST_LISTED = 100_000  # pairs in the file
TRAIN, VALID, TEST = range(3)

Files = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Findings:
    """Twins, and which rows are blank; ``files`` name the images' own files by split."""

    relations: Relations
    blank: NDArray[np.bool_]
    files: Files

    @property
    def gallery(self) -> Gallery:
        """The images that were looked at."""
        return self.relations.gallery

    def clean(self) -> NDArray[np.int64]:
        """Return the indices of the test images without any twin in the training split."""
        twins = (self.relations.exact_in() | self.relations.near_in())[:, TRAIN]
        return np.flatnonzero(~twins[self.gallery.split_of == TEST]).astype(np.int64)

    def audit(self) -> Audit:
        """Return all of it as a document."""
        splits, near = self.gallery.splits, self.relations.near
        class_counts = {
            name: count_classes(part.labels, splits.classes)
            for name, part in zip(SPLITS, self.gallery.parts, strict=True)
        }
        exact = _count(self.relations.exact_in(), self.gallery.split_of)
        nearly = _count(self.relations.near_in(), self.gallery.split_of)
        exact_groups = tuple(map(self._group, self.relations.exact_groups()))
        near_groups = tuple(map(self._group, self.relations.near_groups()))
        clean = self.clean()
        return Audit(
            version=VERSION,
            dataset=splits.name,
            fingerprint=splits.fingerprint,
            counts=splits.counts,
            exact=exact,
            near=nearly,
            threshold=near.threshold,
            pairs=near.twins,
            doubtful=len(near.score) - near.twins,
            exact_conflicts=_conflicts(exact_groups),
            near_conflicts=_conflicts(near_groups),
            missing=missing_classes(class_counts, splits.classes),
            warnings=tuple(self._warnings(class_counts)),
            card=AuditCard(
                version=VERSION,
                clean_sha256=indices_sha256(clean),
                clean=len(clean),
                exact=exact.test_train,
                near=None if near.threshold is None else nearly.test_train,
            ),
            blank=tuple(self._image(int(row)) for row in np.flatnonzero(self.blank)),
            exact_groups=exact_groups,
            near_groups=near_groups,
            near_pairs=self._pairs(0, near.twins),
            doubtful_pairs=self._pairs(near.twins, len(near.score)),
        )

    def _image(self, row: int) -> AuditedImage:
        split, index = SPLITS[self.gallery.split_of[row]], self.gallery.index(row)
        names = self.files.get(split)
        return AuditedImage(
            split=split,
            index=index,
            label=int(self.gallery.labels[row]),
            file=names[index] if names else None,
        )

    def _group(self, rows: NDArray[np.intp]) -> TwinGroup:
        images = tuple(self._image(int(row)) for row in rows)
        return TwinGroup(images=images, blank=bool(self.blank[rows].all()))

    def _pairs(self, start: int, stop: int) -> tuple[TwinPair, ...]:
        near = self.relations.near
        return tuple(
            TwinPair(
                first=self._image(int(near.first[place])),
                second=self._image(int(near.second[place])),
                score=round(float(near.score[place]), 4),
                mirrored=bool(near.mirrored[place]),
            )
            for place in range(start, min(stop, start + MOST_LISTED))
        )

    def _warnings(self, class_counts: Mapping[str, Sequence[int]]) -> Iterator[str]:
        order = numbered_otherwise(class_counts, self.gallery.splits.classes)
        if order:
            yield order
        if self.relations.near.threshold is None:
            yield self.relations.near.reason


def _count(twins: NDArray[np.bool_], split_of: NDArray[np.int8]) -> TwinCounts:
    def count(own: int, other: int) -> int:
        return int(twins[split_of == own, other].sum())

    return TwinCounts(
        test_train=count(TEST, TRAIN),
        valid_train=count(VALID, TRAIN),
        test_valid=count(TEST, VALID),
        train=count(TRAIN, TRAIN),
        valid=count(VALID, VALID),
        test=count(TEST, TEST),
    )


def _conflicts(groups: Sequence[TwinGroup]) -> Conflicts:
    found = [group for group in groups if group.conflict]
    return Conflicts(groups=len(found), images=sum(len(group.images) for group in found))
