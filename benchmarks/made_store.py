"""Results folders as large as one likes, with what real runs would have left, made in a minute."""

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from harness.documents import make_folder
from harness.evaluate.assess import assess
from harness.evaluate.metrics import evaluate
from harness.evaluate.predictions import FILE, save_predictions
from harness.schema import (
    AuditCard,
    Cost,
    DatasetCard,
    Environment,
    Epoch,
    PluginCard,
    Rate,
    Recipe,
    RunRecord,
    SpeedRecord,
)
from harness.store import Store

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
IMAGES = 3589
MACHINE = Environment(
    machine="3f2a9c11d0",
    processor="a made one",
    cores=2,
    memory_bytes=16_000_000_000,
    system="Linux",
    python="3.11",
    torch="2.6.0",
    harness="0.1.0",
)
LOG = "epoch {0}: something that a model printed\n"


def make_store(
    root: Path,
    *,
    models: int = 10,
    seeds: int = 100,
    classes: int = len(FER),
    epochs: int = 30,
    images: int = IMAGES,
) -> Store:
    """Fill a folder with finished runs whose records follow from their random predictions.

    ``images`` are those of the test split and of the validation split, each.
    """
    store = Store(root)
    for model in range(models):
        for seed in range(seeds):
            _make_run(store, model, seed, classes=classes, epochs=epochs, images=images)
        store.save_speed(_speed(model))
    return store


def make_records(root: Path, count: int, *, seeds: int = 100) -> Store:
    """Fill a folder with records of real size that share one run's figures, for listing.

    Beside each lie small files under the names of those that a run leaves.
    """
    store = Store(root)
    predictions = dict(_predictions(0, 0, len(FER), IMAGES))
    first = _record(0, 0, predictions, _names(len(FER)), 30)
    for number in range(count):
        model, seed = divmod(number, seeds)
        changes = {"model": f"net-{model:02}", "seed": seed, "key": _key(model, seed)}
        folder = store.save(first.model_copy(update=changes))
        for name in ("epochs.jsonl", "log.txt", "model.safetensors", FILE):
            (folder / name).write_text("made\n")
    return store


def _make_run(
    store: Store, model: int, seed: int, *, classes: int, epochs: int, images: int
) -> None:
    predictions = dict(_predictions(model, seed, classes, images))
    record = _record(model, seed, predictions, _names(classes), epochs)
    folder = store.run_folder(record)
    make_folder(folder)
    save_predictions(folder, predictions)
    lines = (one.model_dump_json() for one in _epochs(model, seed, epochs))
    (folder / "epochs.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (folder / "log.txt").write_text("".join(LOG.format(epoch) for epoch in range(epochs)))
    store.save(record)


def _predictions(model: int, seed: int, classes: int, images: int) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of ``predictions.npz``: models differ in skill, seeds by chance."""
    random = np.random.default_rng([model, seed])
    for number, split in enumerate(("valid", "test")):
        same = np.random.default_rng([classes, images, number])
        labels, difficulty = same.integers(0, classes, images), same.normal(size=images)
        logits = random.normal(size=(images, classes)).astype(np.float32)
        logits[np.arange(images), labels] += 1.2 + 0.08 * model + difficulty
        shares = np.exp(logits)
        yield f"{split}_probabilities", (shares / shares.sum(1, keepdims=True)).astype(np.float32)
        yield f"{split}_labels", labels.astype(np.int64)
    # A quarter of FER-2013's test images has a twin in its training split.
    yield "test_clean", same.random(images) > 0.25


def _record(
    model: int, seed: int, predictions: dict[str, Any], names: tuple[str, ...], epochs: int
) -> RunRecord:
    images, clean = len(predictions["test_labels"]), int(predictions["test_clean"].sum())
    return RunRecord(
        **_identity(model, seed),
        **assess(predictions, names),
        train=evaluate(predictions["valid_probabilities"], predictions["valid_labels"], names),
        recipe=Recipe(epochs=epochs),
        status="done",
        dataset=DatasetCard(
            name="made",
            fingerprint="ab12cd34ef56ab12",
            classes=names,
            input_shape=(1, 48, 48),
            counts={"train": 8 * images, "valid": images, "test": images},
        ),
        audit=AuditCard(
            version=1, clean_sha256="0" * 64, clean=clean, exact=0, near=images - clean
        ),
        selected_epoch=epochs,
        cost=Cost(
            parameters=100_000 * (model + 1),
            flops=10_000_000 * (model + 1),
            peak_memory_bytes=500_000_000,
            train_seconds=200.0 + seed,
            valid_seconds=5.0,
            train_images_per_second_end_to_end=1000.0 / (model + 1),
        ),
        environment=MACHINE,
        finished_at="2026-01-02T03:04:05Z",
    )


def _identity(model: int, seed: int) -> dict[str, Any]:
    name, key = f"net-{model:02}", _key(model, seed)
    return {
        "key": key,
        "train_key": key,
        "speed_key": _hash(name),
        "model": name,
        "seed": seed,
        "device": "cpu",
        "precision": "float32",
        "threads": 2,
        "plugin": PluginCard(name=name, source="made", version="1", sha256=_hash(name)),
        "command": f"harness run {name} --data made --seeds {seed},",
    }


def _key(model: int, seed: int) -> str:
    return _hash(f"net-{model:02} {seed}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _epochs(model: int, seed: int, count: int) -> Iterator[Epoch]:
    random = np.random.default_rng([model, seed, 1])
    for number in range(1, count + 1):
        risen = (0.5 + 0.02 * model) * (1 - np.exp(-number / 6)) + 0.01 * random.normal()
        yield Epoch(
            epoch=number,
            train_loss=2 - 1.6 * risen,
            train_accuracy=min(1.0, 1.1 * risen),
            valid_loss=2 - 1.4 * risen + 0.002 * number,
            valid_accuracy=max(0.0, risen),
            learning_rate=0.02 * 0.98**number,
            train_seconds=7.0,
            valid_seconds=0.5,
        )


def _speed(model: int) -> SpeedRecord:
    def rate(value: float) -> Rate:
        return Rate(images_per_second=value, low=0.95 * value, high=1.03 * value, rounds=7)

    name = f"net-{model:02}"
    return SpeedRecord(
        key=_hash(name),
        model=name,
        status="done",
        batch_size=128,
        precision="float32",
        device="cpu",
        threads=2,
        train_step=rate(1200 / (model + 1)),
        inference={1: rate(200 / (model + 1)), 64: rate(3000 / (model + 1))},
        latency_ms={"p50": 4.75 * (model + 1), "p90": 5.25 * (model + 1)},
        latency_samples=200,
        environment=MACHINE,
        measured_at="2026-01-02T04:04:05Z",
    )


def _names(classes: int) -> tuple[str, ...]:
    return FER if classes == len(FER) else tuple(f"class {number}" for number in range(classes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for name, default in (("models", 10), ("seeds", 100), ("classes", 7), ("epochs", 30)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--images", type=int, default=IMAGES, help="of test and of valid")
    parser.add_argument("--records", type=int, help="so many records alone, for listing")
    wanted = vars(parser.parse_args())
    folder, records = wanted.pop("folder"), wanted.pop("records")
    if records is None:
        make_store(folder, **wanted)
    else:
        make_records(folder, records, seeds=wanted["seeds"])


if __name__ == "__main__":
    main()
