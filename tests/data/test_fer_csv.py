import codecs
import gzip
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest

from harness.data.formats import csv_rows, recognise
from harness.data.formats.reader import Options
from harness.data.prepare import ignore
from harness.data.trees import open_tree
from harness.errors import DataError

USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}


def read(path, progress=ignore):
    with open_tree(path) as tree:
        return recognise(tree).read(tree, Options(), progress)


def refusal(path) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def naive(path):
    """Parse by pandas and Python, as an independent check."""
    table = pd.read_csv(path, skipinitialspace=True)
    for split, usage in USAGES.items():
        rows = table[table["Usage"] == usage]
        pixels = np.array([[int(p) for p in text.split()] for text in rows["pixels"]])
        yield split, pixels, rows["emotion"].to_numpy()


def assert_as_naive(path, prepared):
    for split, pixels, labels in naive(path):
        images, found = prepared.arrays[split]
        assert np.array_equal(images.reshape(len(images), -1), pixels)
        assert np.array_equal(found, labels)
        assert (images.dtype, found.dtype) == (np.uint8, np.int64)


def test_rows_go_to_the_split_of_their_usage(csv, rows):
    path = csv(*rows)
    prepared = read(path)
    assert_as_naive(path, prepared)
    assert prepared.arrays["train"][0].tolist() == [[[0, 1], [22, 255]], [[70, 80], [82, 9]]]
    assert prepared.arrays["valid"][1].tolist() == [6, 1]
    assert prepared.classes[3] == "happy"
    assert "differing from the published" in prepared.warnings[0]


def test_rows_keep_their_order_within_each_split_whatever_the_order_of_splits(csv, rows):
    path = csv(*(rows[i] for i in (5, 2, 0, 3, 4, 1)))
    prepared = read(path)
    assert_as_naive(path, prepared)
    assert prepared.arrays["test"][1].tolist() == [5, 2]


@pytest.mark.parametrize("block", [2, 60, 100, 1 << 20])
def test_blocks_of_any_size_give_the_same(csv, rows, monkeypatch, block):
    monkeypatch.setattr(csv_rows, "BLOCK", block)
    path = csv(*rows * 3)
    assert_as_naive(path, read(path))


def test_columns_are_found_by_name_whatever_order_blanks_case_and_company(csv, rows):
    swapped = [",".join(("x", *reversed(row.split(",")), "")) for row in rows]
    path = csv(*swapped, header='id, usage ,"PIXELS", Emotion,note')
    for split, (images, labels) in read(csv(*rows, name="plain.csv")).arrays.items():
        other = read(path).arrays[split]
        assert np.array_equal(other[0], images)
        assert np.array_equal(other[1], labels)


