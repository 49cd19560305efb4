"""How long runs will take, by their own epochs and by the records of others."""

import pytest

from harness.execute.records import make_run
from harness.runner.estimate import seconds_left, together
from harness.schema import Cost, Epoch

# Six epochs of 96 images that grow: early ones take 1 s, late ones 4 s; the median rate is 64.
GROWING = Cost(
    parameters=1, train_seconds=15.0, valid_seconds=3.0, train_images_per_second_end_to_end=96 / 1.5
)
FULL = Cost(
    parameters=1, train_seconds=24.0, valid_seconds=3.0, train_images_per_second_end_to_end=24.0
)


@pytest.fixture
def spec(make_specs):
    def make(*options: str):
        [spec] = make_specs("fastnet", options=("epochs=6", "augment=none", *options))
        return spec

    return make


def test_images_that_grow_take_what_they_took_all_in_all(spec) -> None:
    growing = spec("initial_scale=0.5")
    record = make_run(growing, "done", cost=GROWING, selected_epoch=6)
    assert seconds_left(growing, [record], ()) == pytest.approx(18)
    assert seconds_left(spec("initial_scale=0.5", "epochs=12"), [record], ()) == pytest.approx(36)


def test_of_a_run_that_stopped_early_the_epochs_that_it_trained_count(spec) -> None:
    growing = spec("initial_scale=0.5", "early_stopping=1")
    record = make_run(growing, "done", cost=GROWING, selected_epoch=2)
    assert seconds_left(growing, [record], ()) == pytest.approx(6 / 3 * 18)


def test_a_run_is_judged_by_one_whose_images_grew_alike(spec) -> None:
    growing, full = spec("initial_scale=0.5"), spec("initial_scale=1")
    assert growing.speed_key == full.speed_key
    records = [
        make_run(growing, "done", cost=GROWING, selected_epoch=6),
        make_run(full, "done", cost=FULL, selected_epoch=6),
    ]
    for ordered in (records, records[::-1]):
        assert seconds_left(growing, ordered, ()) == pytest.approx(18)
        assert seconds_left(full, ordered, ()) == pytest.approx(27)
        # Where images do not grow, from when on they would is no matter.
        later = full.recipe.model_copy(update={"full_scale_from": 0.5})
        other = full.model_copy(update={"recipe": later})
        assert seconds_left(other, ordered, ()) == pytest.approx(27)


def test_a_new_run_takes_its_images_over_the_rate_and_validates_as_much(spec) -> None:
    record = make_run(spec(), "done", cost=FULL, selected_epoch=6)
    # 10 epochs of 96 images at 24 a second, and an eighth of it for validation.
    assert seconds_left(spec("epochs=10"), [record], ()) == pytest.approx(40 * (1 + 3 / 24))
    assert seconds_left(spec("epochs=10"), [], ()) is None


def test_a_run_that_goes_on_is_judged_by_the_epochs_it_has_behind_it(spec) -> None:
    record = make_run(spec(), "done", cost=FULL, selected_epoch=6)
    # One of the three went on beside other work.
    behind = [
        Epoch.model_validate(
            dict.fromkeys(Epoch.model_fields, 0.5)
            | {"epoch": number, "train_seconds": seconds, "valid_seconds": 1.0}
        )
        for number, seconds in enumerate((4.0, 5.0, 90.0), start=1)
    ]
    assert seconds_left(spec("epochs=10"), [record], behind) == pytest.approx((10 - 3) * 6)
    assert seconds_left(spec("epochs=10"), [], behind) == pytest.approx((10 - 3) * 6)


def test_runs_side_by_side_take_as_long_as_the_lane_that_ends_last() -> None:
    assert together([3, 1, 1, 2], jobs=1) == 7
    assert together([3, 1, 1, 2], jobs=2) == 4
    assert together([3, 1, 1, 2], jobs=9) == 3
    assert together([], jobs=2) == 0


def test_what_has_no_epoch_left_takes_no_time_and_tells_none(make_specs, spec) -> None:
    built = spec("epochs=0")
    assert seconds_left(built, [], ()) == 0
    # Of what was not trained there is no rate: an older run that was tells more.
    none = make_run(built, "done", cost=Cost(parameters=1), selected_epoch=0)
    none = none.model_copy(update={"finished_at": "2099-01-01T00:00:00+00:00"})
    trained = make_run(spec(), "done", cost=FULL, selected_epoch=6)
    assert seconds_left(spec("epochs=10"), [trained, none], ()) == pytest.approx(45)
