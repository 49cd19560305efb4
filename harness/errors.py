"""The tree of errors, and how a message names the nearest valid word.

HarnessError
├── RequestError   the request itself is wrong: an unknown model, option or value
├── DataError      data cannot be read, or is not what it should be
├── PluginError    a plugin breaks the contract
├── RunError       a run cannot go on (its loss is NaN, say)
└── StoreError     a record cannot be read or written

Each message is one sentence that a user can act on: culprit, place, expected, found, what to do.
One that reaches the command line becomes exit code 2; what goes wrong *within* a run becomes a row
with a reason instead, and what concerns one run or file among many a warning.
"""

import difflib
from collections.abc import Iterable


class HarnessError(Exception):
    """Base of every error that the harness raises on purpose."""


class RequestError(HarnessError):
    """The request itself is wrong."""


class DataError(HarnessError):
    """Data cannot be read, or is not what it should be."""


class PluginError(HarnessError):
    """A plugin breaks the contract."""


class RunError(HarnessError):
    """A run cannot go on."""


class StoreError(HarnessError):
    """A record cannot be read or written."""


def unknown(kind: str, word: str, valid: Iterable[str]) -> str:
    """Say that ``word`` is no valid ``kind``, with the nearest valid word and all of them."""
    names = sorted(set(valid))
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    listed = f"valid: {', '.join(names)}" if names else "there is none"
    return f"unknown {kind} {word!r}; {hint}{listed}"
