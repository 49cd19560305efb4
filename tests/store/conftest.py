"""A store in a temporary folder, and what is kept in it."""

import pytest

from harness.schema import (
    DatasetCard,
    Environment,
    Epoch,
    PluginCard,
    Recipe,
    RunRecord,
    RunSpec,
    SpeedRecord,
)
from harness.store import Store

MACHINE = Environment(
    machine="m1",
    processor="p",
    cores=1,
    memory_bytes=1,
    system="s",
    python="3",
    torch="2",
    harness="0",
)


SHARED = {
    "key": "0123456789abcdef",
    "speed_key": "fedcba9876543210",
    "model": "net",
    "recipe": Recipe(epochs=3),
    "seed": 4,
    "device": "cpu",
    "precision": "float32",
    "threads": 1,
    "plugin": PluginCard(name="net", source="net.py", sha256="0" * 64),
    "command": "harness run net",
}


def dataset(name="tiny"):
    return DatasetCard(
        name=name, fingerprint="f", classes=("a", "b"), input_shape=(1, 8, 8), counts={"train": 2}
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


@pytest.fixture
def make_spec(store):
    def make(data="tiny", **changes):
        values = {**SHARED, "dataset": dataset(data), "data": "data", "store": str(store.root)}
        return RunSpec(**(values | changes))

    return make


@pytest.fixture
def record():
    """Return a record."""

    def record(data="tiny", **changes):
        values = {**SHARED, "dataset": dataset(data), "status": "done", "finished_at": "2026"}
        return RunRecord(**(values | changes))

    return record


@pytest.fixture
def epoch():
    """Return an epoch."""

    def epoch(number):
        return Epoch(**(dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": number}))

    return epoch


@pytest.fixture
def speed():
    """Return a speed."""

    def speed(**changes):
        values = {
            "key": SHARED["speed_key"],
            "model": "net",
            "status": "done",
            "batch_size": 8,
            "precision": "float32",
            "device": "cpu",
            "threads": 1,
            "environment": MACHINE,
            "measured_at": "2026-01-01",
        }
        return SpeedRecord(**(values | changes))

    return speed


@pytest.fixture
def on():
    """Return another machine."""

    def on(machine):
        return MACHINE.model_copy(update={"machine": machine})

    return on
