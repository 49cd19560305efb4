from harness.measure.scenarios import find_scenarios
from harness.schema import BenchResult


def result(size: int, rate: float | None = 100.0, **words) -> BenchResult:
    fields = {
        "model": "m",
        "precision": "float32",
        "backend": "eager",
        "mode": "inference",
        "batch_size": size,
        "status": "done",
        "images_per_second": rate,
    }
    return BenchResult.model_validate({**fields, **words})


def test_offline_is_the_rate_at_the_best_batch_size() -> None:
    [found] = find_scenarios([result(1, 50), result(32, 300), result(256, 250)])
    assert (found.offline_images_per_second, found.best_batch_size) == (300, 32)


def test_single_stream_is_the_90th_percentile_at_batch_size_1() -> None:
    latencies = {"p50": 2.0, "p90": 3.0, "p99": 9.0}
    [found] = find_scenarios([result(1, latency_ms=latencies), result(32)])
    assert found.single_stream_ms == 3.0


def test_single_stream_is_left_out_where_the_sample_cannot_support_it() -> None:
    assert find_scenarios([result(1, latency_ms={"p50": 2.0})])[0].single_stream_ms is None
    assert find_scenarios([result(32)])[0].single_stream_ms is None


def test_training_and_what_failed_are_in_no_scenario() -> None:
    failed = result(256, None, status="failed", reason="no luck")
    step = result(512, 900.0, mode="training")
    [found] = find_scenarios([result(32, 10.0), failed, step])
    assert found.best_batch_size == 32
    assert find_scenarios([failed]) == []


def test_every_configuration_has_its_own_scenarios() -> None:
    results = [result(8, backend="eager"), result(8, backend="compiled"), result(8, model="n")]
    found = [(one.model, one.backend) for one in find_scenarios(results)]
    assert found == [("m", "eager"), ("m", "compiled"), ("n", "eager")]
