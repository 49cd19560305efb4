"""Plan runs, skip what is there, hand the rest to an engine, gather the records."""

from harness.runner.choose import select
from harness.runner.conduct import Conductor
from harness.runner.plan import Plan, Planned, Setting, make_plan
from harness.runner.request import Request, parse_seeds

__all__ = [
    "Conductor",
    "Plan",
    "Planned",
    "Request",
    "Setting",
    "make_plan",
    "parse_seeds",
    "select",
]
