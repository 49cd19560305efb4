import json
import os

import numpy as np
import pytest
from sklearn.datasets import load_digits

from harness.data.audit import find_audit, read_clean, stored_audit, why_elsewhere
from harness.data.audit import keep as keeping
from harness.data.audit.find import examine
from harness.data.published import CLASSES, COUNTS
from harness.data.splits import open_splits, write_splits
from harness.errors import DataError
from harness.schema import Audit, Source


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def splits(pictures, make_data):
    """Twelve pictures of train, with an exact, a near and a blank copy in the other splits."""
    images = pictures(24)
    train = images[:12].copy()
    train[11] = 9
    valid = np.stack([images[0], *images[12:16]])
    mirrored = images[2][:, ::-1]
    test = np.stack([images[1], mirrored, images[12], *images[20:], np.full((48, 48), 9, "u1")])
    labels = {"train": [0, 0, 1] * 4, "valid": [0, 1, 1, 0, 0], "test": [1, 1, 1, 0, 0, 1, 1, 0]}
    return make_data(train, valid, test, labels)


def shorten(path):
    """Take the pairs out of an audit, as a newer form of it might."""
    kept = {key: value for key, value in json.loads(path.read_bytes()).items() if key != "pairs"}
    path.write_text(json.dumps(kept))


@pytest.fixture
def folder(tmp_path, splits):
    return tmp_path / "data"


def test_images_are_counted_by_where_their_twins_are(splits):
    audit = examine(splits, {}).audit()
    # Test: one exact, one mirrored, one blank as in train; one as in valid.
    assert audit.exact.model_dump() == {
        **{"test_train": 2, "valid_train": 1, "test_valid": 1},
        **{"train": 0, "valid": 0, "test": 0},
    }
    assert audit.near.test_train == 1
    assert sum(audit.near.model_dump().values()) == 1
    assert [(image.split, image.index) for image in audit.blank] == [("train", 11), ("test", 7)]
    assert (audit.card.clean, audit.card.exact, audit.card.near) == (5, 2, 1)


def test_the_clean_test_leaves_out_twins_of_train_and_no_twins_of_valid(splits):
    assert examine(splits, {}).clean().tolist() == [2, 3, 4, 5, 6]


def test_groups_with_different_labels_are_counted_apart(splits):
    audit = examine(splits, {}).audit()
    # train 1 is 0 and test 0 is 1; the blank ones are 1 and 0.
    conflicts = [group for group in audit.exact_groups if group.conflict]
    assert (audit.exact_conflicts.groups, audit.exact_conflicts.images) == (2, 4)
    assert [group.blank for group in conflicts] == [False, True]
    assert (audit.near_conflicts.groups, audit.near_conflicts.images) == (0, 0)
    [pair] = audit.near_pairs
    assert (pair.first.split, pair.first.index, pair.second.split) == ("train", 2, "test")
    assert pair.mirrored
    assert 0.99 < pair.score <= 1


def test_an_audit_is_stored_beside_the_data_and_read_again(folder, splits, monkeypatch):
    audit, place = find_audit(folder, splits)
    assert place == folder
    assert Audit.model_validate_json((folder / "audit.json").read_bytes()) == audit
    assert read_clean(folder, audit.card).tolist() == [2, 3, 4, 5, 6]
    monkeypatch.setattr("harness.data.audit.find.examine", None)  # nothing is looked at again
    assert find_audit(folder, splits) == (audit, folder)
    assert stored_audit(folder, splits.fingerprint) == (audit, folder)


def test_force_looks_again(folder, splits):
    find_audit(folder, splits)
    (folder / "audit.json").touch()
    before = (folder / "audit.json").stat().st_mtime_ns
    find_audit(folder, splits, force=True)
    assert (folder / "audit.json").stat().st_mtime_ns > before


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: shorten(folder / "audit.json"),
        lambda folder: (folder / "audit.json").unlink(),
        lambda folder: (folder / "clean_test.npy").unlink(),
        lambda folder: np.save(folder / "clean_test.npy", np.arange(3)),
    ],
)
def test_what_is_damaged_is_made_again(folder, splits, damage):
    audit, _ = find_audit(folder, splits)
    damage(folder)
    assert stored_audit(folder, splits.fingerprint) is None
    assert find_audit(folder, splits) == (audit, folder)
    assert stored_audit(folder, splits.fingerprint) == (audit, folder)


@pytest.mark.parametrize("name", ["audit.json", "clean_test.npy", "twins.png"])
def test_a_file_of_the_users_is_left_alone_and_the_audit_goes_to_the_cache(
    folder, splits, cache, name
):
    (folder / name).write_text('{"mine": 1}')
    audit, place = find_audit(folder, splits)
    assert place == cache / "audits" / splits.fingerprint[:32]
    assert (folder / name).read_text() == '{"mine": 1}'
    assert f"holds other files by an audit's names ({name}; move" in why_elsewhere(folder)
    assert find_audit(folder, splits) == (audit, place)
    (folder / name).unlink()
    assert "--force makes it there" in why_elsewhere(folder)
    assert find_audit(folder, splits, force=True) == (audit, folder)


def test_an_audit_of_other_data_or_by_another_method_is_made_again(folder, splits, monkeypatch):
    find_audit(folder, splits)
    np.save(folder / "test_labels.npy", 1 - splits.test.labels)
    changed = open_splits(folder)
    assert stored_audit(folder, changed.fingerprint) is None
    assert find_audit(folder, changed)[0].fingerprint == changed.fingerprint
    monkeypatch.setattr(keeping, "VERSION", 99)
    assert stored_audit(folder, changed.fingerprint) is None


