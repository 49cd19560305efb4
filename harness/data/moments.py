"""Mean and standard deviation of images, one a channel, from exact sums."""

import numpy as np

from harness.data.arrays import Images

CHUNK = 1 << 18  # values at a time, so that the copy in float64 stays in the processor's cache


def moments(images: Images) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and (population) standard deviation as fractions of 255, one a channel.

    ``images`` is ``(N, H, W)`` or ``(N, H, W, C)``. Sums of whole numbers are exact in float64 up
    to 2⁵³, so that the result does not depend on the order of summation.
    """
    channels = images.shape[3] if images.ndim == 4 else 1
    step = max(1, CHUNK // int(np.prod(images.shape[1:])))
    total = np.zeros(channels, np.int64)
    squares = np.zeros(channels, np.int64)
    for start in range(0, len(images), step):
        values = images[start : start + step].reshape(-1, channels).astype(np.float64)
        total += values.sum(axis=0).astype(np.int64)
        squares += np.einsum("nc,nc->c", values, values).astype(np.int64)
    return _from_sums(len(images) * int(np.prod(images.shape[1:3])), total, squares)


def _from_sums(
    count: int, total: np.ndarray, squares: np.ndarray
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    # Python's whole numbers have no limit: count × squares may pass 2⁶³.
    sums = [(int(t), int(s)) for t, s in zip(total, squares, strict=True)]
    mean = tuple(t / count / 255 for t, _ in sums)
    std = tuple((count * s - t * t) ** 0.5 / count / 255 for t, s in sums)
    return mean, std
