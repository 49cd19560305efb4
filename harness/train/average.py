"""The moving average of a model's weights, which is what is validated and kept when it is on."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Average:
    """torch's `AveragedModel` with an exponential average; with ``decay=0`` the model itself.

    The n-th update after the first keeps ``min(decay, (1 + n) / (10 + n))`` of the average, so that
    it forgets the first, bad weights however short the training is (the formula is that of
    TensorFlow's ``ExponentialMovingAverage`` with ``num_updates``).

    Weights and buffers of real or complex numbers (batch norm's statistics among them) are
    averaged. Others are copied: torch's average would cut the fraction off and turn an index 3
    into a 2. So are the numbers of a buffer that were infinite at first, as a mask's are: the
    average of two infinities is none.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._source = module
        self._averaged = _averaged(module, decay) if decay else None

    @property
    def module(self) -> nn.Module:
        """The model to be validated and kept."""
        return self._averaged.module if self._averaged else self._source

    def update(self) -> None:
        """Take the model's present weights into the average; the first ones are copied."""
        if self._averaged:
            self._averaged.update_parameters(self._source)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs; nothing where there is no average."""
        return self._averaged.state_dict() if self._averaged else {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        if self._averaged:
            self._averaged.load_state_dict(state)


def _averaged(module: nn.Module, decay: float) -> AveragedModel:
    def average_or_copy(kept: Any, current: Any, count: Tensor | int) -> None:
        # torch hands over the tensors of one device and one dtype at a time.
        if kept[0].is_floating_point() or kept[0].is_complex():
            # The same count from 1 on as `count`, but on the host: to read it waits for no GPU.
            done = int(averaged.n_averaged)
            share = min(decay, (1 + done) / (10 + done))
            get_ema_multi_avg_fn(share)(kept, current, count)  # type: ignore[no-untyped-call]
            for old, new in zip(kept, current, strict=True):
                if old.data_ptr() in infinite:
                    old.copy_(torch.where(torch.isfinite(old), old, new))
        else:
            for old, new in zip(kept, current, strict=True):
                old.copy_(new)

    averaged = AveragedModel(module, multi_avg_fn=average_or_copy, use_buffers=True)
    # Found once: to look at each step would wait for a GPU.
    buffers = averaged.module.buffers()
    infinite = {one.data_ptr() for one in buffers if not bool(torch.isfinite(one).all())}
    return averaged
