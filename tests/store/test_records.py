import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import store as module
from harness.documents import make_folder
from harness.errors import StoreError
from harness.store import Store


def test_a_run_lies_by_data_set_model_seed_and_key(store, make_spec, record):
    assert store.run_folder(make_spec()) == store.root / "runs" / "tiny" / "net" / "4-0123456789ab"
    assert store.run_folder(record()) == store.run_folder(make_spec())


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("fer2013", "fer2013"),
        ("my faces/v2", "my-faces-v2"),
        ("a\\b:c*?", "a-b-c--"),
        ("../../etc", "-..-etc"),
        ("..", "data"),
        ("", "data"),
        (".hidden", "hidden"),
        ("Gesichter-ä", "Gesichter-ä"),
    ],
)
def test_the_name_of_a_data_set_becomes_one_folder(store, make_spec, name, folder, record):
    store.save(record(name))
    assert [path.name for path in (store.root / "runs").iterdir()] == [folder]
    assert store.find(make_spec(name)) == record(name)


def test_a_run_is_found_again(store, make_spec, record):
    folder = store.save(record())
    assert folder == store.run_folder(make_spec())
    assert store.find(make_spec()) == record()


def test_a_run_that_was_not_made_is_not_found(store, make_spec):
    assert store.find(make_spec()) is None


def test_a_key_that_begins_alike_is_another_run(store, make_spec, record):
    store.save(record())
    assert store.find(make_spec(key="0123456789ab-another")) is None


@pytest.mark.parametrize("damage", [b"", b'{"schema": 1', b"\xff\xfe", b"[]", b'{"schema": 9}'])
def test_a_damaged_record_is_run_again_and_listed_as_a_problem(store, make_spec, damage, record):
    path = store.save(record()) / "record.json"
    path.write_bytes(damage)
    assert store.find(make_spec()) is None
    listing = store.list_runs()
    assert listing.records == []
    (problem,) = listing.problems
    assert problem.startswith(f"{path} is no RunRecord: ")
    assert problem.endswith("; remove its folder to run it again")
    assert "\n" not in problem


def test_a_damaged_record_hides_no_other(store, record):
    (store.save(record()) / "record.json").write_text("{")
    folder = store.save(record(seed=5))
    assert store.list_runs().records == [(folder, record(seed=5))]


def test_a_damaged_record_can_be_saved_over(store, make_spec, record):
    (store.save(record()) / "record.json").write_text("{")
    store.save(record(reason="again"))
    assert store.find(make_spec()).reason == "again"


def test_records_are_listed_by_folder(store, record):
    for data, model in (("b", "net"), ("a", "vgg"), ("a", "net")):
        store.save(record(data, model=model))
    found = [(made.dataset.name, made.model) for _, made in store.list_runs().records]
    assert found == [("a", "net"), ("a", "vgg"), ("b", "net")]


def test_a_store_that_is_not_there_lists_nothing(store):
    assert store.list_runs() == module.Listing()
    assert not store.root.exists()


def test_a_run_without_a_record_is_not_listed(store, make_spec):
    make_folder(store.run_folder(make_spec()))
    assert store.list_runs() == module.Listing()


def test_letters_beyond_ascii_survive_whatever_the_locale(store, record):
    store.save(record(reason="zu groß – ö"))
    code = (
        "from pathlib import Path; from harness.store import Store; import sys\n"
        "(_, run), = Store(Path(sys.argv[1])).list_runs().records\n"
        "assert run.reason == 'zu gro\\xdf \\u2013 \\xf6', run.reason"
    )
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"}
    subprocess.run([sys.executable, "-c", code, store.root], env=environment, check=True)


def test_a_checkpoint_is_seen(store, make_spec):
    assert not store.checkpointed(make_spec())
    make_folder(store.run_folder(make_spec()))
    (store.run_folder(make_spec()) / "checkpoint.pt").touch()
    assert store.checkpointed(make_spec())


def test_what_is_discarded_is_gone(store, make_spec, epoch, record):
    store.save(record())
    store.append_epochs(make_spec(), epoch(1))
    store.discard(make_spec())
    assert [path.name for path in store.run_folder(make_spec()).iterdir()] == [".lock"]
    store.discard(make_spec())


