"""A bench as it might have been: two models, one of which failed in part."""

import pytest

from harness.measure.scenarios import find_scenarios
from harness.schema import BenchRecord, BenchResult, Environment


def result(model: str, size: int, rate: float | None = None, **words) -> BenchResult:
    fields = {
        "model": model,
        "precision": "float32",
        "backend": "eager",
        "mode": "inference",
        "batch_size": size,
        "status": "done" if rate else "failed",
    }
    if rate:
        rates = tuple(rate * (1 + 0.01 * (index - 5)) for index in range(11))
        fields |= {
            "images_per_second": rate,
            "low": rate * 0.98,
            "high": rate * 1.02,
            "rates": rates,
        }
    return BenchResult.model_validate({**fields, **words})


@pytest.fixture
def record() -> BenchRecord:
    latency = {"p50": 2.0, "p90": 2.5}
    results = (
        result("fast", 1, 400.0, latency_ms=latency, latency_samples=500),
        result("fast", 32, 2000.0),
        result("fast", 128, 1900.0),
        result("fast", 64, 700.0, mode="training"),
        result("fast", 32, 2500.0, backend="compiled", compile_seconds=31.5),
        result("slow_*", 1, 12.0),
        result("slow_*", 32, 35.0),
        result("slow_*", 128, reason="timing: RuntimeError: out of | memory"),
        result("no", 1, status="unsupported", reason="needs 64 pixels"),
        result("no", 32, status="unsupported", reason="needs 64 pixels"),
    )
    return BenchRecord(
        results=results,
        scenarios=tuple(find_scenarios(results)),
        reference=(180.0, 181.0),
        notes=("the machine was not idle: other processes used 40 % of the 2 cores",),
        broken=(("plugin torn", "SyntaxError: invalid syntax"),),
        input_shape=(1, 48, 48),
        classes=7,
        device="cpu",
        threads=2,
        seconds=60,
        width=0.01,
        seed=0,
        timed_seconds=42.0,
        libraries={"onnxruntime": "1.2.3"},
        environment=Environment(
            machine="0123456789ab",
            processor="A processor",
            cores=2,
            memory_bytes=1,
            system="Linux x86_64",
            python="3.11",
            torch="2.13",
            harness="0.1",
        ),
        command="harness bench --all",
        measured_at="2026-01-01T00:00:00+00:00",
    )
