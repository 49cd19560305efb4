"""What `harness run` does with its words: plan, make the runs, report."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from harness.cli.audited import audit_data
from harness.cli.display import PlainDisplay, run_names
from harness.cli.dry import show_plan
from harness.cli.live import LiveDisplay
from harness.cli.opened import find_data
from harness.cli.output import EMULATED, is_screen, steadfast
from harness.cli.report import present
from harness.engines import ENGINES
from harness.errors import RequestError
from harness.measure.environment import environment
from harness.plugins import discover
from harness.report.units import counted
from harness.runner import (
    Conductor,
    Plan,
    Request,
    Setting,
    find_broken,
    make_plan,
    make_specs,
    select,
)
from harness.schema import RunRecord
from harness.store import FINAL, Store
from harness.tensors.device import Policy, resolve


@dataclass(frozen=True)
class Machine:
    """The user's words about where and how to compute."""

    device: str
    precision: str
    threads: int | None
    engine: str
    timeout: float | None
    jobs: int


@steadfast()
def carry_out(
    request: Request,
    machine: Machine,
    results: Path,
    *,
    dry_run: bool,
    images: bool = False,
    robustness: bool = False,
    speed: bool = True,
) -> int:
    """Make the runs, write the report, and return the exit code; or only say what would be.

    ``images`` asks for test images in the report, ``robustness`` for corrupted ones in the tests,
    ``speed`` for the timing of what has no speed yet.
    """
    console = Console(stderr=True)
    # Before any plugin is imported: what it does to the environment is not for others' children.
    engine = ENGINES[machine.engine](machine.timeout)
    host = discover(request.plugins)
    # A misspelt name must not wait until the data is there.
    select(request, host)
    policy = resolve(machine.device, machine.precision, machine.threads, machine.jobs)
    if machine.jobs > 1 and machine.engine == "inline":
        raise RequestError("--jobs needs a process for each run; use it with --engine process")
    store = Store(results)
    with console.status("opening the data …") if is_screen(console) else nullcontext():
        data = find_data(request.data_words, host)
    folder, splits = data.folder, data.splits
    for sentence in splits.warnings:
        click.echo(f"warning: {sentence}", err=True)
    # A misspelt field must not wait until the data is audited.
    specs = make_specs(request, host, Setting(folder, splits, policy, results, data.plugin))
    card, audited = audit_data(folder, splits, console, dry_run=dry_run)
    found = {"audit": card, "audited": str(audited.resolve()) if audited else None}
    plan = make_plan(
        (spec.model_copy(update=found) for spec in specs),
        store,
        force=request.force,
        broken=find_broken(host, request.every),
    )
    if plan.runs:
        _announce(plan, request, policy)
    if dry_run:
        show_plan(
            plan,
            store,
            Console(),
            jobs=machine.jobs,
            force=request.force,
            robustness=robustness,
        )
        return 0
    if not plan.runs:
        return _verdict(plan, [], store)
    display_of = LiveDisplay if is_screen(console) else PlainDisplay
    display = display_of(console, plan.runs, machine.jobs)
    with display, engine.pausing():
        conductor = Conductor(
            engine,
            # A hook may change the folder for a while, and runs go on beside it.
            Store(results.resolve()),
            host,
            display,
            force=request.force,
            jobs=machine.jobs,
            robustness=robustness,
            speed=speed,
        )
        records = conductor.conduct(plan)
    shown = splits.test.images if images else None
    code = 0
    try:
        present(store, records, host, store.report_folder, plan.broken, shown)
    except RequestError as error:
        # The runs are there all the same, and what became of them is still to be said.
        click.echo(f"error: {error}", err=True)
        code = 1
    code = max(code, _verdict(plan, records, store))
    code = max(code, _speed_verdict(plan, records, conductor)) if speed else code
    return max(code, _robustness_verdict(records, store)) if robustness else code


def _announce(plan: Plan, request: Request, policy: Policy) -> None:
    data = plan.runs[0].spec.dataset
    kind = " (synthetic)" if data.synthetic else ""
    counts = ", ".join(f"{name} {count}" for name, count in data.counts.items())
    click.echo(f"data: {data.name}{kind}: {counts}; {len(data.classes)} classes", err=True)
    words = f"{policy.device}, {policy.precision}, {counted(policy.threads, 'thread')}"
    click.echo(f"runs: {len(plan.runs)} on {words}", err=True)
    if policy.emulated:
        click.echo(f"{EMULATED}; --precision auto takes what is fast here", err=True)
    if looks := [run.spec for run in plan.runs if run.spec.quick]:
        epochs = " and ".join(sorted({str(spec.recipe.epochs) for spec in looks}))
        full = "without --quick it" if request.data_words else "--data"
        click.echo(
            f"quick: {epochs} epochs, for a first look and not for a result; "
            f"{full} trains in full, by each recipe",
            err=True,
        )


def _verdict(plan: Plan, records: list[RunRecord], store: Store) -> int:
    """Say what went wrong, after everything else is saved, and return the exit code."""
    failed = [
        (run, record)
        for run, record in zip(plan.runs, records, strict=True)
        if record.status not in FINAL
    ]
    names = run_names([run.spec for run in plan.runs])
    for run, record in failed:
        log = store.run_folder(record) / "log.txt"
        where = f" (log: {log})" if log.is_file() else ""
        click.echo(f"{names[run.spec.key]}: {record.status}: {record.reason}{where}", err=True)
    for name, reason in plan.broken:
        click.echo(f"{name}: failed: {reason}", err=True)
    return 1 if failed or plan.broken else 0


def _speed_verdict(plan: Plan, records: list[RunRecord], conductor: Conductor) -> int:
    """Return the exit code: a model that is done has been timed here, or it could not be.

    What was to be timed again and could not be has an earlier speed, perhaps.
    """
    # On the device that was asked for now: a run that is reused may know another one.
    specs = (
        run.spec for run, record in zip(plan.runs, records, strict=True) if record.status == "done"
    )
    timings = (
        conductor.store.speed(environment(spec.device).machine, spec.model, spec.speed_key)
        for spec in specs
    )
    return int(
        bool(conductor.untimed)
        or any(timing is None or timing.status != "done" for timing in timings)
    )


def _robustness_verdict(records: list[RunRecord], store: Store) -> int:
    """Return the exit code: a run that is done has its robustness, or it could not be evaluated."""
    done = [record for record in records if record.status == "done"]
    return int(any(store.robustness(record) is None for record in done))
