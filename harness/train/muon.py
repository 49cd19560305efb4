"""Muon for hidden weights, convolutions among them, beside AdamW for all other parameters."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from harness.tensors.device import has_bfloat16

Groups = Callable[[Sequence[nn.Parameter]], list[dict[str, Any]]]


class MuonWithAdamW(Optimizer):
    """torch's own `Muon` and `AdamW`, as one optimizer with one state and one list of groups.

    Muon (Jordan et al. 2024) orthogonalises the update of a matrix. torch's takes nothing else, so
    the weight of a convolution is given to it as the matrix of its filters, outputs × the rest:
    a view, which changes the weight itself. The scale of updates is that of AdamW (Liu et al. 2025,
    arXiv:2502.16982), so that one learning rate serves both. ``groups`` puts AdamW's parameters
    into groups. torch orthogonalises in bfloat16; with a ``precision`` of float32 that is done in
    float32, and where the chip only emulates bfloat16 too, in a tenth to a fiftieth of the time.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        *,
        learning_rate: float,
        momentum: float,
        nesterov: bool,
        weight_decay: float,
        groups: Groups,
        precision: str,
    ) -> None:
        self._hidden = hidden_weights(parameters)
        self._views = [nn.Parameter(_as_matrix(weight.detach())) for weight in self._hidden]
        chosen = {id(weight) for weight in self._hidden}
        others = [value for value in parameters if id(value) not in chosen]
        self._parts: list[Optimizer] = [
            AdamW(groups(others), lr=learning_rate, weight_decay=weight_decay)
        ]
        if self._views:
            muon = torch.optim.Muon(
                self._views,
                lr=learning_rate,
                weight_decay=weight_decay,
                momentum=momentum,
                nesterov=nesterov,
                adjust_lr_fn="match_rms_adamw",
            )
            self._parts.insert(0, muon)
        device = str(parameters[0].device)
        self._in_float32 = precision == "float32" or not has_bfloat16(device)
        super().__init__(parameters, {})
        self._share_groups()

    def _share_groups(self) -> None:
        """Make the parts' groups, the very same dictionaries, those that a schedule changes."""
        self.param_groups = [group for part in self._parts for group in part.param_groups]

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Make one step with the gradients that the parameters have."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for weight, view in zip(self._hidden, self._views, strict=True):
            view.grad = None if weight.grad is None else _like_matrix(weight.grad, weight)
        for part in self._parts:
            if self._in_float32 and part is not self._parts[-1]:
                step_in_float32(part)
            else:
                part.step()
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        super().zero_grad(set_to_none)
        for weight in self._hidden:
            weight.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return the states of both optimizers."""
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self._share_groups()


@torch.no_grad()
def step_in_float32(muon: Optimizer) -> None:
    """Make the step of a `torch.optim.Muon` whose learning rates match AdamW's, all in float32.

    The state is its own, so that torch's step may go on from this one and the other way round.
    """
    for group in muon.param_groups:
        rate, momentum = float(group["lr"]), group["momentum"]
        for weight in group["params"]:
            if weight.grad is None:
                continue
            state = muon.state[weight]
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.zeros_like(weight.grad)
            buffer = state["momentum_buffer"].lerp_(weight.grad, 1 - momentum)
            update = weight.grad.lerp(buffer, momentum) if group["nesterov"] else buffer
            update = orthogonalised(
                update, group["ns_coefficients"], group["ns_steps"], group["eps"]
            )
            weight.mul_(1 - rate * group["weight_decay"])
            weight.add_(update, alpha=-rate * 0.2 * math.sqrt(max(weight.shape)))


def orthogonalised(
    matrix: Tensor, coefficients: tuple[float, float, float], steps: int, least: float
) -> Tensor:
    """Return a matrix of the same singular vectors, with singular values near 1.

    By a quintic Newton-Schulz iteration (Jordan et al. 2024, kellerjordan.github.io/posts/muon),
    in the matrix's own type; ``least`` bounds the norm that it is divided by.
    """
    a, b, c = coefficients
    wide = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    wide = wide / wide.norm().clamp(min=least)
    for _ in range(steps):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide if len(matrix) <= matrix.shape[1] else wide.T


def hidden_weights(parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
    """Return the weights that Muon takes: matrices and filters, except the last, the classifier's.

    What has one row or one column (a bias, a gain, a class token) is no matrix, and no more is a
    single number, or what is not trained; of complex ones torch's Muon takes none. The order is
    that in which the module names its parameters.
    """
    matrices = [
        value
        for value in parameters
        if value.requires_grad
        and value.ndim
        and 1 < len(value) < value.numel()
        and not value.is_complex()
    ]
    return matrices[:-1]


def _as_matrix(weight: Tensor) -> Tensor:
    """Return a view ``(outputs, rest)``, whose columns lie as in memory (channels_last or not)."""
    return weight.permute(_order(weight)).view(len(weight), -1)


def _like_matrix(gradient: Tensor, weight: Tensor) -> Tensor:
    return gradient.permute(_order(weight)).flatten(1)


def _order(weight: Tensor) -> list[int]:
    return [0, *sorted(range(1, weight.ndim), key=weight.stride, reverse=True)]
