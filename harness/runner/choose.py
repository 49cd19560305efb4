"""Which models a request means, with which arguments and recipes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.contract import ModelPlugin
from harness.errors import RequestError, unknown
from harness.plugins import Choice, Host, LoadedPlugin, parse_selection
from harness.plugins.selection import Grid, check_arguments, expand
from harness.runner.request import Request


@dataclass(frozen=True)
class Chosen:
    """A selected model, the plugin that brings it, and the arguments that the user set."""

    model: ModelPlugin
    plugin: LoadedPlugin
    given: Mapping[str, Any]

    def arguments(self, recipe: str) -> dict[str, Any]:
        """Return what differs from the defaults: what the user set, and what the recipe brings."""
        defaults = self.model.arguments
        # What is set to its default is the same model.
        return {name: v for name, v in self.stated(recipe).items() if v != defaults[name]}

    def stated(self, recipe: str) -> dict[str, Any]:
        """Return what a command has to say with this recipe, for these arguments and no others.

        Where the user set what the recipe would bring, that is the value set, be it the default.
        """
        brought, defaults = self.model.recipe_arguments.get(recipe, {}), self.model.arguments
        together = {**brought, **self.given}
        return {
            name: value
            for name, value in sorted(together.items())
            if name in brought or value != defaults[name]
        }


def select(request: Request, host: Host) -> list[Chosen]:
    """Return the selected models, each once for every combination of its arguments.

    Raises `RequestError` for a name, argument or value that is not valid.
    """
    choices = _choices(request, host)
    if not choices and request.every:
        raise RequestError("no plugin brings a model; `harness list` says why")
    if not choices:
        raise RequestError("name the models to run, or give --all; `harness list` shows them")
    chosen: dict[tuple[str, str], Chosen] = {}
    for choice in choices:
        model, plugin = host.find_model(choice.name)
        arguments = check_arguments("model", choice, model.arguments)
        # As text, since 1 is True for Python, and the keys of their runs differ.
        chosen.setdefault((model.name, json.dumps(arguments)), Chosen(model, plugin, arguments))
    return list(chosen.values())


def names_of(models: Iterable[ModelPlugin]) -> dict[str, str]:
    """Return the names and aliases of models with their names.

    A name goes before another model's alias, as where models are selected. An alias that several
    share is left out: whoever writes it has to name the model.
    """
    owners = defaultdict(set)
    names = {}
    for model in models:
        names[model.name] = model.name
        for alias in model.aliases:
            owners[alias].add(model.name)
    return {alias: found.pop() for alias, found in owners.items() if len(found) == 1} | names


def recipe_names(model: ModelPlugin, recipes: Grid) -> list[str]:
    """Return the names of the recipes that the user chose for this model; each is one it has."""
    # Named twice, a recipe is one all the same.
    names = list(dict.fromkeys(recipes.get(model.name) or recipes.get("") or ["default"]))
    known = model.named_recipes
    for name in names:
        if name not in known:
            hint = "" if model.name in recipes else "; MODEL=NAME chooses one for a single model"
            raise RequestError(f"model {model.name}: {unknown('recipe', name, known)}{hint}")
    return names


def _choices(request: Request, host: Host) -> list[Choice]:
    words = [parse_selection(text) for text in request.models]
    if request.every:
        conflicts = host.conflicts()
        words += [Choice(model.name) for model, _ in host.models if model.name not in conflicts]
    return [
        choice
        for word in words
        for name in host.match_models(word.name)
        for choice in expand(Choice(name, word.arguments))
    ]
