from harness.report import compare
from harness.report.views import time_to_accuracy_view
from harness.schema import Recipe


def test_a_configuration_has_its_median_time_and_epochs(risen, cell):
    seeds = [
        risen(0.3, 0.4, 0.6, seed=0),
        risen(0.3, 0.6, 0.6, seed=1),
        risen(0.6, 0.6, 0.6, seed=2),
    ]
    view = time_to_accuracy_view(compare(seeds, levels=(0.6,)))
    found = cell(view, "a", "60 %")
    assert (found.text, found.note, found.value) == ("20.0 s", "2 epochs", 20.0)
    assert cell(view, "a", "seeds").text == "3"
    assert cell(view, "a", "best validation %").text == "60.0"


def test_who_did_not_arrive_is_counted(risen, cell):
    seeds = [risen(0.6, seed=0), risen(0.6, seed=1), risen(0.1, seed=2)]
    view = time_to_accuracy_view(compare(seeds, levels=(0.6, 0.625)))
    assert cell(view, "a", "60 %").note == "1 epoch, 2 of 3"
    never = cell(view, "a", "62.5 %")
    assert (never.text, never.note, never.value) == ("–", "never", None)


def test_too_few_for_a_median_are_counted(risen, cell):
    view = time_to_accuracy_view(compare([risen(0.6, seed=0), risen(0.1, seed=1)], levels=(0.6,)))
    found = cell(view, "a", "60 %")
    assert (found.text, found.note, found.value) == ("–", "1 of 2", None)


def test_the_fastest_stands_out_within_its_machine_only(risen, make_environment, cell):
    here = [risen(0.6, model="a"), risen(0.6, model="b", seconds=20.0)]
    view = time_to_accuracy_view(compare(here, levels=(0.6,)))
    assert (cell(view, "a", "60 %").best, cell(view, "b", "60 %").best) == (True, False)
    assert "trained on" not in {head.text for head in view.heads}

    unknown = time_to_accuracy_view(compare([*here, risen(0.6, model="e", environment=None)]))
    assert "trained on" not in {head.text for head in unknown.heads}

    there = risen(0.6, model="c", seconds=1.0, environment=make_environment("fast0000machine"))
    mixed = [
        risen(0.6, model="d", seed=0, seconds=0.1),
        risen(0.6, model="d", seed=1, seconds=0.1, environment=make_environment("other")),
    ]
    view = time_to_accuracy_view(compare([*here, there, *mixed], levels=(0.6,)))
    best = {line.label for line in view.lines if line.cells[1].best}
    assert best == {"a"}
    assert cell(view, "c", "trained on").text == "fast0000 cpu, 4 threads"
    assert cell(view, "d", "trained on").text == "several"
    assert any("several machines" in note for note in view.notes)

    slow = risen(0.6, model="e", threads=1)
    view = time_to_accuracy_view(compare([*here, slow], levels=(0.6,)))
    assert cell(view, "a", "trained on").text.endswith("cpu, 4 threads")
    assert cell(view, "e", "trained on").text.endswith("cpu, 1 thread")


def test_what_was_not_trained_has_no_line(risen, make_entry):
    built = make_entry("built", recipe=Recipe(epochs=0))
    view = time_to_accuracy_view(compare([risen(0.6), built]))
    assert [line.label for line in view.lines] == ["a"]
    assert time_to_accuracy_view(compare([built])) is None


def test_there_is_no_table_where_no_level_suits(risen):
    assert time_to_accuracy_view(compare([risen(0.001)])) is None


def test_it_says_whose_clock_it_is_and_whose_measure(risen):
    notes = " ".join(time_to_accuracy_view(compare([risen(0.6)])).notes)
    assert "arXiv:1806.01427" in notes
    assert "under whatever load" in notes
