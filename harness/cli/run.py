"""`harness run`: the main job."""

from pathlib import Path

import click

from harness.cli.config import (
    apply_settings,
    models_meant,
    options_meant,
    plugin_files,
    recipes_meant,
)
from harness.cli.main import STOPPED
from harness.cli.options import (
    GivenPath,
    model_names,
    parse_duration,
    plugin_option,
    read_data,
    results_option,
)


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=model_names)
@click.option("--all", "every", is_flag=True, help="Run every model that plugins bring.")
@click.option(
    "--data",
    callback=read_data,
    metavar="DIR|NAME",
    help="Folder with the six npy files, or a data set of a plugin.  [default: built-in faces]",
)
@results_option
@click.option(
    "--seeds",
    default="0,",
    metavar="N|A,B",
    help="5 means 0 to 4; 0,7 is a list; 7, is one seed.  [default: 0,]",
)
@click.option(
    "--recipe",
    "recipes",
    multiple=True,
    metavar="[MODEL=]NAME",
    help="A recipe of the models by its name, for all or one; A|B takes both. May be repeated.  "
    "[default: default]",
)
@click.option(
    "-o",
    "--option",
    "options",
    multiple=True,
    metavar="[MODEL.]FIELD=VALUE",
    help="Set a field of the recipe, for all models or one; A|B is a grid. May be repeated. "
    "`harness list MODEL` shows the fields.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Train a few epochs only: a first look, no result. Implied without --data.",
)
@click.option("--dry-run", is_flag=True, help="Say what would run and about how long; run nothing.")
@click.option("--force", is_flag=True, help="Make runs again that have finished before.")
@click.option("--timeout", metavar="TIME", help="Give a run up after this time (90s, 10m, 2h).")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:N or mps.")
@click.option("--precision", default="auto", show_default=True, help="auto, bfloat16 or float32.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="CPU threads of a run.  [default: the cores that there are, shared by --jobs]",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Runs at a time; they share the cores. What was run with other threads is run again.",
)
@click.option(
    "--engine",
    type=click.Choice(["process", "inline"]),
    default="process",
    show_default=True,
    help="A child process for each run, or this process (for debuggers).",
)
@click.option(
    "--images",
    is_flag=True,
    help="Show the worst mistakes' test images in the report. Do not pass on what you may not.",
)
@click.option(
    "--robustness",
    is_flag=True,
    help="Evaluate every finished run on corrupted test images, too; nothing is trained again. "
    "Costs 46 passes over the test split a run, once.",
)
@click.option(
    "--no-speed",
    "untimed",
    is_flag=True,
    help="Time no model afterwards: for a search over recipes, or on a busy machine.",
)
@plugin_option
@click.option(
    "--config",
    type=GivenPath(dir_okay=False),
    is_eager=True,
    callback=apply_settings,
    help="TOML file with these same words.  [default: [tool.harness] of ./pyproject.toml]",
)
def run(
    models: tuple[str, ...],
    every: bool,
    data: str,
    results: Path,
    seeds: str,
    recipes: tuple[str, ...],
    options: tuple[str, ...],
    quick: bool,
    dry_run: bool,
    force: bool,
    timeout: str | None,
    device: str,
    precision: str,
    threads: int | None,
    engine: str,
    jobs: int,
    images: bool,
    robustness: bool,
    untimed: bool,
    plugin: tuple[str, ...],
    config: Path | None,
) -> int:
    """Train, evaluate and time models, and write the report.

    \b
    harness run --all                            a quick look, on built-in synthetic faces
    harness run --all --data data/fer2013        the real thing, by each model's recipe
    harness run 'vgg[width=16|32]' -o epochs=20 -o learning_rate=0.01|0.03 --seeds 3
    harness run convnet vgg --recipe 'vgg=default|strong' --data data/fer2013
    harness run 'v*' --dry-run                   what would run, and about how long
    harness run my-net -p my_net.py --data data/fer2013
    harness run --all --data data/fer2013 --robustness      noise, blur, occlusion, …

    The epoch is selected on the validation split, and the test split is read once. What has
    finished before is reused; what was interrupted goes on.
    """
    # torch takes seconds to import; `harness run --help` must not.
    from harness.cli.conduct import Machine, carry_out
    from harness.runner import Request, parse_seeds

    models, every = models_meant(models, every)
    options, settings = options_meant(options)
    recipes, recipe_settings = recipes_meant(recipes)
    request = Request(
        models=models,
        every=every,
        seeds=parse_seeds(seeds),
        recipes=recipes,
        options=options,
        settings=settings,
        recipe_settings=recipe_settings,
        # The built-in data is there for a first look; 200 epochs of it teach nobody anything.
        quick=quick or not data,
        force=force,
        plugins=(*plugin, *plugin_files(config)),
        data_words=data,
    )
    machine = Machine(device, precision, threads, engine, parse_duration(timeout), jobs)
    try:
        return carry_out(
            request,
            machine,
            results,
            dry_run=dry_run,
            images=images,
            robustness=robustness,
            speed=not untimed,
        )
    except KeyboardInterrupt:
        again = "the same command goes on"
        if force:
            again += (
                " without --force, with what was begun; what --force had not reached is as before"
            )
        click.echo(f"\nstopped; what has finished is kept, and {again}", err=True)
        return STOPPED
