import pytest

from harness.documents import make_folder, write_text
from harness.errors import StoreError
from harness.store import Store


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_text(path, "old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(StoreError) as caught:
        write_text(path, "new")
    assert str(caught.value) == f"cannot write {path}: No space left on device"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_never_there_by_half(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_text(path, "old")

    def half(self, content):
        with self.open("wb") as file:
            file.write(content[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", half)
    with pytest.raises(StoreError):
        write_text(path, "new text")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_store_where_a_file_is_cannot_be_written(tmp_path, record):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(StoreError) as caught:
        Store(tmp_path / "results").save(record())
    assert str(caught.value).startswith(f"cannot write to {tmp_path / 'results'}")
    assert str(caught.value).endswith("; give another --results")


def test_a_record_cannot_be_written_over_a_folder(store, make_spec, record):
    make_folder(store.run_folder(make_spec()) / "record.json")
    with pytest.raises(StoreError, match=r"^cannot write .*record\.json: Is a directory"):
        store.save(record())
    assert store.find(make_spec()) is None


def test_a_record_that_may_not_be_read_is_a_problem(store, make_spec, monkeypatch, record):
    store.save(record())

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert store.find(make_spec()) is None
    (problem,) = store.list_runs().problems
    assert problem.endswith("record.json cannot be read: Permission denied")