def test_a_folder_within_a_runs_is_discarded_too(store, make_spec, record, monkeypatch):
    folder = store.save(record())
    (folder / "mine" / "deep").mkdir(parents=True)
    (folder / "elsewhere").symlink_to(store.root)
    store.discard(make_spec())
    assert [path.name for path in folder.iterdir()] == [".lock"]
    assert store.root.is_dir()

    def refuse(path, missing_ok=False):
        raise PermissionError(13, "Permission denied")

    store.save(record())
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match=r"cannot remove what is in .*: Permission denied"):
        store.discard(make_spec())


def interrupt_after_the_first(monkeypatch):
    """Have the second file that is removed end all, as a loss of power would."""
    removed, unlink = [], Path.unlink

    def once(path, missing_ok=False):
        if removed:
            raise KeyboardInterrupt
        removed.append(path.name)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", once)
    return removed


def test_what_is_removed_loses_its_record_first(store, make_spec, epoch, record, monkeypatch):
    store.save(record())
    store.append_epochs(make_spec(), epoch(1))
    removed = interrupt_after_the_first(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        store.discard(make_spec())
    assert removed == ["record.json"]
    assert store.find(make_spec()) is None


def test_a_run_that_was_made_again_with_the_same_end_is_not_removed(store, make_spec, record):
    store.save(record(finished_at="2031"))
    with pytest.raises(StoreError, match="was made again meanwhile"):
        store.remove(record())
    assert store.find(make_spec()) == record(finished_at="2031")


def test_a_run_that_was_made_again_meanwhile_is_not_removed(store, make_spec, record):
    old = record(status="failed", reason="no luck")
    store.save(record())
    with pytest.raises(StoreError, match="was made again meanwhile and is done: it stays"):
        store.remove(old)
    assert store.find(make_spec()) == record()
    store.remove(record())
    assert not store.run_folder(make_spec()).exists()


def test_a_run_that_cannot_be_removed_is_one_sentence(store, record, monkeypatch):
    def refuse(path, missing_ok=False):
        raise PermissionError(13, "Permission denied")

    store.save(record())
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match=r"cannot remove .*: Permission denied"):
        store.remove(record())


def test_a_folder_that_may_not_be_entered_is_a_problem(store, make_spec, record, monkeypatch):
    store.save(record())

    def refuse(path, **how):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert "record.json cannot be read: Permission denied" in store.problem(make_spec())
    assert store.find(make_spec()) is None


def test_epochs_that_may_not_be_read_are_one_sentence(store, make_spec, epoch, monkeypatch):
    make_folder(store.run_folder(make_spec()))
    store.append_epochs(make_spec(), epoch(1))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(StoreError, match=r"epochs.jsonl cannot be read: Permission denied"):
        store.epochs(make_spec())


@pytest.mark.parametrize("act", ["discard", "remove"])
def test_what_is_removed_by_halves_is_neither_a_run_nor_gone_on_with(
    store, make_spec, record, monkeypatch, act
):
    folder = store.save(record())
    for name in ("checkpoint.pt", "epochs.jsonl", "a.txt"):
        (folder / name).touch()
    removed, real = [], Path.unlink

    def unlink(self, missing_ok=False):
        removed.append(self.name)
        if len(removed) > 2:
            raise KeyboardInterrupt
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr("shutil.rmtree", lambda path: unlink(path / "epochs.jsonl"))
    with pytest.raises(KeyboardInterrupt):
        store.discard(make_spec()) if act == "discard" else store.remove(record())
    assert removed[:2] == ["record.json", "checkpoint.pt"]


def test_a_run_that_another_process_holds_is_not_discarded(store, make_spec, monkeypatch, record):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    store.save(record())
    with store.lock(make_spec()), pytest.raises(StoreError, match="another process"):
        store.discard(make_spec())
    assert store.find(make_spec()) == record()


