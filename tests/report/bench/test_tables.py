import pytest

from harness.measure.relative import with_relative
from harness.report.bench.tables import (
    bench_views,
    relative_view,
    scenario_view,
    throughput_view,
    unfinished,
)
from harness.schema import BenchRecord


def cells(view, label: str, backend: str = "eager") -> dict[str, str]:
    [line] = [line for line in view.lines if line.label == label and line.cells[1].text == backend]
    return {
        head.text: cell.text + cell.aside for head, cell in zip(view.heads, line.cells, strict=True)
    }


def test_a_line_has_the_rate_of_each_batch_size_with_its_interval(record) -> None:
    found = cells(throughput_view(record), "fast")
    assert found == {
        "precision": "float32",
        "backend": "eager",
        "batch 1": "400 ±2.0 %",
        "batch 32": "2000 ±2.0 %",
        "batch 128": "1900 ±2.0 %",
        "training step": "700 ±2.0 %",
        "training batch": "64",
        "compile s": "–",
    }
    assert cells(throughput_view(record), "slow_*")["batch 128"] == "–"
    compiled = cells(throughput_view(record), "fast", "compiled")
    assert (compiled["batch 32"], compiled["compile s"]) == ("2500 ±2.0 %", "31.5")
    # Who compiled first loaded the backend: the lowest figure is nobody's merit.
    [head] = (head for head in throughput_view(record).heads if head.text == "compile s")
    assert head.better is None


def test_columns_of_what_was_not_asked_for_are_not_there(record) -> None:
    kept = [one for one in record.results if one.mode == "inference" and one.backend == "eager"]
    view = throughput_view(record.model_copy(update={"results": tuple(kept)}))
    assert [head.text for head in view.heads][2:] == ["batch 1", "batch 32", "batch 128"]


def test_a_rate_without_an_interval_stands_alone(record) -> None:
    [one] = [one for one in record.results if one.batch_size == 1 and one.model == "fast"]
    bare = one.model_copy(update={"low": None, "high": None})
    view = throughput_view(record.model_copy(update={"results": (bare,)}))
    assert cells(view, "fast")["batch 1"] == "400"


def test_scenarios_have_the_names_and_quantities_of_mlperf(record) -> None:
    view = scenario_view(record)
    assert cells(view, "fast") == {
        "precision": "float32",
        "backend": "eager",
        "single stream": "2.50",
        "offline": "2000",
        "best batch": "32",
    }
    assert cells(view, "slow_*")["single stream"] == "–"
    assert any("left out" in note for note in view.notes)


def test_where_every_latency_is_known_nothing_is_said_of_missing_ones(record) -> None:
    [first, *_] = record.scenarios
    assert len(scenario_view(record.model_copy(update={"scenarios": (first,)})).notes) == 1


def test_reasons_that_cases_of_a_model_share_are_said_once(record) -> None:
    assert unfinished(record) == [
        ("slow_* float32 eager batch 128", "failed: timing: RuntimeError: out of | memory"),
        ("no (2 cases)", "unsupported: needs 64 pixels"),
        ("plugin torn", "failed: SyntaxError: invalid syntax"),
    ]


def test_where_nothing_was_timed_there_is_no_table(record: BenchRecord) -> None:
    left = tuple(one for one in record.results if one.status != "done")
    nothing = record.model_copy(update={"results": left, "scenarios": ()})
    assert throughput_view(nothing) is None
    assert scenario_view(nothing) is None


@pytest.mark.parametrize(("rate", "half"), [(400.0, 0.02), (None, None)])
def test_the_half_width_is_a_fraction_of_the_median(record, rate, half) -> None:
    [found] = {one.half_width for one in record.results if one.images_per_second == rate}
    assert found == (None if half is None else pytest.approx(half))


def test_a_sum_of_seconds_that_lacks_one_is_not_told(record) -> None:
    [one] = [one for one in record.results if one.backend == "compiled"]
    lacking = one.model_copy(update={"batch_size": 64, "compile_seconds": None})
    view = throughput_view(record.model_copy(update={"results": (*record.results, lacking)}))
    assert cells(view, "fast", "compiled")["compile s"] == "–"


def test_rates_stand_in_per_cent_of_the_fastest_of_their_column(record) -> None:
    results = with_relative(record.results)
    view = relative_view(record.model_copy(update={"results": tuple(results)}))
    assert cells(view, "fast") == {
        "precision": "float32",
        "backend": "eager",
        "batch 1": "100.0",
        "batch 32": "80.0 (80.0–80.0)",
    }
    assert cells(view, "fast", "compiled") == {
        "precision": "float32",
        "backend": "compiled",
        "batch 1": "–",
        "batch 32": "100.0",
    }
    assert cells(view, "slow_*")["batch 1"] == "3.0 (3.0–3.0)"


def test_what_cannot_be_told_from_the_fastest_is_marked_too(record) -> None:
    shares = {"near": (0.99, 0.97, 1.01), "far": (0.9, 0.88, 0.92), "best": (1.0, 1.0, 1.0)}
    [one] = [one for one in record.results if one.batch_size == 1 and one.model == "fast"]
    fields = ("relative", "relative_low", "relative_high")
    results = tuple(
        one.model_copy(update={"model": name, **dict(zip(fields, share, strict=True))})
        for name, share in shares.items()
    )
    view = relative_view(record.model_copy(update={"results": results}))
    assert {line.label: line.cells[-1].best for line in view.lines} == {
        "near": True,
        "far": False,
        "best": True,
    }
    assert cells(view, "far")["batch 1"] == "90.0 (88.0–92.0)"


def test_without_an_interval_only_the_fastest_is_marked(record) -> None:
    few = [one.model_copy(update={"rates": one.rates[:3]}) for one in record.results]
    view = relative_view(record.model_copy(update={"results": tuple(with_relative(few))}))
    marked = [(line.label, line.cells[2].text) for line in view.lines if line.cells[2].best]
    assert marked == [("fast", "100.0")]


def test_a_single_configuration_has_nothing_to_stand_beside(record) -> None:
    assert relative_view(record) is None
    assert [view.title for view in bench_views(record)] == ["Throughput", "Scenarios"]
