"""Records as a run would leave them, made from random probabilities."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, recall_score

from harness.evaluate.calibration import calibrate
from harness.report import Comparison, Entry, compare, write_report
from harness.report.evidence import Evidence, Reader
from harness.schema import (
    CORRUPTIONS_VERSION,
    Calibration,
    ClassRecall,
    CorruptionResult,
    Cost,
    DatasetCard,
    Environment,
    Epoch,
    Metrics,
    PluginCard,
    Protocol,
    Rate,
    Recipe,
    RobustnessRecord,
    RunRecord,
    SpeedRecord,
    StrengthResult,
)

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
COUNTS = {"train": 28709, "valid": 3589, "test": 3589}


def wilson(hits, n):
    if n == 0:
        return None, None, None
    bounds = binomtest(int(hits), int(n)).proportion_ci(0.95, method="wilson")
    return hits / n, bounds.low, bounds.high


def metrics_of(labels, probabilities, classes) -> Metrics:
    ids, predicted = range(len(classes)), probabilities.argmax(1)
    confusion = confusion_matrix(labels, predicted, labels=ids)
    accuracy = accuracy_score(labels, predicted)
    _, low, high = wilson(int((labels == predicted).sum()), len(labels))
    occurring = sorted(set(labels.tolist()))
    recall = {}
    for i, name in enumerate(classes):
        value, below, above = wilson(confusion[i, i], confusion[i].sum())
        recall[name] = ClassRecall(recall=value, low=below, high=above, n=int(confusion[i].sum()))
    top2 = np.argsort(-probabilities, axis=1)[:, :2]
    return Metrics(
        n=len(labels),
        accuracy=accuracy,
        accuracy_low=low,
        accuracy_high=high,
        uar=recall_score(labels, predicted, labels=occurring, average="macro"),
        macro_f1=f1_score(labels, predicted, labels=ids, average="macro", zero_division=0),
        top2=float((top2 == labels[:, None]).any(1).mean()) if len(classes) > 2 else None,
        nll=log_loss(labels, probabilities, labels=list(ids)),
        ece=0.05,
        brier=float(((probabilities - np.eye(len(classes))[labels]) ** 2).sum(1).mean()),
        recall=recall,
        confusion=tuple(tuple(int(x) for x in row) for row in confusion),
    )


def outputs(skill=1.5, seed=0, classes=FER, n=700, absent=()):
    """Labels and random probabilities, the surer of the labels the higher the skill."""
    random = np.random.default_rng([seed, round(skill * 1000)])
    present = [i for i, name in enumerate(classes) if name not in absent]
    labels = np.random.default_rng(n).choice(present, n)
    logits = random.normal(size=(n, len(classes)))
    logits[np.arange(n), labels] += skill
    return labels, np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


@pytest.fixture(scope="session")
def make_metrics() -> Callable[..., Metrics]:
    def make(skill=1.5, seed=0, classes=FER, n=700, absent=()):
        return metrics_of(*outputs(skill, seed, classes, n, absent), classes)

    return make


@pytest.fixture(scope="session")
def make_calibration() -> Callable[..., Calibration]:
    """Calibrate at random; the model is ``heat`` times too sure."""

    def make(skill=1.5, seed=0, classes=7, n=700, heat=1.6):
        splits = []
        for split in range(2):
            random = np.random.default_rng([seed, round(skill * 1000), split])
            labels = random.integers(classes, size=n)
            logits = random.normal(size=(n, classes))
            logits[np.arange(n), labels] += skill
            splits += [softmax(heat * logits, axis=1), labels]
        return calibrate(*splits)

    return make


@pytest.fixture(scope="session")
def left() -> dict[str, Evidence]:
    """What each record that was made was made from, by key."""
    return {}


@pytest.fixture(scope="session")
def evidence(left) -> Reader:
    """Read what a record was made from."""
    return lambda record: left.get(record.key, Evidence())


@dataclass(frozen=True)
class ByHeart:
    """Two models: ``a`` knows twins by heart, ``b`` is better on the 800 of 1200 without one."""

    entries: list[tuple[object, ...]]
    known: dict[str, Evidence]
    clean: np.ndarray

    def read(self, record: RunRecord) -> Evidence:
        return self.known[record.key]


@pytest.fixture
def make_by_heart(make_entry) -> Callable[..., ByHeart]:
    """Make both with so many seeds; ``b`` is right on ``share`` of the images without a twin."""

    def make(seeds=3, share=0.6):
        random = np.random.default_rng(0)
        labels, clean = random.integers(7, size=1200), np.arange(1200) % 3 > 0
        entries, known = [], {}
        for name, twins, others in (("a", 0.95, 0.5), ("b", 0.6, share)):
            for seed in range(seeds):
                right = random.random(1200) < np.where(clean, others, twins)
                chosen = np.where(right, labels, (labels + random.integers(1, 7, 1200)) % 7)
                probabilities = 0.9 * np.eye(7)[chosen] + 0.1 / 7
                test, apart = (
                    metrics_of(labels[part], probabilities[part], FER)
                    for part in (slice(None), clean)
                )
                entry = make_entry(name, seed=seed, test=test, test_clean=apart)
                entries.append(entry)
                found = {"test_clean": clean}
                known[entry[0].key] = Evidence(probabilities, labels, predictions=found)
        return ByHeart(entries, known, clean)

    return make


@pytest.fixture(scope="session")
def make_environment() -> Callable[..., Environment]:
    def make(machine="3f2a9c11d0", **changes):
        values = {
            "machine": machine,
            "processor": "Intel Xeon Gold 6342",
            "cores": 4,
            "memory_bytes": 16_000_000_000,
            "system": "Linux 6.1",
            "python": "3.11.9",
            "torch": "2.6.0",
            "harness": "0.1.0",
        }
        return Environment(**(values | changes))

    return make


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., DatasetCard]:
    def make(classes=FER, name="fer2013", synthetic=False, fingerprint="ab12cd34ef56ab12"):
        return DatasetCard(
            name=name,
            fingerprint=fingerprint,
            classes=classes,
            input_shape=(1, 48, 48),
            counts=COUNTS,
            synthetic=synthetic,
        )

    return make


@pytest.fixture(scope="session")
def make_record(
    make_metrics, make_calibration, make_environment, make_dataset, left
) -> Callable[..., RunRecord]:
    """Make a record; a status other than done has no metrics and a reason."""

    def make(
        model="vgg", skill=1.5, seed=0, classes=FER, status="done", reason=None, n=700, **changes
    ):
        recipe = changes.pop("recipe", Recipe(epochs=30))
        done = status == "done"
        parts = (model, skill, seed, status, sorted(changes.items(), key=str), recipe)
        splits = [make_metrics(skill + plus, seed, classes, n) for plus in (0.8, 0.1, 0)]
        train, valid, test = splits if done else (None, None, None)
        values = {
            "key": sha256(repr(parts).encode()).hexdigest()[:16],
            "speed_key": sha256(model.encode()).hexdigest()[:16],
            "model": model,
            "recipe": recipe,
            "seed": seed,
            "device": "cpu",
            "precision": "float32",
            "threads": 4,
            "status": status,
            "reason": reason,
            "dataset": make_dataset(classes),
            "plugin": PluginCard(name=f"harness-{model}", source="entry point", sha256="0" * 64),
            "selected_epoch": round(recipe.epochs * 0.8) if done else None,
            "train": train,
            "valid": valid,
            "test": test,
            "calibration": make_calibration(skill, seed, len(classes), n) if done else None,
            "cost": Cost(
                parameters=round(400_000 * skill**3),
                flops=round(30_000_000 * skill**3),
                peak_memory_bytes=round(300_000_000 * skill),
                train_seconds=200.0 * skill + seed,
                train_images_per_second_end_to_end=4000 / skill**3 + seed
                if recipe.epochs
                else None,
            )
            if done
            else None,
            "environment": make_environment() if done else None,
            "protocol": Protocol(),
            "command": f"harness run {model} --data fer2013 --seeds {seed}",
            "finished_at": "2026-01-02T03:04:05Z",
        }
        record = RunRecord(**(values | changes))
        if done:
            labels, probabilities = outputs(skill, seed, classes, n)
            left[record.key] = Evidence(probabilities, labels)
        return record

    return make


@pytest.fixture(scope="session")
def make_epochs() -> Callable[..., list[Epoch]]:
    def make(record, count=None):
        random = np.random.default_rng(record.seed)
        top = record.valid.accuracy if record.valid else 0.5
        epochs = []
        for number in range(1, (record.recipe.epochs if count is None else count) + 1):
            risen = top * (1 - np.exp(-number / 6))
            epochs.append(
                Epoch(
                    epoch=number,
                    train_loss=2 - 1.6 * risen + 0.03 * random.normal(),
                    train_accuracy=min(1, risen * 1.1),
                    valid_loss=2 - 1.4 * risen + 0.002 * number + 0.04 * random.normal(),
                    valid_accuracy=min(1, risen + 0.008 * random.normal()),
                    learning_rate=0.02 * 0.98**number,
                    train_seconds=7.0,
                    valid_seconds=0.5,
                )
            )
        return epochs

    return make


@pytest.fixture(scope="session")
def risen(make_record, make_epochs) -> Callable[..., tuple[RunRecord, list[Epoch]]]:
    """Make a run whose validation accuracies are these, at so many seconds an epoch."""

    def make(*accuracies, model="a", seconds=10.0, **changes):
        record = make_record(model, recipe=Recipe(epochs=len(accuracies)), **changes)
        epochs = [
            epoch.model_copy(
                update={
                    "valid_accuracy": accuracy,
                    "train_seconds": 0.75 * seconds,
                    "valid_seconds": 0.25 * seconds,
                }
            )
            for epoch, accuracy in zip(make_epochs(record), accuracies, strict=True)
        ]
        return record, epochs

    return make


@pytest.fixture(scope="session")
def make_speed(make_environment) -> Callable[..., SpeedRecord]:
    def make(record, factor=1.0, machine="3f2a9c11d0", **changes):
        def rate(value):
            return Rate(images_per_second=value, low=value * 0.95, high=value * 1.03, rounds=7)

        values = {
            "key": record.speed_key,
            "model": record.model,
            "arguments": record.arguments,
            "status": "done",
            "batch_size": record.recipe.batch_size,
            "precision": record.precision,
            "device": record.device,
            "threads": record.threads,
            "train_step": rate(1234.5 * factor),
            "inference": {
                1: rate(210.25 * factor),
                64: rate(3210.0 * factor),
                256: rate(3105.0 * factor),
            },
            "latency_ms": {"p50": 4.75 / factor, "p90": 5.25 / factor},
            "latency_samples": 200,
            # So that whatever a test compares was timed in one session.
            "beside": ("a", "b", "c", "convnet", "linear", "plain", "resnet18", "vgg"),
            "environment": make_environment(machine),
            "measured_at": "2026-01-02T04:04:05Z",
        }
        return SpeedRecord(**(values | changes))

    return make


@pytest.fixture(scope="session")
def make_robustness() -> Callable[..., RobustnessRecord]:
    """Make the robustness of a record: two corruptions, which ``fall`` with their strengths."""

    def make(record, fall=0.05, **changes):
        n, clean = record.test.n, round(record.test.accuracy * record.test.n)

        def result(name, parameter, unit, values, factor):
            counts = [max(0, round(clean - factor * fall * n * s)) for s in range(1, 6)]
            strengths = [
                StrengthResult(strength=s, value=value, correct=count, accuracy=count / n)
                for s, value, count in zip(range(1, 6), values, counts, strict=True)
            ]
            return CorruptionResult(
                name=name, parameter=parameter, unit=unit, strengths=tuple(strengths)
            )

        results = (
            result("gaussian noise", "standard deviation", "% of the range", (4, 8, 12, 15, 18), 1),
            result("blur", "standard deviation", "% of the shorter side", (1, 1.5, 2, 3, 4), 2),
        )
        accuracies = [at.accuracy for one in results for at in one.strengths]
        mean = sum(accuracies) / len(accuracies)
        values = {
            "key": record.key,
            "version": CORRUPTIONS_VERSION,
            "seed": 0,
            "n": n,
            "uncorrupted_correct": clean,
            "uncorrupted_accuracy": clean / n,
            "corruptions": results,
            "mean_accuracy": mean,
            "relative_loss": (clean / n - mean) / (clean / n) if clean else None,
            "seconds": 12.5,
            "libraries": {"numpy": "2.1", "pillow": "11.0", "scipy": "1.15"},
            "evaluated_at": "2026-01-02T05:04:05Z",
        }
        return RobustnessRecord(**(values | changes))

    return make


@pytest.fixture(scope="session")
def make_entry(make_record, make_epochs, make_speed, make_robustness):
    """Make a record with its epochs and its speed, as ``compare`` takes them.

    ``fall`` asks for its robustness, too.
    """

    def make(model="vgg", skill=1.5, factor=1.0, speed=True, fall=None, **changes):
        record = make_record(model, skill, **changes)
        epochs = make_epochs(record) if record.status == "done" else []
        timed = make_speed(record, factor) if speed and record.status == "done" else None
        if fall is None:
            return record, epochs, timed
        return Entry(record, epochs, timed, make_robustness(record, fall))

    return make


@pytest.fixture(scope="session")
def many_seeds(make_entry) -> list[tuple[object, ...]]:
    """Eleven seeds of one model, which is one more than have a line each."""
    return [make_entry("a", seed=seed, selected_epoch=20 + seed) for seed in range(11)]


@pytest.fixture(scope="session")
def eight(make_entry) -> Comparison:
    """Five models, one of them with three seeds, two grids and three that did not finish."""
    return compare(
        [
            make_entry("convnet", 1.2, 4.0),
            *(make_entry("vgg", 2.0, 0.5, seed=seed) for seed in range(3)),
            make_entry("vgg", 1.8, 0.9, arguments={"width": 16}),
            make_entry("vgg", 1.7, 0.8, arguments={"width": 16, "depth": 3}),
            make_entry("resnet18", 2.04, 0.7, recipe_name="strong"),
            make_entry("linear", 0.4, 30.0, recipe=Recipe(epochs=0)),
            make_entry(
                "tiny-vit", status="failed", reason="the loss is NaN in <b>epoch 3</b> | a_b"
            ),
            make_entry("inception", status="unsupported", reason="images below 75×75"),
            make_entry("slow-net", status="timeout", reason="took longer than 10 min"),
        ]
    )


@pytest.fixture(scope="session")
def corrupted(make_entry) -> Comparison:
    """Three seeds of one model and another model, all evaluated under corruption, and one not."""
    return compare(
        [
            *(make_entry("vgg", 2.0, seed=seed, fall=0.02 + 0.01 * seed) for seed in range(3)),
            make_entry("convnet", 1.2, 4.0, fall=0.06),
            make_entry("plain", 1.0),
            make_entry("bad", status="failed", reason="no luck"),
        ]
    )


@pytest.fixture(scope="session")
def written(eight, tmp_path_factory):
    """The folder of a report of the eight, with a section by a plugin."""
    folder = tmp_path_factory.mktemp("report")
    sections = [("A <b>plugin's</b> words", "- one\n- two & <script>alert(1)</script>")]
    write_report(eight, folder, sections=sections, generated_at="2026-01-02 03:04 UTC")
    return folder
