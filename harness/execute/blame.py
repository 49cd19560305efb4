"""Whose turn it is in a session of timing, and whose fault what goes wrong in it."""

import contextlib
import re
import traceback
from collections.abc import Iterable
from pathlib import Path

from harness.contract.raised import reason_of
from harness.schema import Emit, Event


def print_trace(error: BaseException) -> None:
    """Print the traceback to standard error, the log of a child: where it can be written.

    On a full disk it cannot, and the reason must not be lost for that.
    """
    with contextlib.suppress(OSError):
        traceback.print_exception(error)


def without_places(text: str, places: Iterable[str | None]) -> str:
    """Return a text with the last part alone of the paths that a spec knows in full.

    Records are published: they tell nobody's folders.
    """
    for place in sorted(filter(None, places), key=len, reverse=True):
        if place.count("/") + place.count("\\") > 1:
            text = text.replace(place, Path(place).name)
            continue
        # A folder at the top tells nothing of anybody, and /data is no part of /opt/data.
        whole = rf"(?<![\w./\\-]){re.escape(place)}(?![\w-]|\.\w)"
        text = re.sub(whole, lambda _, name=Path(place).name: name, text)  # type: ignore[misc]
    return text


class Blame:
    """Tell whose turn it is, and note what goes wrong in it as that owner's failure."""

    def __init__(
        self, owner: str, failed: dict[str, str], emit: Emit, stage: str = "timing"
    ) -> None:
        self._owner, self._failed, self._emit, self._stage = owner, failed, emit, stage

    def __enter__(self) -> None:
        # The parent needs this to know whom to blame if the process dies.
        self._emit(Event(kind="stage", text=self._stage, owner=self._owner))

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None or isinstance(error, KeyboardInterrupt):
            return False
        print_trace(error)
        self._failed[self._owner] = f"{self._stage}: {reason_of(error)}"
        return True
