"""Test images drawn again within each class, and what the seeds of a model score on each draw."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from harness.errors import DataError

METRICS = ("accuracy", "uar", "macro_f1")
REPLICATES = 2000
SUMS = 2**20  # That are held at a time.
PICKS = 2**22
ENOUGH = 30  # Images of a class, for them to tell their variance.

Labels = NDArray[np.integer]
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Scores:
    """What the seeds of one model score, in the order of `METRICS`, on the images and on draws.

    ``values`` is ``(metrics, seeds)``; ``drawn`` ``(metrics, replicates)`` is the mean over the
    seeds on each draw. ``right`` ``(images,)`` is the share of seeds that are right on each image.
    ``noise`` ``(metrics,)`` is the part of the variance of that mean over draws of images that the
    seeds do not share; ``freedom`` the degrees of freedom of the draws.
    """

    values: Floats
    drawn: Floats
    right: Floats
    noise: Floats
    freedom: int

    @property
    def seeds(self) -> int:
        """The number of seeds."""
        return int(self.values.shape[1])

    @cached_property
    def between(self) -> Floats:
        """The variance of the mean over the seeds, as the seeds alone tell it: ``(metrics,)``.

        To draw k seeds with replacement gives their mean the variance (k - 1)/k of this one, so
        nothing needs to be drawn, and what three seeds would understate is put right.
        """
        return np.asarray(self.values.var(axis=1, ddof=1) / self.seeds)


class Bootstrap:
    """Draws of the test images within each class, the same ones for every model.

    A class of n images is drawn n - 1 times with replacement and each image counts n / (n - 1)
    times as often, so that the variance over draws is the unbiased one (Rao and Wu 1988, JASA
    83:231-241). Of fewer than `ENOUGH` images that cannot be relied on: two on which two models
    differ in the same way do not vary at all, and would leave no doubt. Each of them, and what it
    brings to its class's F1, is left out of half of the draws and counts twice in the others, which
    turns the difference of two models on it round as often as not (the wild bootstrap of Liu 1988,
    Annals of Statistics 16:1696-1708). The variance is then the sum of the squares of those
    differences, that of McNemar's test: rather too large than too small. That all models are scored
    on the same draws keeps them paired. Takes a byte of memory for each image and replicate.
    """

    def __init__(
        self, labels: Labels, num_classes: int, *, replicates: int = REPLICATES, seed: int = 0
    ) -> None:
        self.labels = _checked(labels, num_classes, "labels")
        self.counts = np.bincount(self.labels, minlength=num_classes)
        self._few = (self.counts > 0) & (self.counts < ENOUGH)
        self.replicates = replicates
        self._times = _draw(self.labels, self.counts, replicates, seed)
        # Of a class of few images, each draw has another number of them.
        self._drawn = np.stack(
            [
                self._times[self.labels == label].sum(axis=0, dtype=np.float32)
                for label in range(num_classes)
            ]
        )
        self._factor = np.where(self._few, 1, self.counts / np.maximum(self.counts - 1, 1))

    def score(self, predicted: Labels) -> Scores:
        """Return what the seeds of a model score: ``predicted`` are classes ``(seeds, images)``.

        Raise DataError for fewer than two seeds, another number of images or an unknown class.
        """
        predicted = np.atleast_2d(predicted)
        seeds, images = len(predicted), len(self.labels)
        classes = len(self.counts)
        if seeds < 2:
            raise DataError("the variance over seeds needs predictions of two seeds, found one")
        if predicted.shape[1] != images:
            raise DataError(f"predictions for {predicted.shape[1]} images, labels for {images}")
        _checked(predicted, classes, "predictions")
        tally = _Tally.of(predicted, self.labels, self._factor, int(self._times.max()))
        drawn = np.empty((len(METRICS), seeds, self.replicates))
        block = max(1, SUMS // max(tally.cells.shape[0], images))
        for start in range(0, self.replicates, block):
            part = slice(start, start + block)
            sums = tally.weighted(self._times[:, part], self._drawn[:, part])
            drawn[:, :, part] = self._metrics(tally, *sums)
        return Scores(
            values=self._metrics(tally, *tally.plain)[:, :, 0],
            drawn=drawn.mean(axis=1),
            right=(predicted == self.labels).mean(axis=0),
            noise=_unshared(drawn) / seeds,
            freedom=max(1, images - int(np.count_nonzero(self.counts >= ENOUGH))),
        )

    def _metrics(self, tally: "_Tally", hits: Floats, predicted: Floats) -> Floats:
        """Return each seed's scores ``(metrics, seeds, draws)``.

        From how many images of each class were right, and how many were taken for it:
        ``(seeds, classes, draws)``.
        """
        counts = self.counts.astype(hits.dtype)[:, None]
        occurs = self.counts > 0
        recall = hits[:, occurs] / counts[occurs]
        hits_once, predicted_once = tally.plain
        # As scikit-learn counts: a class takes part if it is among the labels or the predictions.
        takes_part = (predicted_once[:, :, 0] > 0) | occurs
        if self._few.any():
            # F1 of the images as they are, as often as each is drawn: once in its denominator.
            predicted = predicted.copy()
            predicted[:, self._few] += hits_once[:, self._few] - hits[:, self._few]
        f1 = 2 * hits / np.maximum(counts + predicted, np.finfo(hits.dtype).tiny)
        return np.stack(
            [
                hits.sum(axis=1) / len(self.labels),
                recall.mean(axis=1),
                f1.sum(axis=1) / takes_part.sum(axis=1)[:, None],
            ]
        )


@dataclass(frozen=True)
class _Tally:
    """The mistakes of each seed, in cells whose images are summed for each draw.

    Summing is most of the work. What is right of a class is what is drawn of it, less its mistakes:
    so only these are summed, a third of a face classifier's images. Sums of whole numbers are exact
    in 16 bits, of which a processor adds twice as many at a time as of 32 (those of many images
    take 32); only the sums are weighted.
    """

    factor: Floats  # (classes, 1)
    cells: "csr_array[np.int16 | np.float32]"  # (cells, images)
    missed: "csr_array[np.float32]"  # (seeds x true classes, cells): ones.
    taken: "csr_array[np.float32]"  # (seeds x predicted classes, cells): the cells' weights.
    plain: tuple[Floats, Floats]  # What `weighted` gives, of the images as they are.

    @classmethod
    def of(cls, predicted: Labels, labels: Labels, factor: Floats, most: int) -> "_Tally":
        """Take the classes of each seed's images; ``most`` is how often one may be drawn."""
        seeds, classes = len(predicted), len(factor)
        seed, image = np.nonzero(predicted != labels)
        true, wrong = seed * classes + labels[image], seed * classes + predicted[seed, image]
        # Of few classes, a cell is a seed, a true class, and the one it is taken for. Of many, such
        # cells would hold an image each: there, a mistake counts in the cell of its true class, and
        # in that of the other one and its weight, which classes of as many images share.
        full = seeds * classes**2 <= len(image)
        weights, weight = (
            (factor, np.arange(classes)) if full else np.unique(factor, return_inverse=True)
        )
        numbers = wrong * len(weights) + weight[labels[image]]
        found, cell = np.unique(numbers, return_inverse=True)
        taken, weight = np.divmod(found, len(weights))
        places = np.arange(len(found))
        if full:
            missed, own = taken // classes * classes + weight, places
        else:
            missed = np.arange(seeds * classes)
            own = len(found) + missed
            cell, image = np.append(cell, own[true]), np.append(image, image)
        fits = np.bincount(cell).max(initial=0) * most <= np.iinfo(np.int16).max
        exact: type[np.int16] | type[np.float32] = np.int16 if fits else np.float32
        ones = np.ones(len(cell), dtype=exact)
        count = int(own[-1]) + 1
        sums = (seeds * classes, count)
        misses, others = (
            np.bincount(rows, minlength=seeds * classes).reshape(seeds, classes, 1)
            for rows in (true, wrong)
        )
        right = (np.bincount(labels, minlength=classes)[:, None] - misses).astype(np.float64)
        return cls(
            factor.astype(np.float32)[:, None],
            csr_array((ones, (cell, image)), shape=(count, len(labels))),
            csr_array((np.ones(len(own), dtype=np.float32), (missed, own)), shape=sums),
            csr_array((weights[weight].astype(np.float32), (taken, places)), shape=sums),
            (right, right + others),
        )

    def weighted(self, times: NDArray[np.uint8], drawn: Floats) -> tuple[Floats, Floats]:
        """Return how many images of each class are right, and how many are taken for it.

        As often as each is drawn, ``(images, draws)``, which makes ``drawn`` of each class
        ``(classes, draws)``, and weighted: ``(seeds, classes, draws)``.
        """
        sums = (self.cells @ times.astype(self.cells.dtype)).astype(np.float32)
        shape = (-1, *drawn.shape)
        hits = (drawn - (self.missed @ sums).reshape(shape)) * self.factor
        return hits, hits + (self.taken @ sums).reshape(shape)


