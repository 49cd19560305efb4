"""From the words of `harness bench` to the cases that are timed."""

import shlex
from dataclasses import dataclass

from harness.plugins import Host
from harness.plugins.selection import parse_recipes
from harness.runner.choose import Chosen, names_of, recipe_names, select
from harness.runner.command import model_words, relative
from harness.runner.request import Request
from harness.schema import BenchCase, BenchModel
from harness.tensors.device import Policy

# Onnxruntime does not train.
TRAINING_BACKENDS = ("eager", "compiled")


@dataclass(frozen=True)
class Bench:
    """What is timed of each model; ``shape`` is (channels, height, width) of an image."""

    shape: tuple[int, int, int]
    classes: int
    batch_sizes: tuple[int, ...]
    precisions: tuple[str, ...]
    backends: tuple[str, ...]
    training: bool
    seconds: float
    width: float


def plan_bench(
    request: Request, host: Host, bench: Bench
) -> tuple[tuple[BenchModel, ...], tuple[BenchCase, ...]]:
    """Return the selected models and their cases, model by model.

    Raises `RequestError` for a name, argument or value that is not valid.
    """
    chosen = select(request, host)
    recipes = parse_recipes(request.recipes, names_of(item.model for item in chosen))
    named = [_model(one, recipe) for one in chosen for recipe in recipe_names(one.model, recipes)]
    models = {model.label: model for model in named}  # Two ways to write one model are one model.
    cases: list[BenchCase] = []
    networks: set[str] = set()
    for model in models.values():
        # By whatever recipe it was trained, a network predicts alike.
        network = model_words(model.model, model.arguments)
        cases += _cases(model, bench, inference=network not in networks)
        networks.add(network)
    return tuple(models.values()), tuple(cases)


def _model(chosen: Chosen, recipe: str) -> BenchModel:
    arguments = chosen.arguments(recipe)
    words = model_words(chosen.model.name, arguments)
    return BenchModel(
        label=words if recipe == "default" else f"{words} {recipe}",
        model=chosen.model.name,
        arguments=arguments,
        recipe=chosen.model.named_recipes[recipe],
        plugins=(chosen.plugin.option,) if chosen.plugin.option else (),
    )


def _cases(model: BenchModel, bench: Bench, *, inference: bool) -> list[BenchCase]:
    cases = []
    sizes = bench.batch_sizes if inference else ()
    for precision in bench.precisions:
        for backend in bench.backends:
            common = {"model": model.label, "precision": precision, "backend": backend}
            cases += [BenchCase(**common, mode="inference", batch_size=size) for size in sizes]
            if bench.training and model.recipe.epochs and backend in TRAINING_BACKENDS:
                size = model.recipe.batch_size
                cases.append(BenchCase(**common, mode="training", batch_size=size))
    return cases


def bench_command(request: Request, bench: Bench, policy: Policy) -> str:
    """Return the command that repeats a bench, without absolute paths."""
    parts = ["harness", "bench", *request.models, *["--all"] * request.every]
    for recipe in request.recipes:
        parts += ["--recipe", recipe]
    for plugin in request.plugins:
        parts += ["-p", relative(plugin)]
    parts += ["--shape", "x".join(map(str, bench.shape)), "--classes", str(bench.classes)]
    parts += ["--batch-sizes", ",".join(map(str, bench.batch_sizes))]
    parts += ["--precisions", ",".join(bench.precisions), "--backends", ",".join(bench.backends)]
    parts += ["--training" if bench.training else "--no-training"]
    parts += ["--seconds", f"{bench.seconds:g}", "--width", f"{100 * bench.width:g}"]
    return shlex.join([*parts, "--device", policy.device, "--threads", str(policy.threads)])
