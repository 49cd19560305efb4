"""Figures as they are drawn, for tests that look at their parts."""

import pytest

from harness.report.plots import style


@pytest.fixture
def figures(monkeypatch):
    """The figures that are drawn, kept instead of rendered."""
    kept = {}

    def keep(fig, name, alt):
        kept[name] = fig
        return style.Plot(name, alt, b"")

    monkeypatch.setattr(style, "finish", keep)
    monkeypatch.setattr(style, "packed", lambda canvas, *words: keep(canvas.figure, *words))
    return kept
