"""The audit of a data set: what it found, and what a record says of it."""

from harness.schema.base import Frozen


class AuditCard(Frozen):
    """What records say of an audit: ``clean_sha256`` is that of the clean test images' indices.

    ``version`` is the method's. ``exact`` and ``near`` are the test images with a twin in the
    training split, pixel by pixel or nearly; together they are what the clean test leaves out.
    """

    version: int
    clean_sha256: str
    clean: int
    exact: int
    near: int
