"""The report as one page of HTML that needs nothing beside itself."""

from __future__ import annotations

import base64
from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from harness.report.page import Page

TEMPLATES = ("page.html.jinja", "page.css")


def render_html(page: Page) -> str:
    """Return ``index.html``: plots as data, styles inline, no script, nothing from elsewhere."""
    folder = resources.files("harness.report") / "templates"
    sources = {name: (folder / name).read_text(encoding="utf-8") for name in TEMPLATES}
    environment = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode("ascii")
    environment.filters["breakable"] = _breakable
    return environment.get_template("page.html.jinja").render(page=page)


def _breakable(label: str) -> Markup:
    """Let a label break where its arguments begin and after each of them."""
    return Markup(str(escape(label)).replace("[", "<wbr>[").replace(",", ",<wbr>"))
