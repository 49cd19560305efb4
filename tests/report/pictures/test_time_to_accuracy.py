import math

import pytest

from harness.report import compare
from harness.report.pictures import svg
from harness.report.pictures.time_to_accuracy import time_to_accuracy_picture
from harness.schema import Recipe


@pytest.fixture
def timed(make_entry):
    """Make a run whose epochs take so many seconds each."""

    def make(model="a", seconds=10.0, epochs=30, **changes):
        record, made, _ = make_entry(model, recipe=Recipe(epochs=epochs), **changes)
        times = {"train_seconds": seconds, "valid_seconds": 0.0}
        return record, [epoch.model_copy(update=times) for epoch in made]

    return make


@pytest.fixture
def draw(taken_apart):
    def draw(*entries):
        comparison = compare(entries)
        picture = time_to_accuracy_picture(list(enumerate(comparison.groups)))
        return comparison, taken_apart(picture) if picture else None

    return draw


def read_off(drawn):
    """Return each line's times and accuracies as the page's script reads them off the pixels."""
    (panel,) = drawn.panels
    scales = [[float(end) for end in panel.get(name).split()] for name in ("data-x", "data-y")]
    found = {}
    for name, mark in drawn.marks().items():
        points = mark.find("polyline").get("points").split()
        found[name.split(": ")[0]] = [
            [(float(p) - zero) / (one - zero) for p, (zero, one) in zip(xy, scales, strict=True)]
            for xy in (point.split(",") for point in points)
        ]
    return found


def test_lines_stand_at_the_seconds_and_accuracies_of_the_epochs(timed, draw):
    comparison, drawn = draw(timed("a", 10.0), timed("b", 4.0, skill=1.0))
    found = read_off(drawn)
    for row in comparison.rows:
        seconds = row.epochs[0].train_seconds
        expected = [[seconds * epoch.epoch, epoch.valid_accuracy] for epoch in row.epochs]
        for point, wanted in zip(found[row.label], expected, strict=True):
            assert point == pytest.approx(wanted, abs=0.25)
    assert drawn.panels[0].get("data-along") == "second"
    assert {"seconds", "validation accuracy"} <= {*drawn.texts()}


def test_trainings_far_apart_in_length_stand_on_a_logarithmic_scale(timed, draw):
    comparison, drawn = draw(timed("a", 600.0), timed("b", 6.0))
    assert drawn.panels[0].get("data-logarithmic") == ""
    assert drawn.panels[0].get("data-along") == "minute"
    found = read_off(drawn)
    for row in comparison.rows:
        minutes = row.epochs[0].train_seconds / 60
        for (read, _), epoch in zip(found[row.label], row.epochs, strict=True):
            assert 10**read == pytest.approx(minutes * epoch.epoch, rel=0.01)


def test_an_epoch_without_time_is_left_out_of_a_logarithmic_scale(timed, draw):
    record, epochs = timed("a", 600.0)
    first = epochs[0].model_copy(update={"train_seconds": 0.0})
    _, drawn = draw((record, [first, *epochs[1:]]), timed("b", 6.0))
    found = read_off(drawn)
    assert (len(found["a"]), len(found["b"])) == (29, 30)
    assert all(math.isfinite(x) for point in found["a"] for x in point)


def test_clocks_that_stand_still_are_drawn(timed, draw):
    _, drawn = draw(timed("a", 0.0))
    assert len(read_off(drawn)["a"]) == 30


def test_each_seed_is_a_line_up_to_five(timed, draw):
    _, drawn = draw(*(timed("a", seed=seed) for seed in range(3)))
    assert len(drawn.marks()) == 3
    assert drawn.picture.legend == ()
    assert "first" not in drawn.picture.note
    _, drawn = draw(*(timed("a", seed=seed) for seed in range(7)), timed("b"))
    assert len(drawn.marks()) == 6
    assert [key.label for key in drawn.picture.legend] == ["a", "b"]
    assert "the first 5 seeds" in drawn.picture.note


def test_a_line_tells_its_highest_accuracy_and_rings_the_selected_epoch(timed, draw):
    comparison, drawn = draw(timed("a"))
    (row,) = comparison.rows
    best = max(row.epochs, key=lambda epoch: epoch.valid_accuracy)
    ((name, mark),) = drawn.marks().items()
    assert name.startswith(f"a: {100 * best.valid_accuracy:.1f} % after ")
    assert name.endswith(f"at epoch {best.epoch}, the highest of 5 min")
    assert [c.get("class") for c in mark.iter("circle")] == ["ring"]


def test_few_epochs_are_dots(timed, draw):
    _, drawn = draw(timed("a", epochs=1))
    (mark,) = drawn.marks().values()
    assert "dot" in {c.get("class") for c in mark.iter("circle")}


def test_what_was_not_trained_is_not_drawn(make_entry, timed, draw):
    built = make_entry("built", recipe=Recipe(epochs=0))
    assert draw(built)[1] is None
    _, drawn = draw(built, timed("a"))
    assert [name.split(":")[0] for name in drawn.marks()] == ["a"]


def test_the_widest_tick_has_room_beside_the_name_of_the_axis(timed, draw):
    record, epochs = timed("a")
    wide = [e.model_copy(update={"valid_accuracy": 0.425 + 0.001 * e.epoch}) for e in epochs]
    _, drawn = draw((record, wide))
    [panel] = drawn.panels
    texts = [text for text in panel.iter() if text.tag.endswith("text")]
    [name] = [text for text in texts if "".join(text.itertext()) == "validation accuracy"]
    ticks = [t for t in texts if "".join(t.itertext()).endswith(" %")]
    assert any(len("".join(tick.itertext())) > 4 for tick in ticks)
    middle = float(
        name.get("x") or name.get("transform").partition("(")[2].partition(",")[0].split()[0]
    )
    for tick in ticks:
        left = float(tick.get("x")) - svg.width_of("".join(tick.itertext()))
        assert left > middle + 4, (left, middle)


def test_trainings_on_several_machines_are_said_to_be(draw, timed, make_environment):
    told = "Trained on several machines, devices or numbers of threads: compared within one only."
    _, one = draw(timed("a"), timed("b"))
    assert told not in one.picture.note
    _, several = draw(timed("a"), timed("b", environment=make_environment("another")))
    assert several.picture.note.endswith(told)
