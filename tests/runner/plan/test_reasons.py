import pytest

from harness.tensors.device import Policy


def test_what_is_not_there_is_new(plan, why):
    assert why(plan("net")) == (False, "new")


@pytest.mark.parametrize("status", ["done", "unsupported"])
def test_what_is_final_is_reused(plan, store, spec, status, keep, why):
    keep(store, spec, status)
    assert why(plan("net")) == (True, f"reused: {status} at 2026-01-02")


@pytest.mark.parametrize("status", ["failed", "timeout", "interrupted"])
def test_what_came_to_no_result_is_tried_again(plan, store, spec, status, keep, why):
    keep(store, spec, status)
    assert why(plan("net")) == (False, f"tried again: {status} before")


def test_what_left_a_checkpoint_is_resumed(plan, store, spec, checkpoint, why):
    checkpoint(store, spec, 3)
    assert why(plan("net")) == (False, "resumed after 3 of 200 epochs")


def test_what_failed_with_a_checkpoint_is_resumed(plan, store, spec, checkpoint, keep, why):
    checkpoint(store, spec, 3)
    keep(store, spec, "interrupted")
    assert why(plan("net")) == (False, "resumed after 3 of 200 epochs")


def test_a_power_cut_in_the_middle_of_a_line_does_not_stop_resuming(
    plan, store, spec, checkpoint, why
):
    checkpoint(store, spec, 3)
    with (store.run_folder(spec) / "epochs.jsonl").open("a") as file:
        file.write('{"epoch": 4, "train_')
    assert why(plan("net")) == (False, "resumed after 3 of 200 epochs")


def test_a_run_that_differs_in_threads_alone_says_so(plan, store, spec, keep, why):
    keep(store, spec.model_copy(update={"key": "f" * 64}))
    assert why(plan("net", policy=Policy("cpu", "float32", 2))) == (False, "new")
    keep(store, spec)
    assert why(plan("net", policy=Policy("cpu", "float32", 2))) == (
        False,
        "new: the one that is there had --threads 1",
    )
    # As with --jobs 2, on a machine of two cores.
    assert why(plan("net", policy=Policy("cpu", "bfloat16", 2))) == (False, "new")
    assert why(plan("net[width=9]", policy=Policy("cpu", "float32", 2))) == (False, "new")


def test_force_makes_again_what_is_there(plan, store, spec, keep, why):
    keep(store, spec)
    assert why(plan("net", force=True)) == (False, "made again (--force)")


def of_a_later_version(record):
    text = record.read_text()
    record.write_text(text.replace('"model":', '"later": 1, "model":'))


@pytest.mark.parametrize("damage", [lambda record: record.write_text("{"), of_a_later_version])
def test_a_record_that_cannot_be_read_is_not_overwritten(plan, store, spec, keep, why, damage):
    keep(store, spec)
    damage(store.run_folder(spec) / "record.json")
    made = plan("net", "short")
    assert [run.spec.model for run in made.runs] == ["short"]
    ((name, reason),) = made.broken
    assert name == "net seed 0"
    assert "record.json is no RunRecord" in reason
    assert reason.endswith("remove its folder to run it again")
    assert why(plan("net", force=True)) == (False, "made again (--force)")


def test_damaged_epochs_of_one_run_stop_no_other(plan, store, spec, checkpoint):
    checkpoint(store, spec, 3)
    path = store.run_folder(spec) / "epochs.jsonl"
    path.write_text("garbled\n" + path.read_text())
    made = plan("net", "short")
    assert [run.spec.model for run in made.runs] == ["short"]
    assert "epochs.jsonl" in made.broken[0][1]


def test_another_device_of_the_kind_reuses(plan, store, keep, why):
    keep(store, plan("net", policy=Policy("cuda:0", "float32", 1)).runs[0].spec)
    assert why(plan("net", policy=Policy("cuda:1", "float32", 1)))[0]
    assert not why(plan("net", policy=Policy("cpu", "float32", 1)))[0]


def test_a_change_of_the_plugin_is_a_new_run(plan, store, spec, tmp_path, keep, why, plugin_text):
    keep(store, spec)
    (tmp_path / "net.py").write_text(plugin_text + "# a remark\n")
    # The plan's fixture writes the plugin only once.
    other = "new: the one that is there was made by other code of its plugin"
    assert why(plan("net")) == (False, other)
    assert why(plan("net[width=9]")) == (False, "new")
