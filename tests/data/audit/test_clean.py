import numpy as np
import pytest

from harness.data.audit.clean import CLEAN_TEST, indices_sha256, read_clean
from harness.errors import DataError
from harness.schema import AuditCard

# Of an array whose shape has a bracket too many.
HEADER = b"\x93NUMPY\x01\x00\x3a\x00{'descr': '<i8', 'fortran_order': False, 'shape': (3,(, }    \n"


def card(indices):
    return AuditCard(
        version=1, clean_sha256=indices_sha256(indices), clean=len(indices), exact=0, near=0
    )


def test_the_indices_that_were_written_are_read(tmp_path):
    indices = np.array([0, 2, 5])
    np.save(tmp_path / CLEAN_TEST, indices)
    assert read_clean(tmp_path, card(indices)).tolist() == [0, 2, 5]


def test_the_hash_is_of_the_numbers_and_not_of_their_type():
    assert indices_sha256(np.array([0, 2, 5], np.int32)) == indices_sha256(np.array([0, 2, 5]))


def test_other_indices_than_the_audits_are_refused(tmp_path):
    np.save(tmp_path / CLEAN_TEST, np.array([0, 1]))
    with pytest.raises(DataError, match="not the one that the audit wrote"):
        read_clean(tmp_path, card(np.array([0, 2])))


@pytest.mark.parametrize("content", [None, b"", b"no array", HEADER])
def test_a_missing_or_damaged_file_is_one_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / CLEAN_TEST).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as an array of indices; audit"):
        read_clean(tmp_path, card(np.array([0])))
