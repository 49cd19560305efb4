"""What a bench of throughput is asked for (`BenchSpec`), and what it leaves (`BenchRecord`)."""

from typing import Literal

from pydantic import Field

from harness.schema.base import Document, Frozen
from harness.schema.recipe import Recipe
from harness.schema.run import Environment, Value

BenchStatus = Literal["done", "unsupported", "failed", "timeout"]


class BenchModel(Frozen):
    """A model to be timed; ``label`` is its name with the arguments that the user set.

    ``plugins`` are the ``-p`` options by which a child process finds it again; its training step
    is that of ``recipe``.
    """

    label: str
    model: str
    arguments: dict[str, Value] = Field(default_factory=dict)
    recipe: Recipe
    plugins: tuple[str, ...] = ()


class BenchCase(Frozen):
    """One thing to be timed: a model at one batch size, in one precision, by one backend.

    ``model`` is the label; ``mode`` says whether a batch is predicted, or trained on for a step.
    """

    model: str
    precision: str
    backend: str
    mode: Literal["inference", "training"]
    batch_size: int

    @property
    def name(self) -> str:
        """The case in words, different from those of all others."""
        step = " training" if self.mode == "training" else ""
        return f"{self.model} {self.precision} {self.backend}{step} batch {self.batch_size}"


class BenchSpec(Frozen):
    """One session of timing, ready to be executed anywhere.

    ``seconds`` limits the timing itself, without preparation; ``width`` is the relative half width
    of the intervals (0.01 is ±1 %) at which it ends earlier. ``seed`` shuffles the rounds. ``log``
    is a file on this machine and part of no record.
    """

    models: tuple[BenchModel, ...]
    cases: tuple[BenchCase, ...]
    input_shape: tuple[int, int, int]
    classes: int
    device: str
    threads: int
    seconds: float
    width: float
    seed: int = 0
    log: str
    command: str

    @property
    def places(self) -> tuple[str, ...]:
        """The paths on this machine: no record names them in full."""
        return (self.log, *(plugin for model in self.models for plugin in model.plugins))


# With fewer rounds, intervals that look narrow are so by chance.
FEWEST_ROUNDS = 10


class BenchResult(BenchCase):
    """What became of a case; what is not ``done`` has a ``reason``.

    ``images_per_second`` is the median of ``rates``, one a round; ``low`` and ``high`` are its
    95 % interval, None where the rounds are too few for one. ``relative`` is the median over the
    rounds of its rate divided by that of the fastest of its kind (predictions of one batch size, or
    training steps), with its 95 % interval; None where nothing was timed beside it.
    ``compile_seconds`` is what comes before the first result: compiling, or exporting.
    ``latency_ms`` (``p50``, ``p90``, ``p99`` of single calls, without those that
    ``latency_samples`` cannot support) is taken at batch size 1.
    """

    status: BenchStatus
    reason: str | None = None
    images_per_second: float | None = None
    low: float | None = None
    high: float | None = None
    rates: tuple[float, ...] = ()
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None
    compile_seconds: float | None = None
    latency_ms: dict[str, float] = Field(default_factory=dict)
    latency_samples: int = 0

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width as a fraction of the median, None without an interval."""
        if self.images_per_second is None or self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2 / self.images_per_second


class Scenario(Frozen):
    """A configuration in the scenarios of MLPerf Inference.

    ``single_stream_ms`` is the 90th percentile of the latency at batch size 1, None where that was
    not timed or not often enough; ``offline_images_per_second`` is the rate at ``best_batch_size``,
    the fastest of those that were timed.
    """

    model: str
    precision: str
    backend: str
    single_stream_ms: float | None
    offline_images_per_second: float
    best_batch_size: int


class BenchRecord(Document):
    """How fast models predict and train on one machine, timed in one session.

    ``reference`` are the GFLOP/s of a fixed matrix product, one a round: what of them changes is
    the machine. ``notes`` are sentences about the measurement that a reader has to know; ``broken``
    names what could not even be planned, with the reasons. ``timed_seconds`` is how long the rounds
    took; ``libraries`` are the versions of further backends.
    """

    results: tuple[BenchResult, ...]
    scenarios: tuple[Scenario, ...] = ()
    reference: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    input_shape: tuple[int, int, int]
    classes: int
    device: str
    threads: int
    seconds: float
    width: float
    seed: int
    timed_seconds: float = 0.0
    libraries: dict[str, str] = Field(default_factory=dict)
    environment: Environment
    command: str
    measured_at: str
