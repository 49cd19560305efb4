"""From the words after ``--data`` to splits: a folder, or a data set that a plugin brings."""

from pathlib import Path

from harness.data.cache import materialise
from harness.data.splits import Splits, open_splits
from harness.errors import RequestError
from harness.plugins import Host, parse_selection
from harness.plugins.selection import check_arguments

BUILT_IN = "faces"


def find_data(words: str, host: Host) -> tuple[Path, Splits]:
    """Return the folder and the opened splits that ``words`` name; no words mean the built-in.

    Raises `RequestError` where there is neither such a folder nor such a data set, `DataError`
    where the folder does not hold splits.
    """
    folder = Path(words)
    if not words or not folder.exists():
        folder = _materialised(words or BUILT_IN, host)
    return folder, open_splits(folder)


def _materialised(words: str, host: Host) -> Path:
    if "/" in words or "\\" in words:
        raise RequestError(f"--data {words}: there is no such folder")
    choice = parse_selection(words)
    dataset = host.find_dataset(choice.name)
    return materialise(dataset, check_arguments("data set", choice, dataset.arguments))
