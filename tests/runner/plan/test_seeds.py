import pytest

from harness.errors import RequestError
from harness.runner import parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("1", (0,)),
        ("5", (0, 1, 2, 3, 4)),
        ("0,7", (0, 7)),
        ("7,", (7,)),
        (" 7 , 3 ", (7, 3)),
        ("20240101,", (20240101,)),
    ],
)
def test_seeds_are_a_count_or_a_list(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["0", "-1", "", " ", ",", "0,0", "-1,2", "x", "1.5", "1 2", "0-4"])
def test_seeds_that_are_none_are_one_sentence(text):
    with pytest.raises(RequestError, match=f"^--seeds {text}: give a count"):
        parse_seeds(text)


def test_a_count_that_must_be_a_seed_is_refused():
    with pytest.raises(RequestError) as caught:
        parse_seeds("20240101")
    assert str(caught.value) == (
        "--seeds 20240101: that is a count; write 20240101, for this one seed"
    )
