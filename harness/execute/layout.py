"""How a module lies in memory: channels_last, or contiguous where its code asks for that."""

import copy
import sys
from collections import defaultdict
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

# What torch says where `Tensor.view` meets memory in another order.
VIEW = "view size is not compatible"


def lay_out(module: nn.Module, input_shape: tuple[int, int, int], device: torch.device) -> None:
    """Put a module on ``device``, its weights in channels_last, in which convolutions are fastest.

    A network whose code takes contiguous memory for granted (``x.view(len(x), -1)`` behind a
    convolution) is found out by a copy that predicts two blank images. It keeps contiguous weights,
    and gets contiguous images. What else the copy raises is left to whoever predicts next. Lazy
    weights become weights by such a prediction; random numbers go on as if there had been none.
    """
    module.to(device)
    images = torch.zeros(2, *input_shape, device=device)
    if any(map(is_lazy, _tensors(module))):
        _predict(module, images)
    _order(module, torch.channels_last)
    if VIEW in _complaint(module, images.to(memory_format=torch.channels_last)):
        print(
            "the model asks for contiguous memory (view): it is given that, which is slower than "
            "channels_last; flatten or reshape in place of view takes both",
            file=sys.stderr,
        )
        _order(module, torch.contiguous_format)
        module.register_forward_pre_hook(_contiguous)
    _separate(module)


def _order(module: nn.Module, memory_format: torch.memory_format) -> None:
    for tensors in _by_memory(module):
        # Only what has a height and a width lies in one of these orders or the other. A copy would
        # part what is tied by its memory; what has two names can be saved as contiguous alone.
        if len(tensors) == 1 and tensors[0].ndim == 4:
            tensors[0].data = tensors[0].data.to(memory_format=memory_format)


def _contiguous(module: nn.Module, images: tuple[Any, ...]) -> tuple[Any, ...]:
    # Grey images are contiguous in both senses: only a copy has the strides of one of them.
    return images[0].clone(memory_format=torch.contiguous_format), *images[1:]


def _complaint(module: nn.Module, images: Tensor) -> str:
    """Return what a copy of the module raises of these images, "" for nothing."""
    try:
        # A copy, since some modules set themselves up by the first images that they see.
        _predict(copy.deepcopy(module), images)
    # A plugin's module may raise anything, and may refuse to be copied.
    except Exception as error:
        return str(error)
    return ""


def _predict(module: nn.Module, images: Tensor) -> None:
    training = {part: part.training for part in module.modules()}
    module.eval()
    devices = [images.device] if images.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices), torch.no_grad():
            module(images)
    finally:
        for part, was in training.items():
            part.training = was


def _separate(module: nn.Module) -> None:
    """Give what is a part of a larger memory one of its own: a file of weights takes nothing else.

    Such are a table's first rows, or one number that is spread over a shape. Tensors that share
    all of a memory, as tied weights do, go on sharing it.
    """
    for tensors in _by_memory(module):
        if not any(one.nbytes == one.untyped_storage().nbytes() for one in tensors):
            for one in tensors:
                one.data = one.data.clone()


def _by_memory(module: nn.Module) -> list[list[Tensor]]:
    """Return the tensors, those together that lie in one memory."""
    sharing = defaultdict(list)
    for tensor in _tensors(module):
        if tensor.layout != torch.strided:
            continue  # It has no one memory.
        sharing[tensor.untyped_storage().data_ptr()].append(tensor)
    return list(sharing.values())


def _tensors(module: nn.Module) -> list[Tensor]:
    """Return weights and buffers, as often as they have names: a file of weights has them all."""
    weights = module.named_parameters(remove_duplicate=False)
    return [one for _, one in chain(weights, module.named_buffers(remove_duplicate=False))]
