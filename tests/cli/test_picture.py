import pytest

from harness.cli.picture import write_picture
from harness.errors import RequestError


def test_a_picture_replaces_what_was_there_and_leaves_nothing_else(tmp_path):
    out = tmp_path / "new" / "x.png"
    for content in (b"one", b"two"):
        write_picture(out, content, "--out")
    assert out.read_bytes() == b"two"
    assert list(out.parent.iterdir()) == [out]


def test_a_write_that_fails_leaves_the_old_picture_and_is_one_sentence(tmp_path):
    out = tmp_path / "x.png"
    out.mkdir()
    (out / "kept").touch()
    with pytest.raises(RequestError, match=r"cannot write .*x\.png .*; give another --picture"):
        write_picture(out, b"new", "--picture")
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]
    assert (out / "kept").exists()
