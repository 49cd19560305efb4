"""What a running run tells the parent process, one JSON line each."""

from collections.abc import Callable
from typing import Literal

from harness.schema.base import Frozen
from harness.schema.run import Epoch


class Event(Frozen):
    """``stage`` names what begins; ``batch`` is an epoch's progress; ``epoch`` its numbers.

    ``corruption`` names the one that the test images are evaluated under next.

    ``text`` is the stage's name; ``owner`` whose turn it is, where models take turns: the speed key
    of a model, in a bench the name of a case or model; ``number`` an epoch from 1 (for ``resumed``:
    how many are done), in a bench a round; ``fraction`` the part of the epoch, of all corruptions
    or of a bench's time that is done, 0–1.
    """

    kind: Literal["stage", "resumed", "batch", "epoch", "corruption"]
    text: str = ""
    owner: str = ""
    number: int = 0
    fraction: float = 0.0
    epoch: Epoch | None = None


Emit = Callable[[Event], None]
