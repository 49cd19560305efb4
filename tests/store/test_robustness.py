import pytest

from harness.schema import (
    CORRUPTIONS_VERSION,
    RobustnessRecord,
)


def robustness(**changes):
    values = {
        "key": "0123456789abcdef",
        "version": CORRUPTIONS_VERSION,
        "seed": 0,
        "n": 2,
        "uncorrupted_correct": 1,
        "uncorrupted_accuracy": 0.5,
        "corruptions": (),
        "mean_accuracy": 0.5,
        "relative_loss": 0.0,
        "seconds": 1.5,
        "libraries": {"numpy": "2"},
        "evaluated_at": "now",
    }
    return RobustnessRecord(**(values | changes))


def test_robustness_is_found_by_the_run(store, make_spec):
    spec = make_spec()
    assert store.robustness(spec) is None
    store.save_robustness(spec, robustness())
    assert store.robustness(spec) == robustness()
    assert (store.run_folder(spec) / "robustness.json").is_file()


@pytest.mark.parametrize("changes", [{"key": "another"}, {"version": CORRUPTIONS_VERSION + 1}])
def test_robustness_of_another_run_or_version_is_none(store, make_spec, changes):
    store.save_robustness(make_spec(), robustness(**changes))
    assert store.robustness(make_spec()) is None


def test_damaged_robustness_is_none(store, make_spec):
    store.save_robustness(make_spec(), robustness())
    (store.run_folder(make_spec()) / "robustness.json").write_text('{"schema": 1')
    assert store.robustness(make_spec()) is None
