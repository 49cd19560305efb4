from pathlib import Path

import pytest

from harness.contract import hookspecs
from harness.plugins import discover
from harness.schema import Frozen


class Changeable(Frozen):
    """A document with something in it that can be changed."""

    fields: dict[str, int]


def fail(sentence):
    pytest.fail(sentence)


def hook(name, arguments, *body):
    lines = "".join(f"    {line}\n" for line in body)
    return f"@hookimpl\ndef {name}({arguments}):\n{lines}\n"


@pytest.fixture
def load(write):
    """Discover one plugin file for each text, named a.py, b.py and so on."""

    def load(*texts):
        head = "from harness import DatasetPlugin, ModelPlugin, hookimpl\n\n"
        return discover([str(write(f"{n}.py", head + t)) for n, t in zip("abc", texts)])  # noqa: B905

    return load


MODEL = "ModelPlugin(name='net', build=lambda shape, classes: None)"
DATA = "DatasetPlugin(name='shapes', load=lambda: None, classes=('x', 'y'), version='1')"
USES = {
    "harness_models": (
        hook("harness_models", "", f"return [{MODEL}]"),
        lambda host, warn: [host.find_model("net")[0].name],
        ["net"],
    ),
    "harness_datasets": (
        hook("harness_datasets", "", f"return [{DATA}]"),
        lambda host, warn: [host.find_dataset("shapes")[0].name],
        ["shapes"],
    ),
    "harness_run_started": (
        hook("harness_run_started", "spec", "return spec"),
        lambda host, warn: host.notify("harness_run_started", warn, spec="SPEC"),
        [("a", "SPEC")],
    ),
    "harness_epoch_finished": (
        hook("harness_epoch_finished", "spec, epoch", "return spec, epoch"),
        lambda host, warn: host.notify("harness_epoch_finished", warn, spec="SPEC", epoch=3),
        [("a", ("SPEC", 3))],
    ),
    "harness_run_finished": (
        hook("harness_run_finished", "record", "return record"),
        lambda host, warn: host.notify("harness_run_finished", warn, record="RECORD"),
        [("a", "RECORD")],
    ),
    "harness_report_sections": (
        hook("harness_report_sections", "records", "return [('Count', len(records))]"),
        lambda host, warn: host.report_sections([1, 2], warn),
        [("Count", "2")],
    ),
}


def test_every_hook_is_tested():
    specified = {name for name, item in vars(hookspecs).items() if hasattr(item, "harness_spec")}
    assert set(USES) == specified


@pytest.mark.parametrize(("text", "use", "expected"), USES.values(), ids=USES)
def test_a_hook_hears_what_its_specification_says(load, text, use, expected):
    warnings = []
    assert use(load(text), warnings.append) == expected
    assert warnings == []


@pytest.mark.parametrize("option", ["wrapper", "hookwrapper"])
def test_a_wrapper_is_refused_since_it_would_never_run(load, option):
    text = hook("harness_run_started", "spec", "return (yield)")
    (plugin,) = load(text.replace("@hookimpl", f"@hookimpl({option}=True)")).failed
    assert plugin.error.startswith("harness_run_started is a wrapper, and every hook is called by")


def test_a_hook_may_take_fewer_arguments(load):
    host = load(hook("harness_epoch_finished", "epoch", "return epoch"))
    assert host.notify("harness_epoch_finished", print, spec=None, epoch=3) == [("a", 3)]


def test_hooks_are_called_in_the_order_of_the_plugins_names(load):
    returns = hook("harness_run_started", "", "return 1")
    called = load(returns, returns, returns).notify("harness_run_started", print, spec=None)
    assert [name for name, _ in called] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("raise OSError('disk full')", "OSError: disk full"),
        ("raise SystemExit(4)", "SystemExit: 4"),
        ("import asyncio; raise asyncio.CancelledError", "CancelledError"),
    ],
)
def test_a_hook_that_raises_is_a_warning_and_stops_no_other(load, statement, reason):
    good = hook("harness_run_started", "spec", "return 1")
    host = load(good, hook("harness_run_started", "spec", statement), good)
    warnings = []
    called = host.notify("harness_run_started", warnings.append, spec=None)
    assert called == [("a", 1), ("c", 1)]
    assert warnings == [f"harness_run_started of plugin b raised {reason}"]


