"""The scenarios of MLPerf Inference, read from what a bench has timed."""

from collections.abc import Sequence

from harness.schema import BenchResult, Scenario


def find_scenarios(results: Sequence[BenchResult]) -> list[Scenario]:
    """Return the scenarios of each model × precision × backend that could predict.

    Single stream is the 90th percentile of the latency at batch size 1, offline the images per
    second at the best batch size. Only names and quantities are MLPerf's, not its rules on data,
    accuracy and duration. Source: V. J. Reddi et al., MLPerf Inference Benchmark (ISCA 2020),
    arXiv:1911.02549, table II.
    """
    groups: dict[tuple[str, str, str], list[BenchResult]] = {}
    for result in results:
        if result.status == "done" and result.mode == "inference":
            key = (result.model, result.precision, result.backend)
            groups.setdefault(key, []).append(result)
    return [_scenario(group) for group in groups.values()]


def _scenario(group: Sequence[BenchResult]) -> Scenario:
    rates = {result.batch_size: result.images_per_second or 0.0 for result in group}
    best = max(rates, key=rates.__getitem__)
    single = next((result for result in group if result.batch_size == 1), None)
    first = group[0]
    return Scenario(
        model=first.model,
        precision=first.precision,
        backend=first.backend,
        single_stream_ms=single.latency_ms.get("p90") if single else None,
        offline_images_per_second=rates[best],
        best_batch_size=best,
    )
