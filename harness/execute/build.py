"""From a `RunSpec` to its plugin, its data, and a module that is ready on its device."""

import functools
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from harness.contract import ModelPlugin
from harness.data.splits import Splits, open_splits
from harness.errors import DataError, PluginError, RunError
from harness.execute.layout import lay_out
from harness.plugins import Host, come_home, discover
from harness.schema import Recipe, RunSpec
from harness.tensors.device import Policy, seed_everything
from harness.tensors.resize import image_size
from harness.train.optim import make_optimizer


def find_plugin(spec: RunSpec) -> ModelPlugin:
    """Discover the model again, as any process must: nothing of a plugin is ever pickled.

    Raises `PluginError` where its code is no longer what was planned with: the result would stand
    under the key of another.
    """
    model, plugin = _discovered(spec.plugins, spec.plugin.sha256).find_model(spec.model)
    if plugin.sha256() != spec.plugin.sha256:
        raise PluginError(
            f"the code of plugin {plugin.name!r} changed while it was being used; give the command "
            "again"
        )
    # What it imports as it builds, another plugin of this process may have under the same name.
    come_home(spec.plugins)
    return model


@functools.cache
def _discovered(options: tuple[str, ...], sha256: str) -> Host:
    """Load the plugins once in a process: what one registers elsewhere may not stand there twice.

    ``sha256`` is that of the code that is meant: another code is another plugin.
    """
    return discover(options)


def policy_of(spec: RunSpec) -> Policy:
    """Return where and how ``spec`` computes."""
    return Policy(spec.device, spec.precision, spec.threads)


def open_planned(spec: RunSpec) -> Splits:
    """Open the run's data. Raises `DataError` where it is no longer what was planned with."""
    splits = open_splits(Path(spec.data))
    card = splits.card()
    expected = (spec.dataset.fingerprint, spec.dataset.votes_sha256)
    if (card.fingerprint, card.votes_sha256) != expected:
        raise DataError(f"the data of {spec.dataset.name!r} changed while it was being used")
    return splits


def unsupported(model: ModelPlugin, input_shape: tuple[int, int, int], classes: int) -> str:
    """Return the model's reason why it cannot be built for such images and classes, "" for none.

    Raises `PluginError` where what it says is no reason.
    """
    reason: object = model.supports(input_shape, classes) if model.supports else None
    if reason is None:
        return ""
    if not isinstance(reason, str):
        raise PluginError(
            f"supports of model {model.name!r} must return None or the reason why not, "
            f"not {reason!r}"
        )
    return reason


def check_trainable(module: nn.Module, spec: RunSpec) -> None:
    """Raise `RunError` where a recipe asks to train a module that has nothing to train."""
    if spec.recipe.epochs and not any(value.requires_grad for value in module.parameters()):
        raise RunError(
            "the model has no parameters to train; -o epochs=0 evaluates it as it was built"
        )


def check_savable(module: nn.Module) -> None:
    """Raise `RunError` where the module keeps something that a file of weights cannot hold."""
    for name, value in module.state_dict().items():
        if isinstance(value, Tensor) and value.layout != torch.strided:
            raise RunError(
                f"state_dict of the model has {name!r}, a tensor of {value.layout}: weights are "
                "kept as dense tensors alone; register_buffer(…, persistent=False) leaves it out"
            )
        if not isinstance(value, Tensor):
            raise RunError(
                f"state_dict of the model has {name!r}, a {type(value).__name__}: weights are kept "
                "as tensors alone; get_extra_state may return one, too"
            )


def check_smaller_images(module: nn.Module, spec: RunSpec) -> None:
    """Raise `RunError` where the recipe has epochs of smaller images than the module can take."""
    channels, *full = spec.dataset.input_shape
    whole = (full[0], full[1])
    epochs = range(1, spec.recipe.epochs + 1)
    sizes = {image_size(whole, spec.recipe, epoch): epoch for epoch in reversed(epochs)}
    module.eval()
    for (height, width), epoch in sorted(sizes.items(), key=lambda item: item[1]):
        if (height, width) == whole:
            continue
        try:
            with torch.no_grad():
                module(torch.zeros(2, channels, height, width, device=spec.device))
        # A plugin's module may raise anything.
        except Exception as error:
            raise RunError(
                f"initial_scale={spec.recipe.initial_scale} has images of {height}x{width} in "
                f"epoch {epoch}, which this model does not take "
                f"({str(error).partition(chr(10))[0]}); set initial_scale=1 or a larger one"
            ) from error


def build_module(model: ModelPlugin, spec: RunSpec) -> nn.Module:
    """Build the network from the run's seed, float32 on its device, laid out by `lay_out`.

    The run's policy holds from then on. Raises `PluginError` where ``build`` returns anything but
    a module.
    """
    shape, classes = spec.dataset.input_shape, len(spec.dataset.classes)
    return build_from_seed(model, spec.arguments, shape, classes, policy_of(spec), spec.seed)


def build_from_seed(
    model: ModelPlugin,
    arguments: Mapping[str, Any],
    input_shape: tuple[int, int, int],
    classes: int,
    policy: Policy,
    seed: int,
) -> nn.Module:
    """Build the network for such images and classes, as `build_module` does for a run."""
    # Before it, since a plugin may set threads and the like as it is imported.
    policy.apply()
    seed_everything(seed)
    module = model.build(input_shape, classes, **arguments)
    # And after it, since `build` may as well: the record says what the policy says.
    policy.apply()
    if not isinstance(module, nn.Module):
        raise PluginError(
            f"build of model {model.name!r} must return a torch.nn.Module, not {module!r}"
        )
    lay_out(module, input_shape, policy.torch_device)
    return module


def optimizer_of(
    model: ModelPlugin, module: nn.Module, recipe: Recipe, policy: Policy
) -> torch.optim.Optimizer:
    """Return the model's own optimizer, or the recipe's where it brings none.

    Raises `PluginError` where its own is no optimizer, or one that wants a closure: the recipe's in
    its place would give a result under a wrong name.
    """
    if model.optimizer is None:
        return make_optimizer(module, recipe, policy.precision)
    own: object = model.optimizer(module, recipe)
    if not isinstance(own, torch.optim.Optimizer):
        raise PluginError(
            f"optimizer of model {model.name!r} must return a torch.optim.Optimizer, not {own!r}"
        )
    closure = inspect.signature(own.step).parameters.get("closure")
    if closure is not None and closure.default is closure.empty:
        raise PluginError(
            f"optimizer of model {model.name!r}: {type(own).__name__} evaluates the loss again at "
            "each step, by a closure that the training loop does not give it; use another"
        )
    return own
