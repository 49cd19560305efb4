import os

import pytest

from harness.documents import make_folder
from harness.errors import StoreError


def test_epochs_are_read_as_they_were_appended(store, make_spec, epoch):
    make_folder(store.run_folder(make_spec()))
    assert store.epochs(make_spec()) == ()
    store.append_epochs(make_spec(), epoch(1))
    store.append_epochs(make_spec(), epoch(2))
    assert store.epochs(make_spec()) == (epoch(1), epoch(2))


def test_an_epoch_is_on_the_disk_before_a_checkpoint_counts_on_it(
    store, make_spec, epoch, monkeypatch
):
    make_folder(store.run_folder(make_spec()))
    sizes = []
    monkeypatch.setattr(os, "fsync", lambda handle: sizes.append(os.fstat(handle).st_size))
    store.append_epochs(make_spec(), epoch(1), epoch(2))
    assert sizes == [(store.run_folder(make_spec()) / "epochs.jsonl").stat().st_size]
    assert store.epochs(make_spec()) == (epoch(1), epoch(2))


@pytest.fixture
def three(store, make_spec, epoch):
    """A run of three epochs, and the file of them."""
    make_folder(store.run_folder(make_spec()))
    for number in (1, 2, 3):
        store.append_epochs(make_spec(), epoch(number))
    return store.run_folder(make_spec()) / "epochs.jsonl"


@pytest.mark.parametrize("count", [0, 1, 3, 9])
def test_epochs_are_cut_back(store, make_spec, three, count):
    store.cut_epochs(make_spec(), count)
    assert [made.epoch for made in store.epochs(make_spec())] == [1, 2, 3][:count]


def test_epochs_can_be_cut_before_there_are_any(store, make_spec):
    store.cut_epochs(make_spec(), 0)
    assert store.epochs(make_spec()) == ()


@pytest.mark.parametrize("half", [b'{"epoch": 4, "tr', b"{", b"\xff"])
def test_a_line_that_was_half_written_is_no_epoch(store, make_spec, three, half, epoch):
    with three.open("ab") as file:
        file.write(half)
    assert store.epochs(make_spec()) == (epoch(1), epoch(2), epoch(3))


def test_after_a_half_written_line_one_goes_on(store, make_spec, three, epoch):
    with three.open("a") as file:
        file.write('{"epoch": 4, "tr')
    store.cut_epochs(make_spec(), 3)
    store.append_epochs(make_spec(), epoch(4))
    assert [made.epoch for made in store.epochs(make_spec())] == [1, 2, 3, 4]


def test_a_damaged_line_in_the_middle_is_one_sentence(store, make_spec, three):
    lines = three.read_text().splitlines(keepends=True)
    three.write_text(lines[0] + "zap\n" + lines[2])
    with pytest.raises(StoreError) as caught:
        store.epochs(make_spec())
    assert str(caught.value).startswith(f"{three} is damaged: invalid JSON")
    assert str(caught.value).endswith("; remove its folder to run it again")
