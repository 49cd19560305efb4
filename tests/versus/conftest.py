"""Two stores with runs whose predictions are drawn, so that their figures are known."""

from pathlib import Path

import numpy as np
import pytest

from harness.evaluate.metrics import evaluate
from harness.schema import (
    Cost,
    DatasetCard,
    Environment,
    PluginCard,
    Rate,
    Recipe,
    RunRecord,
    SpeedRecord,
)
from harness.store import Store

CLASSES = ("cat", "cow", "dog")
IMAGES = 600


def environment(machine="here"):
    return Environment(
        machine=machine,
        processor="a processor",
        cores=2,
        memory_bytes=2**30,
        system="Linux",
        python="3.12",
        torch="2.9",
        harness="0.1",
    )


def draw(skill, seed, labels):
    """Return probabilities that are right on about ``skill`` of the images, the same mostly."""
    common, own = np.random.default_rng(7), np.random.default_rng([seed, round(skill * 1000)])
    luck = np.where(
        own.random(len(labels)) < 0.2, own.random(len(labels)), common.random(len(labels))
    )
    predicted = np.where(luck < skill, labels, (labels + 1) % len(CLASSES))
    return (0.7 * np.eye(len(CLASSES))[predicted] + 0.1).astype(np.float32)


@pytest.fixture
def leave():
    """Leave predictions in a run's folder, those of both splits alike."""

    def save(folder, probabilities, labels, clean=None):
        arrays = {"probabilities": probabilities, "labels": labels}
        both = {f"{split}_{name}": a for split in ("valid", "test") for name, a in arrays.items()}
        mask = {} if clean is None else {"test_clean": clean}
        np.savez(folder / "predictions.npz", **both, **mask)

    return save


@pytest.fixture
def add_run(leave):
    """Add a run to the store at ``root``; return its folder.

    ``clean`` is true for the test images without a twin, where there was an audit.
    """

    def add(
        root, model="net", skill=0.7, seed=0, predictions=True, rate=None, clean=None, **changes
    ):
        labels = np.random.default_rng(1).integers(len(CLASSES), size=IMAGES)
        probabilities = draw(skill, seed, labels)
        quality = evaluate(probabilities, labels, CLASSES)
        values = {
            "key": f"{model}-{seed}-{skill}".ljust(16, "0"),
            "speed_key": f"{model}-{skill}".ljust(16, "0"),
            "model": model,
            "recipe": Recipe(epochs=2),
            "seed": seed,
            "device": "cpu",
            "precision": "float32",
            "threads": 2,
            "status": "done",
            "dataset": DatasetCard(
                name="pets",
                fingerprint="f" * 16,
                classes=CLASSES,
                input_shape=(1, 8, 8),
                counts={"train": 10, "valid": 10, "test": IMAGES},
            ),
            "plugin": PluginCard(name=model, source=f"{model}.py", sha256="0" * 64),
            "valid": quality,
            "test": quality,
            "test_clean": None
            if clean is None
            else evaluate(probabilities[clean], labels[clean], CLASSES),
            "cost": Cost(parameters=1000),
            "environment": environment(),
            "command": f"harness run {model}",
            "finished_at": "2026-01-02T03:04:05+00:00",
        }
        store, record = Store(root), RunRecord(**(values | changes))
        folder = store.save(record)
        if predictions:
            leave(folder, probabilities, labels, clean)
        if rate:
            store.save_speed(speed_of(record, rate))
        return folder

    return add


def speed_of(record, rate, machine="here", **changes):
    """Return a record of a speed whose rounds lie within 2 % of ``rate``."""

    def around(value):
        return Rate(images_per_second=value, low=0.99 * value, high=1.01 * value, rounds=5)

    values = {
        "key": record.speed_key,
        "model": record.model,
        "status": "done",
        "batch_size": 128,
        "precision": "float32",
        "device": "cpu",
        "threads": 2,
        "train_step": around(rate),
        "inference": {1: around(rate), 32: around(3 * rate)},
        "latency_ms": {"p50": 1000 / rate},
        "latency_samples": 100,
        "environment": environment(machine),
        "measured_at": "2026-01-02T04:04:05Z",
    }
    return SpeedRecord(**(values | changes))


@pytest.fixture
def sides(tmp_path) -> tuple[Path, Path]:
    """The folders of two stores."""
    return tmp_path / "before", tmp_path / "after"
