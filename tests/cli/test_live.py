"""What is seen while runs go on."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from harness.cli.display import PlainDisplay, run_name, run_names
from harness.cli.live import MOST_ROWS, LiveDisplay
from harness.cli.progress import RunProgress, seconds_left, sparkline
from harness.execute.records import ended_run, make_run
from harness.runner import Planned
from harness.schema import Epoch, Event


def epoch(number: int, accuracy: float = 0.5, seconds: float = 2.0) -> Event:
    numbers = Epoch(
        epoch=number,
        train_loss=1.25,
        train_accuracy=0.4,
        valid_loss=1,
        valid_accuracy=accuracy,
        learning_rate=0.1,
        train_seconds=seconds,
        valid_seconds=1.0,
    )
    return Event(kind="epoch", number=number, epoch=numbers)


@pytest.fixture
def planned(make_specs):
    specs = make_specs("convnet", options=("epochs=10",), seeds=(0, 1))
    return [Planned(spec, None, "new") for spec in specs]


def screen(display: LiveDisplay) -> str:
    console = Console(width=160, file=io.StringIO())
    console.print(display.render())
    return console.file.getvalue()


def test_a_sparkline_goes_from_the_lowest_to_the_highest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([]) == ""
    assert sparkline([0.3, 0.3]) == "▁▁"


def test_a_long_history_is_averaged_into_the_width():
    line = sparkline(list(range(200)), width=8)
    assert line == "▁▂▃▄▅▆▇█"


def test_the_time_left_is_that_of_the_epochs_left(planned):
    run = RunProgress(planned[0])
    assert run.seconds_left is None
    for number in (1, 2):
        run.hear(epoch(number))
    run.hear(Event(kind="batch", number=3, fraction=0.5))
    assert run.seconds_left == pytest.approx(7.5 * 3)
    assert run.images_per_second == pytest.approx(96 / 2)


def test_a_resumed_run_has_less_left(planned):
    run = RunProgress(planned[0])
    run.hear(Event(kind="resumed", number=7))
    run.hear(epoch(8))
    assert run.seconds_left == pytest.approx(2 * 3)


def test_a_run_that_waits_takes_as_long_as_one_of_its_model(planned):
    first, second = (RunProgress(item) for item in planned)
    assert seconds_left([first, second]) is None
    first.hear(epoch(1))
    assert seconds_left([first, second]) == pytest.approx(9 * 3 + 10 * 3)
    first.end(ended_run(planned[0].spec, "failed", "no luck"))
    assert seconds_left([first, second]) == pytest.approx(10 * 3)


def test_the_table_shows_every_run_and_the_total(planned):
    display = LiveDisplay(Console(file=io.StringIO()), planned)
    display.started(planned[0])
    display.event(planned[0].spec, Event(kind="stage", text="training"))
    for number, accuracy in ((1, 0.2), (2, 0.731)):
        display.event(planned[0].spec, epoch(number, accuracy))
    text = screen(display)
    first, second = (line for line in text.splitlines() if "convnet seed" in line)
    assert "2.0/10" in first
    assert "73.1" in first
    assert "▁█" in first
    assert "48" in first
    assert "24.0 s" in first
    assert "training" in first
    assert "waiting" in second
    assert "0 of 2 runs" in text
    assert "54.0 s" in text.splitlines()[-1]


def test_runs_that_ended_or_were_reused_say_so(planned, capsys):
    stored = ended_run(planned[1].spec, "unsupported", "too few")
    reused = Planned(planned[1].spec, stored, "reused: unsupported")
    out = io.StringIO()
    display = LiveDisplay(Console(file=out, width=160), [planned[0], reused])
    display.finished(planned[0], ended_run(planned[0].spec, "failed", "no luck"))
    display.finished(reused, stored)
    text = screen(display)
    assert "failed" in text
    assert "reused" in text
    assert "2 of 2 runs" in text
    assert "convnet seed 0: failed: no luck" in out.getvalue()
    assert "convnet seed 1: reused: unsupported" in out.getvalue()


def test_a_run_that_is_over_shows_the_epoch_that_was_selected(planned):
    display = LiveDisplay(Console(file=io.StringIO(), width=160), planned)
    display.started(planned[0])
    display.event(planned[0].spec, epoch(1))
    valid = SimpleNamespace(accuracy=0.26)
    record = SimpleNamespace(status="done", valid=valid, selected_epoch=1)
    display.finished(planned[0], record)
    [line] = (line for line in screen(display).splitlines() if "convnet seed 0" in line)
    assert line.split()[3:5] == ["1/10", "26.0"]
    assert line.split()[-1] == "done"


def test_runs_of_a_grid_are_named_by_what_tells_them_apart(make_specs):
    options = ("epochs=2", "learning_rate=0.01|0.05", "batch_size=32")
    specs = [*make_specs("convnet", options=options), *make_specs("vgg", seeds=(0, 1))]
    assert list(run_names(specs).values()) == [
        "convnet learning_rate=0.01 seed 0",
        "convnet learning_rate=0.05 seed 0",
        "vgg seed 0",
        "vgg seed 1",
    ]


def test_of_many_runs_only_those_that_go_on_are_shown(make_specs):
    specs = make_specs("convnet", seeds=tuple(range(MOST_ROWS + 1)))
    planned = [Planned(spec, None, "new") for spec in specs]
    display = LiveDisplay(Console(file=io.StringIO()), planned)
    assert screen(display).count("convnet seed") == 1
    display.started(planned[5])
    assert "convnet seed 5" in screen(display)


def test_the_timing_replaces_the_table(planned):
    display = LiveDisplay(Console(file=io.StringIO()), planned)
    display.timing([planned[0].spec])
    assert "leave the machine alone" in screen(display)


def test_on_a_terminal_it_draws_and_leaves_only_the_lines(planned):
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    with LiveDisplay(console, planned) as display:
        display.started(planned[0])
        display.warn("mind the gap")
    assert "warning: mind the gap" in out.getvalue()
    assert "waiting" in out.getvalue()


def plain_lines(planned: list[Planned], events: list[tuple[int, Event]], jobs: int) -> list[str]:
    """What a log says when these runs, by their places, tell these things."""
    out = io.StringIO()
    with PlainDisplay(Console(file=out, width=160), planned, jobs) as display:
        for run in planned[:jobs]:
            display.started(run)
        for place, event in events:
            display.event(planned[place].spec, event)
        display.timing_event(Event(kind="stage"))
    return out.getvalue().splitlines()


def test_without_a_terminal_each_epoch_is_a_line_with_the_time_that_is_left(planned):
    numbers = "loss 1.250  train 40.0 %  valid 50.0 %  48 img/s"
    assert plain_lines(planned[:1], [(0, epoch(3)), (0, epoch(10))], jobs=1) == [
        "convnet seed 0: new",
        f"convnet seed 0: epoch  3/10  {numbers}  21.0 s left",
        f"convnet seed 0: epoch 10/10  {numbers}",
    ]
    [_, line] = plain_lines(planned, [(0, epoch(3))], jobs=1)
    assert line.endswith("48 img/s  21.0 s left, 51.0 s of all runs")


def test_the_time_left_of_runs_side_by_side_is_that_of_the_longest(planned):
    *_, line = plain_lines(planned, [(0, epoch(3)), (1, epoch(2))], jobs=2)
    assert line.endswith("48 img/s  24.0 s left")
    *_, line = plain_lines(planned, [(0, epoch(2)), (1, epoch(3))], jobs=2)
    assert line.endswith("48 img/s  21.0 s left, 24.0 s of all runs")


def test_what_waits_begins_where_the_first_run_ends(make_specs):
    specs = make_specs("convnet", options=("epochs=10",), seeds=(0, 1, 2))
    runs = [RunProgress(Planned(spec, None, "new")) for spec in specs]
    for run in runs[1:]:  # The first of them waits.
        run.hear(Event(kind="stage", text="training"))
    runs[1].hear(epoch(4))
    runs[2].hear(epoch(8))
    assert seconds_left(runs, jobs=2) == pytest.approx(2 * 3 + 10 * 3)
    assert seconds_left(runs, jobs=1) == pytest.approx((6 + 2 + 10) * 3)


def test_what_is_stored_takes_no_time_before_its_turn(planned):
    stored = ended_run(planned[1].spec, "unsupported", "too few")
    alike = planned[1].spec.model_copy(update={"weights_of": planned[0].spec.key})
    first = RunProgress(planned[0])
    first.hear(epoch(1))
    for second in (Planned(planned[1].spec, stored, "reused"), Planned(alike, None, "reused")):
        assert seconds_left([first, RunProgress(second)]) == pytest.approx(9 * 3)


def test_what_takes_over_weights_by_its_turn_is_not_trained(planned):
    """As the plan was made, the other run had left none yet."""
    out = io.StringIO()
    display = PlainDisplay(Console(file=out, width=160), planned)
    alike = planned[0].spec.model_copy(update={"weights_of": "k" * 64})
    display.started(Planned(alike, None, "weights reused"))
    display.started(planned[1])
    display.event(planned[1].spec, epoch(3))
    assert out.getvalue().splitlines()[-1].endswith("img/s  21.0 s left")


def test_what_waits_for_the_weights_of_a_run_before_it_takes_no_training(make_specs):
    specs = make_specs("convnet", options=("epochs=10", "tta=none|flip|views10"))
    first, *others = (RunProgress(Planned(spec, None, "new")) for spec in specs)
    first.hear(Event(kind="stage", text="training"))
    first.hear(epoch(4))
    assert seconds_left([first, *others], jobs=2) == pytest.approx(6 * 3)
    first.end(make_run(specs[0], "done"))
    assert seconds_left([first, *others]) == 0
    # It left no weights: the next one has to train.
    first.end(ended_run(specs[0], "failed", "no luck"))
    others[0].hear(Event(kind="stage", text="training"))
    others[0].hear(epoch(2))
    assert seconds_left([first, *others]) == pytest.approx(8 * 3)


def test_the_time_of_many_runs_is_reckoned_by_going_through_them_once(make_specs, monkeypatch):
    specs = make_specs("convnet", options=("epochs=10",), seeds=tuple(range(40)))
    runs = [RunProgress(Planned(spec, None, "new")) for spec in specs]
    for run in runs[:20]:
        run.hear(epoch(1))
    asked = []
    mean = RunProgress.seconds_per_epoch.fget
    monkeypatch.setattr(
        RunProgress, "seconds_per_epoch", property(lambda run: asked.append(1) or mean(run))
    )
    assert seconds_left(runs) == pytest.approx(20 * 9 * 3 + 20 * 10 * 3)
    assert len(asked) <= 4 * len(runs)


def test_a_run_is_named_with_a_recipe_that_is_not_the_default(make_specs):
    specs = make_specs("vgg[width=8]", recipes=("default|strong",))
    assert [run_name(spec) for spec in specs] == [
        "vgg[width=8] seed 0",
        "vgg[dropout=0.3,width=8] strong seed 0",
    ]


def test_what_trains_nothing_leaves_the_time_of_the_others(make_specs):
    trained, built = make_specs("convnet", options=("epochs=4|0",))
    runs = [RunProgress(Planned(spec, None, "new")) for spec in (trained, built)]
    assert seconds_left(runs) is None
    runs[0].hear(epoch(1))
    assert seconds_left(runs) == pytest.approx(3 * 3)


def test_the_first_epoch_of_a_second_run_counts_as_far_as_it_has_come(planned):
    first, second = (RunProgress(item) for item in planned)
    first.hear(epoch(1))
    second.hear(Event(kind="batch", number=1, fraction=0.9))
    assert seconds_left([first, second]) == pytest.approx(9 * 3 + 9.1 * 3)
