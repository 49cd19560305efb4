"""Files that are put in place together."""

import os
import time

import pytest

from harness.report.staged import DAY, put, staged


def test_files_are_not_there_before_they_are_put(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with staged(tmp_path, ["part"]) as new:
        (new / "a.txt").write_text("new")
        (new / "part" / "b.txt").write_text("b")
        assert (tmp_path / "a.txt").read_text() == "old"
        (tmp_path / "part").mkdir()
        put(new, tmp_path, ["part/b.txt", "a.txt"])
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "part" / "b.txt").read_text() == "b"
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "part"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_error_nothing_is_left_of_it(tmp_path, error):
    def fail_with_a_file_there():
        with staged(tmp_path / "new" / "report", ["part"]) as new:
            (new / "part" / "a.txt").write_text("a")
            raise error

    with pytest.raises(error):
        fail_with_a_file_there()
    assert not list(tmp_path.iterdir())


def test_after_an_error_what_was_put_already_stays(tmp_path):
    folder = tmp_path / "report"

    def put_two_of_which_one_is_missing():
        with staged(folder, []) as new:
            (new / "a.txt").write_text("a")
            put(new, folder, ["a.txt", "missing.txt"])

    with pytest.raises(FileNotFoundError):
        put_two_of_which_one_is_missing()
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


def test_files_may_be_read_by_whom_the_folder_lets(tmp_path):
    (tmp_path / "plain.txt").touch()
    with staged(tmp_path, []) as new:
        (new / "a.txt").touch()
        put(new, tmp_path, ["a.txt"])
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


def test_what_a_killed_process_left_goes_after_a_day(tmp_path):
    for name, hours in (("earlier", 25), ("now", 1)):
        (tmp_path / f".new-{name}" / "runs").mkdir(parents=True)
        then = time.time() - hours * DAY / 24
        os.utime(tmp_path / f".new-{name}", (then, then))
    with staged(tmp_path, []):
        assert not (tmp_path / ".new-earlier").exists()
    assert [path.name for path in tmp_path.iterdir()] == [".new-now"]
