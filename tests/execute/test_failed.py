"""Models that cannot be trained: found as early as may be, and recorded with a reason."""

from pathlib import Path

import pytest

from harness.store import Store


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no luck')", "building the model: ValueError: no luck"),
        ("import sys; sys.exit(3)", "building the model: SystemExit: 3"),
        ("return 7", "building the model: build of model 'bad' must return a torch.nn.Module"),
        ("from torch import nn\nreturn nn.Flatten()", "trying the model: the model must return"),
        (
            "import torch\nclass Net(torch.nn.Module):\n"
            "    def forward(self, images):\n        return images.flatten(1)[:, :3]\n"
            "return Net()",
            "trying the model: the model has no parameters to train; -o epochs=0",
        ),
        ("raise MemoryError", "building the model: MemoryError"),
        ("import asyncio; raise asyncio.CancelledError", "building the model: CancelledError"),
        (
            "class Odd(BaseException): pass\nraise Odd(chr(0xDCFF))",
            r"building the model: Odd: \udcff",
        ),
        (
            "import torch\nmodule = torch.nn.Sequential(torch.nn.Flatten(), "
            "torch.nn.LazyLinear(num_classes))\n"
            "module.register_buffer('graph', torch.eye(4).to_sparse())\nreturn module",
            "trying the model: state_dict of the model has 'graph', a tensor of torch.sparse_coo",
        ),
        (
            "Recipe(epochs=-1)",
            "building the model: ValidationError: epochs: input should be greater than or equal to "
            "0 (found -1)",
        ),
    ],
)
def test_a_model_that_fails_is_a_record_with_a_reason(
    make_specs, write_plugin, body, reason, execute
):
    [spec] = make_specs("bad", plugins=(write_plugin("bad", body),))
    record, _ = execute(spec)
    assert record.status == "failed"
    assert reason in record.reason
    assert "\n" not in record.reason
    assert Store(Path(spec.store)).find(spec) == record


def test_a_model_of_one_size_is_not_begun_with_smaller_images(
    make_specs, write_plugin, linear, execute
):
    [spec] = make_specs(
        "lin", plugins=(write_plugin("lin", linear),), options=("initial_scale=0.5",)
    )
    record, _ = execute(spec)
    assert record.status == "failed"
    assert record.reason.startswith(
        "trying the model: initial_scale=0.5 has images of 8x8 in epoch 1, which this model does "
        "not take (mat1 and mat2"
    )
    assert record.reason.endswith("; set initial_scale=1 or a larger one")


def test_sizes_that_come_later_are_tried_before_training(make_specs, write_plugin, execute):
    # Patches of 8 pixels: the images of the first epoch have a whole number of them.
    body = (
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.layer = nn.Linear(64, num_classes)\n"
        "    def forward(self, images):\n"
        "        patches = images.unfold(2, 8, 8).unfold(3, 8, 8).flatten(4)\n"
        "        assert not images.shape[2] % 8, 'no whole patches'\n"
        "        return self.layer(patches).mean((1, 2, 3))\n"
        "return Net()"
    )
    options = ("initial_scale=0.5", "full_scale_from=0.9", "epochs=4", "augment=none")
    [spec] = make_specs("patches", plugins=(write_plugin("patches", body),), options=options)
    record, events = execute(spec)
    assert record.reason.startswith("trying the model: initial_scale=0.5 has images of 12x12 in ")
    assert "(no whole patches)" in record.reason
    assert not any(event.epoch for event in events)


@pytest.mark.parametrize("answer", ["True", "False", "7"])
def test_an_answer_that_is_no_reason_is_a_failure_that_says_so(
    make_specs, write_plugin, linear, answer, execute
):
    extra = f"supports=lambda shape, classes: {answer}"
    [spec] = make_specs("odd", plugins=(write_plugin("odd", linear, extra),))
    record, _ = execute(spec)
    assert record.status == "failed"
    assert (
        "supports of model 'odd' must return None or the reason why not, not " + answer
        in record.reason
    )


def test_a_loss_that_is_no_number_is_a_record_with_a_reason(make_specs, execute):
    [spec] = make_specs("convnet", options=("epochs=2", "learning_rate=1e30"))
    record, _ = execute(spec)
    assert record.status == "failed"
    assert "loss became" in record.reason
    assert record.reason.endswith("began with a learning rate of 1e+30; a lower one may help")


OPTIMIZER = """\
from harness import ModelPlugin, Recipe, hookimpl


def build(input_shape, num_classes):
    from torch import nn

    channels, height, width = input_shape
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * height * width, num_classes))


@hookimpl
def harness_models():
    return [
        ModelPlugin(
            name="own", build=build, recipe=Recipe(), optimizer=lambda module, recipe: MADE
        )
    ]
"""


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ("None", "must return a torch.optim.Optimizer, not None"),
        (
            "__import__('torch').optim.LBFGS(module.parameters())",
            "LBFGS evaluates the loss again at each step, by a closure that the training loop does "
            "not give it; use another",
        ),
    ],
)
def test_an_optimizer_that_cannot_be_used_is_not_replaced_in_silence(
    make_specs, tmp_path, made, reason, execute
):
    path = tmp_path / "own.py"
    path.write_text(OPTIMIZER.replace("MADE", made))
    [spec] = make_specs("own", plugins=(str(path),))
    record, _ = execute(spec)
    assert record.status == "failed"
    assert record.reason.startswith("training: optimizer of model 'own'")
    assert record.reason.endswith(reason)


KEEPING = """\
import math
from torch import nn

class Keeping(nn.Linear):
    def get_extra_state(self):
        return {"steps": 3}

    def set_extra_state(self, state):
        pass

return nn.Sequential(nn.Flatten(), Keeping(math.prod(input_shape), num_classes))
"""


def test_what_no_file_of_weights_can_hold_is_found_before_the_training(
    make_specs, write_plugin, execute
):
    [spec] = make_specs("keeping", plugins=(write_plugin("keeping", KEEPING),))
    record, _ = execute(spec)
    assert record.reason == (
        "trying the model: state_dict of the model has '1._extra_state', a dict: weights are kept "
        "as tensors alone; get_extra_state may return one, too"
    )


def test_a_reason_is_told_though_its_traceback_cannot_be_written(
    make_specs, write_plugin, monkeypatch, execute
):
    [spec] = make_specs("bad", plugins=(write_plugin("bad", "raise ValueError('no luck')"),))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("traceback.print_exception", full)
    assert execute(spec)[0].reason == "building the model: ValueError: no luck"
