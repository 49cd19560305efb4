"""A second process for what need not wait."""

import os
import time

import pytest

from harness.report import beside as module
from harness.report.beside import beside

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
