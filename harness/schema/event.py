"""What a running run tells the parent process, one JSON line each."""

from typing import Literal

from harness.schema.base import Frozen
from harness.schema.run import Epoch


class Event(Frozen):
    """``stage`` names what begins; ``batch`` is an epoch's progress; ``epoch`` its numbers.

    ``corruption`` names the one that the test images are evaluated under next.

    ``text`` is the stage's name (in a speed session: ``timing`` with ``owner``, the speed key of
    the model); ``number`` an epoch from 1 (for ``resumed``: how many are done); ``fraction`` the
    part of the epoch, or of all corruptions, that is done, 0–1.
    """

    kind: Literal["stage", "resumed", "batch", "epoch", "corruption"]
    text: str = ""
    owner: str = ""
    number: int = 0
    fraction: float = 0.0
    epoch: Epoch | None = None
