"""`harness list`: what plugins bring, and which of them could not be loaded."""

import json
from typing import Any

import click

from harness.cli.config import plugin_files
from harness.cli.options import model_names, plugin_option
from harness.contract import ModelPlugin
from harness.plugins import Host, LoadedPlugin, discover
from harness.schema import Recipe


@click.command("list")
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=model_names)
@plugin_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("-v", "--verbose", is_flag=True, help="Print the tracebacks of what failed to load.")
def list_(models: tuple[str, ...], plugin: tuple[str, ...], as_json: bool, verbose: bool) -> None:
    """Show the models and data sets that plugins bring, or all that there is to set of a MODEL.

    A plugin that could not be loaded is listed with its reason. Arguments are set in brackets,
    recipes chosen by name, their fields changed by -o:

    \b
      harness list vgg                    its arguments, and each field of its recipes
      harness run 'vgg[width=16]' --recipe strong -o epochs=30
    """
    host = discover((*plugin, *plugin_files()))
    if models:
        named = [name for pattern in models for name in host.match_models(pattern)]
        _show([host.find_model(name) for name in dict.fromkeys(named)], as_json)
        return
    if as_json:
        click.echo(json.dumps(_document(host), indent=2, default=repr))
        return
    _print_tables(host)
    if verbose:
        for broken in host.failed:
            click.echo(broken.traceback, err=True)


def _show(found: list[tuple[ModelPlugin, LoadedPlugin]], as_json: bool) -> None:
    """Print all that users may set of models."""
    if as_json:
        rows = [
            _model(model, plugin)
            | {"recipes": {name: one.model_dump() for name, one in model.named_recipes.items()}}
            for model, plugin in found
        ]
        click.echo(json.dumps({"models": rows}, indent=2, default=repr))
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    _table(console, "Models", [_model(*one) for one in found], ("name", "arguments"))
    for model, _ in found:
        _fields(console, f"Recipes of {escape(model.name)}", model.named_recipes, _brought(model))
    console.print(
        "Change a field by -o FIELD=VALUE, an argument by 'MODEL[ARGUMENT=VALUE]'.", markup=False
    )


def _fields(
    console: Any, title: str, recipes: dict[str, Recipe], brought: dict[str, list[Any]]
) -> None:
    """Print a line for each field of recipes; what is not the field's own default is bold.

    Before them come the arguments that some recipes bring, with their value by each recipe.
    """
    from rich.markup import escape

    table = _titled(title, ("field", *recipes, "what it is"))

    def add(name: str, values: list[Any], default: object, what: str) -> None:
        words = [escape(str(value)) or "–" for value in values]
        shown = [
            word if value == default else f"[bold]{word}[/bold]"
            for word, value in zip(words, values, strict=True)
        ]
        table.add_row(escape(name), *shown, escape(what))

    for name, values in brought.items():
        add(f"[{name}]", values, values[0], "argument of the network")
    for name, field in Recipe.model_fields.items():
        values = [getattr(recipe, name) for recipe in recipes.values()]
        add(name, values, field.default, field.description or "")
    console.print(table)
    console.print()


def _brought(model: ModelPlugin) -> dict[str, list[Any]]:
    """Return the arguments that any recipe brings, with their values by each of the recipes."""
    brought = model.recipe_arguments
    names = dict.fromkeys(name for values in brought.values() for name in values)
    return {
        name: [
            brought.get(recipe, {}).get(name, model.arguments[name])
            for recipe in model.named_recipes
        ]
        for name in names
    }


def _model(model: ModelPlugin, plugin: LoadedPlugin) -> dict[str, Any]:
    return {
        "name": model.name,
        "aliases": list(model.aliases),
        "arguments": model.arguments,
        "recipes": list(model.named_recipes),
        "recipe_arguments": model.recipe_arguments,
        "summary": model.summary,
        "plugin": plugin.name,
        "source": _source(plugin),
    }


def _document(host: Host) -> dict[str, Any]:
    return {
        "models": [_model(*one) for one in host.models],
        "datasets": [
            {
                "name": dataset.name,
                "arguments": dataset.arguments,
                "summary": dataset.summary,
                "synthetic": dataset.synthetic,
                "plugin": plugin.name,
                "source": _source(plugin),
            }
            for plugin in host.plugins
            for dataset in plugin.datasets
        ],
        "failed": [
            {"plugin": plugin.name, "source": _source(plugin), "reason": plugin.error}
            for plugin in host.failed
        ],
        "conflicts": {name: list(owners) for name, owners in host.conflicts().items()},
    }


def _print_tables(host: Host) -> None:
    # Imported here: --help and --json do without it.
    from rich.console import Console

    document = _document(host)
    console = Console()
    _table(console, "Models", document["models"], ("name", "arguments", "recipes"))
    _table(console, "Data sets", document["datasets"], ("name", "arguments"))
    for failed in document["failed"]:
        sentence = f"plugin {failed['plugin']} ({failed['source']}): {failed['reason']}"
        _warn(console, "failed", sentence)
    for name, owners in document["conflicts"].items():
        _warn(console, "conflict", f"model {name} is brought by {' and '.join(owners)}")


def _warn(console: Any, word: str, sentence: str) -> None:
    from rich.markup import escape

    console.print(f"[red]{word}[/red] {escape(sentence)}", highlight=False, soft_wrap=True)


def _table(console: Any, title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    from rich.markup import escape

    columns = (*columns, "summary", "source")
    table = _titled(title, columns)
    for row in rows:
        words = row | {
            "name": _name(row),
            "arguments": ", ".join(f"{key}={value!r}" for key, value in row["arguments"].items()),
            "recipes": ", ".join(row.get("recipes", ())),
        }
        table.add_row(*(escape(words[column]) for column in columns))
    console.print(table)
    console.print()


def _titled(title: str, columns: tuple[str, ...]) -> Any:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, header_style="dim", overflow="fold")
    return table


def _name(row: dict[str, Any]) -> str:
    aliases = ", ".join(row.get("aliases", ()))
    return f"{row['name']} ({aliases})" if aliases else str(row["name"])


def _source(plugin: LoadedPlugin) -> str:
    return f"{plugin.source} {plugin.version}" if plugin.version else plugin.source
