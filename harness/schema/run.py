"""One run: what is asked for (`RunSpec`), each epoch (`Epoch`), what is left (`RunRecord`)."""

from collections.abc import Mapping
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from harness.schema.audit import AuditCard
from harness.schema.base import Document, Frozen
from harness.schema.quality import AgreementShare, Calibration, Metrics
from harness.schema.recipe import Recipe

Value = bool | int | float | str | None
Status = Literal["done", "unsupported", "failed", "timeout", "interrupted"]
# In the order in which they are listed.
STATUSES: tuple[Status, ...] = get_args(Status)


class PluginCard(Frozen):
    """The plugin that brought a model: where it was found, and the hash of its source files."""

    name: str
    source: str
    version: str | None = None
    sha256: str


class DatasetCard(Frozen):
    """The data set of a run, without the images: ``input_shape`` is (channels, height, width).

    ``votes_sha256`` is that of the annotators' votes and their names, where it has such;
    ``warnings`` say what its results are not to be taken for.
    """

    name: str
    fingerprint: str
    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]
    counts: dict[str, int]
    synthetic: bool = False
    votes_sha256: str | None = None
    warnings: tuple[str, ...] = ()


class Asked(Frozen):
    """What is asked of a run, which stands in its record, too.

    Runs of one ``train_key`` end their training with the same weights; ``weights_of`` is the key
    of the one whose weights are taken over instead of training. ``revisions`` are the changes of
    the harness's own arithmetic that concern the run and stand in its key. ``quick`` says that the
    epochs are those of a first look, and no choice of the user or the recipe; ``own_optimizer``
    that the model brings its optimizer, in place of the recipe's.
    """

    key: str
    train_key: str | None = None
    weights_of: str | None = None
    speed_key: str
    model: str
    arguments: dict[str, Value] = Field(default_factory=dict)
    recipe_name: str = "default"
    overrides: dict[str, Value] = Field(default_factory=dict)
    recipe: Recipe
    seed: int
    device: str
    precision: str
    threads: int
    revisions: tuple[str, ...] = ()
    quick: bool = False
    own_optimizer: bool = False


class RunSpec(Asked):
    """One model × one recipe × one data set × one seed, ready to be executed anywhere.

    ``data``, ``store`` and ``audited`` (where the clean test images are listed) are folders on
    this machine; they are part of no key and no record.
    ``plugins`` are the ``-p`` options by which a child process finds the model again.
    """

    plugin: PluginCard
    plugins: tuple[str, ...] = ()
    dataset: DatasetCard
    audit: AuditCard | None = None
    data: str
    audited: str | None = None
    store: str
    command: str

    @property
    def places(self) -> tuple[str, ...]:
        """The paths on this machine: no record names them in full."""
        folders = (self.data, self.store, self.audited, *self.plugins)
        return tuple(place for place in folders if place)

    @property
    def step_size(self) -> int:
        """The images of a training step: the recipe's batch size, or all that there are."""
        return step_size(self.recipe, self.dataset.counts)


def device_kind(device: str) -> str:
    """Return ``cuda`` of ``cuda:1``: GPUs of one kind compute the same numbers at the same rate.

    Of what kind a machine's GPU is stands in its id.
    """
    return device.partition(":")[0]


def step_size(recipe: Recipe, counts: Mapping[str, int]) -> int:
    """Return how many images at most a training step has; ``counts`` are those of the splits."""
    return min(recipe.batch_size, counts.get("train", recipe.batch_size))


class Epoch(Frozen):
    """One line of ``epochs.jsonl``. Epochs count from 1; times are seconds.

    ``train_loss`` and ``train_accuracy`` are running means over the epoch's augmented batches,
    with dropout at work; where images are mixed, the label with the larger share is the right
    one. ``valid_…`` are taken after the epoch, on the whole validation split, with the averaged
    weights where there are such. ``learning_rate`` is that of the epoch's first step.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    learning_rate: float
    train_seconds: float
    valid_seconds: float


class Cost(Frozen):
    """What a run cost. Times are seconds; ``flops`` are those of one image's forward pass.

    ``train_images_per_second_end_to_end`` counts batching, augmentation and steps, the median
    over epochs; ``peak_memory_bytes`` is the peak of the run's own process (CPU) or of its
    allocations on the device (GPU), and None where the process is shared with other runs.
    """

    parameters: int
    flops: int | None = None
    peak_memory_bytes: int | None = None
    train_seconds: float | None = None
    valid_seconds: float | None = None
    train_images_per_second_end_to_end: float | None = None


class Environment(Frozen):
    """Where something ran. ``machine`` hashes processor, cores, GPU and system: no host or user.

    ``harness`` is its version, with the commit where it ran from a checkout.
    """

    machine: str
    processor: str
    cores: int
    memory_bytes: int
    gpu: str | None = None
    system: str
    python: str
    torch: str
    harness: str


NORMALIZATION = {
    "split": "mean and standard deviation of the training images",
    "image": "mean and standard deviation of each image",
}


class Protocol(Frozen):
    """What was fixed before the run, printed with every report."""

    version: int = 1
    selection: str = "epoch with the highest valid accuracy (the first of equals)"
    normalization: str = NORMALIZATION["split"]
    test: str = "read once, with the selected weights"
    tta: str = "none"
    pretrained: str | None = None


METRICS = ("train", "valid", "test", "test_clean", "valid_tta", "test_tta", "test_clean_tta")


class RunRecord(Asked, Document):
    """What a run left behind: ``record.json``, written last.

    ``done`` and ``unsupported`` are final; ``failed``, ``timeout`` and ``interrupted`` are tried
    again, and ``reason`` says in one sentence what happened. ``selected_epoch`` counts from 1 and
    is 0 for a model evaluated as built.

    ``test_clean`` is the quality on those test images that ``audit`` found without a twin in the
    training split; figures with ``tta`` are those of the mean over the views of test-time
    augmentation; ``agreement`` is accuracy by how far annotators agreed, where the data has votes.
    """

    status: Status
    reason: str | None = None
    dataset: DatasetCard
    audit: AuditCard | None = None
    plugin: PluginCard
    selected_epoch: int | None = None
    train: Metrics | None = None
    valid: Metrics | None = None
    test: Metrics | None = None
    test_clean: Metrics | None = None
    valid_tta: Metrics | None = None
    test_tta: Metrics | None = None
    test_clean_tta: Metrics | None = None
    calibration: Calibration | None = None
    agreement: tuple[AgreementShare, ...] = ()
    cost: Cost | None = None
    environment: Environment | None = None
    protocol: Protocol = Protocol()
    command: str
    finished_at: str

    @model_validator(mode="after")
    def _is_of_its_classes(self) -> Self:
        """Refuse metrics of other classes: whoever reads them goes through both together."""
        classes = self.dataset.classes
        for name in METRICS:
            metrics: Metrics | None = getattr(self, name)
            if metrics is None:
                continue
            sides = {len(metrics.confusion), *map(len, metrics.confusion)}
            if sides != {len(classes)} or metrics.recall.keys() != set(classes):
                raise ValueError(f"{name} is not of the {len(classes)} classes of the data set")
        return self
