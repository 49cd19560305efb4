"""`harness data`: make a data set of what users have, and look at it."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.audit import audit
from harness.cli.options import GivenPath
from harness.cli.show import show

if TYPE_CHECKING:
    from harness.schema import Manifest


def read_size(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Return (height, width) from ``48`` or ``48x64``."""
    if value is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,3})(?:[x×]([1-9]\d{0,3}))?", value)
    if not match:
        raise click.BadParameter(f"{value!r}, expected N or HxW in pixels, like 48 or 48x64")
    return int(match[1]), int(match[2] or match[1])


def read_arrays(
    context: click.Context, option: click.Parameter, words: tuple[str, ...]
) -> dict[str, str]:
    """Return {"train_images": "file.npz:X_train"} from ``train_images=file.npz:X_train``."""
    for word in words:
        if not all(word.partition("=")):
            raise click.BadParameter(f"{word!r}, expected ROLE=NAME, like train_images=X_train.npy")
    roles = Counter(word.partition("=")[0] for word in words)
    if twice := next((role for role, count in roles.items() if count > 1), None):
        given = " and ".join(word for word in words if word.startswith(f"{twice}="))
        raise click.BadParameter(f"{given}, expected one array for {twice}")
    return {word.partition("=")[0]: word.partition("=")[2] for word in words}


@click.group()
def data() -> None:
    """Prepare data sets for training and evaluation, and look at them.

    A data set is a folder of six files, {train,valid,test}_{images,labels}.npy, with uint8 images
    (N, H, W) or (N, H, W, C) and integer labels (N,). `harness data prepare` makes one of what you
    have: CSV files, image files, Parquet files or arrays.
    """


data.add_command(show)
data.add_command(audit)


@data.command(short_help="Make a data set of files, folders or archives.")
@click.argument("source", type=GivenPath())
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=GivenPath(),
    help="Folder to write; the data set takes its name.",
)
@click.option("--force", is_flag=True, help="Replace the data set that DIR already holds.")
@click.option(
    "--size",
    callback=read_size,
    metavar="N|HxW",
    help="Resize image files to this height and width; without it they must be of one size.",
)
@click.option("--grey", is_flag=True, help="Make image files grey.")
@click.option(
    "--rgb",
    is_flag=True,
    help="Make image files RGB; without either they are grey if all of them are.",
)
@click.option(
    "--array",
    "arrays",
    multiple=True,
    callback=read_arrays,
    metavar="ROLE=NAME",
    help="Which array is train_images, train_labels, …: FILE.npy or FILE.npz:KEY. Repeatable.",
)
@click.option(
    "--valid-share",
    type=float,
    default=0.1,
    show_default=True,
    help="Part of the training images that becomes `valid` where SOURCE has none.",
)
@click.option(
    "--test-share", type=float, default=0.1, show_default=True, help="The same for `test`."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Which images these are.",
)
@click.option(
    "--ferplus",
    "votes",
    metavar="FILE",
    type=GivenPath(),
    help="FER+'s fer2013new.csv: join its votes to the images of fer2013.csv.",
)
@click.option(
    "--labels",
    type=click.Choice(["source", "ferplus"]),
    default="source",
    show_default=True,
    help="The source's labels, or the majorities of the FER+ votes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def prepare(
    source: Path,
    out: Path,
    force: bool,
    votes: Path | None,
    labels: str,
    as_json: bool,
    grey: bool,
    rgb: bool,
    **words: Any,
) -> None:
    """Make a data set of SOURCE: a file, a folder, or a .zip or .tar.gz with either in it.

    fer2013.csv or icml_face_data.csv: columns emotion, pixels and Usage, in any order. Rows marked
    Training become `train`, PublicTest `valid`, PrivateTest `test`.

    \b
      harness data prepare fer2013.csv --out data/fer2013
      harness data prepare fer2013.tar.gz --out data/fer2013

    FER+ has ten annotators' votes for each row of fer2013.csv: --ferplus joins them by row order,
    and refuses where that may not be the official one. With --labels ferplus their majorities
    become the labels, of eight classes; images without such a majority are left out.

    \b
      harness data prepare fer2013.csv --out data/fer2013 --ferplus fer2013new.csv
      harness data prepare fer2013.csv --out data/ferplus --ferplus fer2013new.csv \\
        --labels ferplus

    train.csv of the challenge: columns emotion and pixels. It does not say which rows are for
    validation and test, so some are set apart: stratified by class, and not the official splits.

    \b
      harness data prepare train.csv --out data/mine --valid-share 0.1 --test-share 0.2 --seed 1

    Image files (JPEG, PNG, …) in a folder for each class, with or without folders train, valid
    (or val, validation) and test around them. Of FER-2013, names that begin with PublicTest_
    become `valid`, with PrivateTest_ `test`. Classes are numbered by name: FER-2013's in its
    order, others in alphabetical order. Splits that are missing are set apart as above.

    \b
      harness data prepare fer2013-folder --out data/fer2013
      harness data prepare pets.zip --out data/pets --size 64 --rgb
      harness data prepare faces --out data/faces --size 48x64 --grey

    Parquet files of a model hub, one or a folder of them (train-00000-of-00001.parquet, …):
    columns image and label, the split from the files' names, and the classes' names from within.
    This needs pyarrow: pip install pyarrow.

    \b
      harness data prepare fer2013-parquet --out data/fer2013

    Arrays in .npy or .npz files: train_images, train_labels and the same for valid and test, or
    names like X_train. For other names, --array says which is which; labels are numbers from 0,
    and classes.txt beside the arrays names the classes, one a line.

    \b
      harness data prepare mnist.npz --out data/mnist
      harness data prepare arrays --out data/mine \\
        --array train_images=pictures.npy --array train_labels=meta.npz:kind

    Class counts that differ from the published ones are warned of. DIR appears once all is
    written, or not at all; then: harness run --all --data DIR
    """
    from harness.data.formats.reader import Options
    from harness.data.places import name_of
    from harness.data.prepare import prepare as prepare_data
    from harness.errors import RequestError

    if grey and rgb:
        raise RequestError("--grey --rgb: images become the one or the other; give one of them")
    channels = "grey" if grey else "rgb" if rgb else None
    with _progress(f"reading {name_of(source)}") as progress:
        manifest = prepare_data(
            source,
            out,
            options=Options(channels=channels, **words),
            progress=progress,
            force=force,
            votes=votes,
            relabel=labels == "ferplus",
        )
    for warning in manifest.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        click.echo(json.dumps({"out": str(out), **json.loads(manifest.to_json())}, indent=2))
    else:
        click.echo(_summary(manifest, out))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while something is read, if it is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _summary(manifest: Manifest, out: Path) -> str:
    from harness.cli.show import counts_table

    table = counts_table(manifest.counts, manifest.class_counts, manifest.classes)
    size = " × ".join(str(length) for length in manifest.image_shape)
    mean = ", ".join(f"{value:.4f}" for value in manifest.mean)
    std = ", ".join(f"{value:.4f}" for value in manifest.std)
    notes = "".join(f"{note}\n" for note in manifest.notes)
    return (
        f"{table}\n\n{size} pixels; training images have mean {mean} and standard deviation {std}\n"
        f"{notes}read {manifest.source.name} as {manifest.source.form}, written to {out}; "
        f"next: harness run --all --data {out}"
    )
