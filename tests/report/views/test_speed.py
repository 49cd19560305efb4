from harness.report import compare
from harness.report.views import main_view, speed_view


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
