import pytest

from harness.errors import RequestError
from harness.plugins import discover
from harness.runner import Request
from harness.runner.bench import Bench, bench_command, plan_bench
from harness.runner.bench_words import parse_batch_sizes, parse_shape, parse_words
from harness.tensors.device import Policy


def bench(**words) -> Bench:
    fields = {
        "shape": (1, 48, 48),
        "classes": 7,
        "batch_sizes": (1, 32),
        "precisions": ("float32",),
        "backends": ("eager",),
        "training": True,
        "seconds": 60.0,
        "width": 0.01,
    }
    return Bench(**{**fields, **words})


def plan(*models: str, plugins: tuple[str, ...] = (), **words):
    return plan_bench(Request(models, plugins=plugins), discover(plugins), bench(**words))


def test_every_model_has_every_batch_size_precision_and_backend() -> None:
    words = {"precisions": ("float32", "bfloat16"), "backends": ("eager", "compiled")}
    models, cases = plan("convnet", "vgg[width=8]", **words)
    assert [model.label for model in models] == ["convnet", "vgg[width=8]"]
    # Two batch sizes of prediction, and a training step.
    assert len(cases) == len({case.name for case in cases}) == 2 * 2 * 2 * 3
    assert models[1].arguments == {"width": 8}


def test_a_grid_of_arguments_is_as_many_models() -> None:
    models, _ = plan("vgg[width=8|4]")
    assert [model.label for model in models] == ["vgg[width=8]", "vgg[width=4]"]


def test_a_training_step_has_the_batch_size_of_the_recipe() -> None:
    models, cases = plan("convnet")
    assert cases[-1].mode == "training"
    assert cases[-1].batch_size == models[0].recipe.batch_size
    _, without = plan("convnet", training=False)
    assert {case.mode for case in without} == {"inference"}


def test_a_recipe_has_a_training_step_and_no_prediction_of_its_own() -> None:
    request = Request(("vgg[dropout=0.3]", "convnet"), recipes=("vgg=default|strong",))
    models, cases = plan_bench(request, discover(), bench())
    labels = ["vgg[dropout=0.3]", "vgg[dropout=0.3] strong", "convnet"]
    assert [model.label for model in models] == labels
    assert models[1].recipe.optimizer == "Muon"
    strong = [case for case in cases if case.model == labels[1]]
    assert [case.mode for case in strong] == ["training"]
    assert len(cases) == 3 + 1 + 3
    command = bench_command(request, bench(), Policy("cpu", "float32", 1))
    assert "--recipe 'vgg=default|strong'" in command
    with pytest.raises(RequestError, match="model convnet: unknown recipe 'strong'"):
        plan_bench(Request(("convnet",), recipes=("strong",)), discover(), bench())


def test_a_recipe_that_brings_another_network_has_predictions_of_its_own() -> None:
    request = Request(("fastnet",), recipes=("default|strong",))
    models, cases = plan_bench(request, discover(), bench())
    assert [model.arguments for model in models] == [{}, {"dropout": 0.2, "width": 48}]
    assert models[1].label == "fastnet[dropout=0.2,width=48] strong"
    assert [case.mode for case in cases] == ["inference", "inference", "training"] * 2


def test_two_ways_to_write_a_model_are_one() -> None:
    models, cases = plan("vgg", "vgg[dropout=0.5]")
    assert (len(models), len(cases)) == (1, 3)


def test_onnxruntime_and_models_that_are_never_trained_have_no_training_step(
    write_plugin, linear
) -> None:
    _, cases = plan("convnet", backends=("onnxruntime",))
    assert {case.mode for case in cases} == {"inference"}
    path = write_plugin("fixed", linear, "recipe=Recipe(epochs=0)")
    models, cases = plan("fixed", plugins=(str(path),))
    assert {case.mode for case in cases} == {"inference"}
    assert models[0].plugins == (str(path),)


def test_the_command_says_all_that_repeats_a_bench() -> None:
    request = Request(("vgg[width=8]",), plugins=("/else/where/net.py",))
    line = bench_command(request, bench(training=False), Policy("cpu", "float32", 2))
    assert line == (
        "harness bench 'vgg[width=8]' -p PATH/TO/net.py --shape 1x48x48 --classes 7 "
        "--batch-sizes 1,32 --precisions float32 --backends eager --no-training --seconds 60 "
        "--width 1 --device cpu --threads 2"
    )
    assert "bench --all" in bench_command(Request(every=True), bench(), Policy("cpu", "x", 1))


def test_batch_sizes_are_read_in_order_of_size() -> None:
    assert parse_batch_sizes("256, 1,32,") == (1, 32, 256)


@pytest.mark.parametrize("text", ["", "0,1", "1,x", "1,1", "70000", "-3"])
def test_batch_sizes_that_are_none_are_wrong(text) -> None:
    with pytest.raises(RequestError, match=r"--batch-sizes .*: give different numbers from 1"):
        parse_batch_sizes(text)


def test_words_are_read_once_each_and_a_misspelt_one_is_told_the_nearest() -> None:
    assert parse_words("--backends", "eager,compiled,eager", ("eager", "compiled")) == (
        "eager",
        "compiled",
    )
    with pytest.raises(RequestError, match=r"--backends: .*'eagre'; did you mean 'eager'"):
        parse_words("--backends", "eagre", ("eager", "compiled"))
    with pytest.raises(RequestError, match="give at least one of eager"):
        parse_words("--backends", ",", ("eager",))


def test_a_shape_is_channels_height_and_width() -> None:
    assert parse_shape("3x32x24") == parse_shape("3×32×24") == (3, 32, 24)


@pytest.mark.parametrize("text", ["48x48", "1x48", "1x48xa", "0x48x48", "", "1x2x3x4"])
def test_a_shape_that_is_none_is_wrong(text) -> None:
    with pytest.raises(RequestError, match="like 1x48x48"):
        parse_shape(text)


def test_a_recipe_that_is_named_twice_is_timed_once():
    models, cases = plan_bench(Request(("vgg",), recipes=("default|default",)), discover(), bench())
    assert len(models) == 1
    assert len({case.name for case in cases}) == len(cases)
