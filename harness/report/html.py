"""The report as pages of HTML that need nothing beside themselves."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from harness.report.card import Fact
from harness.report.page import Page
from harness.report.pictures.picture import Picture
from harness.report.run_page import RunPage
from harness.report.table_html import table_html

TEMPLATES = ("layout.html.jinja", "parts.html.jinja", "page.html.jinja", "run.html.jinja")
STYLES = ("base.css", "tables.css", "pictures.css", "sizes.css")
SCRIPTS = ("tables.js", "filter.js", "legend.js", "marks.js")


def render_html(
    page: Page, pictures: Sequence[Picture] = (), links: Mapping[str, str] | None = None
) -> str:
    """Return ``index.html``; ``links`` are the pages of runs by their labels.

    Pictures, styles and scripts are inline; nothing comes from elsewhere, and the page says so to
    the browser.
    """
    template = _environment().get_template("page.html.jinja")
    return template.render(page=page, pictures=pictures, links=links or {})


def render_run(page: RunPage) -> str:
    """Return the page of one run."""
    return _environment().get_template("run.html.jinja").render(page=page, facts=_facts)


@lru_cache(maxsize=64)  # Of a thousand runs, most have the same recipe, protocol and environment.
def _facts(card: tuple[Fact, ...]) -> Markup:
    parts = _environment().get_template("parts.html.jinja").module
    facts: Markup = parts.facts(card, word="set by the user")  # type: ignore[attr-defined]
    return facts


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=DictLoader({name: _read(name) for name in TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["base64"] = _base64
    environment.globals["table"] = table_html
    script = "\n".join(_read(name) for name in SCRIPTS)
    environment.globals["style"] = Markup("\n".join(_read(name) for name in STYLES))
    environment.globals["script"] = Markup(script)
    # The browser runs this very script and no other.
    environment.globals["script_hash"] = (
        f"sha256-{_base64(hashlib.sha256(script.encode()).digest())}"
    )
    return environment


def _read(name: str) -> str:
    return (resources.files("harness.report") / "templates" / name).read_text(encoding="utf-8")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
