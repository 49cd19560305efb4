import pytest

from harness.report import units


def test_one_is_counted_in_the_singular():
    assert [units.counted(n, "run") for n in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (units.percent, 0.71164, "71.2"),
        (units.percent, 1.0, "100.0"),
        (units.percent, 0.0, "0.0"),
        (units.percent, 0.9994, "99.9"),
        (units.percent, 0.9996, "99.96"),
        (units.percent, 3588 / 3589, "99.97"),
        (units.percent, 0.99996, ">99.99"),
        (units.percent, 0.0006, "0.1"),
        (units.percent, 0.0004, "0.04"),
        (units.percent, 0.00004, "<0.01"),
        (units.percent, -0.00004, ">-0.01"),
        (units.points, 0.01234, "+1.2"),
        (units.points, -0.003, "−0.3"),
        (units.points, -0.0001, "−0.01"),
        (units.points, 0.00046, "+0.05"),
        (units.points, -1e-9, "+0.0"),
        (units.difference, 0.01234, "1.2"),
        (units.difference, -0.003, "−0.3"),
        (units.difference, -0.0001, "0.0"),
        (units.chance, 1.0, "p = 1.00"),
        (units.chance, 0.1004, "p = 0.10"),
        (units.chance, 0.0996, "p = 0.10"),
        (units.chance, 0.0494, "p = 0.049"),
        (units.chance, 0.0496, "p = 0.0496"),
        (units.chance, 0.05, "p = 0.050"),
        (units.chance, 0.0502, "p = 0.0502"),
        (units.chance, 0.049999, "p = 0.049999"),
        (units.chance, 0.0004, "p < 0.001"),
        (units.percent, -0.0004, "-0.04"),
        (units.percent, -0.006, "-0.6"),
        (units.digits, 0.1234, "0.12"),
        (units.digits, 9.994, "9.99"),
        (units.digits, 9.996, "10.0"),
        (units.digits, 99.94, "99.9"),
        (units.digits, 99.96, "100"),
        (units.digits, 12345.6, "12346"),
        (units.whole, 12.0, "12"),
        (units.whole, 12.5, "12.5"),
        (units.scaled, 0, "0"),
        (units.scaled, 950, "950"),
        (units.scaled, 999_400, "999 k"),
        (units.scaled, 999_600, "1.00 M"),
        (units.scaled, 1_234_567, "1.23 M"),
        (units.scaled, 3_400_000_000, "3.40 G"),
        (units.scaled, 2_000_000_000_000_000_000, "2000 P"),
        (units.size, 512_000_000, "512 MB"),
        (units.size, 800, "800 B"),
        (units.duration, 0.42, "0.42 s"),
        (units.duration, 59.94, "59.9 s"),
        (units.duration, 59.96, "1 min"),
        (units.duration, 200, "3 min 20 s"),
        (units.duration, 3599.6, "1 h"),
        (units.duration, 7500, "2 h 5 min"),
        (units.duration, 86_369, "23 h 59 min"),
        (units.duration, 97_200, "1 d 3 h"),
    ],
)
def test_a_number_is_written_as_people_read_it(function, value, text):
    assert function(value) == text


def test_an_interval_is_in_per_cent():
    assert units.interval(0.6971, 0.7264) == "69.7–72.6"


def test_an_interval_that_ends_short_of_all_does_not_read_so():
    assert units.interval(0.9984, 0.99996) == "99.8 to >99.99"
    assert units.interval(0.9984, 1.0) == "99.8–100.0"


def test_an_end_of_an_interval_keeps_the_side_of_0_that_it_is_on():
    assert units.span(-0.0003, 0.02) == "−0.03 to +2.0"
    assert units.span(0.0003, 0.02) == "+0.03 to +2.0"
    assert units.span(-0.011, -0.00004) == "−1.1 to −0.004"
    assert units.span(0.0, 1e-17) == "+0.0 to +0.0"
