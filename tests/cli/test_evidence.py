import numpy as np
import pytest

from harness.cli.evidence import log_tail, open_images, read_evidence, side_by_side
from harness.data.splits import open_splits
from harness.errors import RequestError
from harness.plugins import discover
from harness.schema import Environment, SpeedRecord
from harness.store import Store

MACHINE = {
    "processor": "p",
    "cores": 1,
    "memory_bytes": 1,
    "system": "s",
    "python": "3",
    "torch": "2",
    "harness": "0",
}


def timing(machine, day, status="done"):
    return SpeedRecord(
        key="k",
        model="net",
        status=status,
        batch_size=8,
        precision="float32",
        device="cpu",
        threads=1,
        environment=Environment(machine=machine, **MACHINE),
        measured_at=f"2026-01-0{day}",
    )


class Folder(Store):
    """A store all of whose runs lie in its root."""

    def run_folder(self, run):
        return self.root


@pytest.fixture
def read(tmp_path):
    """Read the evidence of a run's folder, and the warnings."""

    def call(images=None):
        warnings = []
        return read_evidence(Folder(tmp_path), warnings.append, images)(None), warnings

    return call


def test_predictions_and_the_log_are_read(read, tmp_path):
    probabilities, labels = np.ones((2, 3), np.float32) / 3, np.array([0, 1])
    both = {"probabilities": probabilities, "labels": labels}
    arrays = {f"{split}_{name}": a for split in ("valid", "test") for name, a in both.items()}
    np.savez(tmp_path / "predictions.npz", **arrays)
    (tmp_path / "log.txt").write_text("one\ntwo\n")
    found, warnings = read()
    np.testing.assert_array_equal(found.probabilities, probabilities)
    np.testing.assert_array_equal(found.labels, labels)
    assert found.log == "one\ntwo"
    assert warnings == []


def test_a_run_that_left_nothing_is_no_matter(read):
    found, warnings = read()
    assert found.probabilities is found.labels is found.images is None
    assert found.log == ""
    assert warnings == []


def damaged(path):
    path.write_bytes(b"PK\x03\x04 no archive")


def incomplete(path):
    np.savez(path, valid_labels=np.zeros(1))


def pickled(path):
    np.savez(path, test_probabilities=np.array([{}], object), test_labels=np.zeros(1))


@pytest.mark.parametrize("spoil", [damaged, incomplete, pickled])
def test_predictions_that_cannot_be_read_are_a_warning(read, tmp_path, spoil):
    spoil(tmp_path / "predictions.npz")
    found, (warning,) = read()
    assert found.probabilities is None
    assert "predictions.npz" in warning
    assert "goes without its predictions" in warning


def test_a_log_names_no_folder_of_the_machine(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text(
        '  File "/home/ann/my project/../.venv/lib/x.py", line 3, in build\n'
        "/home/ann/.venv/lib/python3.11/site-packages/torch/nn.py:3: UserWarning: 1/2 of 3 / 4\n"
        r"C:\Users\ann\nets\net.py: no" + "\n"
    )
    shown = log_tail(path)
    assert "ann" not in shown
    assert 'x.py", line 3, in build' in shown
    assert "…/nn.py:3: UserWarning: 1/2 of 3 / 4" in shown
    assert "…/net.py: no" in shown


def test_a_log_is_cut_and_told_without_its_epochs(tmp_path):
    path = tmp_path / "log.txt"
    lines = [f"line {i}" for i in range(100)]
    path.write_text("\n".join([*lines, '{"epoch":1,"train_loss":1.9}', "end"]))
    shown = log_tail(path).splitlines()
    assert shown == [*lines[-59:], "end"]


def test_images_are_those_of_the_test_split(tiny):
    splits = open_splits(tiny)
    images = open_images(str(tiny), splits.fingerprint, discover())
    np.testing.assert_array_equal(images, splits.test.images)


def test_images_of_other_data_are_refused(tiny):
    with pytest.raises(RequestError, match="holds other data") as caught:
        open_images(str(tiny), "another fingerprint", discover())
    assert "--images: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_side_by_side_models_are_timed_on_the_machine_that_most_of_them_share():
    """Though one of them was timed later on another machine, and one there alone."""
    one, two, three = [timing("a", 2), timing("b", 3)], [timing("a", 2)], [timing("b", 3)]
    found = side_by_side([one, two, three, []])
    assert [speed and speed.environment.machine for speed in found] == ["b", "a", "b", None]
    found = side_by_side([one, two, two])
    assert [speed.environment.machine for speed in found] == ["a", "a", "a"]


def test_of_machines_that_timed_equally_many_the_one_that_measured_last_is_taken():
    [found] = side_by_side([[timing("b", 2), timing("a", 3)]])
    assert found.environment.machine == "a"


def test_a_timing_that_failed_is_shown_where_there_is_no_other():
    failed, done = timing("a", 3, "failed"), timing("b", 2)
    assert side_by_side([[failed]]) == [failed]
    assert side_by_side([[failed, done]]) == [done]
