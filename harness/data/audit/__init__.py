"""What is wrong with a data set: twins within and across splits, blanks, labels that disagree."""

from harness.data.audit.clean import read_clean

__all__ = ["read_clean"]
