import os
import subprocess
import sys

import pytest

from harness import store as module
from harness.errors import StoreError
from harness.schema import (
    CORRUPTIONS_VERSION,
    DatasetCard,
    Environment,
    Epoch,
    PluginCard,
    Recipe,
    RobustnessRecord,
    RunRecord,
    RunSpec,
    SpeedRecord,
)
from harness.store import Store, make_folder, write_text

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


def record(data="tiny", **changes):
    values = {**SHARED, "dataset": dataset(data), "status": "done", "finished_at": "2026"}
    return RunRecord(**(values | changes))


def epoch(number):
    return Epoch(**(dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": number}))


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


def on(machine):
    return MACHINE.model_copy(update={"machine": machine})


# Records of runs


def test_a_run_lies_by_data_set_model_seed_and_key(store, make_spec):
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
def test_the_name_of_a_data_set_becomes_one_folder(store, make_spec, name, folder):
    store.save(record(name))
    assert [path.name for path in (store.root / "runs").iterdir()] == [folder]
    assert store.find(make_spec(name)) == record(name)


def test_a_run_is_found_again(store, make_spec):
    folder = store.save(record())
    assert folder == store.run_folder(make_spec())
    assert store.find(make_spec()) == record()


def test_a_run_that_was_not_made_is_not_found(store, make_spec):
    assert store.find(make_spec()) is None


def test_a_key_that_begins_alike_is_another_run(store, make_spec):
    store.save(record())
    assert store.find(make_spec(key="0123456789ab-another")) is None


@pytest.mark.parametrize("damage", [b"", b'{"schema": 1', b"\xff\xfe", b"[]", b'{"schema": 9}'])
def test_a_damaged_record_is_run_again_and_listed_as_a_problem(store, make_spec, damage):
    path = store.save(record()) / "record.json"
    path.write_bytes(damage)
    assert store.find(make_spec()) is None
    listing = store.list_runs()
    assert listing.records == []
    (problem,) = listing.problems
    assert problem.startswith(f"{path} is no RunRecord: ")
    assert problem.endswith("; remove its folder to run it again")
    assert "\n" not in problem


def test_a_damaged_record_hides_no_other(store):
    (store.save(record()) / "record.json").write_text("{")
    folder = store.save(record(seed=5))
    assert store.list_runs().records == [(folder, record(seed=5))]


def test_a_damaged_record_can_be_saved_over(store, make_spec):
    (store.save(record()) / "record.json").write_text("{")
    store.save(record(reason="again"))
    assert store.find(make_spec()).reason == "again"


# Weights of another run


@pytest.fixture
def trained(store, make_spec):
    """Save a run with weights, and look for it from one that trains alike."""

    def look(damage=None, key="c" * 64, **changes):
        made = record(**({"key": "b" * 64, "train_key": "t", "seed": 4} | changes))
        folder = store.save(made)
        (folder / "model.safetensors").touch()
        if damage:
            damage(folder)
        found = store.trained_alike(make_spec(key=key, train_key="t", seed=4))
        assert found in (None, made)
        return found is not None

    return look


def test_a_run_of_the_same_training_is_found(trained):
    assert trained()


def test_a_plain_run_of_before_is_found_by_its_key(store, make_spec):
    (store.save(record(key="b" * 64)) / "model.safetensors").touch()
    assert store.trained_alike(make_spec(key="c" * 64, train_key="b" * 64)).key == "b" * 64


@pytest.mark.parametrize(
    "changes",
    [{"train_key": "u"}, {"seed": 5}, {"model": "other"}, {"data": "other"}, {"status": "failed"}],
    ids=str,
)
def test_what_was_not_trained_alike_is_not_taken(trained, changes):
    assert not trained(**changes)


def test_a_run_is_not_its_own_donor(trained):
    assert not trained(key="b" * 64)


@pytest.mark.parametrize("name", ["record.json", "model.safetensors"])
def test_what_lacks_its_record_or_weights_is_not_taken(trained, name):
    assert not trained(lambda folder: (folder / name).unlink())


def test_what_has_a_damaged_record_is_not_taken(trained):
    assert not trained(lambda folder: (folder / "record.json").write_text("{"))


def test_records_are_listed_by_folder(store):
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


def test_letters_beyond_ascii_survive_whatever_the_locale(store):
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


def test_what_is_discarded_is_gone(store, make_spec):
    store.save(record())
    store.append_epoch(make_spec(), epoch(1))
    store.discard(make_spec())
    assert [path.name for path in store.run_folder(make_spec()).iterdir()] == [".lock"]
    store.discard(make_spec())


def test_a_run_that_another_process_holds_is_not_discarded(store, make_spec, monkeypatch):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    store.save(record())
    with store.lock(make_spec()), pytest.raises(StoreError, match="another process"):
        store.discard(make_spec())
    assert store.find(make_spec()) == record()


# Epochs


def test_epochs_are_read_as_they_were_appended(store, make_spec):
    make_folder(store.run_folder(make_spec()))
    assert store.epochs(make_spec()) == ()
    store.append_epoch(make_spec(), epoch(1))
    store.append_epoch(make_spec(), epoch(2))
    assert store.epochs(make_spec()) == (epoch(1), epoch(2))


@pytest.fixture
def three(store, make_spec):
    """A run of three epochs, and the file of them."""
    make_folder(store.run_folder(make_spec()))
    for number in (1, 2, 3):
        store.append_epoch(make_spec(), epoch(number))
    return store.run_folder(make_spec()) / "epochs.jsonl"


@pytest.mark.parametrize("count", [0, 1, 3, 9])
def test_epochs_are_cut_back(store, make_spec, three, count):
    store.cut_epochs(make_spec(), count)
    assert [made.epoch for made in store.epochs(make_spec())] == [1, 2, 3][:count]


def test_epochs_can_be_cut_before_there_are_any(store, make_spec):
    store.cut_epochs(make_spec(), 0)
    assert store.epochs(make_spec()) == ()


@pytest.mark.parametrize("half", [b'{"epoch": 4, "tr', b"{", b"\xff"])
def test_a_line_that_was_half_written_is_no_epoch(store, make_spec, three, half):
    with three.open("ab") as file:
        file.write(half)
    assert store.epochs(make_spec()) == (epoch(1), epoch(2), epoch(3))


def test_after_a_half_written_line_one_goes_on(store, make_spec, three):
    with three.open("a") as file:
        file.write('{"epoch": 4, "tr')
    store.cut_epochs(make_spec(), 3)
    store.append_epoch(make_spec(), epoch(4))
    assert [made.epoch for made in store.epochs(make_spec())] == [1, 2, 3, 4]


def test_a_damaged_line_in_the_middle_is_one_sentence(store, make_spec, three):
    lines = three.read_text().splitlines(keepends=True)
    three.write_text(lines[0] + "zap\n" + lines[2])
    with pytest.raises(StoreError) as caught:
        store.epochs(make_spec())
    assert str(caught.value).startswith(f"{three} is damaged: invalid JSON")
    assert str(caught.value).endswith("; remove its folder to run it again")


# Speed


def test_a_speed_is_found_on_its_machine(store):
    store.save_speed(speed())
    assert store.speed("m1", "net", SHARED["speed_key"]) == speed()
    assert store.speed("m2", "net", SHARED["speed_key"]) is None


def test_a_damaged_speed_is_measured_again(store):
    store.save_speed(speed())
    (path,) = (store.root / "speed").glob("*/*.json")
    path.write_text("{")
    assert store.speed("m1", "net", SHARED["speed_key"]) is None
    assert store.latest_speed(record()) is None


def test_the_latest_speed_is_that_measured_last_on_any_machine(store):
    store.save_speed(speed(environment=on("a"), measured_at="2026-01-03"))
    store.save_speed(speed(environment=on("b"), measured_at="2026-01-02"))
    assert store.latest_speed(record()).environment.machine == "a"


def test_a_speed_that_failed_is_none(store):
    assert store.latest_speed(record()) is None
    store.save_speed(speed(status="failed", reason="no"))
    assert store.latest_speed(record()) is None


def test_the_speed_of_another_model_is_not_taken(store):
    store.save_speed(speed(model="my-net"))
    store.save_speed(speed(key="another-key-altogether"))
    assert store.latest_speed(record()) is None


# Writing


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

    def half(self, text, **_):
        self.write_bytes(text[:2].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", half)
    with pytest.raises(StoreError):
        write_text(path, "new text")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_store_where_a_file_is_cannot_be_written(tmp_path):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(StoreError) as caught:
        Store(tmp_path / "results").save(record())
    assert str(caught.value).startswith(f"cannot write to {tmp_path / 'results'}")
    assert str(caught.value).endswith("; give another --results")


def test_a_record_cannot_be_written_over_a_folder(store, make_spec):
    make_folder(store.run_folder(make_spec()) / "record.json")
    with pytest.raises(StoreError, match=r"^cannot write .*record\.json: Is a directory"):
        store.save(record())
    assert store.find(make_spec()) is None


def test_a_record_that_may_not_be_read_is_a_problem(store, make_spec, monkeypatch):
    store.save(record())

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert store.find(make_spec()) is None
    (problem,) = store.list_runs().problems
    assert problem.endswith("record.json cannot be read: Permission denied")


# Locks

HOLD = """
import sys
from harness.schema import RunSpec
from harness.store import Store
from pathlib import Path

spec = RunSpec.model_validate_json(sys.argv[1])
with Store(Path(spec.store)).lock(spec):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(make_spec):
    """Another process that holds the run."""
    command = [sys.executable, "-c", HOLD, make_spec().model_dump_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_run_that_another_process_holds_is_refused(store, make_spec, other_process, monkeypatch):
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    with pytest.raises(StoreError) as caught, store.lock(make_spec()):
        raise AssertionError("held twice")
    assert str(caught.value) == (
        "net (seed 4) is being run by another process; wait for it, or give another --results"
    )


def test_another_run_is_not_held(store, make_spec, other_process):
    with store.lock(make_spec(seed=5)):
        pass


def test_a_killed_process_holds_nothing(store, make_spec, other_process):
    other_process.kill()
    other_process.wait()
    with store.lock(make_spec()):
        pass


def test_a_lock_is_released_when_the_run_raises(store, make_spec):
    with pytest.raises(ZeroDivisionError), store.lock(make_spec()):
        raise ZeroDivisionError
    with store.lock(make_spec()):
        pass


def test_a_lock_that_cannot_be_written_is_one_sentence(store, make_spec):
    folder = store.run_folder(make_spec())
    make_folder(folder / ".lock")
    with pytest.raises(StoreError) as caught, store.lock(make_spec()):
        raise AssertionError("held")
    assert str(caught.value) == f"cannot write to {folder}: Is a directory; give another --results"


def robustness(**changes):
    values = {
        "key": SHARED["key"],
        "version": CORRUPTIONS_VERSION,
        "seed": 0,
        "n": 2,
        "clean_correct": 1,
        "clean_accuracy": 0.5,
        "corruptions": (),
        "mean_accuracy": 0.5,
        "relative_loss": 0.0,
        "seconds": 1.5,
        "libraries": {"numpy": "2"},
        "evaluated_at": "now",
    }
    return RobustnessRecord(**(values | changes))


def test_robustness_is_found_by_the_run(store, make_spec):
    spec = make_spec()
    assert store.robustness(spec) is None
    store.save_robustness(spec, robustness())
    assert store.robustness(spec) == robustness()
    assert (store.run_folder(spec) / "robustness.json").is_file()


@pytest.mark.parametrize("changes", [{"key": "another"}, {"version": CORRUPTIONS_VERSION + 1}])
def test_robustness_of_another_run_or_version_is_none(store, make_spec, changes):
    store.save_robustness(make_spec(), robustness(**changes))
    assert store.robustness(make_spec()) is None


def test_damaged_robustness_is_none(store, make_spec):
    store.save_robustness(make_spec(), robustness())
    (store.run_folder(make_spec()) / "robustness.json").write_text('{"schema": 1')
    assert store.robustness(make_spec()) is None
