"""`harness run --dry-run`: what would run, what is reused and why, and about how long."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.cli.display import run_name
from harness.report.labels import shortened
from harness.report.units import duration
from harness.runner import Plan
from harness.runner.estimate import seconds_left, together
from harness.store import Store


def show_plan(
    plan: Plan,
    store: Store,
    console: Console,
    *,
    jobs: int = 1,
    force: bool = False,
    robustness: bool = False,
) -> None:
    """Print a line for each run, and the time that all of them take, ``jobs`` at a time.

    ``force`` says that all are trained, ``robustness`` that runs are to be evaluated on corrupted
    images.
    """
    records = [record for _, record in store.list_runs().records]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("run", "recipe", "epochs", "why", "about"):
        table.add_column(column, overflow="fold")
    times, unknown = [], 0
    trained: set[str | None] = set()
    for planned in plan.runs:
        spec, left = planned.spec, 0.0
        # The first of those that train alike leaves its weights to the others.
        alike = spec.train_key in trained and not force
        if planned.stored is None and spec.weights_of is None and not alike:
            trained.add(spec.train_key)
            done = store.epochs(spec) if store.checkpointed(spec) and not force else ()
            estimate = seconds_left(spec, records, done)
            unknown += estimate is None
            left = estimate or 0.0
        times.append(left)
        changes = ", ".join(f"{name}={value}" for name, value in shortened(spec.overrides).items())
        named = spec.recipe_name if spec.recipe_name != "default" or not changes else ""
        about = "–" if planned.stored or not left else duration(left)
        recipe = ", ".join(filter(None, (named, changes)))
        cells = (run_name(spec), recipe, str(spec.recipe.epochs))
        table.add_row(*(Text(cell) for cell in (*cells, planned.why, about)))
    console.print(table)
    console.print(_sum(plan, together(times, jobs), unknown), highlight=False)
    if robustness:
        # What is made again by force has its robustness taken again.
        left = sum(force or store.robustness(planned.spec) is None for planned in plan.runs)
        console.print(
            f"{left} of {len(plan.runs)} to evaluate on corrupted images", highlight=False
        )
    for name, reason in plan.broken:
        console.print(Text(f"{name}: failed: {reason}"))


def _sum(plan: Plan, total: float, unknown: int) -> str:
    waiting = sum(planned.stored is None for planned in plan.runs)
    words = f"{waiting} of {len(plan.runs)} runs to make"
    if total:
        words += f", about {duration(total)} of training"
    if unknown:
        words += f"; nothing tells how long {unknown} of them take"
    return words
