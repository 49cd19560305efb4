import inspect

import pytest

from harness.contract import hookspecs

HOOKS = {
    "harness_models": [],
    "harness_datasets": [],
    "harness_run_started": ["spec"],
    "harness_epoch_finished": ["spec", "epoch"],
    "harness_run_finished": ["record"],
    "harness_report_sections": ["records"],
}


def test_the_hooks_are_these_six():
    marked = {name for name, item in vars(hookspecs).items() if hasattr(item, "harness_spec")}
    assert marked == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_first_when_it_is_called(name):
    assert inspect.getdoc(getattr(hookspecs, name)).startswith("Called ")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_what_becomes_of_its_result(name):
    assert "eturn" in inspect.getdoc(getattr(hookspecs, name))


@pytest.mark.parametrize(("name", "arguments"), HOOKS.items())
def test_the_arguments_of_a_hook_stay_as_plugins_know_them(name, arguments):
    assert list(inspect.signature(getattr(hookspecs, name)).parameters) == arguments