VARIANTS = {
    "crlf": lambda csv, rows: csv(*rows, end="\r\n", last="\r\n"),
    "byte order mark": lambda csv, rows: csv(
        *rows, header=codecs.BOM_UTF8 + b"emotion,pixels,Usage"
    ),
    "blank lines": lambda csv, rows: csv(*rows[:2], "", *rows[2:], last="\n\n \r\n"),
    "no final line end": lambda csv, rows: csv(*rows, last=""),
    "quoted pixels": lambda csv, rows: csv(*('{},"{}",{}'.format(*r.split(",")) for r in rows)),
    "quoted fields": lambda csv, rows: csv(
        *('"' + row.replace(",", '" , "') + '"' for row in rows),
        header='"emotion","pixels","Usage"',
    ),
    "usages in lower case": lambda csv, rows: csv(*(row.lower() for row in rows)),
    "wide blanks": lambda csv, rows: csv(*(row.replace(" ", "  ") for row in rows)),
    "tabs": lambda csv, rows: csv(*(row.replace(" ", "\t") for row in rows)),
    "blanks around fields": lambda csv, rows: csv(*(row.replace(",", " , ") for row in rows)),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_harmless_variants_read_like_the_plain_file(csv, rows, variant):
    plain = read(csv(*rows, name="plain.csv")).arrays
    for split, (images, labels) in read(VARIANTS[variant](csv, rows)).arrays.items():
        assert np.array_equal(images, plain[split][0])
        assert np.array_equal(labels, plain[split][1])


BAD_ROWS = {
    "label too high": ("7,1 2 3 4,Training", "expected an emotion from 0 to 6", "'7'"),
    "negative label": ("-1,1 2 3 4,Training", "expected an emotion from 0 to 6", "'-1'"),
    "no label": (",1 2 3 4,Training", "expected an emotion from 0 to 6", "nothing"),
    "name for label": ("happy,1 2 3 4,Training", "expected an emotion", "'happy'"),
    "unknown usage": ("1,1 2 3 4,Test", "expected Training, PublicTest or", "'Test'"),
    "too few pixels": ("1,1 2 3,Training", "expected 4 pixels (2 × 2", "3"),
    "too many pixels": ("1,1 2 3 4 5,Training", "expected 4 pixels (2 × 2", "5"),
    "no pixels": ("1,,Training", "expected 4 pixels", "0"),
    "pixel too high": ("1,1 2 256 4,Training", "whole numbers from 0 to 255", "'256' as pixel 3"),
    "negative pixel": ("1,1 -2 3 4,Training", "whole numbers from 0 to 255", "'-2' as pixel 2"),
    "fraction": ("1,1 2 3 4.0,Training", "whole numbers from 0 to 255", "'4.0' as pixel 4"),
    "no number": ("1,x 2 3 4,Training", "whole numbers from 0 to 255", "'x' as pixel 1"),
    "missing field": ("1,1 2 3 4", "expected 3 fields", "2"),
    "too many fields": ("1,1,2,3,4,Training", "expected 3 fields", "6"),
}


@pytest.mark.parametrize("flaw", BAD_ROWS)
@pytest.mark.parametrize("place", [0, 4])
def test_a_bad_row_is_named_by_its_line(csv, rows, flaw, place):
    row, expected, found = BAD_ROWS[flaw]
    message = refusal(csv(*rows[:place], row, *rows[place:]))
    assert message.startswith(f"fer2013.csv, line {place + 2}: expected ")
    assert f", found {found}; correct or remove the line" in message
    if place:
        assert expected in message


def test_the_first_of_several_bad_rows_is_named(csv, rows):
    path = csv(*rows, "1,1 2 3,Training", "9,1 2 3 4,Training", "1,Training")
    assert "line 8: expected 4 pixels" in refusal(path)


def test_lines_are_counted_over_blocks_and_blank_lines(csv, rows, monkeypatch):
    monkeypatch.setattr(csv_rows, "BLOCK", 50)
    path = csv(*rows, "", *rows * 9, "9,1 2 3 4,Training", *rows)
    assert "line 63:" in refusal(path)
    assert path.read_text().splitlines()[62].startswith("9,")


def test_a_block_of_blank_lines_only_is_passed_over(csv, rows, monkeypatch):
    monkeypatch.setattr(csv_rows, "BLOCK", 2)
    assert len(read(csv("", "", *rows, "", "")).arrays["train"][0]) == 2


def test_images_of_two_sizes_are_refused(csv, rows):
    message = refusal(csv(*rows, "1,1 2 3 4 5 6 7 8 9,Training"))
    assert "line 8: expected 4 pixels (2 × 2, as in the rows before), found 9" in message


def test_a_first_row_that_is_no_square_is_refused(csv):
    message = refusal(csv("1,1 2 3,Training"))
    assert "line 2: expected a square number of pixels" in message
    assert "found 3;" in message


@pytest.mark.parametrize("cut", [2, 9, 13, 17, 19, 24])
def test_a_file_cut_off_within_its_last_row_is_recognised(csv, rows, cut):
    message = refusal(csv(*rows, rows[5][:cut], last=""))
    assert message.startswith("fer2013.csv, line 8: expected")
    assert message.endswith("the file ends within this line, so it may be cut off: fetch it again")


def test_a_file_cut_off_between_rows_lacks_a_split(csv, rows):
    assert "has no row whose Usage is PrivateTest" in refusal(csv(*rows[:4]))


def test_a_header_without_rows_lacks_all(csv):
    assert "has no row whose Usage is Training" in refusal(csv())


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "fer2013.csv").touch()
    assert "fer2013.csv is empty" in refusal(tmp_path / "fer2013.csv")


def test_an_empty_first_line_is_refused(csv, rows):
    assert "begins with an empty line" in refusal(csv(*rows, header=""))


def test_a_missing_column_is_named_with_what_was_found(csv):
    message = refusal(csv("1,1 2 3 4", header="emotion,Usage"))
    assert "line 1: no column pixels, expected emotion, pixels and Usage" in message
    assert "found 'emotion,Usage'; give a file with these three columns" in message


@pytest.mark.parametrize("name", ["emotion", "pixels", "Usage"])
def test_a_column_that_stands_there_twice_is_refused(csv, name):
    message = refusal(csv(header=f"emotion, {name.upper()},pixels,Usage"))
    assert (
        f"line 1: the column {name} stands there 2 times, expected once, found 'emotion" in message
    )
    assert message.endswith("remove what is not meant")


def test_images_without_labels_are_refused_with_what_to_give_instead(csv):
    message = refusal(csv("1 2 3 4", header="pixels", name="test.csv"))
    assert "test.csv, line 1: no column emotion and none Usage" in message
    assert message.endswith("these images have no labels: give train.csv or fer2013.csv")


def test_a_long_first_line_is_cut_in_the_message(csv):
    message = refusal(csv(header="1 2 3 4 " * 1000))
    assert "no column emotion and none pixels and none Usage" in message
    assert len(message) < 300


