"""A real browser without a screen or a network, and a report for it to open."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from harness.report import write_report
from harness.report.evidence import Evidence

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium is found on the path")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def report(eight, evidence, tmp_path_factory) -> Path:
    """The folder of a report with all that there can be."""
    folder = tmp_path_factory.mktemp("browsed")
    sections = [("A plugin's words", "- one\n- two")]

    def read(record):
        """What the record was made from, with pictures of noise, and a log."""
        if record.test is None:
            return Evidence(log="Traceback\nValueError: no")
        random = np.random.default_rng(record.seed)
        images = random.integers(256, size=(record.test.n, 48, 48), dtype=np.uint8)
        return replace(evidence(record), images=images, log="epoch 1\nepoch 2")

    write_report(eight, folder, sections=sections, generated_at="now", evidence=read)
    return folder


@dataclass
class Visit:
    """What a browser complained of, and what it asked for."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def visit(browser, report):
    """Open a page of the report; in the end nothing was complained of or fetched from elsewhere."""
    seen, contexts = Visit(), []

    def complain(message):
        if message.type in ("error", "warning"):
            seen.complaints.append(message.text)

    def go(path="index.html", *, width=1280, **context):
        height = 800
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto((report / path).as_uri())
        return page

    yield go
    for context in contexts:
        context.close()
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(scope="package")
def run_path(report, eight):
    """The page of the best run, from the report's folder on."""
    record = eight.rows[0].record
    return next(
        path.relative_to(report).as_posix()
        for path in (report / "runs").iterdir()
        if record.key[:12] in path.name
    )
