"""The plots of a report, begun before all else: they take as long as all the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from harness.report.beside import beside
from harness.report.comparison import Comparison
from harness.report.plots.plot import Plot

Plots = Callable[[], tuple[Plot, ...]]
MANY = 100  # Of so many runs, other processes draw the plots and make what is long.


def many(comparison: Comparison) -> bool:
    """Whether another process is worth its while."""
    return len(comparison.rows) >= MANY


def drawn(comparison: Comparison) -> AbstractContextManager[Plots]:
    """Begin with the plots, by a second process if runs are many; what is given waits for them.

    The rest does not need them before the end, nor they any of it: neither pairs nor ensembles are
    in them. So this file loads little, and what the rest loads (pandas, scipy) is loaded meanwhile.
    """

    def work() -> tuple[Plot, ...]:
        # Where a second process draws, this one needs no matplotlib.
        from harness.report.plots.draw import draw

        return draw(comparison)

    return beside(work, worth=many(comparison))
