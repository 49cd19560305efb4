"""A second process for what need not wait."""

import os
import time
from functools import partial
from pathlib import Path

import pytest

from harness.report import beside as module
from harness.report.beside import beside, together

many = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="there is one core, or no safe fork",
)


def test_the_result_is_that_of_the_work():
    with beside(lambda: ["a", 1]) as wait:
        assert wait() == ["a", 1]


@many
def test_the_work_is_done_by_another_process():
    with beside(os.getpid) as wait:
        assert wait() != os.getpid()


def test_what_is_not_worth_it_is_done_here():
    with beside(os.getpid, worth=False) as wait:
        assert wait() == os.getpid()


@pytest.mark.parametrize("cores", [{0}, {3}])
def test_with_one_core_it_is_done_here(monkeypatch, cores):
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: cores, raising=False)
    with beside(os.getpid) as wait:
        assert wait() == os.getpid()


def test_where_the_copy_fails_the_work_is_done_here():
    here = os.getpid()

    def work():
        if os.getpid() != here:
            raise MemoryError
        return "done"

    with beside(work) as wait:
        assert wait() == "done"


def test_an_exception_is_raised_where_it_is_waited_for():
    def work():
        raise ValueError("no")

    with beside(work) as wait, pytest.raises(ValueError, match="no"):
        wait()


def write(folder: Path, numbers) -> None:
    """Leave a file for each number, with who did it; a number that was there is done twice."""
    for number in numbers:
        with (folder / str(number)).open("x") as file:
            file.write(str(os.getpid()))
        time.sleep(0.001)


def done(folder: Path) -> dict[int, int]:
    return {int(path.name): int(path.read_text()) for path in folder.iterdir()}


@many
@pytest.mark.parametrize("count", [0, 1, 200, 3000])
def test_together_each_number_is_done_once(tmp_path, count):
    with together(partial(write, tmp_path), count) as help_and_wait:
        help_and_wait()
        assert done(tmp_path).keys() == set(range(count))
    if count >= 200:
        assert len(set(done(tmp_path).values())) == 2, "one of the two did all of it"


@many
def test_the_copy_begins_before_it_is_helped(tmp_path):
    with together(partial(write, tmp_path), 50) as help_and_wait:
        while sum(path.stat().st_size > 0 for path in tmp_path.iterdir()) < 50:
            time.sleep(0.01)
        assert os.getpid() not in done(tmp_path).values()
        help_and_wait()


def test_together_is_done_here_where_it_is_not_worth_another_process(tmp_path):
    with together(partial(write, tmp_path), 9, worth=False) as help_and_wait:
        assert done(tmp_path) == {}
        help_and_wait()
    assert done(tmp_path) == dict.fromkeys(range(9), os.getpid())


@many
def test_where_the_copy_fails_all_of_its_numbers_are_done_again_here(tmp_path):
    here = os.getpid()

    def work(numbers) -> None:
        for number in numbers:
            if os.getpid() != here:
                (tmp_path / str(number)).write_text("half")
                raise MemoryError
            (tmp_path / str(number)).write_text(str(here))

    with together(work, 40) as help_and_wait:
        help_and_wait()
    assert done(tmp_path) == dict.fromkeys(range(40), here)


@many
@pytest.mark.parametrize("count", [10, 20_000])
def test_together_leaves_no_file_open(count):
    before = set(Path("/proc/self/fd").iterdir())
    with together(list, count) as help_and_wait:
        help_and_wait()
    with pytest.raises(KeyError), together(list, count):
        raise KeyError
    assert set(Path("/proc/self/fd").iterdir()) == before


@many
def test_a_copy_that_nobody_waits_for_is_ended(tmp_path):
    begun = tmp_path / "begun"

    def work():
        begun.write_text(str(os.getpid()))
        time.sleep(30)

    start = time.monotonic()

    def fail_once_it_has_begun() -> None:
        while not begun.is_file() or not begun.read_text():
            time.sleep(0.01)
        raise KeyError

    with pytest.raises(KeyError), beside(work):
        fail_once_it_has_begun()
    assert time.monotonic() - start < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)
