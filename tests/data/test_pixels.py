import numpy as np
import pytest

from harness.data.formats.pixels import parse_exactly, parse_regular


def text(numbers) -> bytes:
    return " ".join(map(str, numbers)).encode()


def test_every_value_is_parsed_beside_every_length_of_neighbour():
    before, value, after = np.meshgrid([0, 9, 10, 99, 100, 255], range(256), [0, 50, 255])
    table = np.stack([before, value, after], axis=-1).reshape(-1, 3)
    parsed = parse_regular([text(row) for row in table], 3)
    assert np.array_equal(parsed, table)
    assert parsed.dtype == np.uint8


def test_random_rows_parse_as_a_naive_parser_has_them():
    table = np.random.default_rng(1).integers(0, 256, (7, 49))
    assert np.array_equal(parse_regular([text(row) for row in table], 49), table)


def test_leading_zeros_are_no_trouble():
    assert parse_regular([b"007 01 0 255"], 4).tolist() == [[7, 1, 0, 255]]


def test_numbers_above_255_are_never_wrapped_around():
    taken = [n for n in range(1100) if parse_regular([f"7 {n}".encode()], 2) is not None]
    assert taken == list(range(256))


@pytest.mark.parametrize(
    "field",
    [
        b"1  2 3",
        b" 1 2 3",
        b"1 2 3 ",
        b"1\t2 3 4",
        b"1 2 -3 4",
        b"1 2 3. 4",
        b"1 x 3 4",
        b"1 2 x3 4",
        b"1 2 x34 4",
        b"1 2 3x4 4",
        b"1 2 34x 4",
        b"1 2 0255 4",
        b"1 2 12345678 4",
        b"1 2 \xb2 4",
        b"1 2 3",
        b"1 2 3 4 5",
        b"",
    ],
)
def test_whatever_is_irregular_is_left_to_the_exact_parser(field):
    assert parse_regular([b"1 2 3 4", field, b"5 6 7 8"], 4) is None


def test_a_pixel_lent_by_one_row_to_the_next_is_noticed():
    assert parse_regular([b"1 2 3", b"4 5 6 7 8"], 4) is None


def test_the_exact_parser_takes_any_white_space_and_leading_zeros():
    assert parse_exactly(b" 1\t02  0000003 255 ").tolist() == [1, 2, 3, 255]


def test_the_exact_parser_finds_no_pixels_in_nothing():
    assert parse_exactly(b" ").tolist() == []


@pytest.mark.parametrize("token", ["256", "999999999999", "0000000000999", "-1", "1.5", "x", "²"])
def test_the_exact_parser_names_what_is_no_pixel(token):
    with pytest.raises(ValueError, match=rf"'{token}' as pixel 2"):
        parse_exactly(f"1 {token} 3".encode())
