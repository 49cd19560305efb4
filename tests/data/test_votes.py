"""Votes are written with the six files, and opened with them or not at all."""

import shutil

import numpy as np
import pytest

from harness.data import writing
from harness.data.splits import open_splits
from harness.data.votes import Votes
from harness.data.writing import write_splits
from harness.errors import DataError
from harness.schema import Source

SOURCE = Source(name="votes.csv", form="test")


@pytest.fixture
def votes(arrays) -> Votes:
    random = np.random.default_rng(0)
    counts = {
        split: random.integers(0, 11, (len(labels), 4), dtype=np.uint8)
        for split, (_, labels) in arrays.items()
    }
    return Votes(("a", "b", "c", "other"), counts, SOURCE)


@pytest.fixture
def folder(arrays, votes, tmp_path):
    write(tmp_path / "set", arrays, votes)
    return tmp_path / "set"


def write(folder, arrays, votes, **options):
    classes = ("a", "b", "c")
    return write_splits(
        folder, arrays, name="set", classes=classes, source=SOURCE, votes=votes, **options
    )


def refusal(folder) -> str:
    with pytest.raises(DataError) as caught:
        open_splits(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert "prepare the data set again" in message
    return message


def test_what_was_written_opens_again(folder, votes):
    splits = open_splits(folder)
    assert splits.vote_names == votes.names
    for split, counts in votes.counts.items():
        assert np.array_equal(getattr(splits, split).votes, counts)
        assert getattr(splits, split).votes.dtype == np.uint8


def test_their_hash_changes_with_votes_and_names_and_the_fingerprint_does_not(
    folder, arrays, votes
):
    before = open_splits(folder)
    write(folder, arrays, Votes(("a", "b", "c", "none"), votes.counts, SOURCE), replace=True)
    renamed = open_splits(folder)
    votes.counts["test"][0, 0] += 1
    write(folder, arrays, votes, replace=True)
    changed = open_splits(folder)
    assert len({s.votes_sha256 for s in (before, renamed, changed)}) == 3
    assert len({s.fingerprint for s in (before, renamed, changed)}) == 1


def test_replacing_by_data_without_votes_leaves_none(folder, arrays):
    write(folder, arrays, None, replace=True)
    assert {path.name for path in folder.iterdir()} == {*writing.FILES, "manifest.json"}
    assert open_splits(folder).test.votes is None


def test_a_break_while_votes_are_written_leaves_nothing(arrays, votes, tmp_path, monkeypatch):
    real = np.save

    def breaks(path, *arguments, **options):
        real(path, *arguments, **options)
        if path.name == "valid_votes.npy":
            raise KeyboardInterrupt

    monkeypatch.setattr(writing.np, "save", breaks)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "set", arrays, votes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda counts: counts[:-1], "has the shape (3, 4), expected (4, 4), a row for each"),
        (lambda counts: counts[:, :3], "has the shape (4, 3), expected (4, 4)"),
        (lambda counts: counts.astype(int), "holds int64, expected uint8"),
    ],
    ids=["rows", "columns", "type"],
)
def test_votes_of_another_form_are_refused(folder, arrays, votes, tmp_path, change, words):
    wrong = change(votes.counts["test"])
    np.save(folder / "test_votes.npy", wrong)
    assert words in refusal(folder)
    counts = {**votes.counts, "test": wrong}
    with pytest.raises(DataError, match="data set 'set': test_votes h") as caught:
        write(tmp_path / "other", arrays, Votes(votes.names, counts, SOURCE))
    assert words in str(caught.value)
    assert not (tmp_path / "other").exists()


def test_votes_that_changed_since_are_refused(folder, votes):
    np.save(folder / "valid_votes.npy", votes.counts["valid"] + 1)
    message = refusal(folder)
    assert "valid_votes.npy changed since the votes of votes.csv were joined" in message


def test_votes_that_are_missing_are_named(folder):
    (folder / "train_votes.npy").unlink()
    (folder / "test_votes.npy").unlink()
    assert "set lacks train_votes.npy, test_votes.npy, which manifest.json names" in refusal(folder)


def test_a_damaged_file_is_named(folder):
    (folder / "test_votes.npy").write_bytes(b"no array")
    with pytest.raises(DataError, match=r"test_votes.npy cannot be read as a .npy array"):
        open_splits(folder)


def test_without_a_manifest_nobody_knows_what_the_columns_are(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "bare")
    (tmp_path / "bare" / "manifest.json").unlink()
    splits = open_splits(tmp_path / "bare")
    assert (splits.vote_names, splits.train.votes, splits.votes_sha256) == ((), None, None)
