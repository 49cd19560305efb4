import os
import stat
from pathlib import Path

import pytest

from harness.files import replace, whole


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("earlier")
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_until_all_is_written_a_reader_sees_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("earlier")
    with whole(path) as hidden:
        hidden.write_text("ha")
        assert path.read_text() == "earlier"
        hidden.write_text("new")
    assert path.read_text() == "new"


def replace_half(path: Path) -> None:
    with whole(path) as hidden:
        hidden.write_text("ha")
        hidden.rename(path.parent / "no such folder" / "table.csv")


@pytest.mark.parametrize("there", [True, False])
def test_after_an_error_all_is_as_it_was(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "table.csv"
    if there:
        path.write_text("earlier")
    with pytest.raises(OSError, match="directory"):
        replace_half(path)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["earlier"] * there


def test_two_processes_of_one_number_do_not_meet(tmp_path):
    """Such as those of two containers that share a folder."""
    path = tmp_path / "a.txt"
    with whole(path) as one, whole(path) as two:
        one.write_text("one")
        two.write_text("two")
    assert path.read_text() == "one"
    assert [left.name for left in tmp_path.iterdir()] == ["a.txt"]


def test_what_takes_the_place_is_on_the_disk_before_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut may leave the new name with nothing in it."""
    path, asked = tmp_path / "record.json", []
    path.write_text("earlier")

    def fsync(handle: int) -> None:
        held = os.fstat(handle)
        what = next((p.suffix for p in tmp_path.iterdir() if os.path.samestat(p.stat(), held)), "")
        asked.append((what, held.st_size if what else "folder", path.read_text()))

    monkeypatch.setattr(os, "fsync", fsync)
    replace(path, b"again", durable=False)
    assert (path.read_text(), asked) == ("again", [])
    replace(path, b"new")
    assert asked == [(".tmp", 3, "again"), ("", "folder", "new")]


def test_a_folder_that_cannot_be_synced_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError("not here")

    monkeypatch.setattr(os, "fsync", fsync)
    replace(tmp_path / "a.txt", b"a")
    assert (tmp_path / "a.txt").read_bytes() == b"a"
