"""A bench written down: tables, a plot, and files for programs; without torch."""

from harness.report.bench.screen import print_bench
from harness.report.bench.write import write_bench

__all__ = ["print_bench", "write_bench"]
