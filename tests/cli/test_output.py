import errno
import io
import sys

import pytest
from rich.console import Console

from harness.cli.output import is_screen, speak_any_encoding, steadfast


def test_a_file_is_no_screen_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with (tmp_path / "log").open("w") as file:
        console = Console(file=file)
        assert console.is_terminal
        assert not is_screen(console)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EPIPE])
@pytest.mark.parametrize("act", ["write", "flush"])
def test_what_cannot_be_written_ends_nothing(tmp_path, monkeypatch, number, act):
    """A full disk, a terminal that is gone, a pipe that nobody reads."""
    with (tmp_path / "log").open("w") as file:

        class Full:
            """A file that takes no more."""

            fileno = file.fileno

            def write(self, text):
                if act == "write":
                    raise OSError(number, "no more")
                return len(text)

            def flush(self):
                raise OSError(number, "no more")

        monkeypatch.setattr(sys, "stderr", Full())
        with steadfast():
            print("epoch 1", file=sys.stderr, flush=True)
            assert sys.stderr.write("epoch 2") == 7


@pytest.mark.parametrize(
    ("encoding", "read"), [("cp1252", "-1.2 ± 0.3 …  ^"), ("ascii", "-1.2 ? 0.3 ...  ^")]
)
def test_what_an_encoding_does_not_have_is_put_more_plainly(monkeypatch, encoding, read):
    """Windows' code pages have no minus, and a report must not be lost for that."""
    held = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(held, encoding=encoding))
    speak_any_encoding()
    with steadfast():
        print("−1.2 ± 0.3 …  ▲", end="", flush=True)
    assert held.getvalue().decode(encoding) == read


def test_half_a_character_of_a_files_name_is_spelt_out(monkeypatch):
    held = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(held, encoding="utf-8"))
    speak_any_encoding()
    print("error: d\udcff", end="", file=sys.stderr, flush=True)
    assert held.getvalue() == b"error: d\\udcff"


def test_a_stream_that_is_none_of_pythons_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    speak_any_encoding()
    print("−1.2", end="")
    assert sys.stdout.getvalue() == "−1.2"
