"""`harness bench`: throughput and latency alone, without training."""

from pathlib import Path

import click

from harness.cli.config import RESULTS, plugin_files
from harness.cli.options import (
    GivenPath,
    finite,
    model_names,
    parse_duration,
    plugin_option,
    read_data,
    results_folder,
    text_path,
)
from harness.errors import RequestError

SHAPE, CLASSES = "1x48x48", 7


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=model_names)
@click.option("--all", "every", is_flag=True, help="Time every model that plugins bring.")
@click.option(
    "--recipe",
    "recipes",
    multiple=True,
    metavar="[MODEL=]NAME",
    help="Whose training step is timed: a recipe by its name, for all models or one; A|B takes "
    "both. May be repeated.  [default: default]",
)
@click.option(
    "--batch-sizes",
    default="1,32,128,256",
    metavar="A,B",
    show_default=True,
    help="Of prediction; 1 is timed call by call, for the latency.",
)
@click.option(
    "--precisions",
    default="auto",
    metavar="A,B",
    show_default=True,
    help="auto, bfloat16, float32, or several.",
)
@click.option(
    "--backends",
    default="eager",
    metavar="A,B",
    show_default=True,
    help="eager, compiled (by torch.compile; takes its time first), onnxruntime (float32 on the "
    "CPU; extra 'onnx'), or several.",
)
@click.option(
    "--training/--no-training",
    default=True,
    show_default=True,
    help="Time a training step, too, at the batch size of the model's recipe.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    default=60.0,
    show_default=True,
    metavar="N",
    help="End the timing after this time at the latest; preparing the models is not counted.",
)
@click.option(
    "--width",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    default=1.0,
    show_default=True,
    metavar="PER_CENT",
    help="End it earlier when the interval of every median is at most ± so many per cent wide.",
)
@click.option(
    "--data",
    callback=read_data,
    metavar="DIR|NAME",
    help="Take size and classes of the images from this data set.",
)
@click.option("--shape", metavar="CxHxW", help=f"Size of the images.  [default: {SHAPE}]")
@click.option(
    "--classes", type=click.IntRange(min=2), help=f"Number of classes.  [default: {CLASSES}]"
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:N or mps.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="CPU threads.  [default: the cores that there are]",
)
@click.option(
    "--timeout",
    metavar="TIME",
    help="Give up a case whose preparation, or turn, takes longer than this (90s, 10m, 2h).",
)
@click.option(
    "--engine",
    type=click.Choice(["process", "inline"]),
    default="process",
    show_default=True,
    help="A child process, or this process (for debuggers).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.option(
    "--out",
    callback=text_path,
    type=GivenPath(file_okay=False),
    default=lambda: Path(results_folder()) / "bench",
    show_default=f"{RESULTS}/bench",
    help="Folder for bench.csv, bench.json, bench.md and throughput.png.",
)
@plugin_option
def bench(
    models: tuple[str, ...],
    every: bool,
    recipes: tuple[str, ...],
    batch_sizes: str,
    precisions: str,
    backends: str,
    training: bool,
    seconds: float,
    width: float,
    data: str,
    shape: str | None,
    classes: int | None,
    device: str,
    threads: int | None,
    timeout: str | None,
    engine: str,
    as_json: bool,
    out: Path,
    plugin: tuple[str, ...],
) -> int:
    """Measure throughput and latency alone, on random images; nothing is trained.

    \b
    harness bench --all                           prediction and training step, about a minute
    harness bench vgg 'vgg[width=16]' --batch-sizes 1,64,512 --no-training
    harness bench vgg --recipe 'default|strong' --batch-sizes 1
    harness bench vgg --precisions float32,bfloat16 --backends eager,compiled,onnxruntime
    harness bench my-net -p my_net.py --data data/fer2013 --seconds 300 --width 0.5

    Models are timed in interleaved rounds until every interval is narrow or the time is up. Leave
    the machine alone meanwhile: what disturbed the measurement is said below the tables.
    """
    # torch takes seconds to import; `harness bench --help` must not.
    from harness.cli.benched import Words, carry_out
    from harness.runner import Request

    if data and (shape or classes):
        raise RequestError("--data says size and classes; leave --shape and --classes out")
    request = Request(
        models=models,
        every=every,
        recipes=recipes,
        plugins=(*plugin, *plugin_files()),
        data_words=data,
    )
    words = Words(
        shape=shape or SHAPE,
        classes=classes or CLASSES,
        batch_sizes=batch_sizes,
        precisions=precisions,
        backends=backends,
        training=training,
        seconds=seconds,
        width=width / 100,
        device=device,
        threads=threads,
        engine=engine,
        timeout=parse_duration(timeout),
    )
    return carry_out(request, words, out, as_json=as_json)
