"""From words to splits: a folder, or a data set that a plugin brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cli.config import plugin_files
from harness.data.cache import materialise
from harness.data.places import is_there
from harness.data.printable import no_text
from harness.data.splits import Splits, open_splits
from harness.errors import DataError, RequestError
from harness.plugins import Host, come_home, discover, parse_selection
from harness.plugins.selection import check_arguments

BUILT_IN = "faces"


@dataclass(frozen=True)
class Opened:
    """A data set and its folder; ``plugin`` is the ``-p`` option whose plugin brought it."""

    folder: Path
    splits: Splits
    plugin: str | None = None


def find_data(words: str, host: Host) -> Opened:
    """Open what ``words`` name; no words mean the built-in data set.

    Raises `RequestError` where there is neither such a folder nor such a data set, `DataError`
    where the folder does not hold splits.
    """
    folder = Path(words)
    if words and is_there(folder):
        return _in_folder(folder)
    return _materialised(words or BUILT_IN, host)


def open_data(words: str, plugins: Sequence[str] = ()) -> Opened:
    """Open what a command was given as ``DIR|NAME``, with the plugins of its ``-p`` options.

    Raises as `find_data`.
    """
    if not words.strip():
        raise RequestError("DIR|NAME is empty, expected a folder or the name of a data set")
    folder = Path(words)
    if is_there(folder):
        # Whatever is wrong with plugins does not matter then.
        return _in_folder(folder)
    return find_data(words, discover((*plugins, *plugin_files())))


def _in_folder(folder: Path) -> Opened:
    if name := no_text(folder):
        raise DataError(f"{name}: the name is no UTF-8, as records need it; rename the folder")
    return Opened(folder, open_splits(folder))


def _materialised(words: str, host: Host) -> Opened:
    name = words.partition("[")[0]  # an argument may be a path
    if "/" in name or "\\" in name:
        raise RequestError(
            f"{words}: there is no such folder; `harness data prepare SOURCE --out DIR` makes one "
            "of what you have"
        )
    choice = parse_selection(words)
    dataset, plugin = host.find_dataset(choice.name)
    arguments = check_arguments("data set", choice, dataset.arguments)
    # What it imports as it loads, another plugin may have under the same name.
    come_home([plugin.option] if plugin.option else [])
    folder, splits = materialise(dataset, arguments, plugin.sha256())
    if odd := no_text(folder):
        raise RequestError(
            f"{odd}, where the data is kept, is no UTF-8, as records need it; set HARNESS_CACHE to "
            "another folder"
        )
    return Opened(folder, splits, plugin.option)
