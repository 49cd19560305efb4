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


def test_force_makes_again_what_is_there(plan, store, spec, keep, why):
    keep(store, spec)
    assert why(plan("net", force=True)) == (False, "made again (--force)")


def test_a_damaged_record_is_new(plan, store, spec, keep, why):
    keep(store, spec)
    (store.run_folder(spec) / "record.json").write_text("{")
    assert why(plan("net")) == (False, "new")


def test_another_device_of_the_kind_reuses(plan, store, keep, why):
    keep(store, plan("net", policy=Policy("cuda:0", "float32", 1)).runs[0].spec)
    assert why(plan("net", policy=Policy("cuda:1", "float32", 1)))[0]
    assert not why(plan("net", policy=Policy("cpu", "float32", 1)))[0]


def test_a_change_of_the_plugin_is_a_new_run(plan, store, spec, tmp_path, keep, why, plugin_text):
    keep(store, spec)
    (tmp_path / "net.py").write_text(plugin_text + "# a remark\n")
    # The plan's fixture writes the plugin only once.
    assert why(plan("net")) == (False, "new")