def test_ctrl_c_in_a_hook_goes_through(load):
    host = load(hook("harness_run_started", "", "raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        host.notify("harness_run_started", print, spec=None)


def test_ctrl_c_in_a_section_goes_through(load):
    body = ("yield 'Head', 'text'", "raise KeyboardInterrupt")
    host = load(hook("harness_report_sections", "", *body))
    with pytest.raises(KeyboardInterrupt):
        host.report_sections([], print)


def test_sections_are_appended_in_the_order_of_the_plugins_names(load):
    texts = [hook("harness_report_sections", "", f"return [('{n}', '')]") for n in "xyz"]
    assert load(*texts).report_sections([], print) == [("x", ""), ("y", ""), ("z", "")]


def test_a_plugin_without_a_section_says_nothing(load):
    warnings = []
    host = load(hook("harness_report_sections", "records", "return None"))
    assert host.report_sections([], warnings.append) == []
    assert warnings == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (["return [('only',)]"], "ValueError: not enough values"),
        (["return 3"], "TypeError: 'int' object is not iterable"),
        (["yield 'Head', 'text'", "raise KeyError('x')"], "KeyError: 'x'"),
        (["yield 'Head', 'text'", "raise GeneratorExit"], "GeneratorExit"),
    ],
)
def test_sections_that_are_none_are_a_warning_and_stop_no_other(load, body, reason):
    warnings = []
    good = hook("harness_report_sections", "", "return [('Good', 'text')]")
    host = load(hook("harness_report_sections", "", *body), good)
    assert host.report_sections([], warnings.append) == [("Good", "text")]
    expected = f"harness_report_sections of plugin a must return pairs of texts: {reason}"
    assert len(warnings) == 1
    assert warnings[0].startswith(expected)


def test_a_hook_that_changes_the_folder_changes_it_for_nobody(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    away = hook("harness_run_started", "spec", "import os", "os.chdir('/')", "return os.getcwd()")
    host = load(away, hook("harness_run_started", "spec", "import os", "return os.getcwd()"))
    found = host.notify("harness_run_started", print, spec="SPEC")
    assert found == [("a", "/"), ("b", str(tmp_path))]
    assert Path.cwd() == tmp_path


def test_a_section_that_no_file_can_hold_is_a_warning(load):
    """As it comes of a file's name that is no UTF-8."""
    text = hook("harness_report_sections", "records", "return [('Files', 'a' + chr(0xDCFF))]")
    other = hook("harness_report_sections", "records", "return [('Count', 2)]")
    warnings = []
    assert load(text, other).report_sections([], warnings.append) == [("Count", "2")]
    [warning] = warnings
    assert "harness_report_sections of plugin a must return pairs of texts" in warning
    warning.encode()


def test_what_a_hook_does_to_what_it_is_given_nobody_else_sees(load):
    """A logger's ``config = spec.arguments; config.update(...)`` would change the run itself."""
    hooks = load(
        hook("harness_run_started", "spec", "spec.fields['x'] = 1", "return spec"),
        hook("harness_run_started", "spec", "return dict(spec.fields)"),
    )
    spec = Changeable(fields={"a": 0})
    (_, first), (_, second) = hooks.notify("harness_run_started", fail, spec=spec)
    assert (first.fields, second, spec.fields) == ({"a": 0, "x": 1}, {"a": 0}, {"a": 0})


def test_sections_may_sort_and_cut_the_records_for_themselves(load):
    body = ("records.sort(key=lambda one: -one.fields['n'])", "del records[1:]")
    told = "return [('best', str(records[0].fields['n']))]"
    records = [Changeable(fields={"n": n}) for n in (1, 3, 2)]
    host = load(hook("harness_report_sections", "records", *body, told))
    assert host.report_sections(records, fail) == [("best", "3")]
    assert [one.fields["n"] for one in records] == [1, 3, 2]
