"""Plugins as files and as installed packages, and an interpreter that forgets them again."""

import sys
import textwrap

import pytest


@pytest.fixture(autouse=True)
def _forget_what_was_imported(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    # Of the test's own modules only: many a real one cannot be imported twice.
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path):
    """Write a file below the test's folder and return its path."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


@pytest.fixture
def bring(write):
    """Write a plugin file that brings one model, after ``before`` was executed."""

    def bring(name, model, before="", **fields):
        listed = "".join(f", {key}={value!r}" for key, value in fields.items())
        return write(
            name,
            f"{textwrap.dedent(before)}\n"
            "from harness import ModelPlugin, hookimpl\n\n"
            "def build(input_shape, num_classes, width=8):\n"
            "    raise AssertionError('not called')\n\n"
            "@hookimpl\n"
            "def harness_models():\n"
            f"    return [ModelPlugin(name={model!r}, build=build{listed})]\n",
        )

    return bring


@pytest.fixture
def install(write, tmp_path, monkeypatch):
    """Make ``files`` importable with a distribution that has these entry points."""

    def install(distribution, entry_points, files, version="1.2"):
        for name, text in files.items():
            write(f"site/{name}", text)
        folder = f"site/{distribution}-{version}.dist-info"
        write(
            f"{folder}/METADATA",
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
        )
        lines = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
        write(f"{folder}/entry_points.txt", f"[harness]\n{lines}")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))

    return install
