"""The recipe: everything that a run depends on beside the model and the data."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_serializer, field_validator, model_validator

from harness.schema.base import Written

KEYS = re.compile(r"[0-9a-f]{4,64}(\+[0-9a-f]{4,64})*")
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Augment(Written):
    """Random changes of the training images, drawn anew for each image in each epoch."""

    flip: bool = Field(False, description="mirror left and right with probability 1/2")
    shift: Fraction = Field(
        0.0, description="shift along each axis by up to this fraction of the image's size"
    )
    rotate: float = Field(0.0, ge=0, le=180, description="rotate by up to this many degrees")
    scale: Fraction = Field(0.0, description="zoom in or out by up to this fraction")
    erase: Fraction = Field(
        0.0, description="blank a square whose side is this fraction of the shorter side"
    )

    @field_validator("shift", "rotate", "scale", "erase", mode="before")
    @classmethod
    def _need_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool):
            raise ValueError(f"needs a number, as in {info.field_name}=0.1")
        return value

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"flip,shift=0.1,rotate=15"``; ``"none"`` changes nothing."""
        values: dict[str, Any] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = part.partition("=")
            if name.strip() in values:
                raise ValueError(f"{name.strip()} is set twice")
            values[name.strip()] = value.strip() if equals else True
        if values == {"none": True}:
            values = {}
        return cls.model_validate(values)

    def __str__(self) -> str:
        parts = [
            name if value is True else f"{name}={_exact(value)}" for name, value in self if value
        ]
        return ",".join(parts) or "none"


def _exact(number: float) -> str:
    """Return the shortest text that is read as this very number: it is part of a run's key."""
    return repr(number).removesuffix(".0")


class Recipe(Written):
    """How a model is trained. Field names are torch's words.

    The default is the classic one: cross-entropy, SGD with momentum and an exponential decay of
    the learning rate over 200 epochs. ``epochs=0`` evaluates the model as built.
    """

    epochs: int = Field(
        200, ge=0, le=10**6, description="passes over the training split; 0 trains nothing"
    )
    batch_size: int = Field(128, ge=1, le=10**9, description="images a step (the largest batch)")
    optimizer: Literal["SGD", "AdamW", "Muon"] = Field(
        "SGD", description="torch.optim class; Muon has AdamW beside it"
    )
    learning_rate: float = Field(
        0.02, gt=0, description="learning rate that the schedule scales: the highest one"
    )
    momentum: Fraction = Field(0.9, description="momentum of SGD and Muon")
    nesterov: bool = Field(False, description="Nesterov's momentum, for SGD and Muon")
    weight_decay: float = Field(
        5e-4, ge=0, description="L2 penalty (AdamW and Muon: decoupled decay)"
    )
    weight_decay_on: Literal["all", "matrices"] = Field(
        "all", description="parameters that decay: all, or those of two dimensions and more"
    )
    gradient_clipping: float = Field(
        0.0, ge=0, description="largest norm of all gradients together; 0 clips nothing"
    )
    schedule: Literal["constant", "exponential", "cosine", "linear", "one-cycle"] = Field(
        "exponential",
        description="how the learning rate changes: exponential each epoch, the others each step",
    )
    gamma: float = Field(
        0.98, gt=0, le=1, description="factor on the learning rate each epoch, when exponential"
    )
    warmup: float = Field(
        0.0,
        ge=0,
        description="epochs, or a part of one, in which the learning rate rises to its value",
    )
    early_stopping: int = Field(
        0, ge=0, description="epochs in a row without a better valid accuracy that end it; 0: never"
    )
    ema_decay: Fraction = Field(
        0.0,
        description="share that the moving average of weights keeps at each step; 0: no average",
    )
    label_smoothing: Fraction = Field(0.0, description="cross-entropy's label smoothing")
    targets: Literal["labels", "votes"] = Field(
        "labels",
        description="what the loss compares with: labels, or each class's share of the votes",
    )
    teachers: str = Field(
        "",
        description="keys of finished runs on this data, parted by +, whose mean prediction of a "
        "training image is its target",
    )
    teacher_share: float = Field(
        1.0, gt=0, le=1, description="share of the teachers in a target; targets have the rest"
    )
    class_weights: Literal["none", "balanced"] = Field(
        "none", description="weights of the classes in the loss; balanced: n / (classes × n_c)"
    )
    sampling: Literal["uniform", "balanced"] = Field(
        "uniform",
        description="images an epoch draws: each once, or with replacement, all classes alike",
    )
    mixup: float = Field(
        0.0, ge=0, description="α of Beta(α, α), by which pairs of images are blended; 0: not"
    )
    cutmix: float = Field(
        0.0, ge=0, description="α of Beta(α, α), by which boxes are pasted across pairs; 0: not"
    )
    normalize: Literal["split", "image"] = Field(
        "split",
        description="whose mean and deviation pixels are normalised by: of the training split, or "
        "each image's own",
    )
    augment: Augment = Field(
        Augment(flip=True, shift=0.1), description="random changes of the training images"
    )
    initial_scale: float = Field(
        1.0, gt=0, le=1, description="size of the training images in the first epoch; 1: full size"
    )
    full_scale_from: Fraction = Field(
        0.8, description="share of the epochs from which on images have their full size"
    )
    tta: Literal["none", "flip", "views10", "views14", "views18"] = Field(
        "none", description="views of each image whose mean is evaluated beside the image itself"
    )

    def without_effect(self, *, own_optimizer: bool = False) -> dict[str, str]:
        """Return the fields that change nothing as this recipe stands, each with what causes it.

        With an optimizer that the model brings itself, which is given the recipe, little is known.
        """
        found: dict[str, str] = {}
        if self.initial_scale == 1:
            found["full_scale_from"] = "initial_scale=1"
        if not self.teachers:
            found["teacher_share"] = "no teachers"
        elif self.teacher_share == 1:
            found["targets"] = "teacher_share=1"
        if own_optimizer:
            return found
        if self.optimizer == "AdamW":
            found |= dict.fromkeys(("momentum", "nesterov"), "optimizer=AdamW")
        if self.schedule != "exponential":
            found["gamma"] = f"schedule={self.schedule}"
        if self.weight_decay == 0:
            found["weight_decay_on"] = "weight_decay=0"
        return found

    @field_validator("teachers")
    @classmethod
    def _need_keys(cls, value: str) -> str:
        if value and not KEYS.fullmatch(value):
            raise ValueError("needs keys of four digits or more, parted by +, as in 3f9a01+77b0")
        return value

    @field_validator("augment", mode="before")
    @classmethod
    def _parse_augment(cls, value: Any) -> Any:
        return Augment.parse(value) if isinstance(value, str) else value

    @field_serializer("augment")
    def _write_augment(self, value: Augment) -> str:
        return str(value)

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0 and self.optimizer != "AdamW":
            raise ValueError("nesterov needs a momentum above 0")
        return self

    @model_validator(mode="after")
    def _one_cycle_warms_up_itself(self) -> Self:
        if self.schedule == "one-cycle" and self.warmup > 0:
            raise ValueError("warmup must be 0 with schedule=one-cycle, which warms up by itself")
        return self
