"""Plan runs, skip what is there, hand the rest to an engine, gather the records."""

from harness.runner.choose import select
from harness.runner.conduct import Conductor
from harness.runner.plan import Plan, Planned, find_broken, make_plan
from harness.runner.request import Request, parse_seeds
from harness.runner.specs import Setting, make_specs

__all__ = [
    "Conductor",
    "Plan",
    "Planned",
    "Request",
    "Setting",
    "find_broken",
    "make_plan",
    "make_specs",
    "parse_seeds",
    "select",
]
