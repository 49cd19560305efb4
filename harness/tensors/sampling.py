"""Which images an epoch draws, in which order."""

import torch
from torch import Tensor


def uniform(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Return the indices of all images ``(N,)`` in random order."""
    return torch.randperm(len(labels), generator=generator, device=labels.device)


def balanced(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Return ``N`` indices drawn with replacement, from each class that occurs equally often.

    The expectation is that of `torch.utils.data.WeightedRandomSampler` with weights ``1 / n_c``.
    Drawing first the class and then the image adds no floats up, so that a GPU, whose sums differ
    from time to time, draws the same again.
    """
    _, counts = torch.unique(labels, return_counts=True)
    # Images of one class lie beside each other here, beginning at the class's start.
    by_class = torch.argsort(labels, stable=True)
    starts = counts.cumsum(0) - counts
    shape, device = (len(labels),), labels.device
    drawn = torch.randint(len(counts), shape, generator=generator, device=device)
    place = torch.rand(shape, generator=generator, device=device) * counts[drawn]
    return by_class[starts[drawn] + torch.minimum(place.long(), counts[drawn] - 1)]


SAMPLERS = {"uniform": uniform, "balanced": balanced}
