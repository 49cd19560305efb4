import pytest

from harness.report import compare
from harness.report.middle import as_band, middle_of, selected


@pytest.fixture
def stopped_early(make_record, make_epochs):
    """Eleven seeds: five that went on for 8 epochs, five for 6, one for 2, and one not at all."""
    lengths = [8] * 5 + [6] * 5 + [2, 0]
    records = [make_record("a", seed=seed) for seed in range(len(lengths))]
    entries = zip(records, lengths, strict=True)
    return compare([(record, make_epochs(record, length)) for record, length in entries])


def test_the_middle_goes_as_far_as_half_of_the_seeds_went(stopped_early):
    (group,) = stopped_early.groups
    middle = middle_of(group, "valid_loss")
    assert middle.seeds == 11
    assert middle.epochs == (1, 2, 3, 4, 5, 6)
    assert len(middle.low) == len(middle.median) == len(middle.high) == 6
    at_six = sorted(row.epochs[5].valid_loss for row in group.rows if len(row.epochs) > 5)
    assert middle.median[-1] == pytest.approx((at_six[4] + at_six[5]) / 2)
    assert at_six[0] < middle.low[-1] < at_six[1]
    assert at_six[-2] < middle.high[-1] < at_six[-1]


def test_as_many_as_have_a_line_each_have_no_middle(many_seeds):
    ten, eleven = (compare(many_seeds[:count]).groups for count in (10, 11))
    assert middle_of(ten[0], "valid_loss") is None
    assert middle_of(eleven[0], "valid_loss") is not None


def test_a_band_is_of_more_than_ten_trained_seeds(many_seeds, make_entry, stopped_early):
    few = compare([make_entry("b"), *many_seeds[:10]]).groups
    assert not any(map(as_band, few))
    assert all(map(as_band, stopped_early.groups))


def test_selected_epochs_lie_between_the_first_and_the_last(many_seeds, make_entry):
    assert selected(compare(many_seeds).groups[0]) == (20, 30)
    assert selected(compare([make_entry("a", selected_epoch=None)]).groups[0]) is None
