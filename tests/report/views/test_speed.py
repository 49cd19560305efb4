from harness.report import compare
from harness.report.views import (
    main_view,
    speed_view,
)


def test_speeds_on_other_numbers_of_threads_are_not_compared(make_record, make_speed):
    one, two = make_record("a", 2.0), make_record("b", 1.0)
    pair = compare([(one, [], make_speed(one, threads=1)), (two, [], make_speed(two, threads=2))])
    for view in (main_view(pair), speed_view(pair)):
        rates = [
            index
            for index, head in enumerate(view.heads)
            if "img/s" in head.text or "latency" in head.text
        ]
        assert rates
        assert not any(line.cells[index].best for line in view.lines for index in rates)
        assert "Speeds of another device or number of threads are not compared." in view.notes
    same = compare([(one, [], make_speed(one)), (two, [], make_speed(two))])
    assert not any("number of threads" in note for note in speed_view(same).notes)


def test_what_disturbed_the_timing_is_said_and_of_which_models(make_record, make_speed):
    one, two = make_record("a", 2.0), make_record("b", 1.0)
    view = speed_view(
        compare([(one, [], make_speed(one, notes=("busy",))), (two, [], make_speed(two))])
    )
    assert "a: busy." in view.notes


def test_speed_has_a_line_for_each_configuration(eight, cell):
    view = speed_view(eight)
    assert [line.label for line in view.lines] == [group.label for group in eight.groups]
    row = next(row for row in eight.rows if row.label == "convnet")
    found = cell(view, "convnet", "inference img/s, batch 256")
    assert (found.text, found.note) == ("12420", "11799–12793")
    assert cell(view, "convnet", "latency p99 ms").text == "–"
    end = row.record.cost.train_images_per_second_end_to_end
    assert cell(view, "convnet", "training end to end img/s").value == end
    assert cell(view, "convnet", "machine").text == "3f2a9c11"


def test_end_to_end_counts_only_runs_of_the_machine_that_timed(make_record, make_speed, cell):
    record = make_record("vgg")
    view = speed_view(compare([(record, [], make_speed(record, machine="other"))]))
    assert cell(view, "vgg", "training end to end img/s").text == "–"


def test_a_timing_that_failed_is_told(make_record, make_speed, cell):
    record = make_record("vgg")
    broken = {"train_step": None, "inference": {}, "latency_ms": {}}
    speed = make_speed(record, status="failed", reason="out of memory", **broken)
    view = speed_view(compare([(record, [], speed)]))
    assert view.notes[-1] == "vgg: the timing did not finish (failed): out of memory"
    assert cell(view, "vgg", "training step img/s").text == "–"


def test_without_speeds_there_is_no_table_of_speed(make_entry):
    assert speed_view(compare([make_entry(speed=False)])) is None
