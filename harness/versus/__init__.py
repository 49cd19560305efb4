"""Two sets of results, one against the other: what got better or worse, and gates over it."""

from harness.versus.match import match
from harness.versus.side import Result, Side, open_side

__all__ = ["Result", "Side", "match", "open_side"]
