import pytest

from harness.measure.environment import environment


@pytest.fixture
def plain(store, spec, keep):
    """Store a run of the model on this machine or another, with its weights."""

    def make(machine=None, key=spec.key):
        where = environment("cpu")
        where = where.model_copy(update={"machine": machine or where.machine})
        made = spec.model_copy(update={"key": key})
        keep(store, made, environment=where)
        (store.run_folder(made) / "model.safetensors").touch()
        return key[:12]

    return make


def test_a_run_that_differs_by_its_views_alone_reuses_the_weights(plan, store, plain, why):
    whose = plain()
    assert why(plan("net", options=("tta=flip",))) == (False, f"weights reused from 0-{whose}")
    assert why(plan("net", options=("tta=flip", "gamma=0.5"))) == (False, "new")
    assert why(plan("net", options=("tta=flip",), force=True))[1] == "made again (--force)"


def test_weights_are_reused_rather_than_a_training_resumed(plan, store, plain, checkpoint, why):
    whose, flip = plain(), plan("net", options=("tta=flip",)).runs[0].spec
    checkpoint(store, flip, 3)
    assert why(plan("net", options=("tta=flip",)))[1] == f"weights reused from 0-{whose}"


def test_weights_of_another_machine_are_not_reused(plan, store, plain, why):
    plain(machine="another")
    assert why(plan("net", options=("tta=flip",))) == (False, "new")


@pytest.mark.parametrize("other", ["0", "g"])
def test_weights_of_this_machine_are_found_among_those_of_others(plan, plain, why, other):
    # Sorted before and behind.
    plain(machine="another", key=other * 64)
    whose = plain()
    assert why(plan("net", options=("tta=flip",))) == (False, f"weights reused from 0-{whose}")


def test_a_model_evaluated_as_built_reuses_no_weights(plan, store, keep, why):
    keep(store, plan("net", options=("epochs=0",)).runs[0].spec, environment=environment("cpu"))
    assert why(plan("net", options=("epochs=0", "tta=flip"))) == (False, "new")
