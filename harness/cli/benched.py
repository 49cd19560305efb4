"""What `harness bench` does with its words: plan, time, write, print."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.status import Status

from harness.cli.main import STOPPED
from harness.cli.opened import find_data
from harness.cli.options import not_writable
from harness.cli.output import EMULATED, is_screen, steadfast
from harness.engines import ENGINES
from harness.execute.backends import BACKENDS
from harness.plugins import Host, discover
from harness.report.bench import print_bench, write_bench
from harness.report.units import counted
from harness.runner import Request, select
from harness.runner.bench import Bench, bench_command, plan_bench
from harness.runner.bench_words import parse_batch_sizes, parse_shape, parse_words
from harness.runner.plan import find_broken
from harness.schema import BenchRecord, BenchSpec, Event
from harness.store import FINAL
from harness.tensors.device import PRECISIONS, Policy, resolve

# Without a terminal, every so many rounds are a line.
ROUNDS_A_LINE = 10


@dataclass(frozen=True)
class Words:
    """The user's words about what to time, where and how; ``width`` is a fraction.

    ``shape`` and ``classes`` are for where no data set says them.
    """

    shape: str
    classes: int
    batch_sizes: str
    precisions: str
    backends: str
    training: bool
    seconds: float
    width: float
    device: str
    threads: int | None
    engine: str
    timeout: float | None


@steadfast()
def carry_out(request: Request, words: Words, out: Path, *, as_json: bool) -> int:
    """Time the models, write the files, print the tables, and return the exit code."""
    # Before any plugin is imported: what it does to the environment is not for the child.
    engine = ENGINES[words.engine](words.timeout)
    host = discover(request.plugins)
    # A misspelt name must not wait until the data is there.
    select(request, host)
    policy = resolve(words.device, threads=words.threads)
    bench = _resolve(request, words, policy, host)
    models, cases = plan_bench(request, host, bench)
    if any(replace(policy, precision=precision).emulated for precision in bench.precisions):
        click.echo(EMULATED, err=True)
    _check_folder(out)
    spec = BenchSpec(
        models=models,
        cases=cases,
        input_shape=bench.shape,
        classes=bench.classes,
        device=policy.device,
        threads=policy.threads,
        seconds=bench.seconds,
        width=bench.width,
        log=str((out / "log.txt").resolve()),
        command=bench_command(request, bench, policy),
    )
    try:
        with BenchDisplay(Console(stderr=True), spec) as display, engine.pausing():
            record = engine.bench(spec, display.hear)
    except KeyboardInterrupt:
        click.echo("stopped; nothing was written", err=True)
        return STOPPED
    record = record.model_copy(update={"broken": find_broken(host, request.every)})
    # Shown first: what cannot be written is not lost.
    _show(record, as_json=as_json)
    _write(record, out)
    if not as_json:
        click.echo(f"Bench: {out / 'bench.md'}")
    fine = all(result.status in FINAL for result in record.results) and not record.broken
    return 0 if fine else 1


def _resolve(request: Request, words: Words, policy: Policy, host: Host) -> Bench:
    precisions = parse_words("--precisions", words.precisions, ("auto", *PRECISIONS))
    # auto is what resolve found; named beside it, it stands once.
    named = (policy.precision if word == "auto" else word for word in precisions)
    shape, classes = _images(request, words, host)
    return Bench(
        shape=shape,
        classes=classes,
        batch_sizes=parse_batch_sizes(words.batch_sizes),
        precisions=tuple(dict.fromkeys(named)),
        backends=parse_words("--backends", words.backends, tuple(BACKENDS)),
        training=words.training,
        seconds=words.seconds,
        width=words.width,
    )


def _images(request: Request, words: Words, host: Host) -> tuple[tuple[int, int, int], int]:
    if not request.data_words:
        return parse_shape(words.shape), words.classes
    splits = find_data(request.data_words, host).splits
    return splits.input_shape, splits.num_classes


def _check_folder(out: Path) -> None:
    """Make the folder. What cannot be written must not be found out after all the timing."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(out, error) from error


def _write(record: BenchRecord, out: Path) -> None:
    try:
        write_bench(record, out)
    except OSError as error:
        raise not_writable(out, error) from error


def _show(record: BenchRecord, *, as_json: bool) -> None:
    if as_json:
        click.echo(record.to_json(), nl=False)
        return
    print_bench(record, Console())


class BenchDisplay:
    """Says what goes on: one changing line on a terminal, a few lines without one."""

    def __init__(self, console: Console, spec: BenchSpec) -> None:
        self._console, self._spec = console, spec
        # Drawing takes time from what is timed on the same cores: once a round is enough.
        self._status = Status("starting …", console=console, refresh_per_second=0.5)

    def __enter__(self) -> Self:
        spec = self._spec
        self._say(
            f"timing {counted(len(spec.models), 'model')}, {counted(len(spec.cases), 'case')}, for "
            f"at most {spec.seconds:g} s on {spec.device} with {counted(spec.threads, 'thread')}; "
            "leave the machine alone …"
        )
        if is_screen(self._console):
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def hear(self, event: Event) -> None:
        """Show a stage of the preparation, or a round."""
        if event.text == "timing":
            return
        line = f"{event.text}: {event.owner}" if event.owner else event.text
        if is_screen(self._console):
            share = f", {100 * event.fraction:.0f} % of the time" if event.number else ""
            self._status.update(f"{line}{share} …")
        elif event.number % ROUNDS_A_LINE == 1 or not event.number:
            self._say(line)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
