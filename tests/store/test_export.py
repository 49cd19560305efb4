from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.export import export_run
from harness.store import Store


def test_an_export_replaces_no_finished_run_by_another(store, make_spec, record, tmp_path):
    other = Store(tmp_path / "other")
    other.save(record())
    stopped = record(status="interrupted", reason="stopped by the user")
    folder = store.save(stopped)
    export_run(store, folder, other)
    assert other.find(make_spec()).status == "done"
    other.save(record(status="failed", reason="no luck"))
    export_run(store, folder, other)
    assert other.find(make_spec()).status == "interrupted"


def test_an_export_is_of_one_try_of_the_run_and_of_no_earlier_one(
    store, record, tmp_path, monkeypatch
):
    """Killed on the way, the copy is no run."""
    other, folder = Store(tmp_path / "other"), store.save(record())
    for name in ("predictions.npz", "robustness.json"):
        (folder / name).write_text("first")
    export_run(store, folder, other)
    copy = other.run_folder(record())
    (folder / "robustness.json").unlink()
    (folder / "predictions.npz").write_text("second")
    real = Path.replace

    def killed(self, target):
        if target.name == "record.json":
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            export_run(store, folder, other)
    assert other.list_runs().records == []
    export_run(store, folder, other)
    assert {path.name for path in copy.iterdir()} - {".lock"} == {"predictions.npz", "record.json"}
    assert (copy / "predictions.npz").read_text() == "second"


def test_an_export_that_finds_no_room_leaves_the_earlier_copy(store, record, tmp_path, monkeypatch):
    other, folder = Store(tmp_path / "other"), store.save(record())
    (folder / "predictions.npz").write_text("first")
    export_run(store, folder, other)
    (folder / "predictions.npz").write_text("second")
    real = Path.write_bytes

    def full(self, content):
        if "predictions" in self.name:
            raise OSError(28, "No space left on device")
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match=r"cannot copy .* No space left on device"):
        export_run(store, folder, other)
    copy = other.run_folder(record())
    assert {path.name for path in copy.iterdir()} - {".lock"} == {"predictions.npz", "record.json"}
    assert (copy / "predictions.npz").read_text() == "first"
    assert other.find(record()).status == "done"


def test_an_export_takes_the_record_that_is_there_once_the_run_is_held(
    store, record, tmp_path, monkeypatch
):
    folder, other = store.save(record()), Store(tmp_path / "other")
    real = Store.lock

    def wait(self, one, **how):
        if self is store:
            store.save(record(finished_at="2031-01-01"))
        return real(self, one, **how)

    monkeypatch.setattr(Store, "lock", wait)
    export_run(store, folder, other)
    [(_, copied)] = other.list_runs().records
    assert copied.finished_at == "2031-01-01"


def test_an_export_says_which_speed_it_could_not_read(store, record, tmp_path):
    folder = store.save(record())
    path = store.root / "speed" / "m" / f"net-{record().speed_key[:12]}.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    warnings = []
    export_run(store, folder, Store(tmp_path / "other"), warnings.append)
    assert len(warnings) == 1
    assert str(path) in warnings[0]


def test_an_export_needs_no_right_to_write_where_it_reads(store, record, tmp_path, monkeypatch):
    folder, other = store.save(record()), Store(tmp_path / "other")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    export_run(store, folder, other)
    assert not (folder / ".lock").exists()
    assert [path.name for path in other.run_folder(record()).iterdir()] == ["record.json"]


def test_an_export_waits_for_nobody_who_makes_the_run_there(
    store, make_spec, record, tmp_path, monkeypatch
):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    folder = store.save(record())
    other = Store(tmp_path / "other")
    with other.lock(make_spec()), pytest.raises(StoreError, match="another process"):
        export_run(store, folder, other)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "checkpoint.pt", "train_predictions.npz", "log.txt"]
)
def test_an_export_over_another_try_leaves_nothing_of_that_one(
    store, make_spec, record, tmp_path, name
):
    """Weights of another training beside a finished record would be taken over as its own."""
    other = Store(tmp_path / "other")
    left = other.save(record(status="interrupted", reason="stopped by the user")) / name
    left.touch()
    assert export_run(store, store.save(record(train_key="t")), other)
    assert not left.exists()
    spec = make_spec(key="c" * 64, train_key="t")
    assert not list(other.trained_alike(spec, other.of_model_and_seed(spec)))


def test_an_export_of_the_same_run_leaves_the_weights_that_are_there(store, record, tmp_path):
    other = Store(tmp_path / "other")
    weights = other.save(record()) / "model.safetensors"
    weights.touch()
    assert export_run(store, store.save(record()), other)
    assert weights.exists()


def test_an_export_says_what_it_does_not_replace(store, record, tmp_path):
    other = Store(tmp_path / "other")
    other.save(record())
    told = []
    folder = store.save(record(status="interrupted", reason="stopped by the user"))
    assert not export_run(store, folder, other, told.append)
    assert told == [f"{other.run_folder(record())} is done and the run here interrupted: it stays"]


def test_an_export_names_the_folder_that_cannot_be_written(store, record, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "runs").touch()
    with pytest.raises(StoreError, match="give another FOLDER"):
        export_run(store, store.save(record()), Store(tmp_path / "other"))
