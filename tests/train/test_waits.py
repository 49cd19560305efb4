"""How often the host waits for the device."""

import pytest
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from harness.schema import Augment


class Reads(TorchDispatchMode):
    """Counts how often a number is read from a tensor: on a GPU, how often the host waits.

    AdamW and the average of weights keep their counts of steps on the host, where reading them
    waits for nothing; this cannot tell them from others.
    """

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += "_local_scalar_dense" in str(function)
        return function(*args, **(kwargs or {}))


def network() -> nn.Module:
    """Takes images of any size."""
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))


@pytest.mark.parametrize(
    "changes",
    [
        {"augment": Augment(flip=True, shift=0.1, rotate=10, scale=0.1, erase=0.2)},
        {"warmup": 1, "schedule": "cosine", "nesterov": True},
        {"mixup": 0.2, "cutmix": 1.0, "gradient_clipping": 1.0, "label_smoothing": 0.1},
        {"sampling": "balanced", "class_weights": "balanced", "initial_scale": 0.5},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_the_host_waits_no_oftener_for_the_device_when_an_epoch_has_more_steps(
    run, plain, changes
) -> None:
    def reads(batch_size: int) -> int:
        recipe = plain.model_copy(update={"epochs": 1, "batch_size": batch_size, **changes})
        with Reads() as counter:
            run(recipe, name=f"of {batch_size}", module=network())
        return counter.count

    assert reads(8) == reads(24)
