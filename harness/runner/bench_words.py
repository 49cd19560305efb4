"""Read what follows the options of `harness bench`."""

from collections.abc import Sequence

from harness.errors import RequestError, unknown

LARGEST_BATCH = 65536


def parse_batch_sizes(text: str) -> tuple[int, ...]:
    """Read ``1,32,256``, in order of size. Raises `RequestError` for anything else."""
    wrong = f"--batch-sizes {text}: give different numbers from 1 to {LARGEST_BATCH}, like 1,32,256"
    try:
        sizes = [int(part) for part in _parts(text)]
    except ValueError as error:
        raise RequestError(wrong) from error
    in_range = all(1 <= size <= LARGEST_BATCH for size in sizes)
    if not sizes or not in_range or len(set(sizes)) < len(sizes):
        raise RequestError(wrong)
    return tuple(sorted(sizes))


def parse_words(option: str, text: str, valid: Sequence[str]) -> tuple[str, ...]:
    """Read words that a comma parts, each once. Raises `RequestError` for one that is not valid."""
    words = list(dict.fromkeys(_parts(text)))
    for word in words:
        if word not in valid:
            raise RequestError(f"{option}: {unknown('word', word, valid)}")
    if not words:
        raise RequestError(f"{option}: give at least one of {', '.join(valid)}")
    return tuple(words)


def parse_shape(text: str) -> tuple[int, int, int]:
    """Read ``1x48x48`` as channels, height and width. Raises `RequestError` for anything else."""
    try:
        channels, height, width = (int(part) for part in text.lower().replace("×", "x").split("x"))
    except ValueError as error:
        raise _no_shape(text) from error
    if min(channels, height, width) < 1:
        raise _no_shape(text)
    return channels, height, width


def _no_shape(text: str) -> RequestError:
    return RequestError(f"--shape {text}: give channels, height and width from 1, like 1x48x48")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