def impostors(folder):
    with zipfile.ZipFile(folder / "zip.csv", "w") as archive:
        archive.writestr("fer2013.csv", "emotion,pixels,Usage\n")
    (folder / "gz.csv").write_bytes(gzip.compress(b"emotion,pixels,Usage\n"))
    (folder / "utf16.csv").write_bytes("emotion,pixels,Usage\n".encode("utf-16"))
    (folder / "html.csv").write_text("<!DOCTYPE html>\n<html></html>\n")
    (folder / "lfs.csv").write_text("version https://git-lfs.github.com/spec/v1\n")
    (folder / "npy.csv").write_bytes(b"\x93NUMPY\x01\x00v\x00{}" + bytes(100_000))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("zip", "a zip archive"),
        ("gz", "compressed by gzip"),
        ("utf16", "text in UTF-16"),
        ("html", "a web page"),
        ("lfs", "a Git LFS pointer"),
        ("npy", "a binary file"),
    ],
)
def test_what_is_no_csv_in_truth_is_recognised(tmp_path, name, kind):
    impostors(tmp_path)
    message = refusal(tmp_path / f"{name}.csv")
    assert f"{name}.csv is {kind}, expected a CSV file in plain text; " in message


def test_an_unknown_form_is_refused_with_the_known_ones(tmp_path):
    known = "expected one of: fer2013.csv or icml_face_data.csv"
    assert f"{tmp_path} is a folder without files, {known}" in refusal(tmp_path)
    (tmp_path / "fer.doc").touch()
    (tmp_path / "fer").touch()
    assert f"fer.doc is a .doc file, {known}" in refusal(tmp_path / "fer.doc")
    assert f"fer is a nameless file, {known}" in refusal(tmp_path / "fer")
    assert f"{tmp_path} is a folder of fer, fer.doc, {known}" in refusal(tmp_path)
    hidden = tmp_path / "hidden"
    (hidden / ".set").mkdir(parents=True)
    (hidden / ".set" / "1.png").touch()
    assert (
        "is a folder of nothing but what is hidden or left behind by systems, which is passed over "
        "(.set/1.png, …), expected one of"
    ) in refusal(hidden)


def test_a_file_that_cannot_be_read_is_one_clear_error(csv, rows, monkeypatch):
    path = csv(*rows)

    def broken(self, *arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", broken)
    assert "cannot read" in refusal(path)


def test_progress_ends_at_the_size_of_the_file(csv, rows, monkeypatch):
    monkeypatch.setattr(csv_rows, "BLOCK", 50)
    path = csv(*rows)
    calls = []
    read(path, lambda done, total: calls.append((done, total)))
    size = path.stat().st_size
    assert calls == sorted(calls)
    assert len(calls) > 1
    assert calls[-1] == (size, size)
    assert {total for _, total in calls} == {size}


def test_a_file_is_never_held_whole(csv, monkeypatch):
    monkeypatch.setattr(csv_rows, "BLOCK", 1 << 17)
    pixels = " ".join(["128"] * 48 * 48)
    usages = ("Training", "PublicTest", "PrivateTest")
    path = csv(*(f"{row % 7},{pixels},{usages[row // 400]}" for row in range(1200)))
    tracemalloc.start()
    read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.7 * path.stat().st_size


def form(fer2013, tmp_path, name, *options):
    script = fer2013 / "write_forms.py"
    subprocess.run([sys.executable, script, name, tmp_path, *options], check=True)
    return next(tmp_path.glob("*.csv"))


@pytest.mark.parametrize("name", ["csv", "icml"])
def test_samples_of_the_real_data_read_as_the_arrays_have_them(fer2013, tmp_path, name):
    assert_reads_as_arrays(fer2013, form(fer2013, tmp_path, name, "--rows", "300"), 300)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csv", "icml"])
def test_the_real_data_reads_as_the_arrays_have_it(fer2013, tmp_path, name):
    path = form(fer2013, tmp_path, name)
    assert_reads_as_arrays(fer2013, path, None)
    assert read(path).warnings == ()


def assert_reads_as_arrays(fer2013, path, count):
    for split, (images, labels) in read(path).arrays.items():
        assert np.array_equal(images, np.load(fer2013 / f"{split}_images.npy")[:count])
        assert np.array_equal(labels, np.load(fer2013 / f"{split}_labels.npy")[:count])


def test_lines_that_end_in_cr_alone_are_said(csv, rows, refusal):
    assert "its lines end in CR alone" in refusal(csv(*rows, end="\r", last="\r"))


def test_a_file_that_is_passed_over_for_its_name_is_told_so(tmp_path):
    path = tmp_path / ".fer2013.csv"
    path.write_text("emotion,pixels,Usage\n")
    with (
        open_tree(path) as tree,
        pytest.raises(DataError, match=r"is hidden by its name"),
    ):
        recognise(tree)
