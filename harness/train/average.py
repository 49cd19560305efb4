"""The moving average of a model's weights, which is what is validated and kept when it is on."""

from collections.abc import Iterator
from itertools import chain
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
    into a 2. So are sparse ones, and numbers that were infinite at first, as a mask's are: the
    average of two infinities is none.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._source, self._decay = module, decay
        self._averaged = AveragedModel(module, use_buffers=True) if decay else None
        # Found once: to look at each step would wait for a GPU.
        self._infinite = set(_infinite(self._averaged.module)) if self._averaged else set()

    @property
    def module(self) -> nn.Module:
        """The model to be validated and kept."""
        return self._averaged.module if self._averaged else self._source

    @torch.no_grad()
    def update(self) -> None:
        """Take the model's present weights into the average; the first ones are copied.

        As `AveragedModel.update_parameters` does, which hands its count to the device each time and
        so makes the host wait for a GPU.
        """
        if self._averaged is None:
            return
        done = int(self._averaged.n_averaged)  # It lies on the host.
        share = min(self._decay, (1 + done) / (10 + done))
        averaged: list[tuple[Tensor, Tensor]] = []
        copied: list[tuple[Tensor, Tensor]] = []
        present = _tensors(self._source)
        for name, old in _tensors(self.module).items():
            new = present[name]
            (averaged if done and _is_number(old) else copied).append((old, new))
        if averaged:
            kept, current = map(list, zip(*averaged, strict=True))
            get_ema_multi_avg_fn(share)(kept, current, done)  # type: ignore[no-untyped-call]
        for old, new in averaged:
            if old.data_ptr() in self._infinite:
                old.copy_(torch.where(torch.isfinite(old), old, new))
        for old, new in copied:
            old.copy_(new)
        self._averaged.n_averaged += 1

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs; nothing where there is no average."""
        return self._averaged.state_dict() if self._averaged else {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        if self._averaged:
            self._averaged.load_state_dict(state)


def _infinite(module: nn.Module) -> Iterator[int]:
    """Return where numbers lie that nobody trains and that are not all finite."""
    frozen = (weight for weight in module.parameters() if not weight.requires_grad)
    for one in chain(frozen, module.buffers()):
        if _is_number(one) and not bool(one.isfinite().all()):
            yield one.data_ptr()


def _is_number(tensor: Tensor) -> bool:
    numbers = tensor.is_floating_point() or tensor.is_complex()
    return numbers and tensor.layout == torch.strided


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    """Return weights and buffers by name, as they are without gradients.

    By name, since a module may have made itself a further buffer meanwhile.
    """
    named = (*module.named_parameters(), *module.named_buffers())
    return {name: one.detach() for name, one in named}
