import numpy as np
import pytest
from pydantic import ValidationError

from harness.evaluate.metrics import evaluate
from harness.schema import (
    DatasetCard,
    Epoch,
    Event,
    Manifest,
    PluginCard,
    Protocol,
    Rate,
    Recipe,
    RunRecord,
    RunSpec,
    Source,
)

CARD = PluginCard(name="net", source="net.py", sha256="0" * 64)
DATA = DatasetCard(
    name="tiny", fingerprint="f", classes=("a", "b"), input_shape=(1, 8, 8), counts={"train": 2}
)
SHARED = {
    "key": "k" * 64,
    "speed_key": "s" * 64,
    "model": "net",
    "recipe": Recipe(),
    "seed": 0,
    "device": "cpu",
    "precision": "float32",
    "threads": 1,
    "plugin": CARD,
    "dataset": DATA,
    "command": "harness run net",
}


def record(**changes):
    values = {**SHARED, "status": "done", "finished_at": "2026-01-02T03:04:05+00:00"}
    return RunRecord(**(values | changes))


def test_a_record_survives_its_json():
    made = record(reason="a – b", overrides={"epochs": 3}, arguments={"width": 16})
    assert RunRecord.model_validate_json(made.to_json()) == made


@pytest.mark.parametrize("value", [True, 1, 1.0, 0.1, "1", "true", None])
def test_an_argument_keeps_its_type_in_a_file(value):
    made = record(arguments={"argument": value})
    read = RunRecord.model_validate_json(made.to_json()).arguments["argument"]
    assert (type(read), read) == (type(value), value)


def test_a_status_is_one_of_five():
    for status in ("done", "unsupported", "failed", "timeout", "interrupted"):
        assert record(status=status).status == status
    with pytest.raises(ValidationError, match="status"):
        record(status="finished")


def test_a_spec_survives_the_way_to_a_child_process():
    spec = RunSpec(**SHARED, data="data", store="results", plugins=("net.py",))
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_record_holds_no_folder_of_this_machine():
    assert {"data", "store", "plugins"}.isdisjoint(RunRecord.model_fields)
    assert {"data", "store", "plugins"} < set(RunSpec.model_fields)


def test_the_protocol_of_a_record_says_how_the_epoch_was_selected():
    assert "valid accuracy" in Protocol().selection
    assert record().protocol == Protocol()


def test_an_epoch_refuses_a_loss_that_is_no_number():
    numbers = dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": 1}
    assert Epoch(**numbers).epoch == 1
    with pytest.raises(ValidationError, match="train_loss"):
        Epoch(**(numbers | {"train_loss": float("nan")}))


def test_an_event_is_of_a_known_kind():
    assert Event(kind="stage", text="training").text == "training"
    with pytest.raises(ValidationError, match="kind"):
        Event(kind="coffee")


def test_a_manifest_survives_its_json():
    manifest = Manifest(
        name="tiny",
        classes=("a", "b"),
        image_shape=(8, 8),
        counts={"train": 2},
        class_counts={"train": (1, 1)},
        mean=(0.5,),
        std=(0.25,),
        sha256={"train_images.npy": "0" * 64},
        source=Source(name="tiny.csv", form="csv"),
    )
    assert Manifest.model_validate_json(manifest.to_json()) == manifest


def test_a_rate_that_is_infinite_is_refused():
    with pytest.raises(ValidationError, match="images_per_second"):
        Rate(images_per_second=float("inf"), low=1, high=2, rounds=3)


@pytest.mark.parametrize("name", ["train", "valid", "test", "test_clean", "test_tta"])
def test_metrics_of_other_classes_than_the_data_has_are_none(name):
    probabilities, labels = np.array([[0.7, 0.3], [0.4, 0.6]]), np.array([0, 1])
    metrics = evaluate(probabilities, labels, ("a", "b"))
    assert getattr(record(**{name: metrics}), name) == metrics
    for changed in (
        {"confusion": ((1,),)},
        {"confusion": ((1, 0), (0,))},
        {"recall": {"a": metrics.recall["a"]}},
    ):
        with pytest.raises(ValidationError, match=f"{name} is not of the 2 classes"):
            record(**{name: metrics.model_copy(update=changed)})


def test_an_accuracy_is_a_share():
    metrics = evaluate(np.array([[0.7, 0.3], [0.4, 0.6]]), np.array([0, 1]), ("a", "b"))
    text = record(test=metrics).to_json()
    with pytest.raises(ValidationError, match=r"test\.accuracy"):
        RunRecord.model_validate_json(text.replace('"accuracy": 1.0', '"accuracy": 17.0'))
