import gzip

import numpy as np
import pandas as pd
import pytest

from harness.data.ferplus import read_table
from harness.data.writing import file_sha256
from harness.errors import DataError


def refusal(path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def change_line(path, number, change):
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    path.write_text("".join(lines))


def test_votes_come_by_split_in_the_order_of_rows(votes, write_votes):
    path = write_votes(votes)
    table = read_table(path)
    for split, counts in votes.items():
        assert table.counts[split].dtype == np.uint8
        assert np.array_equal(table.counts[split], counts)
    assert table.names[:3] == ("neutral", "happiness", "surprise")
    assert table.names[8:] == ("unknown", "NF")
    assert table.source.name == "fer2013new.csv"
    assert table.source.sha256 == file_sha256(path)


def test_columns_are_found_by_name_and_blank_lines_passed_over(votes, write_votes):
    path = write_votes(votes)
    rows = pd.read_csv(path)
    turned = rows[rows.columns[::-1]].rename(columns={"NF": " nf "})
    path.write_text("\ufeff" + turned.to_csv(index=False).replace("\n", "\r\n", 3) + "\n\n")
    for split, counts in votes.items():
        assert np.array_equal(read_table(path).counts[split], counts)


def test_the_real_votes_are_those_that_pandas_reads(fer2013):
    frame = pd.read_csv(fer2013 / "fer2013new.csv")
    table = read_table(fer2013 / "fer2013new.csv")
    for split, usage in (("train", "Training"), ("valid", "PublicTest"), ("test", "PrivateTest")):
        expected = frame.loc[frame["Usage"] == usage, list(table.names)].to_numpy()
        assert np.array_equal(table.counts[split], expected)


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path):
    message = refusal(tmp_path / "new.csv")
    assert "new.csv (No such file or directory); give FER+'s own fer2013new.csv" in message


def test_a_file_of_another_kind_is_named_for_what_it_is(tmp_path):
    path = tmp_path / "fer2013new.csv"
    path.write_bytes(gzip.compress(b"Usage"))
    assert "fer2013new.csv is compressed by gzip, expected a CSV file" in refusal(path)


@pytest.mark.parametrize("text", ["", "\n", "emotion,pixels,Usage\n"])
def test_missing_columns_are_named(tmp_path, text):
    path = tmp_path / "fer2013new.csv"
    path.write_text(text)
    message = refusal(path)
    assert "fer2013new.csv, line 1: no column " in message
    assert "neutral, happiness, surprise" in message


@pytest.mark.parametrize("found", ["", "x", "-1", "1.5", "256", "٣"])
def test_a_vote_that_is_no_number_is_named_by_its_line(votes, write_votes, found):
    path = write_votes(votes)
    change_line(path, 3, lambda line: line.rstrip("\n").rpartition(",")[0] + f",{found}\n")
    message = refusal(path)
    assert f"line 3: expected a number of votes from 0 to 255 for NF, found {found!r}" in message


def test_a_row_that_is_cut_off_is_named_by_its_line(votes, write_votes):
    path = write_votes(votes)
    change_line(path, 35_888, lambda line: line[:20])
    assert "line 35888: expected 12 fields, found" in refusal(path)


def test_a_row_too_few_is_counted(votes, write_votes):
    votes["valid"] = votes["valid"][:-1]
    message = refusal(write_votes(votes))
    assert "has 35886 rows (28709 Training, 3588 PublicTest, 3589 PrivateTest)" in message
    assert "expected 35887 (28709 Training, 3589 PublicTest, 3589 PrivateTest)" in message


def test_an_unknown_usage_is_no_row_of_the_official_file(votes, write_votes):
    path = write_votes(votes)
    change_line(path, 2, lambda line: line.replace("Training", "Test"))
    assert "has 35887 rows (28708 Training, " in refusal(path)


def test_rows_in_another_order_of_usages_are_refused(votes, write_votes):
    message = refusal(write_votes(votes, order=("train", "test", "valid")))
    assert "line 28711: Usage is PrivateTest, expected PublicTest as in that row" in message


def test_a_quote_that_is_not_closed_swallows_no_lines(votes, write_votes):
    path = write_votes(votes)
    expected = read_table(path)
    change_line(path, 6, lambda line: f'"{line}')
    found = read_table(path)
    for split, counts in expected.counts.items():
        assert np.array_equal(found.counts[split], counts)
    change_line(path, 9, lambda line: line.replace(",", ",x", 3))
    assert ", line 9: " in refusal(path)


def test_an_endless_field_is_named_by_its_line(votes, write_votes):
    path = write_votes(votes)
    change_line(path, 9, lambda line: line.replace(",", f",{'1' * 140_000}", 3))
    assert ", line 9: expected a number of votes" in refusal(path)
