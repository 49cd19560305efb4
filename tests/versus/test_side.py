import pytest

from harness.errors import RequestError, StoreError
from harness.report import compare, write_report
from harness.versus.side import open_side


def test_a_results_folder_holds_its_finished_runs_with_their_speeds(sides, add_run):
    folder = add_run(sides[0], rate=100.0)
    add_run(sides[0], "broken", status="failed", reason="no", test=None)
    side = open_side(sides[0])
    [one] = side.results
    assert side.name == "before"
    assert [one.record.model for one in side.unfinished] == ["broken"]
    assert one.record.model == "net"
    assert one.speeds[0].train_step.images_per_second == 100
    assert one.folder == folder


@pytest.mark.parametrize("part", ["", "record.json"])
def test_a_runs_folder_or_record_is_that_run_with_the_speed_of_its_store(sides, add_run, part):
    folder = add_run(sides[0], rate=100.0)
    add_run(sides[0], "other")
    [one] = open_side(folder / part).results
    assert one.record.model == "net"
    assert one.speeds[0].train_step.images_per_second == 100


def test_a_record_outside_of_a_store_has_no_speed(sides, add_run, tmp_path):
    folder = add_run(sides[0], rate=100.0)
    alone = tmp_path / "alone.json"
    alone.write_bytes((folder / "record.json").read_bytes())
    assert open_side(alone).results[0].speeds == ()


def test_a_report_holds_its_runs_without_predictions(sides, add_run):
    add_run(sides[0], rate=100.0)
    found = open_side(sides[0]).results[0]
    comparison = compare([(found.record, (), *found.speeds)])
    write_report(comparison, sides[1], generated_at="now")
    for path in (sides[1], sides[1] / "runs.json"):
        [one] = open_side(path).results
        assert one.record == found.record
        assert one.speeds == found.speeds
        assert one.folder is None


def test_what_holds_no_runs_is_one_sentence(tmp_path):
    with pytest.raises(RequestError, match=r"nowhere does not exist, expected a results folder"):
        open_side(tmp_path / "nowhere")
    with pytest.raises(RequestError, match="holds no runs, expected a results folder"):
        open_side(tmp_path)


def test_a_store_without_a_finished_run_is_refused(sides, add_run):
    add_run(sides[0], status="failed", reason="no", test=None)
    with pytest.raises(RequestError, match="before holds no finished run"):
        open_side(sides[0])


@pytest.mark.parametrize(
    "content", ["", "[1]", "{}", '{"runs": ["x"]}', '{"runs": [{"record": {}}]}']
)
def test_a_file_that_is_no_record_is_one_sentence(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_text(content)
    with pytest.raises(StoreError, match=r"record\.json (is no record|cannot be read)"):
        open_side(path)
