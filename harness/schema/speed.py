"""The record of speed: one model on one machine, timed apart from training."""

from typing import Literal

from pydantic import Field

from harness.schema.base import Document, Frozen
from harness.schema.run import Environment


class Rate(Frozen):
    """Images per second: the median over interleaved rounds, with the slowest and the fastest."""

    images_per_second: float
    low: float
    high: float
    rounds: int


class SpeedRecord(Document):
    """How fast one model trains and predicts on one machine.

    ``train_step`` is forward, backward and optimizer step on batches that lie ready;
    ``inference`` maps the batch size to a rate; ``latency_ms`` maps ``p50``, ``p90``, ``p99`` to
    milliseconds at batch size 1, without those that ``latency_samples`` cannot support.
    ``inference_tta`` are the rates at which images are predicted through all views of ``tta``.
    ``beside`` names the models that were timed in the same interleaved session, ``notes`` say what
    disturbed it.
    """

    key: str
    model: str
    arguments: dict[str, bool | int | float | str | None] = Field(default_factory=dict)
    status: Literal["done", "failed", "timeout"]
    reason: str | None = None
    batch_size: int
    precision: str
    device: str
    threads: int
    train_step: Rate | None = None
    inference: dict[int, Rate] = Field(default_factory=dict)
    tta: str = "none"
    inference_tta: dict[int, Rate] = Field(default_factory=dict)
    latency_ms: dict[str, float] = Field(default_factory=dict)
    latency_samples: int = 0
    beside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    environment: Environment
    measured_at: str