def test_a_summary_says_what_its_record_says(store, record):
    folder = store.save(record(arguments={"width": 3}, reason="why"))
    ((found, summary),) = store.list_summaries().records
    assert found == folder
    told = record(arguments={"width": 3}, reason="why").model_dump()
    assert told | summary.model_dump(exclude={"recipe", "dataset"}) == told
    assert (summary.recipe.epochs, summary.dataset.name) == (3, "tiny")
    assert store.run_folder(summary) == folder


def test_a_summary_says_nothing_of_what_a_list_does_not_show(store, record):
    folder = store.save(record())
    path = folder / "record.json"
    path.write_text(path.read_text().replace('"threads": 1', '"threads": "many"'))
    assert [place for place, _ in store.list_summaries().records] == [folder]
    with pytest.raises(StoreError, match=r"is no RunRecord: threads"):
        store.record(folder)


def test_what_is_no_record_is_no_summary_either(store, record):
    path = store.save(record()) / "record.json"
    for damage in ("{", path.read_text().replace('"seed": 4', '"seed": "x"')):
        path.write_text(damage)
        assert store.list_summaries().problems == store.list_runs().problems
        assert len(store.list_summaries().problems) == 1


def test_a_record_that_is_gone_is_one_sentence(store, record):
    folder = store.run_folder(record())
    with pytest.raises(StoreError, match=r"record\.json is not there"):
        store.record(folder)


def test_a_record_of_another_folder_is_a_problem_and_nothing_is_done_to_that_folder(
    store, record, tmp_path
):
    """A copy beside it, and one that names a folder outside of the store."""
    folder = store.save(record())
    shutil.copytree(folder, folder.with_name("copy"))
    led_astray = folder.with_name("astray")
    shutil.copytree(folder, led_astray)
    text = (led_astray / "record.json").read_text()
    (led_astray / "record.json").write_text(text.replace('"net"', '"../../../net"'))
    listing = store.list_summaries()
    assert [path for path, _ in listing.records] == [folder]
    assert len(listing.problems) == 2
    for name, problem in zip(("astray", "copy"), listing.problems, strict=True):
        assert f"{name}/record.json is of another folder's run" in problem


def test_a_run_is_removed_though_its_lock_cannot_be_while_it_is_held(store, record, monkeypatch):
    """So it is on Windows."""
    folder, real, held = store.save(record()), Path.unlink, []
    lock = Store.lock

    @contextlib.contextmanager
    def noted(self, spec):
        with lock(self, spec):
            held.append(1)
            yield
            held.clear()

    def unlink(self, missing_ok=False):
        if held and self.name == ".lock":
            raise PermissionError(13, "in use")
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Store, "lock", noted)
    monkeypatch.setattr(Path, "unlink", unlink)
    store.remove(record())
    assert not folder.exists()


def test_a_run_that_may_not_be_entered_is_a_problem(store, record, monkeypatch):
    folder, real = store.save(record()), Path.stat

    def refuse(self, **how):
        if self.parent == folder:
            raise PermissionError(13, "Permission denied")
        return real(self, **how)

    # As a system does it, of which nobody is root.
    monkeypatch.setattr(Path, "stat", refuse)
    [problem] = store.list_runs().problems
    assert problem == f"{folder / 'record.json'} cannot be read: Permission denied"


@pytest.mark.parametrize("level", [1, 2])
def test_a_folder_of_runs_that_may_not_be_read_is_a_problem(store, record, monkeypatch, level):
    """Else a gate would pass on what others may read."""
    one = record()
    other = one.model_copy(update={"dataset": one.dataset.model_copy(update={"name": "other"})})
    folder = store.save(other).parents[level - 1]
    store.save(one)
    real = Path.iterdir

    def refuse(self):
        if self == folder:
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    listing = store.list_runs()
    assert listing.problems == [f"{folder} cannot be read: Permission denied"]
    assert len(listing.records) == 1


def test_what_was_begun_again_as_its_run_is_removed_stays(store, record, monkeypatch):
    folder, real = store.save(record()), Store.lock

    @contextlib.contextmanager
    def lock(self, run):
        with real(self, run):
            yield
        (folder / "epochs.jsonl").write_text("new")

    monkeypatch.setattr(Store, "lock", lock)
    store.remove(record())
    assert (folder / "epochs.jsonl").read_text() == "new"
