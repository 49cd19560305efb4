"""FER+: ten annotators' votes for each row of FER-2013, and the labels that they make."""

from harness.data.ferplus.join import check_form, join
from harness.data.ferplus.majority import relabel
from harness.data.ferplus.table import read_table

__all__ = ["check_form", "join", "read_table", "relabel"]