def _checked(classes: Labels, num_classes: int, what: str) -> Labels:
    if classes.size == 0:
        raise DataError(f"{what} are empty; a comparison needs at least one image")
    if classes.min() < 0 or classes.max() >= num_classes:
        raise DataError(
            f"{what} hold the classes {classes.min()} to {classes.max()}, expected 0 to "
            f"{num_classes - 1}"
        )
    return classes


def _draw(labels: Labels, counts: Labels, replicates: int, seed: int) -> NDArray[np.uint8]:
    """Return how often each image is drawn: ``(images, replicates)``."""
    random = np.random.default_rng(seed)
    times = np.empty((len(labels), replicates), dtype=np.uint8)
    for label in np.flatnonzero(counts):
        members, n = np.flatnonzero(labels == label), int(counts[label])
        if n < ENOUGH:
            times[members] = 2 * random.integers(2, size=(n, replicates))
            continue
        block = max(1, PICKS // n)
        for start in range(0, replicates, block):
            columns = np.arange(start, min(start + block, replicates))
            picks = random.integers(n, size=(n - 1, len(columns)))
            picks = picks * len(columns) + columns - start
            found = np.bincount(picks.ravel(), minlength=n * len(columns))
            times[members[:, None], columns] = found.reshape(n, -1)
    return times


def _unshared(drawn: Floats) -> Floats:
    """Return the variance over draws that a seed has for itself: that of one less the shared one.

    With variance V of a seed and covariance C of two, on average over seeds and pairs, V - C: the
    mean over draws of the sample variance over seeds.
    """
    apart = drawn - drawn.mean(axis=2, keepdims=True)
    return np.asarray(apart.var(axis=1, ddof=1).mean(axis=1))
