"""Names of files as texts that every document can hold."""


def printable(name: str) -> str:
    r"""Return a name with a byte that is no UTF-8, of older systems, as ``\xe9``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
