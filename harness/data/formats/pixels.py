"""Pixels written as decimal numbers, turned into bytes: quickly if regular, else exactly."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
BLANK = ord(" ")
ZERO = ord("0")


def parse_regular(fields: Sequence[bytes], count: int) -> Pixels | None:
    """Return ``(len(fields), count)`` pixels, or None where any field is in the least irregular.

    Regular is ``count`` numbers of one to three digits up to 255, parted by one blank each. None
    says only that `parse_exactly` must look: it knows other forms, and what is wrong.
    """
    text = np.frombuffer(b"   " + b" ".join(fields) + b" ", np.uint8)
    ends = np.flatnonzero(text[3:] == BLANK)
    if len(ends) != len(fields) * count:
        return None
    field_ends = np.cumsum([len(field) + 1 for field in fields]) - 1
    if not np.array_equal(ends[count - 1 :: count], field_ends):
        return None
    numbers = _numbers_before(text, ends)
    return None if numbers is None else numbers.reshape(-1, count)


def _numbers_before(text: Pixels, ends: npt.NDArray[np.intp]) -> Pixels | None:
    """Return the numbers that end before ``ends``, which index ``text`` without its first three."""
    ones, tens, hundreds = text[2:][ends], text[1:][ends], text[ends]
    has_tens = tens != BLANK
    has_hundreds = has_tens & (hundreds != BLANK)
    length = 3 + 2 * len(ends) + np.count_nonzero(has_tens) + np.count_nonzero(has_hundreds)
    if length != len(text):  # somewhere is a number of four digits or more
        return None
    # uint8 wraps around, so that whatever is no digit comes to lie above 9.
    ones -= ZERO
    tens = (tens - ZERO) * has_tens
    hundreds = (hundreds - ZERO) * has_hundreds
    if ones.max() > 9 or tens.max() > 9 or hundreds.max() > 2:
        return None
    numbers: Pixels = ones + tens * np.uint8(10) + hundreds * np.uint8(100)
    above_255 = (hundreds == 2) & (numbers < 200)
    return None if above_255.any() else numbers


def parse_exactly(field: bytes) -> Pixels:
    """Return the numbers of one field, parted by any white space.

    Raises `ValueError` saying which is not a whole number from 0 to 255.
    """
    tokens = field.split()
    regular = parse_regular([b" ".join(tokens)], len(tokens))
    if regular is not None:
        return regular.reshape(-1)
    numbers = []
    for position, token in enumerate(tokens, start=1):
        digits = token.lstrip(b"0") or b"0"
        if not token.isdigit() or len(digits) > 3 or int(digits) > 255:
            found = token[:20].decode("utf-8", "replace")
            raise ValueError(f"{found!r} as pixel {position}")
        numbers.append(int(digits))
    return np.array(numbers, np.uint8)
