"""Plans of requests on a small data set, by a plugin with two models."""

import pytest

from harness.data.splits import open_splits
from harness.plugins import discover
from harness.runner import Request, Setting, find_broken, make_plan, make_specs
from harness.schema import Epoch, RunRecord, RunSpec
from harness.store import Store
from harness.tensors.device import Policy

PLUGIN = """
from harness import ModelPlugin, Recipe, hookimpl

def build(input_shape, num_classes, width=8, norm="batch"):
    raise AssertionError("a plan builds nothing")

@hookimpl
def harness_models():
    recipes = {"strong": Recipe(epochs=30)}
    return [
        ModelPlugin(name="net", build=build, aliases=("little",), recipes=recipes),
        ModelPlugin(name="short", build=build, recipe=Recipe(epochs=2)),
    ]
"""


@pytest.fixture
def plugin_text():
    """The source of the plugin with two models."""
    return PLUGIN


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


@pytest.fixture
def plan(tmp_path, tiny, store):
    """Plan a request on the tiny data, with the models of the plugin above."""
    (tmp_path / "net.py").write_text(PLUGIN)

    def plan(*models, plugins=(), policy=None, **words):
        options = (str(tmp_path / "net.py"), *map(str, plugins))
        request = Request(models=models, plugins=options, data_words="tiny", **words)
        policy = policy or Policy("cpu", "float32", 1)
        host, setting = discover(options), Setting(tiny, open_splits(tiny), policy, store.root)
        specs = make_specs(request, host, setting)
        broken = find_broken(host, request.every)
        return make_plan(specs, store, force=request.force, broken=broken)

    return plan


@pytest.fixture
def spec(plan):
    return plan("net").runs[0].spec


@pytest.fixture
def keep():
    """Store a record of a run."""

    def keep(store, spec, status="done", **fields):
        names = set(RunRecord.model_fields) & set(RunSpec.model_fields) - {"schema_version"}
        shared = {name: getattr(spec, name) for name in names}
        ended = {"status": status, "finished_at": "2026-01-02", "reason": "why"}
        store.save(RunRecord(**shared, **ended, **fields))

    return keep


@pytest.fixture
def checkpoint():
    """Leave a checkpoint after some epochs."""

    def checkpoint(store, spec, epochs):
        store.run_folder(spec).mkdir(parents=True, exist_ok=True)
        (store.run_folder(spec) / "checkpoint.pt").touch()
        for number in range(1, epochs + 1):
            numbers = dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": number}
            store.append_epochs(spec, Epoch(**numbers))

    return checkpoint


@pytest.fixture
def why():
    """Return whether the one run is stored, and why it is made."""

    def why(plan):
        (run,) = plan.runs
        return run.stored is not None, run.why

    return why


@pytest.fixture
def names():
    """Return model, arguments and seed of each run."""

    def names(plan):
        return [(run.spec.model, run.spec.arguments, run.spec.seed) for run in plan.runs]

    return names


@pytest.fixture
def only():
    """Return the spec of the only run."""

    def only(plan):
        (run,) = plan.runs
        return run.spec

    return only