def test_beside_data_that_cannot_be_written_it_goes_to_the_cache(folder, splits, cache):
    folder.chmod(0o555)
    try:
        audit, place = find_audit(folder, splits)
        assert place == cache / "audits" / splits.fingerprint[:32]
        assert sorted(path.name for path in folder.iterdir() if path.name.startswith("a")) == []
        assert find_audit(folder, splits) == (audit, place)
    finally:
        folder.chmod(0o755)


def test_where_nothing_can_be_written_it_is_one_sentence(folder, splits, cache):
    cache.write_text("a file")
    folder.chmod(0o555)
    try:
        with pytest.raises(DataError, match=r"cannot write an audit .* set HARNESS_CACHE to"):
            find_audit(folder, splits)
    finally:
        folder.chmod(0o755)


def test_a_failure_while_writing_leaves_nothing_half_written(folder, splits, cache, monkeypatch):
    before = sorted(path.name for path in folder.iterdir())

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DataError, match="No space left"):
        find_audit(folder, splits)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert list(cache.rglob("*.*")) == []


def test_the_names_of_the_images_own_files_stand_in_the_audit(splits, tmp_path):
    arrays = {s: (getattr(splits, s).images, getattr(splits, s).labels) for s in splits.counts}
    names = {s: [f"{s}/{i}.png" for i in range(n)] for s, n in splits.counts.items()}
    source = Source(name="x", form="y")
    target = tmp_path / "named"
    write_splits(target, arrays, name="named", classes="ab", source=source, files=names)
    audit, _ = find_audit(target, open_splits(target))
    assert [image.file for image in audit.blank] == ["train/11.png", "test/7.png"]
    document = json.loads((target / "audit.json").read_text())
    assert document["near_pairs"][0]["second"]["file"] == "test/1.png"


def test_a_name_that_is_no_utf_8_stands_in_the_audit_with_its_byte(splits, tmp_path):
    arrays = {s: (getattr(splits, s).images, getattr(splits, s).labels) for s in splits.counts}
    names = {s: [f"caf\udce9{i}.png" for i in range(n)] for s, n in splits.counts.items()}
    source = Source(name="x", form="y")
    target = tmp_path / "named"
    write_splits(target, arrays, name="named", classes="ab", source=source, files=names)
    audit, folder = find_audit(target, open_splits(target))
    assert audit.blank[0].file == r"caf\xe911.png"
    assert r"caf\\xe911.png" in (folder / "audit.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["[", '{"train": 3}', '{"train": []}', "[1]"])
def test_damaged_names_are_left_out(folder, splits, content):
    (folder / "files.json").write_text(content)
    assert find_audit(folder, splits)[0].blank[0].file is None


def test_warnings_say_what_could_not_be_looked_for(make_data, pictures):
    small = np.random.default_rng(0).integers(0, 256, (9, 8, 8), dtype=np.uint8)
    audit = examine(make_data(small, small, small, name="small"), {}).audit()
    assert audit.threshold is None
    [warning] = audit.warnings
    assert "less than 16 × 16 pixels" in warning
    same = load_digits().images * 15.9
    same = np.kron(same, np.ones((1, 2, 2))).astype(np.uint8)
    audit = examine(make_data(same[:400], same[400:500], same[500:600], name="same"), {}).audit()
    assert (audit.threshold, audit.near_pairs, audit.card.near) == (None, (), None)
    assert any("so much alike" in warning for warning in audit.warnings)


def test_a_split_that_lacks_a_class_is_in_the_audit(make_data, pictures):
    labels = {"test": np.zeros(4)}
    splits = make_data(pictures(6), pictures(6, seed=1), pictures(4, seed=2), labels)
    assert examine(splits, {}).audit().missing == {"test": ("1",)}


def test_only_so_many_pairs_are_listed(splits, pictures, make_data, monkeypatch):
    monkeypatch.setattr("harness.data.audit.findings.MOST_LISTED", 3)
    images = pictures(6)
    audit = examine(make_data(images, images[:, :, ::-1], images[:1], name="many"), {}).audit()
    assert (audit.pairs, len(audit.near_pairs)) == (6, 3)


def test_progress_goes_from_nothing_to_all(folder, splits):
    heard = []
    find_audit(folder, splits, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[0] < 0.1 < 0.9 < heard[-1] <= 1


def test_a_folder_that_is_only_readable_by_its_mode_is_left_alone_by_root(folder):
    folder.chmod(0o555)
    try:
        assert os.access(folder, os.R_OK)
        assert not keeping._writable(folder)
    finally:
        folder.chmod(0o755)


def test_labels_numbered_in_another_order_are_warned_of(make_data, pictures):
    # A third of FER-2013's shares, as labels that are numbered alphabetically.
    counts = dict(zip(CLASSES, COUNTS["train"], strict=True))
    labels = np.repeat(np.arange(7), [counts[name] // 29 for name in sorted(CLASSES)])
    train = np.random.default_rng(0).integers(0, 256, (len(labels), 8, 8), dtype=np.uint8)
    splits = make_data(train, train[:9], train[9:18], {"train": labels}, classes=CLASSES)
    assert any("numbered alphabetically" in w for w in examine(splits, {}).audit().warnings)


@pytest.mark.parametrize("kinds", [1, 3])
def test_data_of_blank_images_alone_is_audited(make_data, kinds):
    """Pixels of 0 to 1 that were cast to integers."""
    blank = np.zeros((6, 48, 48), np.uint8) + np.arange(6, dtype=np.uint8)[:, None, None] % kinds
    audit = examine(make_data(blank, blank[:2], blank[:2]), {}).audit()
    assert len(audit.blank) == 10
    assert audit.exact.test_train == 2
    assert audit.near.test_train == 0
