"""What is wrong with a data set: twins within and across splits, blanks, labels that disagree.

``find_audit`` looks, or reads what was found before; ``stored_audit`` only reads.
"""

from harness.data.audit.clean import CLEAN_TEST, read_clean
from harness.data.audit.find import find_audit
from harness.data.audit.keep import AUDIT, why_elsewhere
from harness.data.audit.keep import read_audit as stored_audit

__all__ = ["AUDIT", "CLEAN_TEST", "find_audit", "read_clean", "stored_audit", "why_elsewhere"]
